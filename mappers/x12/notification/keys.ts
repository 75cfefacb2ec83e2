/** What a notification and its parts are known by, from one notification of an event to the next. */
import type { Identifier } from '@medplum/fhirtypes';
import { TRACE_SYSTEM_PREFIX } from '../pas.ts';
import { segmentsOf, urnOf } from '../request/draft.ts';
import type { Frame } from '../request/frame.ts';
import type { Level } from '../request/levels.ts';
import { type Segment, valueAt } from '../segment.ts';
import type { Parties } from './parties.ts';

/** TRN as identifiers, numbered from `first` on. */
export function traces({ draft }: Frame, level: Level, fullUrl: string, first: number): Identifier[] {
  const identifiers: Identifier[] = [];
  for (const segment of segmentsOf(level.segments, 'TRN')) {
    const trn = draft.recorder.reader(level.id, segment, fullUrl);
    const at = `identifier[${first + identifiers.length}]`;
    trn.consult(1);
    const value = trn.take(`${at}.value`, 2);
    // Of a trace without its number nothing is an identifier.
    const organization = value === undefined || valueAt(segment, 3).trim() === '' ? undefined : trn.take(`${at}.system`, 3);
    if (value !== undefined) identifiers.push({ ...(organization !== undefined && { system: `${TRACE_SYSTEM_PREFIX}${organization}` }), value });
  }
  return identifiers;
}

/** REF of an event that have both qualifier and number: one without either names nothing. */
export function numbersIn(event: Level): readonly Segment[] {
  return segmentsOf(event.segments, 'REF').filter((ref) => valueAt(ref, 1).trim() !== '' && valueAt(ref, 2).trim() !== '');
}

/**
 * What one event of a patient is known by from one notification to the next: who sent it (ISA05, ISA06), who tells of it by
 * the number that the notice gives them, and the payer's number, else the sender's trace, else its BHT03. Numbers of
 * providers and authorizations are known to many, and anybody may write them down: what one sender has told of, another
 * neither continues nor takes back, whomever he names.
 */
export function keyOfEvent(frame: Frame, levels: { readonly umo: Level; readonly event: Level }): string {
  return JSON.stringify([...toldBy(frame, levels.umo), numberOfEvent(frame, levels.event)]);
}

/** The interchange's sender, and for whom it sends: a clearing house sends for many. */
function toldBy({ origin: { interchange: { sender } } }: Frame, umo: Level): string[] {
  const told = umo.names[0]?.segments[0];
  return [sender.qualifier, sender.id, valueAt(told, 8), valueAt(told, 9).trim()];
}

/** The fullUrl of the Communication: BHT03 and the trace number are those of who tells, and two of them may have the same. */
export function urnOfNotification(frame: Frame, { umo, event }: { readonly umo: Level; readonly event: Level }): string {
  const [trace] = segmentsOf(event.segments, 'TRN');
  return urnOf('notification', ...toldBy(frame, umo), frame.referenceIdentification, valueAt(trace, 3), valueAt(trace, 2));
}

function numberOfEvent({ referenceIdentification }: Frame, event: Level): string {
  const numbers = segmentsOf(event.segments, 'REF');
  const named = ['BB', 'NT'].map((code) => numbers.find((ref) => valueAt(ref, 1) === code)).find((ref) => ref !== undefined);
  const trace: Segment | undefined = segmentsOf(event.segments, 'TRN')[0];
  if (named !== undefined) return `${valueAt(named, 1)}|${valueAt(named, 2).trim()}`;
  return trace === undefined ? `BHT|${referenceIdentification}` : `TRN|${valueAt(trace, 3)}|${valueAt(trace, 2)}`;
}

/** The fullUrl of what a notification is about. */
export const urnOfPart = (part: string, parties: Parties, event: string, ...more: readonly string[]): string => urnOf('notification', part, parties.patient, event, ...more);
