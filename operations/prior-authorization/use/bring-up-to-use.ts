/**
 * What was used of an authorization, told where members and other payers read it: its ExplanationOfBenefit is written
 * anew when a claim for payment names the authorization. Nothing is decided by that, and nothing is added to the log.
 * Source: 42 CFR 422.119(b)(1)(iv): "the quantity used to date".
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../../fhir/json.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import { authorizationsNamed, type EarlierItem } from '../../../store/authorizations.ts';
import type { Context } from '../../../store/context.ts';
import type { Database, Queryable } from '../../../store/database.ts';
import { findSome } from '../../../store/find.ts';
import { readHistory } from '../../../store/history.ts';
import { readMany } from '../../../store/read.ts';
import type { Expression } from '../../../store/search/expression.ts';
import { keyMaker } from '../../../store/search-keys.ts';
import { shardOf } from '../../../store/shard.ts';
import { commit } from '../../../store/write/commit.ts';
import type { Change } from '../../../store/write/changes.ts';
import { reopen, type LoadedAuthorization } from '../load.ts';
import { storedAddresses } from '../record/address-book.ts';
import { allowedUnits } from '../record/explanation/explained-item.ts';
import { explanationIdOf, explanationOf } from '../record/explanation/explanation-of-benefit.ts';
import { isPaymentClaim, memberOf, numbersNamedBy, unitsUsed, usesAuthorization, type PaymentClaim } from './claims-that-use.ts';

/** More claims than are paid for one member in the time that authorizations are asked about; the newest count. */
const mostClaims = 1000;

/** Units by item, of what is certified; items that no claim names are left out. */
export async function usedOf(database: Queryable, loaded: LoadedAuthorization, context: Context): Promise<ReadonlyMap<number, number>> {
  const numbers = numbersGiven(loaded);
  // Without a certification nothing is used.
  return numbers.size <= 1 ? new Map() : usedIn((await claimsOf(database, loaded.stored.member, context)).claims, loaded);
}

/** Units that claims for payment have used of earlier items, with them; those that no claim names are as they were. */
export async function withUse(database: Queryable, earlier: readonly EarlierItem[], member: string, context: Context): Promise<readonly EarlierItem[]> {
  const { claims } = await claimsOf(database, member, context);
  const named = new Set(claims.flatMap(numbersNamedBy));
  const numbers = [...new Set(earlier.flatMap(({ number }) => number !== undefined && named.has(number) ? [number] : []))];
  if (numbers.length === 0) return earlier;
  const found = await authorizationsNamed(database, { member, shard: shardOf(context.tenant.id, member), requester: undefined, numbers, traces: [], claims: [] }, context);
  const used = new Map(found.map((stored) => [stored.id, usedIn(claims, reopen(stored))]));
  return earlier.map((item) => {
    const units = used.get(item.authorizationId)?.get(item.item);
    return units === undefined ? item : { ...item, used: units };
  });
}

/**
 * Writes the explanations of a member's authorizations whose use has changed.
 * @returns how many
 * @throws {Problem} `version-conflict` where one changes meanwhile: to be done again
 */
export async function bringUpToUse(database: Database, member: string, context: Context): Promise<number> {
  const { claims, told } = await claimsOf(database, member, context);
  const numbers = [...new Set(claims.flatMap(numbersNamedBy))];
  if (numbers.length + told.length === 0) return 0;
  const found = await authorizationsNamed(database, { member, shard: shardOf(context.tenant.id, member), requester: undefined, numbers, traces: [], claims: told }, context);
  const known = await readMany(database, found.map(({ claimResponse }) => ({ type: 'ExplanationOfBenefit', id: explanationIdOf(claimResponse) })), context);
  const changes = found.flatMap((stored): Change[] => {
    const loaded = reopen(stored);
    const { state, request } = loaded;
    const resource = explanationOf({
      claimResponse: stored.claimResponse, claim: `Claim/${stored.claim}`, state, request, used: usedIn(claims, loaded),
      addresses: storedAddresses(request, new Map(Object.entries(state.received.stored)), state.received.payer),
    });
    const before = known.get(`ExplanationOfBenefit/${resource.id}`);
    if (before && isSame(parseJson(before.content), resource)) return [];
    return [{ kind: 'update', resource, ofAuthorization: stored.id, ifMatch: before?.version ?? 'absent' }];
  });
  if (changes.length > 0) await commit(database, changes, context);
  return changes.length;
}

