/**
 * A 278 response, read: who answered what, line by line. For the demonstration client and for round trips; not FHIR.
 * A response to an inquiry has an event for each authorization: each is a reading of its own.
 */
import { readEnvelope } from '../envelope.ts';
import { type Segment, valueAt } from '../segment.ts';
import { componentsAt } from '../segment.ts';
import { tokenize } from '../tokenizer.ts';

export interface ReadReview {
  /** HCR01. */
  action: string;
  /** HCR02, the certification number. */
  number?: string;
  /** HCR03. */
  reason?: string;
  /** HCR04. */
  secondSurgicalOpinion?: string;
}

export interface ReadRejection {
  /** Loop the AAA stands in. */
  loop: string;
  /** AAA01. */
  valid: string;
  /** AAA03. */
  code: string;
  /** AAA04. */
  followUp: string;
}

/** A level of the response that decides: the event (2000E) or a service (2000F). */
export interface ReadLine {
  loop: '2000E' | '2000F';
  traces: { type: string; number: string; organization: string }[];
  review?: ReadReview;
  rejections: ReadRejection[];
  /** REF02 by REF01, such as NT and BB. */
  references: Record<string, string>;
  /** DTP03 by DTP01. */
  dates: Record<string, string>;
  messages: string[];
  /** PWK01 and PWK06 of documents asked for. */
  documents: { report: string; transmission: string; controlNumber: string }[];
  /** HI composites, component by component. */
  codes: string[][];
  procedure?: string;
  quantity?: { qualifier: string; value: string };
  /** NM103 of 2010EA or 2010F, with the entity code. */
  providers: { entity: string; name: string; id: string }[];
}

export interface ResponseReading {
  interchangeControlNumber: string;
  groupControlNumber: string;
  transactionControlNumber: string;
  /** BHT03. */
  referenceIdentification: string;
  /** BHT06 is 18; 19 says that more will follow. */
  isFinal: boolean;
  /** AAA of every level above the event. */
  rejections: ReadRejection[];
  event?: ReadLine;
  services: ReadLine[];
}

const LEVELS: Readonly<Record<string, string>> = { '20': 'A', '21': 'B', '22': 'C', '23': 'D', EV: 'E', SS: 'F' };

/** Reads every 278 response (BHT02 11) of a delivery, event by event; other transaction sets are passed over. */
export function readResponse(bytes: Uint8Array): ResponseReading[] {
  return tokenize(bytes).interchanges.flatMap((interchange) => {
    const envelope = readEnvelope(interchange);
    return envelope.groups.flatMap((group) =>
      group.transactions.flatMap(({ segments }) => {
        const bht = segments.find((segment) => segment.id === 'BHT');
        if (valueAt(segments[0], 1) !== '278' || valueAt(bht, 2) !== '11') return [];
        return readTransaction(segments, {
          interchangeControlNumber: envelope.control.controlNumber,
          groupControlNumber: valueAt(group.header, 6),
          transactionControlNumber: valueAt(segments[0], 2),
          referenceIdentification: valueAt(bht, 3),
          isFinal: valueAt(bht, 6) !== '19',
          rejections: [],
          services: [],
        });
      }),
    );
  });
}

function readTransaction(segments: readonly Segment[], head: ResponseReading): ResponseReading[] {
  const readings: ResponseReading[] = [];
  let letter = '';
  let isNamed = false;
  let line: ReadLine | undefined;
  for (const segment of segments) {
    if (segment.id === 'HL') {
      letter = LEVELS[valueAt(segment, 3)] ?? '';
      isNamed = false;
      line = letter === 'E' ? emptyLine('2000E') : letter === 'F' ? emptyLine('2000F') : undefined;
      if (line?.loop === '2000E') readings.push({ ...head, event: line, services: [] });
      if (line?.loop === '2000F') (readings.at(-1) ?? head).services.push(line);
      continue;
    }
    if (segment.id === 'NM1') isNamed = true;
    if (segment.id === 'AAA') {
      const loop = `${isNamed ? '2010' : '2000'}${letter}${isNamed && letter === 'E' ? 'A' : ''}`;
      (line?.rejections ?? head.rejections).push({ loop, valid: valueAt(segment, 1), code: valueAt(segment, 3), followUp: valueAt(segment, 4) });
    } else if (line !== undefined) readLineSegment(line, segment, isNamed);
  }
  return readings.length > 0 ? readings : [head];
}

function emptyLine(loop: ReadLine['loop']): ReadLine {
  return { loop, traces: [], rejections: [], references: {}, dates: {}, messages: [], documents: [], codes: [], providers: [] };
}

function readLineSegment(line: ReadLine, segment: Segment, isNamed: boolean): void {
  const at = (element: number, component?: number): string => valueAt(segment, element, component);
  switch (segment.id) {
    case 'TRN':
      line.traces.push({ type: at(1), number: at(2), organization: at(3) });
      break;
    case 'HCR':
      line.review = { action: at(1), ...(at(2) === '' ? {} : { number: at(2) }), ...(at(3) === '' ? {} : { reason: at(3) }), ...(at(4) === '' ? {} : { secondSurgicalOpinion: at(4) }) };
      break;
    case 'REF':
      if (!isNamed) line.references[at(1)] = at(2);
      break;
    case 'DTP':
      line.dates[at(1)] = at(3);
      break;
    case 'MSG':
      line.messages.push(at(1));
      break;
    case 'PWK':
      line.documents.push({ report: at(1), transmission: at(2), controlNumber: at(6) });
      break;
    case 'HI':
      line.codes.push(...segment.elements.map((_, index) => [...componentsAt(segment, index + 1)]));
      break;
    case 'SV1':
      line.procedure = at(1, 2);
      break;
    case 'SV2':
      line.procedure = at(2, 2);
      break;
    case 'HSD':
      line.quantity = { qualifier: at(1), value: at(2) };
      break;
    case 'NM1':
      line.providers.push({ entity: at(1), name: at(3), id: at(9) });
      break;
    default:
  }
}
