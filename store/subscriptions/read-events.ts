/** What subscriptions were and are to be told. */
import sql from 'sql-template-tag';
import { resourceTypeOfCode } from '../../fhir/resource-types.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import { shardOf } from '../shard.ts';
import type { SubscriptionState } from './follow.ts';

export interface SubscriptionEvent {
  readonly number: number;
  readonly at: Date;
  readonly interaction: string;
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** Of which it was an event when it happened. */
  readonly topic: string;
}

/** Events with numbers from `since` to `until`, both included, `limit` at most. */
export async function readEvents(database: Queryable, subscription: string, range: { readonly since: number; readonly until: number; readonly limit: number }, { access }: Pick<Context, 'access'>): Promise<readonly SubscriptionEvent[]> {
  const { rows } = await database.query<{ number: string; at: Date; interaction: string; type: number; id: string; version: number; topic: string }>(sql`
    select number::text, at, interaction, type, id, version, topic from subscription_event
    where tenant = ${access.tenant} and shard = ${shardOf(access.tenant, subscription)} and subscription = ${subscription} and number between ${range.since} and ${range.until}
    order by subscription_event.number
    limit ${range.limit}`);
  return rows.map((row) => ({ ...row, number: Number(row.number), type: resourceTypeOfCode(row.type) }));
}

/** Those at the beginning that are of the same topic. */
export function ofOneTopic(events: readonly SubscriptionEvent[]): readonly SubscriptionEvent[] {
  const other = events.findIndex(({ topic }) => topic !== events[0]!.topic);
  return other < 0 ? events : events.slice(0, other);
}

export interface SubscriptionCount {
  readonly id: string;
  readonly status: SubscriptionState;
  readonly topic: string;
  readonly events: number;
}

/** Counters of subscriptions, in the order of their ids: those with one of `ids` and one of `statuses`, where these are given. */
export async function readCounts(database: Queryable, asked: { readonly ids?: readonly string[]; readonly statuses?: readonly string[]; readonly limit: number }, { access }: Pick<Context, 'access'>): Promise<readonly SubscriptionCount[]> {
  const { rows } = await database.query<{ id: string; status: SubscriptionState; topic: string; events: string }>(sql`
    select id, status, topic, events::text from subscription
    where tenant = ${access.tenant}
      and (${asked.ids === undefined} or id = any(${[...asked.ids ?? []]}::text[])) and (${asked.statuses === undefined} or status = any(${[...asked.statuses ?? []]}::text[]))
    order by id
    limit ${asked.limit}`);
  return rows.map((row) => ({ ...row, events: Number(row.events) }));
}
