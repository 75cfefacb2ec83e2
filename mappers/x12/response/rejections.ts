/**
 * ClaimResponse.error as AAA segments: at which loop, and what is cut off below. A loop with an AAA has no HCR,
 * and levels under a rejected one are not sent.
 */
import type { EchoLoop, RequestContext } from '../request/context.ts';
import { buildSegment, type Segment } from '../segment.ts';
import type { Answer, AnswerError } from './answer.ts';

/** Levels from the top; a rejection on one cuts off those behind it. */
const ORDER = ['A', 'B', 'C', 'D', 'E', 'F'] as const;

/** AAA03 codes that name their loop when errorElement does not. */
const LOOP_BY_CODE: readonly (readonly [string, readonly string[]])[] = [
  ['2000A', ['04', '41', '42', '79', '80', 'T4']],
  ['2010B', ['35', '43', '44', '45', '46', '47', '49', '51', '97']],
  ['2010C', ['58', '64', '65', '67', '68', '71', '72', '73', '75', '76', '77', '78', '95']],
  ['2000E', ['15', '33', '52', '57', '60', '61', '62', 'AA', 'AF', 'AI', 'AM', 'AN', 'CI', 'NC', 'T5']],
  ['2000F', ['AG']],
];

/** AAA03 of an inquiry that finds no certification. */
export const NOTHING_FOUND = 'NC';

/** AAA03 of an inquiry whose number is that of no authorization. */
export const NUMBER_NOT_FOUND = 'AA';

export interface Rejections {
  /** AAA segments of a loop; those of 2000F and 2010F only for the sequence given. */
  at(loop: string, sequence?: number): Segment[];
  /** True when the level of this letter is not sent. */
  cutOff(letter: (typeof ORDER)[number]): boolean;
  /** True when the loop of this level, or of this line, is rejected: no decision may stand there. */
  rejects(letter: 'E' | 'F', sequence?: number): boolean;
  readonly any: boolean;
  /** True when a rejection says that a further answer will come by itself. */
  readonly willFollow: boolean;
}

interface Placed {
  loop: string;
  letter: (typeof ORDER)[number];
  sequence?: number;
  segment: Segment;
}

/** Places every error of an answer. */
export function placeRejections(answer: Answer, context: RequestContext): Rejections {
  const errors: AnswerError[] = answer.errors.length > 0 || !answer.failed ? answer.errors : [{ code: '42', loop: '2000A' }];
  const placed = errors.map((error) => place(error, context));
  const first = ORDER.find((letter) => letter !== 'F' && placed.some((each) => each.letter === letter));
  const cutOff = (letter: (typeof ORDER)[number]): boolean => first !== undefined && ORDER.indexOf(letter) > ORDER.indexOf(first);
  const concerns = (each: Placed, sequence: number | undefined): boolean => each.sequence === undefined || each.sequence === sequence;
  return {
    at: (loop, sequence) => placed.filter((each) => each.loop === loop && !cutOff(each.letter) && concerns(each, sequence)).map((each) => each.segment).slice(0, 9),
    cutOff,
    rejects: (letter, sequence) => placed.some((each) => each.letter === letter && concerns(each, sequence)),
    any: placed.length > 0,
    willFollow: errors.some((error) => error.followUp === 'Y'),
  };
}

function place(error: AnswerError, context: RequestContext): Placed {
  // A line-level error without a line concerns the first: an AAA on each would reject what nobody found fault with.
  const service = context.services[error.itemIndex ?? 0] ?? context.services[0];
  const loop = existingLoop(normalLoop(error.loop ?? LOOP_BY_CODE.find(([, codes]) => codes.includes(error.code))?.[0] ?? '2000E'), context, service);
  const letter = ORDER.find((each) => each === loop[4]) ?? 'E';
  const sequence = letter === 'F' ? service?.sequence : undefined;
  return { loop, letter, segment: rejectionSegment(error), ...(sequence === undefined ? {} : { sequence }) };
}

/** Loops that have an AAA of their own: requester, subscriber and dependent have it at the name. */
function normalLoop(loop: string): string {
  if (/^2000[BCD]$/.test(loop)) return loop.replace('2000', '2010');
  if (loop === '2010E' || loop === '2010EB' || loop === '2010EC') return '2000E';
  return loop;
}

/** The loop of the request that stands nearest to the one named: an AAA needs a loop to stand in. */
function existingLoop(loop: string, context: RequestContext, service: EchoLoop | undefined): string {
  if (loop === '2010D' && context.dependent === undefined) return '2010C';
  if (loop === '2010F' && service !== undefined && !service.names.some((name) => name.id === '2010F')) return '2000F';
  if (loop === '2000F' && service === undefined) return '2000E';
  const atEvent = loop === '2010F' && service === undefined ? '2010EA' : loop;
  return atEvent === '2010EA' && !context.event.names.some((name) => name.id === '2010EA') ? '2000E' : atEvent;
}

/** The AAA of an error. */
export function rejectionSegment({ code, followUp }: AnswerError): Segment {
  // Y: the request is valid, the payer could not answer it. N: something in the request is not valid.
  const couldNotAnswer = code === '42' || code === '80';
  return buildSegment('AAA', couldNotAnswer || code === NOTHING_FOUND ? 'Y' : 'N', '', code, followUp ?? (couldNotAnswer ? 'P' : 'C'));
}
