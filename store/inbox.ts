/**
 * Messages of the inbox as they are kept: found by their key, listed for those who look after them. A message is written
 * by the commit of what it became (`write/inbox-rows.ts`); its bytes are those of its delivery (`landing.ts`).
 */
import sql, { empty, type Sql } from 'sql-template-tag';
import type { Context } from './context.ts';
import type { Queryable, Statement } from './database.ts';
import { shardOf } from './shard.ts';
import { Together } from './together.ts';
import type { InboxRow, LandingKey } from './write/changes.ts';

export interface StoredMessage extends InboxRow {
  /** How often it was decided on. */
  readonly attempts: number;
  readonly decidedAt: Date;
}

interface Row {
  id: string;
  shard: number;
  channel: string;
  message_key: string;
  sha256: string;
  kind: string;
  author: string | null;
  landing_id: string;
  landing_shard: number;
  position: number;
  received_at: Date;
  state: InboxRow['state'];
  decided_at: Date;
  attempts: number;
  series: string | null;
  series_version: string | null;
  patient: string | null;
  chosen_patient: string | null;
  issues: string;
  unmapped: string;
  mapped: number | null;
  sent: number | null;
  acknowledgement: string;
}

const columns = sql`id, shard, channel, message_key, encode(content_sha256, 'hex') as sha256, kind, author, landing_id, landing_shard, position, received_at, state, decided_at,
  attempts, series, series_version, patient, chosen_patient, issues, unmapped, mapped, sent, acknowledgement`;

/** Where a message is kept: by its key, so that a repetition meets it. */
export function messageShard(context: Context, channel: string, key: string): number {
  return shardOf(context.tenant.id, `${channel}\u0000${key}`);
}

/** One look into the index for each key (see `write/lock.ts`). */
const byKey = `
select wanted.place, found.*
from unnest($1::smallint[], $2::smallint[], $3::text[], $4::text[]) with ordinality as wanted (tenant, shard, channel, message_key, place)
cross join lateral (
  select ${columns.text} from inbox_message m
  where m.tenant = wanted.tenant and m.shard = wanted.shard and m.channel = wanted.channel and m.message_key = wanted.message_key and m.state <> 'duplicate'
  offset 0
) as found`;

interface WantedMessage {
  readonly tenant: number;
  readonly shard: number;
  readonly channel: string;
  readonly key: string;
}

const lookups = new WeakMap<Queryable, Together<WantedMessage, Row | undefined>>();

function lookupsOf(database: Queryable): Together<WantedMessage, Row | undefined> {
  let together = lookups.get(database);
  if (together === undefined) {
    together = new Together<WantedMessage, Row | undefined>({
      async work(items) {
        const { rows } = await database.query<Row & { place: string }>({
          name: 'messages-of-keys', text: byKey, values: [items.map(({ tenant }) => tenant), items.map(({ shard }) => shard), items.map(({ channel }) => channel), items.map(({ key }) => key)],
        });
        const byPlace = new Map(rows.map((row) => [Number(row.place), row]));
        return items.map((_, index) => byPlace.get(index + 1));
      },
    });
    lookups.set(database, together);
  }
  return together;
}

/** The message that has this key; others that came under it are duplicates. What is looked for at the same moment is looked for together. */
export async function messageOfKey(database: Queryable, channel: string, key: string, context: Context): Promise<StoredMessage | undefined> {
  const row = await lookupsOf(database).call({ tenant: context.access.tenant, shard: messageShard(context, channel, key), channel, key });
  return row && messageOf(row);
}

/** What came under a key that was taken, with this content. */
export async function duplicateOfKey(database: Queryable, channel: string, key: string, sha256: string, context: Context): Promise<StoredMessage | undefined> {
  const { rows } = await database.query<Row>(statementOf(sql`
    select ${columns} from inbox_message
    where tenant = ${context.access.tenant} and shard = ${messageShard(context, channel, key)} and channel = ${channel} and message_key = ${key}
      and content_sha256 = decode(${sha256}, 'hex') and state = 'duplicate'`));
  return rows[0] && messageOf(rows[0]);
}

