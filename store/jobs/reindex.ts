/**
 * Indexing again what is stored, from the first row to the last: when a tenant's search parameters change, and when a
 * release indexes differently from the one before.
 *
 * Like `create index concurrently` it begins by waiting for the transactions that were under way when the change was
 * committed: they may still write what was indexed as before. Later ones cannot (store/write/definitions.ts).
 */
import { setTimeout as delay } from 'node:timers/promises';
import sql from 'sql-template-tag';
import { resourceTypeCode, resourceTypes } from '../../fhir/resource-types.ts';
import type { SearchParameterSet } from '../../fhir/search-parameters.ts';
import type { Database, Queryable } from '../database.ts';
import { indexGeneration } from '../index-row.ts';
import { definitionsChannel } from '../write/definitions.ts';
import { reindexBatch, type BatchLimits, type BegunReindex, type ReindexKey } from './reindex-batch.ts';

export interface ReindexOptions {
  readonly limits: BatchLimits;
  /** Of the time, from 0 to 1: the rest of it is left to others. */
  readonly share: number;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onBatch: (seen: number, changed: number) => void;
}

/** Some hundred rows, and no more of their contents than a large request has. */
export const usualLimits: BatchLimits = { rows: 300, bytes: 16 * 1024 * 1024 };

/** Between two looks whether older transactions have ended, milliseconds. */
const lookInterval = 20;

/**
 * Does all of a reindexing, or what is left of it.
 * @param parameters gives the tenant's set as it is in the store now
 * @throws an `AbortError` when told to stop; what was done is kept
 */
export async function reindex(database: Database, key: ReindexKey, parameters: () => Promise<SearchParameterSet>, options: ReindexOptions): Promise<void> {
  const { signal, share, limits, now, onBatch } = options;
  await olderTransactions(database, signal);
  const set = await parameters();
  const begun = await begin(database, key, set, now());
  if (begun === undefined) return;
  let told = -1;
  for (;;) {
    signal.throwIfAborted();
    const started = performance.now();
    const { finished, seen, changed } = await reindexBatch(database, begun, set, limits, now);
    onBatch(seen, changed);
    if (finished) break;
    told = await tellProgress(database, key, told);
    const rest = (performance.now() - started) * (1 / share - 1);
    if (rest >= 1) await delay(rest, undefined, { signal });
  }
  await database.query(sql`select pg_notify(${definitionsChannel}::text, ${`changed ${key.tenant}`}::text)`);
}

/** Waits until the transactions of this database's clients that run now have ended. */
async function olderTransactions(database: Queryable, signal: AbortSignal): Promise<void> {
  const running = async (): Promise<Set<string>> => {
    const { rows } = await database.query<{ transaction: string }>(sql`
      select l.virtualtransaction as transaction
      from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'virtualxid' and a.datname = current_database() and a.backend_type = 'client backend' and a.pid <> pg_backend_pid()`);
    return new Set(rows.map((row) => row.transaction));
  };
  let older = await running();
  while (older.size > 0) {
    await delay(lookInterval, undefined, { signal });
    const now = await running();
    older = new Set([...older].filter((transaction) => now.has(transaction)));
  }
}

/** Counts what is to be done, unless it was begun before. Undefined where there is nothing to do. */
async function begin(database: Database, { tenant, subject }: ReindexKey, set: SearchParameterSet, now: Date): Promise<BegunReindex | undefined> {
  return database.transaction(async (connection) => {
    const { rows: [task] } = await connection.query<{ state: string; kind: string; version: string; types: number[] }>(sql`
      select state, kind, version, types from reindex where tenant = ${tenant} and subject = ${subject} for update`);
    if (task === undefined || task.state === 'done') return undefined;
    if (task.kind !== 'release' && Number(task.version) > (set.version ?? 0)) throw new Error('the search parameters at hand are older than the reindexing');
    if (task.state === 'waiting') {
      await connection.query(sql`
        update reindex
        set state = 'running', changed_at = ${now},
            total = (select count(*) from resource r where r.tenant = ${tenant} and r.type = any (${task.types}::smallint[]))
        where tenant = ${tenant} and subject = ${subject}`);
    }
    return { tenant, subject, version: task.version };
  });
}

/** Tells every process how far it is, once for each percent. */
async function tellProgress(database: Queryable, { tenant, subject }: ReindexKey, told: number): Promise<number> {
  const { rows: [task] } = await database.query<{ done: string; total: string }>(sql`select done, total from reindex where tenant = ${tenant} and subject = ${subject}`);
  const percent = task === undefined ? 0 : percentOf(Number(task.done), Number(task.total));
  if (percent !== told) await database.query(sql`select pg_notify(${definitionsChannel}::text, ${`progress ${tenant} ${percent} ${subject}`}::text)`);
  return percent;
}

/** Rounded down, and never 100 before the end. */
export function percentOf(done: number, total: number): number {
  return total === 0 ? 0 : Math.min(99, Math.floor((100 * done) / total));
}

/**
 * Puts down for every tenant that its rows are to be indexed again if they are of an earlier release, and gives what
 * is to be done, this and what was left undone when a server ended.
 */
export async function pendingReindexes(database: Database, now: Date): Promise<readonly ReindexKey[]> {
  const types = resourceTypes.map(resourceTypeCode);
  // Rows are looked for once for each generation and tenant: afterwards the row in reindex knows.
  await database.query(sql`
    insert into reindex as known (tenant, subject, kind, name, version, types, state, changed_at)
    select t.id, '', 'release', '', ${indexGeneration}, ${types}::smallint[],
           case when exists (select from resource r where r.tenant = t.id and r.index_generation < ${indexGeneration}) then 'waiting' else 'done' end, ${now}
    from tenant t
    where not exists (select from reindex k where k.tenant = t.id and k.subject = '' and k.version >= ${indexGeneration})
    on conflict (tenant, subject) do update
    set version = excluded.version, types = excluded.types, state = excluded.state, total = 0, done = 0, at_type = 0, at_id = '', at_shard = -1, changed_at = excluded.changed_at
    where known.version < excluded.version`);
  const { rows } = await database.query<{ tenant: number; subject: string }>(sql`select tenant, subject from reindex where state <> 'done' order by tenant, subject`);
  return rows;
}
