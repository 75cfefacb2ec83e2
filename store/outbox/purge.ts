/**
 * What has been told is not kept for ever: rows of the outbox about authorizations, which have a log of their own, once
 * every reader is past them, and events of subscriptions once they were taken. Rows of the outbox about resources stay:
 * `_history` of a type is read from them.
 */
import sql from 'sql-template-tag';
import type { Queryable } from '../database.ts';

/** Of one statement, so that no lock is held for long. */
const atOnce = 1000;

/** Removes events of authorizations that happened before then and were read by all. @returns how many */
export function purgeOutbox(database: Queryable, tenant: number, before: Date, signal?: AbortSignal): Promise<number> {
  return inBatches(signal, () => database.query(sql`
    delete from outbox o
    using (
      select tenant, shard, position from outbox
      where tenant = ${tenant} and at < ${before} and interaction like 'authorization-%'
        and not exists (select from outbox_reader r where (r.transaction, r.position) < (outbox.transaction, outbox.position))
      limit ${atOnce}
    ) as old
    where o.tenant = old.tenant and o.shard = old.shard and o.position = old.position`));
}

/** Removes events that happened before then and that their subscription has taken; its numbers go on. @returns how many */
export function purgeSubscriptionEvents(database: Queryable, tenant: number, before: Date, signal?: AbortSignal): Promise<number> {
  return inBatches(signal, () => database.query(sql`
    delete from subscription_event e
    using (
      select o.tenant, o.shard, o.subscription, o.number
      from subscription s
      join subscription_event o on o.tenant = s.tenant and o.shard = s.shard and o.subscription = s.id and o.number <= s.delivered
      where s.tenant = ${tenant} and o.at < ${before}
      limit ${atOnce}
    ) as old
    where e.tenant = old.tenant and e.shard = old.shard and e.subscription = old.subscription and e.number = old.number`));
}

async function inBatches(signal: AbortSignal | undefined, remove: () => Promise<{ rowCount: number | null }>): Promise<number> {
  for (let removed = 0; ;) {
    const { rowCount } = signal?.aborted === true ? { rowCount: 0 } : await remove();
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < atOnce) return removed;
  }
}
