/** Reading prior authorizations: by claim, by member, and what was authorized before for the same service. */
import sql, { join, type Sql } from 'sql-template-tag';
import type { Context } from './context.ts';
import { resourceTypeCode } from '../fhir/resource-types.ts';
import type { Queryable } from './database.ts';
import { accessible } from './search/sql/access.ts';

export interface StoredAuthorization {
  readonly id: string;
  readonly shard: number;
  readonly administrativeReference: string;
  readonly member: string;
  readonly plan: string | undefined;
  readonly requester: readonly string[];
  readonly claim: string;
  readonly claimResponse: string;
  readonly task: string | undefined;
  readonly receivedAt: Date;
  readonly expedited: boolean;
  readonly dueAt: Date;
  readonly lastSequence: number;
  /** The events of the log in their order, as the text of a JSON array. */
  readonly log: string;
  /** The newest version of the request, as JSON text. */
  readonly bundle: string;
  readonly requestVersion: number;
  readonly rail: string;
}

interface Row {
  id: string; shard: number; administrative_reference: string; member: string; plan: string | null; requester: string[]; claim: string;
  claim_response: string; task: string | null; received_at: Date; expedited: boolean; due_at: Date; last_sequence: number;
  log: string; bundle: string; request_version: number; rail: string;
}

const load = (condition: Sql, context: Context, limit: number): Sql => sql`
  with found as (
    select * from prior_authorization
    where tenant = ${context.access.tenant} and ${condition}
    order by received_at desc, id desc
    limit ${limit}
  )
  select f.id, f.shard, f.administrative_reference, f.member, f.plan, f.requester, f.claim, f.claim_response, f.task, f.received_at,
         f.expedited, f.due_at, f.last_sequence, log.text as log, request.version as request_version, request.rail,
         -- A FHIR request is kept once, as it came; what a mapper made is kept beside the request.
         coalesce(request.bundle, convert_from(landing.body, 'UTF8')) as bundle
  from found f
  cross join lateral (
    -- One text: an array of texts would be taken apart and put together again twice.
    select '[' || string_agg(e.detail, ',' order by e.sequence) || ']' as text
    from prior_authorization_event e
    where e.tenant = f.tenant and e.shard = f.shard and e.authorization_id = f.id
  ) as log
  cross join lateral (
    select * from prior_authorization_request r
    where r.tenant = f.tenant and r.shard = f.shard and r.authorization_id = f.id
    order by r.version desc
    limit 1
  ) as request
  left join landing on landing.tenant = f.tenant and landing.shard = request.landing_shard and landing.id = request.landing_id
  order by f.received_at desc, f.id desc`;

/** The authorization that a Claim belongs to. */
export async function authorizationOfClaim(database: Queryable, claimId: string, context: Context): Promise<StoredAuthorization | undefined> {
  const [found] = await query(database, load(sql`claim = ${claimId}`, context, 1));
  return found;
}

/** The authorization whose current answer a ClaimResponse is, found by who holds it (`store/write/held.ts`). */
export async function authorizationOfResponse(database: Queryable, claimResponseId: string, context: Context): Promise<StoredAuthorization | undefined> {
  const [found] = await query(database, load(sql`(shard, id) in (
    select r.shard, r.authorization_id from resource r
    where ${accessible(context.access, sql`r`)} and r.type = ${resourceTypeCode('ClaimResponse')} and r.id = ${claimResponseId} and r.authorization_id is not null)`, context, 1));
  return found;
}

/** Whether a version of the authorization, whose answer a ClaimResponse is, came by one of these rails. */
export async function cameBy(database: Queryable, claimResponseId: string, rails: readonly string[], context: Context): Promise<boolean> {
  const { rows } = await database.query(sql`
    select 1
    from resource r
    join prior_authorization_request q on q.tenant = r.tenant and q.shard = r.shard and q.authorization_id = r.authorization_id
    where ${accessible(context.access, sql`r`)} and r.type = ${resourceTypeCode('ClaimResponse')} and r.id = ${claimResponseId} and q.rail = any(${[...rails]}::text[])
    limit 1`);
  return rows.length > 0;
}

