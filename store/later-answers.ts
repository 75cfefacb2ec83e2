/**
 * Answers that came to be after the first one, until their receivers say that they have them: written from the outbox,
 * handed out in order as often as asked for, and done with by an acknowledgement.
 */
import sql, { type Sql } from 'sql-template-tag';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { newId } from './shard.ts';

export interface LaterAnswer {
  /** The rail: `x12`, `hl7v2`. */
  readonly channel: string;
  /** Whom it is for: as the request named its sender. */
  readonly partner: string;
  /** ISA13 without leading zeros, or MSH-10. */
  readonly controlNumber: string;
  readonly authorization: { readonly id: string; readonly shard: number };
  /** The last event of the authorization's log that it tells of. */
  readonly sequence: number;
  readonly content: string;
}

/** A version of a request: which delivery brought it, and which of the requests in that. */
export interface AskingVersion {
  readonly version: number;
  readonly rail: string;
  readonly landing: { readonly id: string; readonly shard: number };
  readonly contentSha256: string | undefined;
}

/** Versions of an authorization that came by one of these rails, the newest first. */
export async function askingVersions(database: Queryable, authorization: LaterAnswer['authorization'], rails: readonly string[], context: Context): Promise<AskingVersion[]> {
  const { rows } = await database.query<{ version: number; rail: string; landing_id: string; landing_shard: number; content_sha256: string | null }>(sql`
    select version, rail, landing_id, landing_shard, content_sha256
    from prior_authorization_request
    where tenant = ${context.access.tenant} and shard = ${authorization.shard} and authorization_id = ${authorization.id} and rail = any(${[...rails]}::text[])
    order by version desc`);
  return rows.map((row) => ({ version: row.version, rail: row.rail, landing: { id: row.landing_id, shard: row.landing_shard }, contentSha256: row.content_sha256 ?? undefined }));
}

/** The last event of the log that was told in a later answer; 0 before there is one. */
export async function toldUpTo(database: Queryable, { id, shard }: LaterAnswer['authorization'], context: Context): Promise<number> {
  const { rows } = await database.query<{ sequence: number | null }>(sql`
    select max(sequence) as sequence from later_answer where tenant = ${context.access.tenant} and shard = ${shard} and authorization_id = ${id}`);
  return rows[0]?.sequence ?? 0;
}

/** @param connection of the transaction that moves the reader of the outbox: neither is there without the other */
export async function recordLaterAnswer(connection: Queryable, { channel, partner, controlNumber, authorization, sequence, content }: LaterAnswer, context: Context): Promise<void> {
  await connection.query(sql`
    insert into later_answer (tenant, shard, id, channel, partner, control_number, authorization_id, sequence, content, at)
    values (${context.tenant.id}, ${authorization.shard}, ${newId(context, authorization.shard)}, ${channel}, ${partner}, ${controlNumber}, ${authorization.id}, ${sequence}, ${content}, ${context.now()})`);
}

/** What waits for a partner, oldest first; noted as handed out, and handed out again until it is acknowledged. */
export async function handOut(database: Queryable, asked: { readonly channel: string; readonly partner: string; readonly limit: number }, context: Context): Promise<{ readonly contents: readonly string[]; readonly more: boolean }> {
  const { rows } = await database.query<{ content: string; position: string }>(sql`
    with waiting as (
      select tenant, shard, id from later_answer
      where tenant = ${context.access.tenant} and channel = ${asked.channel} and partner = ${asked.partner} and done_at is null
      order by later_answer.position
      limit ${asked.limit + 1}
    )
    update later_answer a
    set fetches = a.fetches + 1, fetched_at = coalesce(a.fetched_at, ${context.now()})
    from waiting w
    where a.tenant = w.tenant and a.shard = w.shard and a.id = w.id
    returning a.content, a.position::text`);
  const ordered = rows.toSorted((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
  return { contents: ordered.slice(0, asked.limit).map(({ content }) => content), more: ordered.length > asked.limit };
}

export interface Acknowledgement {
  readonly channel: string;
  /** Who acknowledges: only what was for him is done with. */
  readonly partner: string;
  readonly controlNumber: string;
  readonly outcome: 'accepted' | 'rejected';
}

/**
 * What its receiver says of an answer. One that came as an interchange may still be refused for what is in it (TA1, then
 * 999); what was refused stays so. @returns whether there is such an answer
 */
export async function acknowledgeAnswer(database: Queryable, { channel, partner, controlNumber, outcome }: Acknowledgement, context: Context): Promise<boolean> {
  const { rows } = await database.query(sql`
    update later_answer
    set done_at = coalesce(done_at, ${context.now()}), outcome = case when outcome = 'rejected' then outcome else ${outcome} end
    where tenant = ${context.access.tenant} and channel = ${channel} and partner = ${partner} and control_number = ${controlNumber}
    returning 1`);
  return rows.length > 0;
}

/** An answer that nobody has acknowledged yet, and of what it tells. */
export interface OpenAnswer {
  readonly id: string;
  /** Id of the Claim. */
  readonly claim: string;
  /** The last event of the authorization's log that it tells of. */
  readonly sequence: number;
  readonly at: Date;
}

/** Undefined where there is none of this number for this partner, or he has spoken of it before. */
export async function openAnswer(database: Queryable, { channel, partner, controlNumber }: Omit<Acknowledgement, 'outcome'>, context: Context): Promise<OpenAnswer | undefined> {
  const { rows } = await database.query<{ id: string; claim: string; sequence: number; at: Date }>(sql`
    select l.id, a.claim, l.sequence, l.at
    from later_answer l
    join prior_authorization a on a.tenant = l.tenant and a.shard = l.shard and a.id = l.authorization_id
    where l.tenant = ${context.access.tenant} and l.channel = ${channel} and l.partner = ${partner} and l.control_number = ${controlNumber} and l.done_at is null`);
  return rows[0];
}

/** Of one statement, so that no lock is held for long. */
const atOnce = 1000;

/** Removes answers that were acknowledged before the one moment, or written before the other and acknowledged by nobody. @returns how many */
export async function purgeLaterAnswers(database: Queryable, tenant: number, { acknowledged, written }: { readonly acknowledged: Date; readonly written: Date }, signal?: AbortSignal): Promise<number> {
  const old = [sql`done_at < ${acknowledged}`, sql`done_at is null and at < ${written}`];
  let removed = 0;
  for (const condition of old) removed += await removeAnswers(database, tenant, condition, signal);
  return removed;
}

async function removeAnswers(database: Queryable, tenant: number, old: Sql, signal: AbortSignal | undefined): Promise<number> {
  for (let removed = 0; ;) {
    if (signal?.aborted === true) return removed;
    const { rowCount } = await database.query(sql`
      delete from later_answer a
      using (select tenant, shard, id from later_answer where tenant = ${tenant} and ${old} limit ${atOnce}) as old
      where a.tenant = old.tenant and a.shard = old.shard and a.id = old.id`);
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < atOnce) return removed;
  }
}
