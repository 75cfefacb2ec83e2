/**
 * Making the closure of a code system from its links, in slices: each is one statement with the note of how far it is, so
 * that it goes on where it ended, and nobody waits for it longer than for a slice.
 */
import sql from 'sql-template-tag';
import { closureOf, Hierarchy } from '../../terminology/closure.ts';
import type { Database, Queryable } from '../database.ts';
import { integers, type SystemKey } from './code-system-rows.ts';
import { countOn } from './scope.ts';

/** Links that are read at once. */
const linksAtOnce = 20_000;

export interface ClosureWork {
  /** Of pairs. */
  readonly limit: number;
  /** Told from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Whoever else makes it at the same time, or has removed the code system, ends this without an error.
 * @returns false where the code system is not there any more
 * @throws {Problem} `hierarchy-too-large`
 * @throws an `AbortError` when told to stop; what was done is kept
 */
export async function makeClosure(database: Queryable, key: SystemKey, { limit, onProgress, signal }: ClosureWork): Promise<boolean> {
  const { tenant, system } = key;
  const { rows: [state] } = await database.query<{ up_to: number | null; most: number }>(sql`
    select s.closed_up_to as up_to, (select coalesce(max(c.concept), 0) from code_system_concept c where c.tenant = s.tenant and c.system = s.system)::integer as most
    from code_system s where s.tenant = ${tenant}::smallint and s.system = ${system}::integer`);
  if (state === undefined) return false;
  if (state.up_to === null) return true;
  let upTo = state.up_to;
  for (const slice of closureOf(state.most, await hierarchyOf(database, key), limit, upTo)) {
    signal?.throwIfAborted();
    // Whoever removes the code system waits for this row, or has it: then there is nothing to add to.
    const { rowCount } = await database.query(sql`
      with noted as (
        update code_system set closed_up_to = ${slice.upTo}::integer
        where tenant = ${tenant}::smallint and system = ${system}::integer and closed_up_to = ${upTo}::integer returning tenant, system
      ), added as (
        insert into code_system_closure (tenant, system, ancestor, descendant)
        select n.tenant, n.system, p.ancestor, p.descendant
        from noted n cross join unnest(${integers(slice.ancestors)}::integer[], ${integers(slice.descendants)}::integer[]) p (ancestor, descendant)
        on conflict do nothing
      )
      select from noted`);
    if (rowCount === 0) return false;
    upTo = slice.upTo;
    onProgress?.(upTo / Math.max(1, state.most));
  }
  return true;
}

/** Puts the job that makes what is left open into the queue, in the transaction that left it (server/jobs/runner.ts). */
export async function enqueueClosures(connection: Queryable): Promise<void> {
  await connection.query(sql`select graphile_worker.add_job('terminology_closure', '{}'::json, job_key => 'terminology_closure')`);
}

/** Whether a closure of a resource is open. */
export async function hasUnclosed(database: Queryable): Promise<boolean> {
  return await nextUnclosed(database) !== undefined;
}

/**
 * Makes all closures of resources that are open.
 * @returns how many
 * @throws an `AbortError` when told to stop; what was done is kept
 */
export async function makeClosures(database: Database, limit: number, signal: AbortSignal): Promise<number> {
  let done = 0;
  for (let key = await nextUnclosed(database); key !== undefined; key = await nextUnclosed(database)) {
    signal.throwIfAborted();
    const { tenant, system } = key;
    if (!await makeClosure(database, key, { limit, signal })) continue;
    await database.transaction(async (connection) => {
      await connection.query(sql`update code_system set closed_up_to = null where tenant = ${tenant}::smallint and system = ${system}::integer`);
      await countOn(connection, tenant);
    });
    done += 1;
  }
  // The planner is to know how much has come.
  if (done > 0) await database.query({ text: 'analyze code_system_concept, code_system_closure, code_system_property, code_system_link' });
  return done;
}

async function nextUnclosed(database: Queryable): Promise<SystemKey | undefined> {
  const { rows: [key] } = await database.query<{ tenant: number; system: number }>(sql`
    select tenant, system from code_system where closed_up_to is not null and state = 'ready' order by tenant, system limit 1`);
  return key;
}

/** The links of a code system. */
export async function hierarchyOf(database: Queryable, { tenant, system }: SystemKey): Promise<Hierarchy> {
  const hierarchy = new Hierarchy([]);
  let [parent, child] = [0, 0];
  for (;;) {
    const { rows } = await database.query<{ parent: number; child: number }>(sql`
      select parent, child from code_system_link
      where tenant = ${tenant}::smallint and system = ${system}::integer and (parent, child) > (${parent}::integer, ${child}::integer) order by parent, child limit ${linksAtOnce}::integer`);
    for (const row of rows) hierarchy.add(row.parent, row.child);
    const last = rows.at(-1);
    if (last === undefined) return hierarchy;
    ({ parent, child } = last);
  }
}
