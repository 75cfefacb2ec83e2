/**
 * Landing: bytes from outside are durable, with their hash, before anybody is answered. The same bytes from the same
 * sender land once; the row then tells whether they were answered already, and with what.
 */
import { createHash } from 'node:crypto';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { newId, shardOf } from './shard.ts';
import { Together } from './together.ts';
import type { LandingKey } from './write/changes.ts';

export interface Delivery {
  /** The rail: `fhir`, `x12`. */
  readonly channel: string;
  /** Who sends, as far as the rail knows. */
  readonly sender: string;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

export interface DeliveryAnswer {
  readonly status: number;
  readonly mediaType: string;
  readonly body: string;
}

export interface Landed extends LandingKey {
  readonly sha256: string;
  /** When these bytes came: for the first time where they were never answered, else this time. */
  readonly receivedAt: Date;
  /** How often these bytes have come, this time included. */
  readonly deliveries: number;
  /** The answer given before, when that answer was final. */
  readonly answered?: DeliveryAnswer;
  /** The answer given before, when nothing was created, or not of all that came, and the delivery is tried again. */
  readonly refused?: { readonly problems: readonly string[]; readonly answer: DeliveryAnswer };
}

interface Row {
  id: string;
  received_at: Date;
  deliveries: number;
  state: string;
  problems: string[];
  answer_status: number | null;
  answer_media_type: string | null;
  answer: string | null;
}

const landOnce = `
insert into landing (tenant, shard, id, received_at, channel, sender, media_type, sha256, body, last_delivered_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $4)
on conflict (tenant, shard, sha256, channel, sender) do update
set deliveries = landing.deliveries + 1, last_delivered_at = excluded.last_delivered_at
returning id, case when state = 'received' then received_at else last_delivered_at end as received_at, deliveries, state, problems, answer_status, answer_media_type, answer`;

/** Several, none of them twice. The bodies go as one, of which each row takes its own: as an array they would be sent as text. */
const landMany = `
insert into landing (tenant, shard, id, received_at, channel, sender, media_type, sha256, body, last_delivered_at)
select tenant, shard, id, at, channel, sender, media_type, decode(sha256, 'hex'), substring($9::bytea from place for size), at
from unnest($1::smallint[], $2::smallint[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $10::integer[], $11::integer[])
  as delivery (tenant, shard, id, at, channel, sender, media_type, sha256, place, size)
on conflict (tenant, shard, sha256, channel, sender) do update
set deliveries = landing.deliveries + 1, last_delivered_at = excluded.last_delivered_at
returning tenant, encode(sha256, 'hex') as sha256, channel, sender, id, case when state = 'received' then received_at else last_delivered_at end as received_at, deliveries, state, problems, answer_status, answer_media_type, answer`;

/** Bytes that land together, at most: they are put together for it. */
const mostBytes = 1024 * 1024;

interface Landing {
  readonly delivery: Delivery;
  readonly context: Context;
  readonly sha256: Buffer;
  readonly shard: number;
}

const nameOf = (tenant: number, sha256: string, channel: string, sender: string): string => JSON.stringify([tenant, sha256, channel, sender]);
const nameOfLanding = ({ delivery, context, sha256 }: Landing): string => nameOf(context.tenant.id, sha256.toString('hex'), delivery.channel, delivery.sender);

const landings = new WeakMap<Queryable, Together<Landing, Row>>();

function landingsOf(database: Queryable): Together<Landing, Row> {
  let together = landings.get(database);
  if (together === undefined) {
    together = new Together({ work: (items) => items.length === 1 ? landAlone(database, items[0]!) : landTogether(database, items), name: nameOfLanding, weight: ({ delivery }) => delivery.body.length, heaviest: mostBytes });
    landings.set(database, together);
  }
  return together;
}

async function landAlone(database: Queryable, { delivery, context, sha256, shard }: Landing): Promise<readonly Row[]> {
  const { rows } = await database.query<Row>({
    name: 'land-once', text: landOnce,
    values: [context.tenant.id, shard, newId(context, shard), context.now(), delivery.channel, delivery.sender, delivery.mediaType, sha256, Buffer.from(delivery.body)],
  });
  return rows;
}

async function landTogether(database: Queryable, items: readonly Landing[]): Promise<readonly Row[]> {
  // In one order, so that two statements with the same deliveries do not wait for each other in a circle.
  const ordered = items.toSorted((a, b) => nameOfLanding(a) < nameOfLanding(b) ? -1 : 1);
  let end = 1;
  const places = ordered.map(({ delivery }) => {
    const place = end;
    end += delivery.body.length;
    return place;
  });
  const { rows } = await database.query<Row & { tenant: number; sha256: string; channel: string; sender: string }>({
    name: 'land-many', text: landMany,
    values: [
      ordered.map(({ context }) => context.tenant.id), ordered.map(({ shard }) => shard), ordered.map(({ context, shard }) => newId(context, shard)), ordered.map(({ context }) => context.now()),
      ordered.map(({ delivery }) => delivery.channel), ordered.map(({ delivery }) => delivery.sender), ordered.map(({ delivery }) => delivery.mediaType), ordered.map(({ sha256 }) => sha256.toString('hex')),
      Buffer.concat(ordered.map(({ delivery }) => delivery.body)), places, ordered.map(({ delivery }) => delivery.body.length),
    ],
  });
  const byName = new Map(rows.map((row) => [nameOf(row.tenant, row.sha256, row.channel, row.sender), row]));
  return items.map((item) => byName.get(nameOfLanding(item))!);
}

/** Text without halves of characters and without the one that PostgreSQL has not. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '\ufffd');
}

/** Deliveries that come at the same moment land together (`together.ts`). */
export async function land(database: Queryable, delivery: Delivery, context: Context): Promise<Landed> {
  const sha256 = createHash('sha256').update(delivery.body).digest();
  // As the store can hold it, so that what it gives back is found by the same name.
  const sender = wellFormed(delivery.sender);
  // The shard follows from the content, so that a repetition meets the first delivery without a search.
  const shard = shardOf(context.tenant.id, sha256.toString('hex'));
  const row = await landingsOf(database).call({ delivery: { ...delivery, sender }, context, sha256, shard });
  const answer = answerOf(row);
  return {
    id: row.id, shard, sha256: sha256.toString('hex'), receivedAt: row.received_at, deliveries: row.deliveries,
    ...(answer && row.state === 'answered' && { answered: answer }),
    ...(answer && (row.state === 'refused' || row.state === 'partial') && { refused: { problems: row.problems, answer } }),
  };
}

const readAnswer = 'select id, received_at, deliveries, state, problems, answer_status, answer_media_type, answer from landing where tenant = $1 and shard = $2 and id = $3';

/** The answer of a delivery that somebody else answered meanwhile. */
export async function answerOfLanding(database: Queryable, key: LandingKey, context: Context): Promise<DeliveryAnswer | undefined> {
  const { rows } = await database.query<Row>({ text: readAnswer, values: [context.tenant.id, key.shard, key.id] });
  return rows[0]?.state === 'answered' ? answerOf(rows[0]) : undefined;
}

function answerOf(row: Row): DeliveryAnswer | undefined {
  if (row.answer === null || row.answer_status === null || row.answer_media_type === null) return undefined;
  return { status: row.answer_status, mediaType: row.answer_media_type, body: row.answer };
}

const note = `
update landing
set state = $9, problems = $4, answered_at = $5, answer_status = $6, answer_media_type = $7, answer = $8
where tenant = $1 and shard = $2 and id = $3 and state <> 'answered'`;

/**
 * Notes the answer to a delivery whose resources are committed already, message by message (`answered`, `partial`), or
 * that created nothing: it was refused, or it only asked and was informed. A repetition of what was not answered for good
 * will be taken anew.
 */
export async function noteAnswer(database: Queryable, key: LandingKey, state: 'refused' | 'informed' | 'partial' | 'answered', problems: readonly string[], answer: DeliveryAnswer, context: Context): Promise<void> {
  await database.query({
    name: 'note-answer', text: note,
    values: [context.tenant.id, key.shard, key.id, problems, context.now(), answer.status, answer.mediaType, answer.body, state],
  });
}

export interface LandingRecord {
  readonly id: string;
  readonly receivedAt: Date;
  readonly channel: string;
  readonly mediaType: string;
  readonly sha256: string;
  readonly size: number;
  readonly deliveries: number;
  readonly state: string;
  readonly problems: readonly string[];
}

const describe = `
select id, received_at, channel, media_type, encode(sha256, 'hex') as sha256, octet_length(body) as size, deliveries, state, problems
from landing where tenant = $1 and shard = $2 and id = $3`;

/** What is known of a delivery, without its content. Its id carries its shard. */
export async function describeLanding(database: Queryable, key: LandingKey, context: Context): Promise<LandingRecord | undefined> {
  const { rows } = await database.query<{ id: string; received_at: Date; channel: string; media_type: string; sha256: string; size: number; deliveries: number; state: string; problems: string[] }>({
    text: describe, values: [context.access.tenant, key.shard, key.id],
  });
  const row = rows[0];
  return row && {
    id: row.id, receivedAt: row.received_at, channel: row.channel, mediaType: row.media_type, sha256: row.sha256,
    size: row.size, deliveries: row.deliveries, state: row.state, problems: row.problems,
  };
}

/** A delivery as it came. */
export interface LandedDelivery extends Delivery {
  readonly body: Buffer;
  readonly receivedAt: Date;
}

/** The bytes as they came, with the rail they came by, who sent them and when they first came. */
export async function readLanded(database: Queryable, key: LandingKey, context: Context): Promise<LandedDelivery | undefined> {
  const { rows } = await database.query<{ channel: string; sender: string; media_type: string; body: Buffer; received_at: Date }>({
    text: 'select channel, sender, media_type, body, received_at from landing where tenant = $1 and shard = $2 and id = $3', values: [context.access.tenant, key.shard, key.id],
  });
  return rows[0] && { channel: rows[0].channel, sender: rows[0].sender, mediaType: rows[0].media_type, body: rows[0].body, receivedAt: rows[0].received_at };
}
