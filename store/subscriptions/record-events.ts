/** Events become those of the subscriptions whose filters they meet: found by value, numbered, and due. */
import sql from 'sql-template-tag';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Queryable } from '../database.ts';

export interface TopicEvent {
  readonly tenant: number;
  readonly topic: string;
  /** What filters may ask for, as `parameter=value`. */
  readonly values: readonly string[];
  readonly at: Date;
  readonly interaction: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
}

/** Those of `topics` that somebody of a tenant wants to hear of, by tenant: events of others need not be looked at. */
export async function wantedTopics(connection: Queryable, tenants: readonly number[], topics: readonly string[]): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const { rows } = await connection.query<{ tenant: number; topics: string[] }>(sql`
    select asked.tenant, array_agg(asked.topic) as topics
    from (select * from unnest(${[...tenants]}::smallint[]) as t (tenant) cross join unnest(${[...topics]}::text[]) as u (topic)) as asked
    where exists (select from subscription s where s.tenant = asked.tenant and s.topic = asked.topic and s.counting and s.status <> 'off')
    group by asked.tenant`);
  return new Map(rows.map((row) => [row.tenant, new Set(row.topics)]));
}

/**
 * Writes events for all subscriptions they concern, in the order given. A subscription in error, or requested again
 * after it was active, is told of them when it is active, and by $events.
 * @returns how many were written
 */
export async function recordEvents(connection: Queryable, events: readonly TopicEvent[], now: Date): Promise<number> {
  if (events.length === 0) return 0;
  const values = events.flatMap((event, index) => [...new Set(event.values)].map((value) => ({ index, value })));
  const { rowCount } = await connection.query(sql`
    with event as (
      select * from unnest(${events.map((_, index) => index)}::integer[], ${events.map(({ tenant }) => tenant)}::smallint[], ${events.map(({ topic }) => topic)}::text[], ${events.map(({ at }) => at)}::timestamptz[],
                           ${events.map(({ interaction }) => interaction)}::text[], ${events.map(({ type }) => resourceTypeCode(type))}::smallint[], ${events.map(({ id }) => id)}::text[], ${events.map(({ version }) => version)}::integer[])
        as row (place, tenant, topic, at, interaction, type, id, version)
    ), value as (
      select * from unnest(${values.map(({ index }) => index)}::integer[], ${values.map(({ value }) => value)}::text[]) as row (place, value)
    ), met as (
      select e.place, f.tenant, f.shard, f.subscription, count(distinct f.filter) as filters
      from event e
      join value v on v.place = e.place
      join subscription_filter f on f.tenant = e.tenant and f.topic = e.topic and f.value = v.value
      group by e.place, f.tenant, f.shard, f.subscription
    ), concerned as (
      select m.place, s.tenant, s.shard, s.id
      from met m
      join subscription s on s.tenant = m.tenant and s.shard = m.shard and s.id = m.subscription and s.filters = m.filters
      where s.counting and s.status <> 'off' and (s.ends_at is null or s.ends_at > ${now})
      union all
      select e.place, s.tenant, s.shard, s.id
      from event e
      join subscription s on s.tenant = e.tenant and s.topic = e.topic and s.filters = 0
      where s.counting and s.status <> 'off' and (s.ends_at is null or s.ends_at > ${now})
    ), counted as (
      select tenant, shard, id, count(*) as more from concerned group by tenant, shard, id
    ), grown as (
      update subscription s
      set events = s.events + c.more,
          -- What waits before a next attempt goes on waiting.
          due_at = case when s.status = 'active' and s.attempts = 0 then ${now} else s.due_at end
      from counted c
      where s.tenant = c.tenant and s.shard = c.shard and s.id = c.id
      returning s.tenant, s.shard, s.id, s.events - c.more as before
    )
    insert into subscription_event (tenant, shard, subscription, number, at, interaction, type, id, version, topic)
    select g.tenant, g.shard, g.id, g.before + row_number() over (partition by g.tenant, g.shard, g.id order by e.place), e.at, e.interaction, e.type, e.id, e.version, e.topic
    from grown g
    join concerned c on c.tenant = g.tenant and c.shard = g.shard and c.id = g.id
    join event e on e.place = c.place`);
  return rowCount ?? 0;
}
