/** What of an authorization is written as rows: entries of the log, and the items by which it is found. */
import type { ClaimItem, CodeableConcept } from '@medplum/fhirtypes';
import type { AuthorizationEventRow, AuthorizationItemRow } from '../../store/write/changes.ts';
import { canonicalSystem } from '../../terminology/system-aliases.ts';
import type { AuthorizationEvent, EventBody, ItemEvent } from './events.ts';
import { nameOf } from './record/provenance.ts';
import type { RequestReading } from './request/read-request.ts';
import type { AuthorizationState } from './state.ts';
import type { ServicedDays } from './valid-period.ts';

/** Places events in the log after `last`. */
export function inOrder(bodies: readonly EventBody[], last: number, at: Date): AuthorizationEvent[] {
  return bodies.map((body, index) => ({ ...body, sequence: last + index + 1, at: at.toISOString() }));
}

export function eventRow(event: AuthorizationEvent): AuthorizationEventRow {
  const decision: ItemEvent | undefined = event.kind === 'received' ? undefined : event;
  const authority = decision?.authority;
  const reason = decision && 'reason' in decision ? decision.reason : undefined;
  return {
    sequence: event.sequence, at: new Date(event.at), kind: event.kind, authority: authority?.kind ?? 'intake', detail: JSON.stringify(event),
    ...(decision && { item: decision.item }),
    ...(authority?.kind === 'person' && { author: authority.name }),
    ...(authority && 'rule' in authority && { rule: nameOf(authority) }),
    ...(reason && { reason }),
  };
}

export function itemRows(state: AuthorizationState, request: RequestReading): AuthorizationItemRow[] {
  return request.items.flatMap(({ sequence, element }) => {
    const item = state.items.get(sequence);
    if (!item) return [];
    const { from, to } = servicedDates(element);
    const certified = item.decision && 'number' in item.decision ? item.decision : item.standing?.decision;
    const takes = certified?.kind === 'certified' ? certified.takes : undefined;
    return [{
      item: sequence, askedVersion: item.clock.version, service: codesOf(element.productOrService), status: item.status,
      ...(from !== undefined && { servicedFrom: from }), ...(to !== undefined && { servicedTo: to }), ...(certified && { number: certified.number }), ...(takes && { takes }),
    }];
  });
}

/** `system|code` of every coding, under canonical systems. */
export function codesOf(concept: CodeableConcept | undefined): string[] {
  return (Array.isArray(concept?.coding) ? concept.coding : []).filter((coding) => typeof coding?.code === 'string').map((coding) => `${canonicalSystem(coding.system ?? '')}|${coding.code}`);
}

const fullDate = /^\d{4}-\d\d-\d\d/;

/** Days of the service, YYYY-MM-DD, as far as they are whole dates. */
export function servicedDates(element: ClaimItem | undefined): ServicedDays {
  const day = (text: unknown): string | undefined => typeof text === 'string' && fullDate.test(text) && !Number.isNaN(Date.parse(text.slice(0, 10))) ? text.slice(0, 10) : undefined;
  return { from: day(element?.servicedDate ?? element?.servicedPeriod?.start), to: day(element?.servicedDate ?? element?.servicedPeriod?.end) };
}

