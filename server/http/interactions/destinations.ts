/**
 * Destinations: which resource each intent is about, once its criteria are resolved. Deletions come first in the
 * processing order of a transaction, then creates, then updates and patches: what an entry deletes is out of the
 * others' sight, and what an entry creates is there for those whose criteria it meets: a create is not needed then, and
 * an update or patch of it overlaps.
 * Source: https://hl7.org/fhir/R4/http.html#trules, #ccreate, #cond-update, #cdelete
 */
import { Problem } from '../../../fhir/problems.ts';
import type { Criteria } from '../../../store/write/conditional.ts';
import type { Context } from '../../../store/context.ts';
import { writtenBy } from './in-bundle.ts';
import { criteriaOf, placeOf, typeOf, type Create, type Delete, type Intent } from './intent.ts';

/** `new`: under an id that is made; `as`: the one that another intent of the same list creates. */
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
  const taken = new Map<string, number>();
  for (const intent of intents) {
    // What is deleted is no match any more, and what is updated need not be one.
    if (intent.kind === 'delete' || intent.kind === 'update') taken.set(typeOf(intent), (taken.get(typeOf(intent)) ?? 0) + (intent.kind === 'update' || criteriaOf(intent) === undefined ? 1 : mostDeleted));
  }
  return ({ name, type }) => deleting.has(name) ? mostDeleted + 1 : 2 + (taken.get(type) ?? 0);
}

/**
 * Where each intent goes, and what matches beside what is deleted.
 * @param mostDeleted how many resources a conditional delete may mean
 * @throws {Problem} `several-matches`, `no-match`, `id-mismatch`, `bundle-entry`
 */
export function destinationsOf(intents: readonly Intent[], matches: Matches, mostDeleted: number, context: Context): { destinations: readonly Destination[]; left: Matches } {
  const removals = new Map<Intent, readonly string[]>();
  for (const intent of intents) if (intent.kind === 'delete') removals.set(intent, deletedBy(intent, matches, mostDeleted));
  const gone = new Set([...removals].flatMap(([intent, ids]) => ids.map((id) => `${typeOf(intent)}/${id}`)));
  const left = new Map([...matches].map(([name, ids]) => [name, ids.filter((id) => !gone.has(`${name.slice(0, name.indexOf('?'))}/${id}`))]));
  const makers = new Map<string, { index: number; kind: 'create' | 'update' }>();
  const created = createdBy(intents, context);

  const destinationOf = (intent: Exclude<Intent, Delete>, index: number): Destination => {
    const criteria = criteriaOf(intent);
    if (criteria === undefined) return intent.kind === 'create' ? { kind: 'new' } : { kind: 'at', ids: [(intent.target as { id: string }).id], free: false };
    const [id, ...more] = left.get(criteria.name) ?? [];
    if (more.length > 0) throw severalMatches(intent, 1);
    const earlier = makers.get(criteria.name);
    if (earlier !== undefined && !(intent.kind === 'create' && earlier.kind === 'create')) throw overlap(intent, index, 'another entry writes by the same criteria');
    if (intent.kind === 'create') {
      if (id !== undefined) return { kind: 'found', id };
      if (earlier !== undefined) return { kind: 'as', index: earlier.index };
      const [maker, ...others] = created.meeting(intent, criteria);
      if (others.length > 0) throw severalMatches(intent, 1);
      if (maker !== undefined) return { kind: 'as', index: maker };
      makers.set(criteria.name, { index, kind: 'create' });
      created.add(intent, index);
      return { kind: 'new' };
    }
    if (created.meeting(intent, criteria).length > 0) throw id === undefined ? overlap(intent, index, 'another entry creates what its criteria match') : severalMatches(intent, 1);
    if (intent.kind === 'patch') {
      if (id === undefined) throw new Problem('no-match', { type: intent.type }, placeOf(intent));
      return { kind: 'at', ids: [id], free: false };
    }
    makers.set(criteria.name, { index, kind: 'update' });
    const own = intent.resource.id;
    if (id !== undefined && own !== undefined && own !== id) throw new Problem('id-mismatch', {}, placeOf(intent) && `${placeOf(intent)}.resource.id`);
    return id !== undefined ? { kind: 'at', ids: [id], free: false } : own !== undefined ? { kind: 'at', ids: [own], free: true } : { kind: 'new' };
  };

  const destinations: Destination[] = intents.map((intent) => ({ kind: 'at', ids: removals.get(intent) ?? [], free: false }));
  for (const kinds of [['create'], ['update', 'patch']]) {
    for (const [index, intent] of intents.entries()) if (intent.kind !== 'delete' && kinds.includes(intent.kind)) destinations[index] = destinationOf(intent, index);
  }
  return { destinations, left };
}

interface Created {
  /** Places of the intents that create what the criteria of another intent match. What cannot be told is looked for in the store only. */
  meeting(intent: Intent, criteria: Criteria): readonly number[];
  /** A conditional create that is needed. */
  add(intent: Create, index: number): void;
}

/** What is created: at first what is without conditions, whatever its place in the Bundle. */
function createdBy(intents: readonly Intent[], context: Context): Created {
  const creates = intents.filter((intent) => intent.kind === 'create');
  const written = writtenBy(creates, () => undefined, context);
  const counts = new Map<string, number>();
  for (const intent of creates) counts.set(typeOf(intent), (counts.get(typeOf(intent)) ?? 0) + 1);
  const places = new Map<Intent, number>(intents.flatMap((intent, index) => (intent.kind === 'create' && intent.unless === undefined ? [[intent, index]] : [])));
  return {
    meeting(intent, criteria) {
      // An interaction by itself has nothing beside it that would have to be judged.
      if ((counts.get(criteria.type) ?? 0) - (intent.kind === 'create' ? 1 : 0) === 0) return [];
      return written.judge(criteria).met.flatMap((writer) => places.get(writer) ?? []);
    },
    add(intent, index) { places.set(intent, index); },
  };
}

function overlap(intent: Intent, index: number, reason: string): Problem {
  return new Problem('bundle-entry', { index: intent.entry ?? index, reason }, placeOf(intent));
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