/** Its id carries its shard. */
export async function readMessage(database: Queryable, key: LandingKey, context: Context): Promise<StoredMessage | undefined> {
  const { rows } = await database.query<Row>(statementOf(sql`select ${columns} from inbox_message where tenant = ${context.access.tenant} and shard = ${key.shard} and id = ${key.id}`));
  return rows[0] && messageOf(rows[0]);
}

/** The highest version of a series that was committed by another message; undefined where there is none. */
export async function newestOfSeries(database: Queryable, channel: string, series: string, except: string, context: Context): Promise<number | undefined> {
  const { rows } = await database.query<{ version: string | null }>(statementOf(sql`
    select max(series_version) as version from inbox_message
    where tenant = ${context.access.tenant} and channel = ${channel} and series = ${series} and state = 'accepted' and id <> ${except}`));
  const version = rows[0]?.version ?? null;
  return version === null ? undefined : Number(version);
}

export interface InboxQuery {
  readonly states?: readonly string[];
  readonly channel?: string;
  readonly since?: Date;
  readonly landing?: string;
  /** Id of the Patient they are about. */
  readonly patient?: string;
  readonly limit: number;
}

/** Newest first. */
export async function listMessages(database: Queryable, { states, channel, since, landing, patient, limit }: InboxQuery, context: Context): Promise<readonly StoredMessage[]> {
  const conditions: Sql = sql`${states === undefined ? empty : sql` and state = any(${states})`}${channel === undefined ? empty : sql` and channel = ${channel}`}${
    since === undefined ? empty : sql` and received_at >= ${since}`}${landing === undefined ? empty : sql` and landing_id = ${landing}`}${
    patient === undefined ? empty : sql` and patient = ${patient}`}`;
  const { rows } = await database.query<Row>(statementOf(sql`select ${columns} from inbox_message where tenant = ${context.access.tenant}${conditions} order by received_at desc, position, id limit ${limit}`));
  return rows.map(messageOf);
}

/** Deliveries that landed and were never answered: the server ended, or the store failed, before that. Oldest first. */
export async function unansweredLandings(database: Queryable, channels: readonly string[], before: Date, limit: number, context: Context): Promise<readonly (LandingKey & { readonly channel: string; readonly receivedAt: Date })[]> {
  const { rows } = await database.query<{ id: string; shard: number; channel: string; received_at: Date }>(statementOf(sql`
    select id, shard, channel, received_at from landing
    where tenant = ${context.access.tenant} and channel = any(${channels}) and state = 'received' and received_at < ${before}
    order by received_at limit ${limit}`));
  return rows.map(({ id, shard, channel, received_at: receivedAt }) => ({ id, shard, channel, receivedAt }));
}

const statementOf = ({ text, values }: Sql): Statement => ({ text, values: [...values] });

function messageOf(row: Row): StoredMessage {
  return {
    id: row.id, shard: row.shard, channel: row.channel, key: row.message_key, sha256: row.sha256, kind: row.kind,
    ...(row.author !== null && { author: row.author }),
    landing: { id: row.landing_id, shard: row.landing_shard }, position: row.position, receivedAt: row.received_at,
    state: row.state, decidedAt: row.decided_at, attempts: row.attempts,
    ...(row.series !== null && row.series_version !== null && { series: { id: row.series, version: Number(row.series_version) } }),
    ...(row.patient !== null && { patient: row.patient }),
    ...(row.chosen_patient !== null && { chosenPatient: row.chosen_patient }),
    issues: row.issues, unmapped: row.unmapped,
    ...(row.mapped !== null && row.sent !== null && { share: { mapped: row.mapped, sent: row.sent } }),
    acknowledgement: row.acknowledgement,
  };
}
