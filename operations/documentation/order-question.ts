/**
 * What is asked of the plan's rules about an order: what it asks for, read as coverage requirements read it, by whom, and
 * under which statements of theirs. Pure.
 */
import type { Identifier, Reference, Resource } from '@medplum/fhirtypes';
import { shardInId } from '../../store/shard.ts';
import { earlierStatements } from '../coverage-requirements/coverage-information.ts';
import { findFrom } from '../coverage-requirements/gather.ts';
import { requestedOf, type Find, type Requested } from '../coverage-requirements/orders.ts';
import { localNameOf, nameOf, type ClientResource } from '../coverage-requirements/read-call.ts';

export interface OrderQuestion {
  readonly requested: Requested;
  /** Identifiers of who asks, of both behind a role. */
  readonly requester: readonly Identifier[];
  /** Of each who may give the service. */
  readonly performers: readonly (readonly Identifier[])[];
  /** Ids of statements that the order is said to have (coverage-assertion-id): nothing is known of them yet. */
  readonly assertions: readonly string[];
}

/** More than an order has ways to be billed. */
const mostAssertions = 50;

/**
 * @param referenced what the order refers to, as far as it came along
 * @param assertion id that the documentation is asked for under
 * @returns undefined where the order does not say in codes what it orders
 */
export function questionOf(order: Resource, referenced: readonly ClientResource[], assertion: string | undefined): OrderQuestion | undefined {
  const named = new Map(referenced.map((resource) => [nameOf(resource), resource]));
  const find = findFrom(order, (reference) => named.get(localNameOf(reference?.reference, undefined) ?? ''));
  const requested = requestedOf(order, find);
  if (!requested || requested.services.length === 0) return undefined;
  const borne = earlierStatements(order as ClientResource, undefined).map(({ id }) => id);
  return {
    requested, requester: identifiersOf(requested.requester, find), performers: (requested.performers ?? []).map((performer) => identifiersOf(performer, find)),
    // Whatever cannot be an id of ours is a sender's text.
    assertions: [...new Set([...borne, ...(assertion === undefined ? [] : [assertion])])].filter((id) => shardInId(id) !== undefined).slice(0, mostAssertions),
  };
}

function identifiersOf(requester: Reference | undefined, find: Find): Identifier[] {
  const found = find(requester);
  const parties = found?.resourceType === 'PractitionerRole' ? [found, find(found.practitioner), find(found.organization)] : [found];
  return parties.flatMap((party) => (party as { identifier?: Identifier[] } | undefined)?.identifier ?? [])
    .flatMap(({ system, value }) => value === undefined ? [] : [{ ...(system !== undefined && { system }), value }]);
}
