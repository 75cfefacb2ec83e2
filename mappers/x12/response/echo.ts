/** What a response repeats of its request, and how what was authorized stands in it. */
import { dateSegments, serviceLineSegments, type ServiceFacts } from '../inverse/service.ts';
import { x12System } from '../pas.ts';
import { buildSegment, type Segment, valueAt, withElements } from '../segment.ts';
import type { LineAnswer } from './answer.ts';

/** Segments with one of the identifiers, in the order of the identifiers. */
export function echo(segments: readonly Segment[], ids: readonly string[]): Segment[] {
  return ids.flatMap((id) => segments.filter((segment) => segment.id === id).map((segment) => withElements(segment, {})));
}

/** The requester's trace numbers, now named as referenced (TRN01 2). */
export function traceEcho(segments: readonly Segment[]): Segment[] {
  return echo(segments, ['TRN']).map((trn) => withElements(trn, { 1: '2' }));
}

export function referenceEcho(asked: readonly Segment[], line: LineAnswer | undefined): Segment[] {
  const ofRequest = (code: string): string | undefined => {
    const value = valueAt(asked.find((segment) => segment.id === 'REF' && valueAt(segment, 1) === code), 2);
    return value === '' ? undefined : value;
  };
  const authorization = line?.authorizationNumber ?? ofRequest('BB');
  const administrative = line?.administrativeNumber ?? ofRequest('NT');
  return [...(authorization === undefined ? [] : [buildSegment('REF', 'BB', authorization)]), ...(administrative === undefined ? [] : [buildSegment('REF', 'NT', administrative)])];
}

/** DTP*102 issued, 036 expires, 007 effective. */
export function certificationDates(issued: string | undefined, validity: LineAnswer['validity']): Segment[] {
  return [...dateSegments('102', issued), ...dateSegments('036', validity?.end), ...dateSegments('007', validity?.start)];
}

/** What is said of a line by its item, and by the addItem that replaces what it asked for. */
export function mergeLines(line: LineAnswer | undefined, instead: LineAnswer | undefined): LineAnswer | undefined {
  if (line === undefined || instead === undefined) return line ?? instead;
  return { ...line, ...instead, notes: [...line.notes, ...instead.notes], providers: instead.providers.length > 0 ? instead.providers : line.providers, um: { ...line.um, ...instead.um } };
}

/** A quantity without a unit takes that of the request's HSD. */
export function quantified(facts: ServiceFacts, asked: readonly Segment[]): ServiceFacts {
  const { quantity } = facts;
  const code = valueAt(asked.find((segment) => segment.id === 'HSD'), 1);
  if (quantity === undefined || quantity.code !== undefined || code === '') return facts;
  return { ...facts, quantity: { ...quantity, system: x12System('673'), code } };
}

/** The request's SV1 or SV2 with what was authorized in it. */
export function authorizedLine(facts: ServiceFacts, asked: readonly Segment[]): Segment[] {
  const line = asked.find((segment) => /^SV[12]$/.test(segment.id));
  const isInstitutional = line === undefined ? facts.revenue !== undefined : line.id === 'SV2';
  const [built] = serviceLineSegments(facts, isInstitutional);
  if (built === undefined || line === undefined) return built === undefined ? [] : [built];
  // What the payer does not say stays as asked for.
  const elements = Array.from({ length: Math.max(built.elements.length, line.elements.length) }, (_, index) => {
    const said = built.elements[index];
    return said?.some((repetition) => repetition.some((component) => component !== '')) === true ? said : (line.elements[index] ?? [['']]);
  });
  return [{ ...built, elements }];
}
