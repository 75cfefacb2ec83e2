/**
 * How often things occur, roughly: what decides whether a search walks an index in its order and tests each row, or fetches
 * all that have a key and sorts them. PostgreSQL's own statistics of the array of keys know the common ones; every other
 * key is rare (docs/decisions/0002-search-index-layout.md, trap 4).
 */
import { resourceTypeCode } from '../../fhir/resource-types.ts';

export interface Statistics {
  /** Current resources of a type, of all tenants together. */
  rowsOf(type: string): number;
  /** Resources that have a key. Undefined where it is not among the common ones. */
  withKey(key: bigint): number | undefined;
  /** Resources that have a key which is not among the common ones: so many at most. */
  readonly rare: number;
  /** Which part of all resources was changed in [from, to), where that is known. */
  changedShare?(from: Date | undefined, to: Date | undefined): number | undefined;
}

/** What answers the question for the statistics: the database, as far as it is needed here. */
interface Source {
  query(statement: { readonly name: string; readonly text: string }): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface StatisticsCache extends Statistics {
  /** Reads what PostgreSQL knows now; to be called every minute or so. */
  refresh(database: Source): Promise<void>;
}

/** What was changed lately is not in the statistics yet. */
const leastShare = 0.0005;

/** Before anything is known: a small table. */
const fewRows = 1000;

interface Known {
  readonly rows: number;
  readonly keys: ReadonlyMap<string, number>;
  readonly rare: number;
  readonly types: ReadonlyMap<number, number>;
  readonly otherType: number;
  /** Instants at which much was changed, with the part of all resources; and of the rest instants with as many between any two neighbours. */
  readonly commonChanges: readonly (readonly [Date, number])[];
  readonly changes: readonly Date[];
}

const nothing: Known = { rows: fewRows, keys: new Map(), rare: 100, types: new Map(), otherType: 1, commonChanges: [], changes: [] };

/** Of a store about which nothing is known yet. */
export const unknownStatistics: Statistics = statisticsOf(() => nothing);

export function createStatistics(): StatisticsCache {
  let known = nothing;
  return Object.assign(statisticsOf(() => known), {
    async refresh(database: Source) { known = await readStatistics(database); },
  });
}

/** How long figures stay good: a table does not change its nature within a minute. */
const goodFor = 60_000;

/** Reads the statistics now and every minute until the result is called. Failures are told, and the old figures stay. */
export async function keepFresh(statistics: StatisticsCache, database: Source, onFailure: (error: unknown) => void): Promise<() => void> {
  const refresh = (): Promise<void> => statistics.refresh(database).catch(onFailure);
  await refresh();
  const timer = setInterval(() => { void refresh(); }, goodFor);
  timer.unref();
  return () => clearInterval(timer);
}

function statisticsOf(known: () => Known): Statistics {
  return {
    rowsOf(type) {
      const { rows, types, otherType } = known();
      return Math.max(1, rows * (types.get(resourceTypeCode(type)) ?? otherType));
    },
    withKey(key) {
      const { rows, keys } = known();
      const share = keys.get(String(key));
      return share === undefined ? undefined : Math.max(1, rows * share);
    },
    get rare() { return known().rare; },
    changedShare(from, to) {
      const { commonChanges, changes } = known();
      if (commonChanges.length + changes.length < 2) return undefined;
      const rest = 1 - commonChanges.reduce((sum, [, share]) => sum + share, 0);
      const before = (date: Date): number =>
        commonChanges.reduce((sum, [change, share]) => sum + (change < date ? share : 0), 0) + (rest * changes.filter((change) => change < date).length) / Math.max(1, changes.length);
      return Math.max(leastShare, (to ? before(to) : 1) - (from ? before(from) : 0));
    },
  };
}

interface Row {
  rows: number;
  keys: string[] | null;
  key_shares: number[] | null;
  types: number[] | null;
  type_shares: number[] | null;
  common_changes: (Date | number)[] | null;
  common_change_shares: number[] | null;
  changes: (Date | number)[] | null;
}

async function readStatistics(database: Source): Promise<Known> {
  const { rows } = await database.query({
    name: 'search-statistics',
    text: `
      select c.reltuples::double precision as rows,
             k.most_common_elems::text::text[] as keys, k.most_common_elem_freqs::double precision[] as key_shares,
             t.most_common_vals::text::integer[] as types, t.most_common_freqs::double precision[] as type_shares,
             l.most_common_vals::text::timestamptz[] as common_changes, l.most_common_freqs::double precision[] as common_change_shares,
             l.histogram_bounds::text::timestamptz[] as changes
      from pg_class c
      left join pg_stats k on k.schemaname = current_schema() and k.tablename = 'resource' and k.attname = 'keys'
      left join pg_stats t on t.schemaname = current_schema() and t.tablename = 'resource' and t.attname = 'type'
      left join pg_stats l on l.schemaname = current_schema() and l.tablename = 'resource' and l.attname = 'last_updated'
      where c.oid = 'resource'::regclass`,
  });
  const [row] = rows as readonly (Row | undefined)[];
  if (!row || row.rows <= 0) return nothing;
  const keys = row.keys ?? [];
  const shares = row.key_shares ?? [];
  const types = new Map((row.types ?? []).map((type, index) => [type, row.type_shares![index]!]));
  const listed = [...types.values()].reduce((sum, share) => sum + share, 0);
  return {
    rows: row.rows,
    keys: new Map(keys.map((key, index) => [key, shares[index]!])),
    // Behind the shares of the elements stand the least and the greatest of them.
    rare: shares.length === 0 ? nothing.rare : Math.max(1, (shares[keys.length] ?? 0) * row.rows),
    types,
    commonChanges: (row.common_changes ?? []).flatMap((change, index) => change instanceof Date ? [[change, row.common_change_shares![index]!] as const] : []),
    changes: (row.changes ?? []).filter((change) => change instanceof Date),
    otherType: Math.max(0.0001, Math.min(1 - listed, 0.01)),
  };
}