export interface MemberQuery {
  readonly member: string;
  readonly shard: number;
  /** Only authorizations that one of these (`system|value`) asked for. */
  readonly requester: readonly string[];
  /** Certification and administrative reference numbers, one of which it must have; none: whichever it has. */
  readonly numbers: readonly string[];
  /** Codes of services, in whatever system, one of which an item asks for; none: whatever it asks for. */
  readonly services: readonly string[];
  /** First and last day, YYYY-MM-DD, in which an item is to be given, as far as it says so. */
  readonly days: readonly [from: string, to: string] | undefined;
  /** Those that come after this one. */
  readonly after: Pick<StoredAuthorization, 'receivedAt' | 'id'> | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function authorizationsOfMember(database: Queryable, asked: MemberQuery, context: Context): Promise<StoredAuthorization[]> {
  return query(database, load(join([
    sql`shard = ${asked.shard}`, sql`member = ${asked.member}`, sql`requester && ${[...asked.requester]}::text[]`,
    ...(asked.numbers.length > 0 ? [sql`(${numbered(asked.numbers)})`] : []),
    ...(asked.services.length > 0 || asked.days ? [hasItem(asked)] : []),
    ...(asked.after ? [sql`(received_at, id) < (${asked.after.receivedAt}::timestamptz, ${asked.after.id}::uuid)`] : []),
  ], ' and '), context, asked.limit));
}

function hasItem({ services, days }: Pick<MemberQuery, 'services' | 'days'>): Sql {
  const conditions = [
    ...(services.length > 0 ? [sql`exists (select from unnest(i.service) known, unnest(${[...services]}::text[]) code where right(known, length(code) + 1) = '|' || code)`] : []),
    ...(days ? [sql`coalesce(i.serviced_from <= ${days[1]}::date, true) and coalesce(i.serviced_to >= ${days[0]}::date, true)`] : []),
  ];
  return sql`exists (
    select from prior_authorization_item i
    where i.tenant = prior_authorization.tenant and i.shard = prior_authorization.shard and i.authorization_id = prior_authorization.id and ${join(conditions, ' and ')})`;
}

/** Authorizations that were ever given one of these numbers. */
function numbered(numbers: readonly string[]): Sql {
  return sql`administrative_reference = any(${[...numbers]}::text[])
    or exists (select from prior_authorization_event e
               where e.tenant = prior_authorization.tenant and e.shard = prior_authorization.shard and e.authorization_id = prior_authorization.id
                 and e.kind in ('received', 'certified', 'modified')
                 and coalesce(e.detail::jsonb ->> 'number', e.detail::jsonb ->> 'certificationNumber') = any(${[...numbers]}::text[]))`;
}

export interface NamedQuery {
  readonly member: string;
  readonly shard: number;
  /** Who asks, `system|value`: only an authorization that one of these asked for, or is named on, is found. Undefined: whoever asked. */
  readonly requester: readonly string[] | undefined;
  /** Certification and administrative reference numbers. */
  readonly numbers: readonly string[];
  /** `system|value` of the identifiers of a version's Claim. */
  readonly traces: readonly string[];
  /** Ids of the Claim in the store. */
  readonly claims: readonly string[];
}

/** Authorizations of the member that go by one of these names, the newest first. */
export async function authorizationsNamed(database: Queryable, asked: NamedQuery, context: Context): Promise<StoredAuthorization[]> {
  const names = sql`(
    ${numbered(asked.numbers)}
    or claim = any(${[...asked.claims]}::text[])
    or exists (select from prior_authorization_request r
               where r.tenant = prior_authorization.tenant and r.shard = prior_authorization.shard and r.authorization_id = prior_authorization.id
                 and r.trace && ${[...asked.traces]}::text[]))`;
  return query(database, load(join([
    sql`shard = ${asked.shard}`, sql`member = ${asked.member}`, ...(asked.requester ? [sql`requester && ${[...asked.requester]}::text[]`] : []), names,
  ], ' and '), context, mostNamed));
}

/** More authorizations than a sender gives one number to. */
const mostNamed = 20;

/** A version of a request that was taken: where its bytes are, and which Claim it belongs to. */
export interface TakenVersion {
  readonly claim: string;
  readonly landing: { readonly id: string; readonly shard: number };
  /** Of the request of that delivery which made the version; undefined where an older release took it, or its rail compares nothing. */
  readonly contentSha256: string | undefined;
}

/** Versions whose Claim bears one of these identifiers (`system|value`), by whatever member, the newest first. */
export async function versionsTraced(database: Queryable, traces: readonly string[], limit: number, context: Context): Promise<TakenVersion[]> {
  const statement = sql`
    select a.claim, r.landing_id, r.landing_shard, r.content_sha256
    from prior_authorization_request r
    join prior_authorization a on a.tenant = r.tenant and a.shard = r.shard and a.id = r.authorization_id
    where r.tenant = ${context.access.tenant} and r.trace && ${[...traces]}::text[]
    order by a.received_at desc, r.version desc
    limit ${limit}`;
  const { rows } = await database.query<{ claim: string; landing_id: string; landing_shard: number; content_sha256: string | null }>({ text: statement.text, values: [...statement.values] });
  return rows.map(({ claim, landing_id, landing_shard, content_sha256 }) => ({ claim, landing: { id: landing_id, shard: landing_shard }, contentSha256: content_sha256 ?? undefined }));
}

async function query(database: Queryable, statement: Sql): Promise<StoredAuthorization[]> {
  const { rows } = await database.query<Row>({ text: statement.text, values: [...statement.values], recurring: true });
  return rows.map((row) => ({
    id: row.id, shard: row.shard, administrativeReference: row.administrative_reference, member: row.member, plan: row.plan ?? undefined,
    requester: row.requester, claim: row.claim, claimResponse: row.claim_response, task: row.task ?? undefined, receivedAt: row.received_at,
    expedited: row.expedited, dueAt: row.due_at, lastSequence: row.last_sequence, log: row.log, bundle: row.bundle,
    requestVersion: row.request_version, rail: row.rail,
  }));
}

export interface EarlierItem {
  readonly authorizationId: string;
  readonly item: number;
  readonly service: readonly string[];
  readonly servicedFrom: string | undefined;
  readonly servicedTo: string | undefined;
  readonly status: string;
  readonly number: string | undefined;
  readonly requester: readonly string[];
  /** The Claim as it stands, and the event that decided the item, as JSON text. */
  readonly claim: string | undefined;
  readonly decision: string | undefined;
  /** What was certified under its number since, in other authorizations. */
  readonly taken: readonly TakenOf[];
  /** Units that claims for payment have used, where that was looked up. */
  readonly used?: number;
}

/** A part of what was approved, and the item that has it. */
export interface TakenOf {
  readonly authorization: string;
  readonly item: number;
  /** Null where the log does not say how much. */
  readonly quantity: number | null;
  readonly unit: string | null;
}

/** What is on record when a request is decided. */
export interface RecordsOfMember {
  /** Counts what was decided on the records of the member, of whatever service; a commit that assumes it fails when it is more by then. */
  readonly recorded: number;
  /** The newest certified items of the same service and requester, for the rule about duplicates; not those that stand under another's number themselves. */
  readonly earlier: readonly EarlierItem[];
}

const records = `
select coalesce(known.recorded, 0)::integer as recorded, item.*
from (select 1) as always
left join prior_authorization_member known on known.tenant = $1 and known.shard = $2 and known.member = $3
left join lateral (
  select authorization_id, item, service, serviced_from::text, serviced_to::text, status, number, requester,
    (select r.content
     from (
       -- By its key first, then the Claim: joined freely, a plan made on empty tables reads all authorizations of the tenant for each item.
       select a.claim from prior_authorization a
       where a.tenant = i.tenant and a.shard = i.shard and a.id = i.authorization_id
       offset 0
     ) as a
     join lateral (
       select r.content, r.authorization_id from resource r
       where r.tenant = i.tenant and r.type = $6 and r.id = a.claim and not r.deleted
       offset 0
     ) as r on r.authorization_id = i.authorization_id) as claim,
    (select e.detail from prior_authorization_event e
     where e.tenant = i.tenant and e.shard = i.shard and e.authorization_id = i.authorization_id and e.item = i.item and e.kind in ('certified', 'modified')
     order by e.sequence desc limit 1) as decision,
    (select jsonb_agg(jsonb_build_object('authorization', t.authorization_id, 'item', t.item, 'quantity', t.taken, 'unit', t.taken_unit))
     from prior_authorization_item t
     where t.tenant = i.tenant and t.shard = i.shard and t.member = i.member and t.number = i.number and t.under_item in (0, i.item)) as taken
  from prior_authorization_item i
  where tenant = $1 and shard = $2 and member = $3 and service && $4::text[] and requester && $5::text[]
    and status in ('certified', 'modified') and under_item is null
  order by received_at desc
  limit 20
) as item on true`;

/** The count alone ({@link RecordsOfMember.recorded}): read before what is decided on is looked for. */
export async function recordedOfMember(database: Queryable, asked: { member: string; shard: number }, context: Context): Promise<number> {
  const { rows } = await database.query<{ recorded: number }>(sql`
    select recorded::integer from prior_authorization_member where tenant = ${context.access.tenant} and shard = ${asked.shard} and member = ${asked.member}`);
  return rows[0]?.recorded ?? 0;
}

export async function recordsOfMember(database: Queryable, asked: { member: string; shard: number; service: readonly string[]; requester: readonly string[] }, context: Context): Promise<RecordsOfMember> {
  const { rows } = await database.query<{ recorded: number; authorization_id: string | null; item: number; service: string[]; serviced_from: string | null; serviced_to: string | null; status: string; number: string | null; requester: string[]; claim: string | null; decision: string | null; taken: TakenOf[] | null }>({
    name: 'records-of-member', text: records, values: [context.access.tenant, asked.shard, asked.member, asked.service, asked.requester, resourceTypeCode('Claim')],
  });
  const earlier = rows.flatMap((row) => row.authorization_id === null ? [] : [{
    authorizationId: row.authorization_id, item: row.item, service: row.service, servicedFrom: row.serviced_from ?? undefined,
    servicedTo: row.serviced_to ?? undefined, status: row.status, number: row.number ?? undefined, requester: row.requester,
    claim: row.claim ?? undefined, decision: row.decision ?? undefined, taken: row.taken ?? [],
  }]);
  return { recorded: rows[0]?.recorded ?? 0, earlier };
}
