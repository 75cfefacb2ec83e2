/** Arbitrary steps of the model test. */
import fc from 'fast-check';
import type { Content, Write } from './naive-server.ts';

export interface Question {
  readonly key?: number;
  readonly code?: readonly number[];
  /** Not this code. */
  readonly notCode?: number;
  readonly day?: { readonly prefix: 'eq' | 'ge' | 'lt'; readonly day: number };
  readonly amount?: { readonly prefix: '' | 'gt' | 'le'; readonly amount: number };
  readonly dated?: boolean;
  readonly sort?: 'date' | '-date' | '_lastUpdated' | '-_lastUpdated';
  readonly pageSize: number;
}

export type Step =
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'read'; readonly id: number }
  | { readonly kind: 'vread'; readonly id: number; readonly version: number }
  | { readonly kind: 'history'; readonly id: number }
  | { readonly kind: 'history-above'; readonly level: 'type' | 'system' }
  | { readonly kind: 'search'; readonly question: Question }
  | { readonly kind: 'batch' | 'transaction'; readonly writes: readonly Write[]; readonly read?: number };

const id = fc.nat({ max: 2 });
const key = fc.nat({ max: 2 });
const small = fc.nat({ max: 2 });
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(value, { nil: undefined });
const ifMatch = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined, freq: 2 });
const content: fc.Arbitrary<Content> = fc.record({ key, code: small, day: maybe(fc.nat({ max: 4 })), amount: small });
const kind = <Kind extends string>(name: Kind): fc.Arbitrary<Kind> => fc.constant(name);

const byId: fc.Arbitrary<Write> = fc.oneof(
  { arbitrary: fc.record({ kind: kind('update'), id, content, ifMatch }), weight: 3 },
  fc.record({ kind: kind('delete'), id, ifMatch }), fc.record({ kind: kind('patch'), id, amount: small, ifMatch }), fc.record({ kind: kind('create'), content }),
) as fc.Arbitrary<Write>;
const byCriteria: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: kind('create'), content, unless: key }), fc.record({ kind: kind('update-by'), key, content }), fc.record({ kind: kind('delete-by'), key }), fc.record({ kind: kind('patch-by'), key, amount: small }),
);
const write = fc.oneof({ arbitrary: byId, weight: 1 }, { arbitrary: byCriteria, weight: 1 });

/** The ids and keys that a write has to do with: entries of one Bundle share none, so that each means the same in any order. */
function touched(one: Write): string[] {
  return [
    ...('id' in one ? [`id ${one.id}`] : []), ...('key' in one ? [`key ${one.key}`] : []), ...('content' in one ? [`key ${one.content.key}`] : []),
    ...(one.kind === 'create' && one.unless !== undefined ? [`key ${one.unless}`] : []),
  ];
}

function apart(writes: readonly Write[]): Write[] {
  const seen = new Set<string>();
  return writes.filter((one) => {
    const names = touched(one);
    if (names.some((name) => seen.has(name))) return false;
    for (const name of names) seen.add(name);
    return true;
  });
}

const question: fc.Arbitrary<Question> = fc.record({
  key: maybe(key), code: maybe(fc.uniqueArray(small, { minLength: 1, maxLength: 2 })), notCode: fc.option(small, { nil: undefined, freq: 4 }),
  day: maybe(fc.record({ prefix: fc.constantFrom('eq', 'ge', 'lt'), day: fc.nat({ max: 4 }) })), amount: maybe(fc.record({ prefix: fc.constantFrom('', 'gt', 'le'), amount: small })),
  dated: fc.option(fc.boolean(), { nil: undefined, freq: 4 }), sort: maybe(fc.constantFrom('date', '-date', '_lastUpdated', '-_lastUpdated')), pageSize: fc.constantFrom(1, 2, 100),
}) as fc.Arbitrary<Question>;

export const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ kind: kind('write'), write }), weight: 6 },
  fc.record({ kind: kind('read'), id }), fc.record({ kind: kind('vread'), id, version: fc.integer({ min: 1, max: 5 }) }), fc.record({ kind: kind('history'), id }),
  fc.record({ kind: kind('history-above'), level: fc.constantFrom('type', 'system') }),
  { arbitrary: fc.record({ kind: kind('search'), question }), weight: 3 },
  fc.record({ kind: kind('batch'), writes: fc.array(byId, { maxLength: 5 }).map(apart), read: maybe(id) }),
  { arbitrary: fc.record({ kind: kind('transaction'), writes: fc.array(write, { maxLength: 5 }).map(apart), read: fc.option(id, { nil: undefined, freq: 1 }) }), weight: 3 },
) as fc.Arbitrary<Step>;
