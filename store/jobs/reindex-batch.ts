/**
 * Indexing again what is stored, a batch at a time: what a resource is found by is derived anew from its content, and
 * rows are rewritten only where that is different from what they have. No version is made.
 *
 * A batch is one transaction, and it locks the row of its reindexing: two processes that work on the same one take
 * turns, and one that was killed is followed by another from where it was.
 */
import type { Resource } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import { parseJson } from '../../fhir/json.ts';
import type { SearchParameterSet } from '../../fhir/search-parameters.ts';
import type { Database, Queryable } from '../database.ts';
import { indexGeneration, indexRow, type IndexRow } from '../index-row.ts';
import { arraysOf, bigints, instants, integers, lists, smallints, texts } from '../write/columns.ts';
import { writeDisplays } from '../write/displays.ts';
import { indexParts, removedEntriesPart } from '../write/index-rows.ts';
import { statementOf, type Part } from '../write/part.ts';

export interface ReindexKey {
  readonly tenant: number;
  /** The id of a SearchParameter; empty for everything. */
  readonly subject: string;
}

/** A reindexing that was begun, for this version of what it is by; another one is somebody else's. */
export interface BegunReindex extends ReindexKey {
  readonly version: string;
}

export interface BatchLimits {
  readonly rows: number;
  /** Of contents, in bytes; one that is larger by itself is a batch of its own. */
  readonly bytes: number;
}

export interface Batch {
  readonly finished: boolean;
  /** How many resources were looked at, and how many of them were indexed differently. */
  readonly seen: number;
  readonly changed: number;
}

interface Progress {
  readonly version: string;
  readonly kind: string;
  readonly types: readonly number[];
  readonly state: string;
  readonly at_type: number;
  readonly at_id: string;
  readonly at_shard: number;
}

interface StoredRow {
  readonly type: number;
  readonly id: string;
  readonly shard: number;
  readonly version: number;
  readonly content: string;
  readonly keys: string[];
  readonly targets: string[];
  readonly present: number[];
  readonly patient: string | null;
  readonly code: string | null;
  readonly code_system: string | null;
  readonly date_low: Date | null;
  readonly date_high: Date | null;
  readonly index_sum: string;
  readonly index_generation: number;
}

/** A row that is found by other things than it should be. */
interface Outdated {
  readonly tenant: number;
  readonly shard: number;
  readonly typeCode: number;
  readonly id: string;
  readonly version: number;
  readonly index: IndexRow;
}

/**
 * Does the next batch. Finished where nothing is left, and where the reindexing is done or has been put down anew.
 * @param parameters the tenant's, of the version that the reindexing is for or a later one
 */
export async function reindexBatch(database: Database, key: BegunReindex, parameters: SearchParameterSet, limits: BatchLimits, now: () => Date): Promise<Batch> {
  const { batch, written } = await database.transaction(async (connection) => {
    const progress = await lockProgress(connection, key);
    if (progress?.state !== 'running' || progress.version !== key.version) return { batch: { finished: true, seen: 0, changed: 0 }, written: [] };
    const rows = await nextRows(connection, key, progress, limits);
    const outdated = rows.flatMap((row) => outdatedRow(row, key.tenant, parameters));
    const displays = await writeDisplays(database, connection, outdated);
    const changed = outdated.length === 0 ? 0 : await rewrite(connection, outdated);
    const finished = rows.length === 0 && nextType(progress) === undefined;
    await saveProgress(connection, key, progress, rows, finished, now());
    return { batch: { finished, seen: rows.length, changed }, written: [displays] };
  });
  for (const tell of written) tell();
  return batch;
}

async function lockProgress(connection: Queryable, { tenant, subject }: ReindexKey): Promise<Progress | undefined> {
  const { rows } = await connection.query<Progress & { types: number[] }>(sql`
    select version, kind, types, state, at_type, at_id, at_shard from reindex where tenant = ${tenant} and subject = ${subject} for update`);
  return rows[0];
}

/** The type that comes after the one at hand, in the order of their numbers; that of a fresh start is the first. */
function nextType({ types, at_type: current }: Pick<Progress, 'types' | 'at_type'>): number | undefined {
  return types.filter((type) => type > current).toSorted((a, b) => a - b)[0];
}

async function nextRows(connection: Queryable, { tenant }: ReindexKey, progress: Progress, limits: BatchLimits): Promise<readonly StoredRow[]> {
  if (progress.at_type === 0) return [];
  // Sizes are known without reading the contents, so that a batch of large ones is cut before they are fetched.
  const { rows } = await connection.query<StoredRow>(sql`
    with batch as (
      select r.type, r.id, r.shard, sum(octet_length(r.content)) over (order by r.id, r.shard) as bytes, row_number() over (order by r.id, r.shard) as number
      from (
        select type, id, shard, content from resource
        where tenant = ${tenant} and type = ${progress.at_type} and (id, shard) > (${progress.at_id}, ${progress.at_shard}::smallint)
        order by id, shard limit ${limits.rows}
      ) as r
    ), chosen as materialized (
      select type, id, shard from batch where number = 1 or bytes <= ${limits.bytes}
    )
    select r.*
    from chosen c
    cross join lateral (
      select type, id, shard, case when deleted then 0 else version end as version, content, keys::text[] as keys, targets, present, patient, date_low, date_high, code::text as code, code_system::text as code_system, index_sum, index_generation
      from resource where tenant = ${tenant} and type = c.type and id = c.id and shard = c.shard
      offset 0
    ) as r
    order by r.id, r.shard`);
  return rows;
}

