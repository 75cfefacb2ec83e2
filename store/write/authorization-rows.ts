/** What is written of a prior authorization: the columns it is found by, its items, a version of the request, log entries. */
import sql, { raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { textArray } from './array-literal.ts';
import type { RecordAuthorization } from './changes.ts';
import type { Part } from './part.ts';

/** Two writers that fold the same log and append the same sequence meet at the primary key; the later one starts again. */
export function authorizationPart(context: Context, { header, request, items, events }: RecordAuthorization, index: number): Part {
  const name = (table: string) => raw(`${table}_${index}`);
  const tenant = sql`${context.tenant.id}::smallint`;
  const shard = sql`${header.shard}::smallint`;
  const id = sql`${header.id}::uuid`;
  const reasons = events.map((event) => event.reason);

  const expressions = [
    sql`${name('events')} as (
      insert into prior_authorization_event (tenant, shard, authorization_id, sequence, at, kind, item, authority, author, rule,
                                             reason_system, reason_code, reason_text, detail)
      select ${tenant}, ${shard}, ${id}, row.*
      from unnest(${events.map((event) => event.sequence)}::integer[], ${events.map((event) => event.at)}::timestamptz[], ${events.map((event) => event.kind)}::text[],
                  ${events.map((event) => event.item ?? null)}::integer[], ${events.map((event) => event.authority)}::text[], ${events.map((event) => event.author ?? null)}::text[],
                  ${events.map((event) => event.rule ?? null)}::text[], ${reasons.map((reason) => reason?.system ?? null)}::text[],
                  ${reasons.map((reason) => reason?.code ?? null)}::text[], ${reasons.map((reason) => reason?.text ?? null)}::text[],
                  ${events.map((event) => event.detail)}::text[]) as row
      returning sequence, at, kind
    )`,
    sql`${name('events_announced')} as (
      insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request)
      select ${tenant}, ${shard}, at, 'authorization-' || kind, ${resourceTypeCode('ClaimResponse')}::smallint, ${header.claimResponse}::text, sequence,
             ${context.actor}::text, ${context.request}::text
      from ${name('events')}
    )`,
    sql`${name('header')} as (
      insert into prior_authorization (tenant, shard, id, administrative_reference, member, plan, requester, claim, claim_response, task,
                                       received_at, expedited, due_at, open, last_sequence)
      values (${tenant}, ${shard}, ${id}, ${header.administrativeReference}, ${header.member}, ${header.plan ?? null}, ${[...header.requester]}::text[], ${header.claim},
              ${header.claimResponse}, ${header.task ?? null}, ${header.receivedAt}, ${header.expedited}, ${header.dueAt}, ${header.open}, ${header.lastSequence})
      on conflict (tenant, shard, id) do update
      set claim = excluded.claim, claim_response = excluded.claim_response, task = excluded.task, plan = excluded.plan,
          requester = excluded.requester, expedited = excluded.expedited, due_at = excluded.due_at, open = excluded.open, last_sequence = excluded.last_sequence
    )`,
    sql`${name('items')} as (
      insert into prior_authorization_item (tenant, shard, authorization_id, member, requester, received_at, item, service, serviced_from, serviced_to, status, number)
      select ${tenant}, ${shard}, ${id}, ${header.member}::text, ${[...header.requester]}::text[], ${header.receivedAt}::timestamptz, row.item, row.service::text[], row.serviced_from, row.serviced_to, row.status, row.number
      from unnest(${items.map((item) => item.item)}::integer[], ${items.map((item) => textArray(item.service))}::text[], ${items.map((item) => item.servicedFrom ?? null)}::date[],
                  ${items.map((item) => item.servicedTo ?? null)}::date[], ${items.map((item) => item.status)}::text[], ${items.map((item) => item.number ?? null)}::text[])
        as row (item, service, serviced_from, serviced_to, status, number)
      on conflict (tenant, shard, authorization_id, item) do update
      set requester = excluded.requester, service = excluded.service, serviced_from = excluded.serviced_from, serviced_to = excluded.serviced_to, status = excluded.status, number = excluded.number
    )`,
  ];
  if (!request) return { name: `events${index}`, expressions };
  return {
    name: `request${index}`,
    expressions: [...expressions, sql`${name('request')} as (
      insert into prior_authorization_request (tenant, shard, authorization_id, version, rail, landing_id, landing_shard, trace, content_sha256, bundle)
      values (${tenant}, ${shard}, ${id}, ${request.version}, ${request.rail}, ${request.landing.id}, ${request.landing.shard}, ${[...request.trace]}::text[], ${request.contentSha256 ?? null}, ${request.bundle ?? null})
    )`],
  };
}
