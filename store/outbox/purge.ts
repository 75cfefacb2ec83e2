/**
 * What has been told is not kept for ever: rows of the outbox about authorizations, which have a log of their own, once
 * every reader is past them, and events of subscriptions once they were taken. Rows of the outbox about resources stay:
 * `_history` of a type is read from them.
 */
import sql, { type Sql } from 'sql-template-tag';
import type { Queryable } from '../database.ts';

/** Of one statement, so that no lock is held for long. */
const atOnce = 1000;

/** Removes events of authorizations that happened before then and were read by all. @returns how many */
export function purgeOutbox(database: Queryable, tenant: number, before: Date, signal?: AbortSignal): Promise<number> {
  return inBatches(signal, () => database.query(sql`
    delete from outbox o
    using (${readEvents(tenant, before)}) as old
    where o.tenant = old.tenant and o.shard = old.shard and o.position = old.position`));
}

/** Found by their index (outbox_of_authorizations), which has no row of a resource. */
export function readEvents(tenant: number, before: Date): Sql {
  return sql`
    select tenant, shard, position from outbox
    where tenant = ${tenant} and at < ${before} and interaction like 'authorization-%'
      and not exists (select from outbox_reader r where (r.transaction, r.position) < (outbox.transaction, outbox.position))
    order by at
    limit ${atOnce}`;
}

/** Removes events that happened before then and that their subscription has taken; its numbers go on. @returns how many */
export function purgeSubscriptionEvents(database: Queryable, tenant: number, before: Date, signal?: AbortSignal): Promise<number> {
  return inBatches(signal, () => database.query(sql`
    delete from subscription_event e
    using (${takenEvents(tenant, before)}) as old
    where e.tenant = old.tenant and e.shard = old.shard and e.subscription = old.subscription and e.number = old.number`));
}

/** Found by their time (subscription_event_by_time), so that no batch goes through those that are young. */
export function takenEvents(tenant: number, before: Date): Sql {
  return sql`
    select o.tenant, o.shard, o.subscription, o.number
    from subscription_event o
    join subscription s on s.tenant = o.tenant and s.shard = o.shard and s.id = o.subscription and o.number <= s.delivered
    where o.tenant = ${tenant} and o.at < ${before}
    order by o.at
    limit ${atOnce}`;
}

async function inBatches(signal: AbortSignal | undefined, remove: () => Promise<{ rowCount: number | null }>): Promise<number> {
  for (let removed = 0; ;) {
    const { rowCount } = signal?.aborted === true ? { rowCount: 0 } : await remove();
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < atOnce) return removed;
  }
}
