/**
 * What was used of an authorization, told where members and other payers read it: its ExplanationOfBenefit is written
 * anew when a claim for payment names the authorization. Nothing is decided by that, and nothing is added to the log.
 * Source: 42 CFR 422.119(b)(1)(iv): "the quantity used to date".
 */
import { parseJson } from '../../../fhir/json.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import { authorizationsNamed } from '../../../store/authorizations.ts';
import type { Context } from '../../../store/context.ts';
import type { Database, Queryable } from '../../../store/database.ts';
import { findSome } from '../../../store/find.ts';
import { readMany } from '../../../store/read.ts';
import { keyMaker } from '../../../store/search-keys.ts';
import { shardOf } from '../../../store/shard.ts';
import { commit } from '../../../store/write/commit.ts';
import type { Change } from '../../../store/write/changes.ts';
import { reopen, type LoadedAuthorization } from '../load.ts';
import { storedAddresses } from '../record/address-book.ts';
import { explanationIdOf, explanationOf } from '../record/explanation/explanation-of-benefit.ts';
import { numbersNamedBy, unitsUsed, usesAuthorization, type PaymentClaim } from './claims-that-use.ts';

/** More claims than are paid for one member in the time that authorizations are asked about; the newest count. */
const mostClaims = 1000;

/** Units by item, of what is certified; items that no claim names are left out. */
export async function usedOf(database: Queryable, { stored, state, request }: LoadedAuthorization, context: Context): Promise<ReadonlyMap<number, number>> {
  const numbers = new Set([...state.items.values()].flatMap(({ decision, standing }) => [decision, standing?.decision].flatMap((each) => each && 'number' in each ? [each.number] : [])));
  return numbers.size === 0 ? new Map() : usedIn(await claimsOf(database, stored.member, context), numbers, { state, request });
}

/**
 * Writes the explanations of a member's authorizations whose use has changed.
 * @returns how many
 * @throws {Problem} `version-conflict` where one changes meanwhile: to be done again
 */
export async function bringUpToUse(database: Database, member: string, context: Context): Promise<number> {
  const claims = await claimsOf(database, member, context);
  const numbers = [...new Set(claims.flatMap(numbersNamedBy))];
  if (numbers.length === 0) return 0;
  const found = await authorizationsNamed(database, { member, shard: shardOf(context.tenant.id, member), requester: undefined, numbers, traces: [], claims: [] }, context);
  const known = await readMany(database, found.map(({ claimResponse }) => ({ type: 'ExplanationOfBenefit', id: explanationIdOf(claimResponse) })), context);
  const changes = found.flatMap((stored): Change[] => {
    const { state, request } = reopen(stored);
    const given = new Set([stored.administrativeReference, ...[...state.items.values()].flatMap(({ decision, standing }) => [decision, standing?.decision].flatMap((each) => each && 'number' in each ? [each.number] : []))]);
    const resource = explanationOf({
      claimResponse: stored.claimResponse, claim: `Claim/${stored.claim}`, state, request, used: usedIn(claims, given, { state, request }),
      addresses: storedAddresses(request, new Map(Object.entries(state.received.stored)), state.received.payer),
    });
    const before = known.get(`ExplanationOfBenefit/${resource.id}`);
    if (before && isSame(parseJson(before.content), resource)) return [];
    return [{ kind: 'update', resource, ofAuthorization: stored.id, ifMatch: before?.version ?? 'absent' }];
  });
  if (changes.length > 0) await commit(database, changes, context);
  return changes.length;
}

function usedIn(claims: readonly PaymentClaim[], numbers: ReadonlySet<string>, { state, request }: Pick<LoadedAuthorization, 'state' | 'request'>): ReadonlyMap<number, number> {
  return new Map(request.items.flatMap(({ sequence, element }) => {
    const decision = state.items.get(sequence)?.decision;
    const approved = decision?.kind === 'modified' ? decision.approved.productOrService : undefined;
    const units = unitsUsed(claims, numbers, approved ?? element.productOrService);
    return units === undefined ? [] : [[sequence, units] as const];
  }));
}

async function claimsOf(database: Queryable, member: string, context: Context): Promise<PaymentClaim[]> {
  const found = await Promise.all((['Claim', 'ExplanationOfBenefit'] as const).map(async (type) => {
    const keys = keyMaker(context.tenant.id, resourceTypeCode(type));
    return findSome(database, { type, limit: mostClaims, where: { kind: 'key', anyOf: [keys.reference('patient', 'Patient', member)], selective: true } }, context);
  }));
  return found.flat().map(({ content }) => parseJson(content) as PaymentClaim).filter(usesAuthorization);
}

function isSame(stored: unknown, made: { readonly meta?: unknown }): boolean {
  const plain = (value: unknown): string => JSON.stringify({ ...value as object, meta: undefined });
  return plain(stored) === plain(made);
}