/** Whose claim was removed: the member of the version before, if it was one for payment. */
export async function memberOfRemoved(database: Queryable, address: string, context: Context): Promise<string | undefined> {
  const [type = '', id = ''] = address.split('/');
  const { versions } = await readHistory(database, type, id, { limit: 2 }, context);
  const before = versions.find(({ deleted }) => !deleted);
  const resource = before && parseJson(before.content) as Resource;
  return resource && isPaymentClaim(resource) ? memberOf(resource) : undefined;
}

/** The plan's numbers for the case and for what it has certified. */
function numbersGiven({ stored, state }: Pick<LoadedAuthorization, 'stored' | 'state'>): ReadonlySet<string> {
  return new Set([stored.administrativeReference, ...[...state.items.values()].flatMap(({ decision, standing }) => [decision, standing?.decision].flatMap((each) => each && 'number' in each ? [each.number] : []))]);
}

/** Of several items of one service the first are used up first. */
function usedIn(claims: readonly PaymentClaim[], loaded: LoadedAuthorization): ReadonlyMap<number, number> {
  const { state, request } = loaded;
  const numbers = numbersGiven(loaded);
  const left = new Map<string, number>();
  const items = request.items.flatMap(({ sequence, element }) => {
    const item = state.items.get(sequence);
    const decision = item?.decision?.kind === 'certified' || item?.decision?.kind === 'modified' ? item.decision : item?.standing?.decision;
    if (!item || !decision) return [];
    const service = (decision.kind === 'modified' ? decision.approved.productOrService : undefined) ?? element.productOrService;
    return [{ sequence, service, name: JSON.stringify(service?.coding), allowed: allowedUnits({ ...item, decision }, element) }];
  });
  for (const { name, service } of items) {
    const units = left.has(name) ? undefined : unitsUsed(claims, numbers, service);
    if (units !== undefined) left.set(name, units);
  }
  const used = new Map<number, number>();
  for (const [index, { sequence, name, allowed }] of items.entries()) {
    const units = left.get(name);
    if (units === undefined) continue;
    const isLast = !items.slice(index + 1).some((other) => other.name === name);
    const own = isLast ? units : Math.min(units, allowed ?? units);
    left.set(name, units - own);
    used.set(sequence, own);
  }
  return used;
}

/** A member's claims that name authorizations, and the Claims (ids) of authorizations of which use was told before. */
async function claimsOf(database: Queryable, member: string, context: Context): Promise<{ readonly claims: readonly PaymentClaim[]; readonly told: readonly string[] }> {
  const found = await Promise.all((['Claim', 'ExplanationOfBenefit'] as const).map(async (type) => {
    const keys = keyMaker(context.tenant.id, resourceTypeCode(type));
    const ofMember: Expression = { kind: 'key', anyOf: [keys.reference('patient', 'Patient', member)], selective: true };
    return findSome(database, { type, limit: mostClaims, where: type === 'Claim' ? { kind: 'all', of: [ofMember, { kind: 'key', anyOf: [keys.token('use', { form: 'code', code: 'claim' })], selective: false }] } : ofMember }, context);
  }));
  const resources = found.flat().map(({ content }) => parseJson(content) as PaymentClaim);
  return {
    claims: resources.filter(usesAuthorization),
    told: resources.flatMap((resource) => resource.use === 'preauthorization' && JSON.stringify(resource).includes('"consumedunits"') && 'claim' in resource ? [resource.claim?.reference?.replace('Claim/', '') ?? ''] : []).filter((id) => id !== ''),
  };
}

function isSame(stored: unknown, made: { readonly meta?: unknown }): boolean {
  const plain = (value: unknown): string => JSON.stringify({ ...value as object, meta: undefined });
  return plain(stored) === plain(made);
}
