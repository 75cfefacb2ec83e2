/**
 * What an earlier item was approved for: what was asked for, but what a person approved in place of it where one did, and
 * on no day outside the period of the decision; and what was certified under its number to others since.
 */
import type { Claim } from '@medplum/fhirtypes';
import { readExtent } from '../../review/facts/extent.ts';
import type { Extent } from '../../review/facts/types.ts';
import type { ExistingAuthorization, Taken } from '../../review/engine/types.ts';
import type { EarlierItem, RecordsOfMember } from '../../store/authorizations.ts';
import { withCanonicalSystems } from '../../terminology/system-aliases.ts';
import type { Certified, DecisionEvent, Modified } from './events.ts';
import { codesOf } from './rows.ts';

type Approved = Pick<ExistingAuthorization, 'services' | 'servicedFrom' | 'servicedTo' | 'extent' | 'taken'>;

/** @param own the authorization that is decided, where it is on record already: what its items have of it is known by their sequence */
export function approvedOf(item: EarlierItem, own: string | undefined): Approved {
  const { claim, decision, servicedFrom, servicedTo, service } = item;
  const asked = claim === undefined ? undefined : (JSON.parse(claim) as Claim).item?.find(({ sequence }) => sequence === item.item);
  // Without both nothing is known to be approved, and nothing is a duplicate of it.
  if (asked === undefined || decision === undefined) return { services: [] };
  const decided = JSON.parse(decision) as Certified | Modified;
  const approved = decided.kind === 'modified' ? decided.approved : {};
  const [from, to] = servicedFrom === undefined && servicedTo === undefined ? [] : [
    [servicedFrom, dayOf(decided.period?.start)].flatMap((day) => day ?? []).toSorted().at(-1),
    [servicedTo, dayOf(decided.period?.end)].flatMap((day) => day ?? []).toSorted()[0],
  ];
  const extent = readExtent(withCanonicalSystems({ ...asked, ...approved }));
  return {
    services: (approved.productOrService ? codesOf(approved.productOrService) : service).map(codeOf),
    ...(from !== undefined && { servicedFrom: from }), ...(to !== undefined && { servicedTo: to }),
    extent,
    taken: [...usedBy(item, extent), ...item.taken.map(({ authorization, item: taker, quantity, unit }): Taken => ({ ...(authorization === own && { item: taker }), ...(quantity !== null && { quantity: { value: quantity, unit: unit ?? '' } }) }))],
  };
}

/** What was paid for is no longer there; claims count in the units of the approval. Whose request they were of they do not say: it counts beside what other requests have. */
function usedBy({ used = 0 }: EarlierItem, { quantity }: Extent): Taken[] {
  if (used <= 0) return [];
  return [{ quantity: typeof quantity === 'object' ? { value: used, unit: quantity.unit } : 'unreadable' }];
}

/** What takes a part of an approval is good only as long as nobody else has taken one: its commit holds the records against what was read. */
export function recordsAssumed(decisions: readonly DecisionEvent[], { recorded }: Pick<RecordsOfMember, 'recorded'>): { readonly recordedBefore?: number } {
  return numbersTaken(decisions).length > 0 ? { recordedBefore: recorded } : {};
}

/** Numbers of authorizations of which these decisions take a part. */
export function numbersTaken(decisions: readonly (DecisionEvent | undefined)[]): string[] {
  return decisions.flatMap((decision) => decision?.kind === 'certified' && decision.takes ? [decision.number] : []);
}

function dayOf(instant: string | undefined): string | undefined {
  return instant !== undefined && instant.length >= 10 ? instant.slice(0, 10) : undefined;
}

function codeOf(text: string): { system: string; code: string } {
  const at = text.lastIndexOf('|');
  return { system: text.slice(0, at), code: text.slice(at + 1) };
}
