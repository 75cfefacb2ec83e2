/** The rows that follow a Subscription: made, changed and removed as the outbox tells of the resource. */
import sql from 'sql-template-tag';
import type { Queryable } from '../database.ts';
import { shardOf } from '../shard.ts';

export type SubscriptionState = 'requested' | 'active' | 'error' | 'off';

/** The actor of what the server writes by itself. */
const theServer = 'server';

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

/** Makes the rows, or brings them to these versions; counters go on. One that is `requested` is due at once. */
export async function followSubscriptions(connection: Queryable, many: readonly FollowedSubscription[], now: Date): Promise<void> {
  for (const some of rounds(many)) await followRound(connection, some, now);
}

/** Versions of one Subscription are followed one after the other: no two of them are in one statement. */
function rounds(many: readonly FollowedSubscription[]): readonly (readonly FollowedSubscription[])[] {
  const found: FollowedSubscription[][] = [];
  const seen = new Map<string, number>();
  for (const one of many) {
    const before = seen.get(`${one.tenant} ${one.id}`) ?? 0;
    seen.set(`${one.tenant} ${one.id}`, before + 1);
    (found[before] ??= []).push(one);
  }
  return found;
}

async function followRound(connection: Queryable, some: readonly FollowedSubscription[], now: Date): Promise<void> {
  const column = <T>(of: (one: FollowedSubscription) => T): T[] => some.map(of);
  const { rows } = await connection.query<{ tenant: number; id: string }>(sql`
    insert into subscription as s (tenant, shard, id, version, status, topic, owner, filters, ends_at, heartbeat, host, due_at, born, counting)
    select tenant, shard, id, version, status, topic, owner, filters, ends_at, heartbeat, host,
           case when status = 'requested' then ${now}::timestamptz end, version, status in ('active', 'error')
    from unnest(${column(({ tenant }) => tenant)}::smallint[], ${column(({ tenant, id }) => shardOf(tenant, id))}::smallint[], ${column(({ id }) => id)}::text[], ${column(({ version }) => version)}::integer[],
                ${column(({ status }) => status)}::text[], ${column(({ topic }) => topic)}::text[], ${column(({ owner }) => owner ?? theServer)}::text[], ${column(({ filters }) => filters.length)}::smallint[],
                ${column(({ endsAt }) => endsAt ?? null)}::timestamptz[], ${column(({ heartbeat }) => heartbeat ?? null)}::integer[], ${column(({ host }) => host)}::text[])
      as row (tenant, shard, id, version, status, topic, owner, filters, ends_at, heartbeat, host)
    on conflict (tenant, shard, id) do update
    set version = excluded.version, status = excluded.status, topic = excluded.topic, filters = excluded.filters, ends_at = excluded.ends_at, heartbeat = excluded.heartbeat, host = excluded.host, counting = s.counting or excluded.counting,
        owner = case when excluded.owner = ${theServer} then s.owner else excluded.owner end,
        attempts = case when excluded.status = 'requested' then 0 else s.attempts end,
        due_at = case when excluded.status = 'requested' then excluded.due_at when excluded.status = 'active' then s.due_at end
    where s.version < excluded.version
    returning s.tenant, s.id`);
  const changed = new Set(rows.map(({ tenant, id }) => `${tenant} ${id}`));
  await replaceFilters(connection, some.filter(({ tenant, id }) => changed.has(`${tenant} ${id}`)));
}

async function replaceFilters(connection: Queryable, some: readonly FollowedSubscription[]): Promise<void> {
  if (some.length === 0) return;
  await connection.query(sql`
    delete from subscription_filter
    where (tenant, shard, subscription) in (select * from unnest(${some.map(({ tenant }) => tenant)}::smallint[], ${some.map(({ tenant, id }) => shardOf(tenant, id))}::smallint[], ${some.map(({ id }) => id)}::text[]))`);
  const values = some.flatMap(({ tenant, id, topic, filters }) => filters.flatMap((filter, index) => [...new Set(filter)].map((value) => ({ tenant, id, topic, index, value }))));
  if (values.length === 0) return;
  await connection.query(sql`
    insert into subscription_filter (tenant, shard, subscription, filter, topic, value)
    select * from unnest(${values.map(({ tenant }) => tenant)}::smallint[], ${values.map(({ tenant, id }) => shardOf(tenant, id))}::smallint[], ${values.map(({ id }) => id)}::text[],
                         ${values.map(({ index }) => index)}::smallint[], ${values.map(({ topic }) => topic)}::text[], ${values.map(({ value }) => value)}::text[])`);
}

/** The Subscription was deleted: nothing is left of it here. */
export async function forgetSubscription(connection: Queryable, tenant: number, id: string): Promise<void> {
  const shard = shardOf(tenant, id);
  await connection.query(sql`
    with filters as (delete from subscription_filter where tenant = ${tenant} and shard = ${shard} and subscription = ${id}),
         events as (delete from subscription_event where tenant = ${tenant} and shard = ${shard} and subscription = ${id})
    delete from subscription where tenant = ${tenant} and shard = ${shard} and id = ${id}`);
}
