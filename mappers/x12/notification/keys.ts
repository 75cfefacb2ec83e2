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
    const organization = valueAt(segment, 3).trim() === '' ? undefined : trn.take(`${at}.system`, 3);
    if (value !== undefined) identifiers.push({ ...(organization !== undefined && { system: `${TRACE_SYSTEM_PREFIX}${organization}` }), value });
  }
  return identifiers;
}

/**
 * What one event of a patient is known by from one notification to the next: who tells of it, by the number that the notice
 * gives them or else ISA06, and the payer's number, else the sender's trace, else its BHT03. What one facility has told of,
 * nobody else takes back.
 */
export function keyOfEvent(frame: Frame, { umo, event }: { readonly umo: Level; readonly event: Level }): string {
  const told = umo.names[0]?.segments[0];
  const number = valueAt(told, 9).trim();
  const { sender } = frame.origin.interchange;
  return JSON.stringify([number === '' ? [sender.qualifier, sender.id] : [valueAt(told, 8), number], numberOfEvent(frame, event)]);
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
