/** Subscriptions for which there is something to do: taken by one process at a time, and put back with what came of it. */
import sql from 'sql-template-tag';
import type { Queryable } from '../database.ts';
import { shardOf } from '../shard.ts';
import type { SubscriptionState } from './follow.ts';

export interface DueSubscription {
  readonly tenant: number;
  readonly id: string;
  readonly version: number;
  /** The version for which its row was made: what comes of it does not concern another of the same id. */
  readonly born: number;
  readonly status: SubscriptionState;
  readonly topic: string;
  readonly owner: string;
  /** Of its endpoint; empty where that is not known. */
  readonly host: string;
  readonly endsAt: Date | undefined;
  readonly events: number;
  readonly delivered: number;
  readonly attempts: number;
}

interface Row { tenant: number; id: string; version: number; born: number; status: SubscriptionState; topic: string; owner: string; host: string; ends_at: Date | null; events: string; delivered: string; attempts: number }

export type Candidate = Pick<DueSubscription, 'tenant' | 'id' | 'status' | 'attempts' | 'host'>;

/** For whom there is no room at the moment. */
export interface Excluded {
  readonly hosts: readonly string[];
  readonly tenants: readonly number[];
  /** Those whose last attempt failed, and those that are requested. */
  readonly unproven: boolean;
}

/** What is due at `now` and in nobody's hands, the longest due first. */
export async function findDue(database: Queryable, now: Date, { hosts, tenants, unproven }: Excluded, limit: number): Promise<readonly Candidate[]> {
  const { rows } = await database.query<Candidate>(sql`
    select tenant, id, status, attempts, host from subscription
    where due_at <= ${now} and (leased_until is null or leased_until <= ${now})
      and host <> all(${[...hosts]}::text[]) and tenant <> all(${[...tenants]}::smallint[]) and (not ${unproven}::boolean or (status = 'active' and attempts = 0))
    order by due_at
    limit ${limit}`);
  return rows;
}

/**
 * Takes those of `wanted` that are due at `now` still. Nobody else takes these until `until`, which is when a process
 * that was killed over them is taken to be gone.
 */
export async function takeDue(database: Queryable, now: Date, until: Date, wanted: readonly Pick<Candidate, 'tenant' | 'id'>[]): Promise<readonly DueSubscription[]> {
  if (wanted.length === 0) return [];
  const { rows } = await database.query<Row>(sql`
    update subscription s set leased_until = ${until}
    from (
      select tenant, shard, id from subscription
      where (tenant, shard, id) in (select * from unnest(${wanted.map(({ tenant }) => tenant)}::smallint[], ${wanted.map(({ tenant, id }) => shardOf(tenant, id))}::smallint[], ${wanted.map(({ id }) => id)}::text[]))
        and due_at <= ${now} and (leased_until is null or leased_until <= ${now})
      for update skip locked
    ) as due
    where s.tenant = due.tenant and s.shard = due.shard and s.id = due.id
    returning s.tenant, s.id, s.version, s.born, s.status, s.topic, s.owner, s.host, s.ends_at, s.events, s.delivered, s.attempts`);
  return rows.map(({ ends_at, events, delivered, ...row }) => ({ ...row, endsAt: ends_at ?? undefined, events: Number(events), delivered: Number(delivered) }));
}

/** Whoever has taken it needs it for longer. */
export async function extendLease(database: Queryable, { tenant, id, born }: Taken, until: Date): Promise<void> {
  await database.query(sql`update subscription set leased_until = ${until} where tenant = ${tenant} and shard = ${shardOf(tenant, id)} and id = ${id} and born = ${born}`);
}

type Taken = Pick<DueSubscription, 'tenant' | 'id' | 'version' | 'born'>;

/** All up to `delivered` was taken; the next is due at once where there is more, otherwise when a heartbeat is. */
export async function settleDelivered(database: Queryable, { tenant, id, version, born }: Taken, delivered: number, now: Date): Promise<void> {
  await database.query(sql`
    update subscription
    set delivered = greatest(delivered, ${delivered}), attempts = 0, leased_until = null,
        due_at = case when version > ${version} then due_at when events > ${delivered} then ${now}::timestamptz else least(${now}::timestamptz + heartbeat * interval '1 second', ends_at) end
    where tenant = ${tenant} and shard = ${shardOf(tenant, id)} and id = ${id} and born = ${born}`);
}

/**
 * The handshake was answered. The outbox may have told of the status before this is called: whatever version is followed
 * by now, nobody has it in hand any more; and one that its client has changed meanwhile goes its own way.
 */
export async function settleActive(database: Queryable, { tenant, id, version, born }: Taken, now: Date): Promise<void> {
  await database.query(sql`
    update subscription s
    set status = settled.status, counting = s.counting or settled.status = 'active', attempts = 0, leased_until = null,
        due_at = case
          when settled.status <> 'active' then s.due_at
          when s.events > s.delivered then ${now}::timestamptz
          else least(${now}::timestamptz + s.heartbeat * interval '1 second', s.ends_at) end
    from (
      select id, case when version > ${version} then status else 'active' end as status from subscription
      where tenant = ${tenant} and shard = ${shardOf(tenant, id)} and id = ${id} and born = ${born}
      for update
    ) as settled
    where s.tenant = ${tenant} and s.shard = ${shardOf(tenant, id)} and s.id = settled.id`);
}

/** It did not work; again at `next`. */
export async function settleFailed(database: Queryable, { tenant, id, born }: Taken, next: Date): Promise<void> {
  await database.query(sql`
    update subscription set attempts = attempts + 1, leased_until = null, due_at = ${next}
    where tenant = ${tenant} and shard = ${shardOf(tenant, id)} and id = ${id} and born = ${born}`);
}

/** Nothing more is sent until its client changes it. One that was changed meanwhile goes its own way. */
export async function settleStopped(database: Queryable, { tenant, id, version, born }: Taken, status: 'error' | 'off'): Promise<void> {
  await database.query(sql`
    update subscription
    set leased_until = null, counting = counting or ${status === 'error'},
        status = case when version > ${version} then status else ${status} end,
        due_at = case when version > ${version} then due_at end
    where tenant = ${tenant} and shard = ${shardOf(tenant, id)} and id = ${id} and born = ${born}`);
}
