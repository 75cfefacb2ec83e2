/**
 * Destinations: which resource each intent is about, once its criteria are resolved. Deletions come first in the
 * processing order of a transaction, then creates, then updates and patches: what an entry deletes is out of the
 * others' sight, and what an entry creates is there for those that look for the same.
 * Source: https://hl7.org/fhir/R4/http.html#trules, #ccreate, #cond-update, #cdelete
 */
import { Problem } from '../../../fhir/problems.ts';
import type { Criteria } from '../../../store/write/conditional.ts';
import { criteriaOf, placeOf, typeOf, type Delete, type Intent } from './intent.ts';

/** `new`: under an id that is made; `as`: the one that an earlier intent of the same list creates. */
export type Destination =
  | { readonly kind: 'new' }
  /** A create that is not needed. */
  | { readonly kind: 'found'; readonly id: string }
  | { readonly kind: 'as'; readonly index: number }
  /** @property free nothing with that id may be there */
  | { readonly kind: 'at'; readonly ids: readonly string[]; readonly free: boolean };

/** Ids by the name of criteria. */
export type Matches = ReadonlyMap<string, readonly string[]>;

/** How many matches are worth knowing for each of the criteria: one more than would be too many. */
export function matchLimits(intents: readonly Intent[], mostDeleted: number): (criteria: Criteria) => number {
  const deleting = new Set(intents.flatMap((intent) => intent.kind === 'delete' ? criteriaOf(intent)?.name ?? [] : []));
  const deleted = new Map<string, number>();
  for (const intent of intents) {
    if (intent.kind === 'delete') deleted.set(intent.type, (deleted.get(intent.type) ?? 0) + (criteriaOf(intent) === undefined ? 1 : mostDeleted));
  }
  return ({ name, type }) => deleting.has(name) ? mostDeleted + 1 : 2 + (deleted.get(type) ?? 0);
}

/**
 * Where each intent goes, and what matches beside what is deleted.
 * @param mostDeleted how many resources a conditional delete may mean
 * @throws {Problem} `several-matches`, `no-match`, `id-mismatch`, `bundle-entry`
 */
export function destinationsOf(intents: readonly Intent[], matches: Matches, mostDeleted: number): { destinations: readonly Destination[]; left: Matches } {
  const removals = new Map<Intent, readonly string[]>();
  for (const intent of intents) if (intent.kind === 'delete') removals.set(intent, deletedBy(intent, matches, mostDeleted));
  const gone = new Set([...removals].flatMap(([intent, ids]) => ids.map((id) => `${typeOf(intent)}/${id}`)));
  const left = new Map([...matches].map(([name, ids]) => [name, ids.filter((id) => !gone.has(`${name.slice(0, name.indexOf('?'))}/${id}`))]));
  const makers = new Map<string, { index: number; kind: 'create' | 'update' }>();

  const destinations = intents.map((intent, index): Destination => {
    if (intent.kind === 'delete') return { kind: 'at', ids: removals.get(intent)!, free: false };
    const criteria = criteriaOf(intent);
    if (criteria === undefined) return intent.kind === 'create' ? { kind: 'new' } : { kind: 'at', ids: [(intent.target as { id: string }).id], free: false };
    const [id, ...more] = left.get(criteria.name) ?? [];
    if (more.length > 0) throw severalMatches(intent, 1);
    const earlier = makers.get(criteria.name);
    if (earlier !== undefined && !(intent.kind === 'create' && earlier.kind === 'create')) {
      throw new Problem('bundle-entry', { index: intent.entry ?? index, reason: 'another entry writes by the same criteria' }, placeOf(intent));
    }
    switch (intent.kind) {
      case 'create': {
        if (id !== undefined) return { kind: 'found', id };
        if (earlier !== undefined) return { kind: 'as', index: earlier.index };
        makers.set(criteria.name, { index, kind: 'create' });
        return { kind: 'new' };
      }
      case 'update': {
        makers.set(criteria.name, { index, kind: 'update' });
        const own = intent.resource.id;
        if (id !== undefined && own !== undefined && own !== id) throw new Problem('id-mismatch', {}, placeOf(intent) && `${placeOf(intent)}.resource.id`);
        return id !== undefined ? { kind: 'at', ids: [id], free: false } : own !== undefined ? { kind: 'at', ids: [own], free: true } : { kind: 'new' };
      }
      case 'patch': {
        if (id === undefined) throw new Problem('no-match', { type: intent.type }, placeOf(intent));
        return { kind: 'at', ids: [id], free: false };
      }
    }
  });
  return { destinations, left };
}

function deletedBy(intent: Delete, matches: Matches, mostDeleted: number): readonly string[] {
  if ('id' in intent.target) return [intent.target.id];
  const ids = matches.get(intent.target.criteria.name) ?? [];
  if (ids.length > mostDeleted) throw severalMatches(intent, mostDeleted);
  return ids;
}

function severalMatches(intent: Intent, limit: number): Problem {
  return new Problem('several-matches', { type: typeOf(intent), limit }, placeOf(intent));
}
