/**
 * What a response needs of its request: control values to echo, the loops to repeat, and where the service stood.
 * Plain data, to be stored beside the authorization and read back when the decision is made.
 */
import type { Level } from './levels.ts';
import type { InterchangeControl } from '../envelope.ts';
import type { Segment } from '../segment.ts';

/** One loop of the request: its own segments and those of its names. */
export interface EchoLoop {
  segments: Segment[];
  names: { id: string; segments: Segment[] }[];
}

export interface RequestContext {
  /** Implementation guide of the request, 005010X217. */
  guide: string;
  interchange: InterchangeControl;
  /** GS02, GS03 and GS06. */
  group: { senderCode: string; receiverCode: string; controlNumber: string };
  /** ST02. */
  transactionControlNumber: string;
  /** BHT03, to be echoed. */
  referenceIdentification: string;
  /** BHT02. */
  purpose: string;
  /** fullUrl of the Claim the request became. */
  claim: string;
  /** Where the decision belongs: 2000E when the request named its service there, else 2000F. */
  answerAt: 'event' | 'service';
  /** Sequence of the item that is answered at 2000E; 1 unless given. Without it, an answer with several items is told of as a whole. */
  eventItem?: number;
  umo: EchoLoop;
  requester: EchoLoop;
  subscriber: EchoLoop;
  dependent?: EchoLoop;
  event: EchoLoop;
  /** One for each 2000F, with the sequence of the Claim.item it became. */
  services: (EchoLoop & { sequence: number })[];
}

/** The echo of one level. */
export function echoOf(level: Level): EchoLoop {
  return { segments: level.segments, names: level.names.map(({ id, segments }) => ({ id, segments: [...segments] })) };
}

/**
 * The context of an update whose services became other items of the authorization than their place in the 278 says:
 * X12 sends changed lines only, so its first line may be the third item. What is not in the map stays as it is.
 * @param sequences sequence in the answer by sequence in the mapped Bundle
 */
export function withItemSequences(context: RequestContext, sequences: ReadonlyMap<number, number>): RequestContext {
  const services = context.services.map((service) => ({ ...service, sequence: sequences.get(service.sequence) ?? service.sequence }));
  const eventItem = context.answerAt === 'event' ? sequences.get(1) : undefined;
  return { ...context, services, ...(eventItem !== undefined && { eventItem }) };
}