function outdatedRow(row: StoredRow, tenant: number, parameters: SearchParameterSet): Outdated[] {
  // What is deleted is found by nothing.
  if (row.version === 0) return [];
  const index = indexRow(tenant, parseJson(row.content) as Resource, parameters);
  if (row.index_generation === indexGeneration && agrees(row, index)) return [];
  return [{ tenant, shard: row.shard, typeCode: row.type, id: row.id, version: row.version, index }];
}

function agrees(row: StoredRow, index: IndexRow): boolean {
  return BigInt(row.index_sum) === index.sum
    && sameSet(row.keys, index.keys.map(String)) && sameSet(row.targets, index.targets) && sameSet(row.present, index.present)
    && row.patient === (index.patient ?? null) && row.code === textOf(index.code?.code) && row.code_system === textOf(index.code?.system)
    && instantOf(row.date_low) === instantOf(index.date?.low) && instantOf(row.date_high) === instantOf(index.date?.high);
}

const textOf = (key: bigint | undefined): string | null => key === undefined ? null : String(key);

function sameSet<T>(left: readonly T[], right: readonly T[]): boolean {
  const set = new Set(left);
  return set.size === new Set(right).size && right.every((value) => set.has(value));
}

/** The driver gives an infinity as a number. */
function instantOf(value: Date | number | string | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'number' ? (value < 0 ? '-infinity' : 'infinity') : value;
}

/** Rows that have moved on to another version since they were read were indexed by whoever wrote it. */
async function rewrite(connection: Queryable, outdated: readonly Outdated[]): Promise<number> {
  const { rows } = await connection.query<{ type: number; id: string; shard: number }>(sql`
    with wanted as (
      select * from unnest(${smallints(outdated.map((row) => row.tenant))}, ${smallints(outdated.map((row) => row.shard))}, ${smallints(outdated.map((row) => row.typeCode))},
                           ${texts(outdated.map((row) => row.id))}, ${integers(outdated.map((row) => row.version))}, ${arraysOf(outdated.map((row) => row.index.keys))},
                           ${lists(outdated.map((row) => row.index.targets))}, ${arraysOf(outdated.map((row) => row.index.present))},
                           ${instants(outdated.map((row) => row.index.date?.low))}, ${instants(outdated.map((row) => row.index.date?.high))}, ${bigints(outdated.map((row) => row.index.sum))},
                           ${texts(outdated.map((row) => row.index.patient))}, ${bigints(outdated.map((row) => row.index.code?.code))}, ${bigints(outdated.map((row) => row.index.code?.system))})
        as wanted (tenant, shard, type, id, version, keys, targets, present, date_low, date_high, index_sum, patient, code, code_system)
    ), locked as materialized (
      select w.*
      from (select * from wanted order by type, id offset 0) as w
      cross join lateral (
        select r.id as found from resource r
        where r.tenant = w.tenant and r.type = w.type and r.id = w.id and r.shard = w.shard and r.version = w.version and not r.deleted
        offset 0 for update
      ) as r
    )
    update resource r
    set keys = l.keys::bigint[], targets = coalesce(string_to_array(l.targets, U&'\\001D'), '{}'), present = l.present::integer[],
        patient = l.patient, code = l.code, code_system = l.code_system, date_low = l.date_low, date_high = l.date_high, index_sum = l.index_sum, index_generation = ${indexGeneration}
    from locked l
    where r.tenant = l.tenant and r.type = l.type and r.id = l.id and r.shard = l.shard and r.version = l.version
    returning r.type, r.id, r.shard`);
  const written = new Set(rows.map((row) => `${row.type}/${row.id}/${row.shard}`));
  const still = outdated.filter((row) => written.has(`${row.typeCode}/${row.id}/${row.shard}`));
  const removed = removedEntriesPart(still);
  if (removed) await connection.query(statementOf([removed]));
  const [first, ...more]: Part[] = [...indexParts(still)];
  if (first) await connection.query(statementOf([first, ...more]));
  return still.length;
}

async function saveProgress(connection: Queryable, { tenant, subject }: ReindexKey, progress: Progress, rows: readonly StoredRow[], finished: boolean, now: Date): Promise<void> {
  const last = rows.at(-1);
  const place = last ? { type: last.type, id: last.id, shard: last.shard } : { type: nextType(progress) ?? progress.at_type, id: '', shard: -1 };
  await connection.query(sql`
    update reindex
    set state = ${finished ? 'done' : 'running'}, done = case when ${finished} then total else least(done + ${rows.length}, greatest(total - 1, 0)) end,
        at_type = ${place.type}, at_id = ${place.id}, at_shard = ${place.shard}, changed_at = ${now}
    where tenant = ${tenant} and subject = ${subject}`);
}
