/** The rows that follow a Subscription: made, changed and removed as the outbox tells of the resource. */
import sql from 'sql-template-tag';
import type { Queryable } from '../database.ts';
import { shardOf } from '../shard.ts';

export type SubscriptionState = 'requested' | 'active' | 'error' | 'off';

export interface FollowedSubscription {
  readonly tenant: number;
  readonly id: string;
  /** Of the resource. */
  readonly version: number;
  readonly status: SubscriptionState;
  readonly topic: string;
  /** Who wrote this version; undefined: the server itself, so the owner stays who it was. */
  readonly owner: string | undefined;
  /** Of each filter the values that meet it, as `parameter=value`. */
  readonly filters: readonly (readonly string[])[];
  readonly endsAt: Date | undefined;
  /** In seconds. */
  readonly heartbeat: number | undefined;
  /** Of its endpoint; empty where there is none. */
  readonly host: string;
}

/** Makes the row, or brings it to this version; counters go on. One that is `requested` is due at once. */
export async function followSubscription(connection: Queryable, one: FollowedSubscription, now: Date): Promise<void> {
  const { tenant, id } = one;
  const shard = shardOf(tenant, id);
  const due = one.status === 'requested' ? now : null;
  const { rows } = await connection.query(sql`
    insert into subscription as s (tenant, shard, id, version, status, topic, owner, filters, ends_at, heartbeat, host, due_at, born, counting)
    values (${tenant}, ${shard}, ${id}, ${one.version}, ${one.status}, ${one.topic}, ${one.owner ?? 'server'}, ${one.filters.length}, ${one.endsAt ?? null}, ${one.heartbeat ?? null}, ${one.host}, ${due}, ${one.version}, ${one.status === 'active' || one.status === 'error'})
    on conflict (tenant, shard, id) do update
    set version = excluded.version, status = excluded.status, topic = excluded.topic, filters = excluded.filters, ends_at = excluded.ends_at, heartbeat = excluded.heartbeat, host = excluded.host, counting = s.counting or excluded.counting,
        owner = case when ${one.owner === undefined} then s.owner else excluded.owner end,
        attempts = case when excluded.status = 'requested' then 0 else s.attempts end,
        due_at = case when excluded.status = 'requested' then excluded.due_at when excluded.status = 'active' then s.due_at end
    where s.version < excluded.version
    returning 1`);
  if (rows.length === 0) return;
  await connection.query(sql`delete from subscription_filter where tenant = ${tenant} and shard = ${shard} and subscription = ${id}`);
  const values = one.filters.flatMap((filter, index) => [...new Set(filter)].map((value) => ({ index, value })));
  if (values.length === 0) return;
  await connection.query(sql`
    insert into subscription_filter (tenant, shard, subscription, filter, topic, value)
    select ${tenant}, ${shard}, ${id}, row.filter, ${one.topic}, row.value
    from unnest(${values.map(({ index }) => index)}::smallint[], ${values.map(({ value }) => value)}::text[]) as row (filter, value)`);
}

/** The Subscription was deleted: nothing is left of it here. */
export async function forgetSubscription(connection: Queryable, tenant: number, id: string): Promise<void> {
  const shard = shardOf(tenant, id);
  await connection.query(sql`
    with filters as (delete from subscription_filter where tenant = ${tenant} and shard = ${shard} and subscription = ${id}),
         events as (delete from subscription_event where tenant = ${tenant} and shard = ${shard} and subscription = ${id})
    delete from subscription where tenant = ${tenant} and shard = ${shard} and id = ${id}`);
}
