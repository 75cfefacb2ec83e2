/** What is written of a prior authorization: the columns it is found by, its items, a version of the request, log entries. */
import sql, { raw, type Sql } from 'sql-template-tag';
import type { Context } from '../context.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { textArray } from './array-literal.ts';
import type { AuthorizationOutcomeRow, RecordAuthorization } from './changes.ts';
import type { Part } from './part.ts';

/** Two writers that fold the same log and append the same sequence meet at the primary key; the later one starts again. */
export function authorizationPart(context: Context, { header, request, items, events, outcomes }: RecordAuthorization, index: number): Part {
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
                                       received_at, expedited, due_at, open, last_sequence, line_of_business, state, clock_rule, at_risk_at, paused_until)
      values (${tenant}, ${shard}, ${id}, ${header.administrativeReference}, ${header.member}, ${header.plan ?? null}, ${[...header.requester]}::text[], ${header.claim},
              ${header.claimResponse}, ${header.task ?? null}, ${header.receivedAt}, ${header.expedited}, ${header.dueAt}, ${header.open}, ${header.lastSequence},
              ${header.clock.lineOfBusiness}, ${header.clock.state ?? null}, ${header.clock.rule ?? null}, ${header.clock.atRiskAt}, ${header.clock.pausedUntil ?? null})
      on conflict (tenant, shard, id) do update
      set claim = excluded.claim, claim_response = excluded.claim_response, task = excluded.task, plan = excluded.plan,
          requester = excluded.requester, expedited = excluded.expedited, due_at = excluded.due_at, open = excluded.open, last_sequence = excluded.last_sequence,
          line_of_business = excluded.line_of_business, state = excluded.state, clock_rule = excluded.clock_rule, at_risk_at = excluded.at_risk_at, paused_until = excluded.paused_until
    )`,
    sql`${name('items')} as (
      insert into prior_authorization_item (tenant, shard, authorization_id, member, requester, received_at, item, asked_version, service, serviced_from, serviced_to, status, number, under_item, taken, taken_unit)
      select ${tenant}, ${shard}, ${id}, ${header.member}::text, ${[...header.requester]}::text[], ${header.receivedAt}::timestamptz, row.item, row.asked_version, row.service::text[], row.serviced_from, row.serviced_to, row.status, row.number, row.under_item, row.taken, row.taken_unit
      from unnest(${items.map((item) => item.item)}::integer[], ${items.map((item) => item.askedVersion)}::integer[], ${items.map((item) => textArray(item.service))}::text[], ${items.map((item) => item.servicedFrom ?? null)}::date[],
                  ${items.map((item) => item.servicedTo ?? null)}::date[], ${items.map((item) => item.status)}::text[], ${items.map((item) => item.number ?? null)}::text[],
                  ${items.map((item) => item.takes?.item ?? null)}::integer[], ${items.map((item) => item.takes?.quantity ?? null)}::double precision[], ${items.map((item) => item.takes?.unit ?? null)}::text[])
        as row (item, asked_version, service, serviced_from, serviced_to, status, number, under_item, taken, taken_unit)
      on conflict (tenant, shard, authorization_id, item) do update
      set requester = excluded.requester, asked_version = excluded.asked_version, service = excluded.service, serviced_from = excluded.serviced_from, serviced_to = excluded.serviced_to, status = excluded.status, number = excluded.number,
          under_item = excluded.under_item, taken = excluded.taken, taken_unit = excluded.taken_unit
    )`,
  ];
  const decided = outcomes.length > 0 ? '-decided' : '';
  if (outcomes.length > 0) expressions.push(outcomesOf(name('outcomes'), name('events'), tenant, shard, id, outcomes));
  if (!request) return { name: `events${decided}${index}`, expressions };
  return {
    name: `request${decided}${index}`,
    expressions: [...expressions, sql`${name('request')} as (
      insert into prior_authorization_request (tenant, shard, authorization_id, version, rail, landing_id, landing_shard, trace, content_sha256, bundle)
      values (${tenant}, ${shard}, ${id}, ${request.version}, ${request.rail}, ${request.landing.id}, ${request.landing.shard}, ${[...request.trace]}::text[], ${request.contentSha256 ?? null}, ${request.bundle ?? null})
    )`],
  };
}

/** After the events they are of: of two who append the same, the later one fails at the log. */
function outcomesOf(name: Sql, events: Sql, tenant: Sql, shard: Sql, id: Sql, outcomes: readonly AuthorizationOutcomeRow[]): Sql {
  return sql`${name} as (
      insert into prior_authorization_outcome (tenant, shard, authorization_id, sequence, item, version, plan, line_of_business, state, expedited, extended, appeal,
                                               outcome, submitted_at, decided_at, decided_on)
      select ${tenant}, ${shard}, ${id}, row.*
      from unnest(${outcomes.map((row) => row.sequence)}::integer[], ${outcomes.map((row) => row.item)}::integer[], ${outcomes.map((row) => row.version)}::integer[],
                  ${outcomes.map((row) => row.plan ?? null)}::text[], ${outcomes.map((row) => row.lineOfBusiness)}::text[], ${outcomes.map((row) => row.state ?? null)}::text[],
                  ${outcomes.map((row) => row.expedited)}::boolean[], ${outcomes.map((row) => row.extended)}::boolean[], ${outcomes.map((row) => row.appeal)}::boolean[],
                  ${outcomes.map((row) => row.outcome)}::text[], ${outcomes.map((row) => row.submittedAt)}::timestamptz[], ${outcomes.map((row) => row.decidedAt)}::timestamptz[],
                  ${outcomes.map((row) => row.decidedOn)}::date[]) as row (sequence, item, version, plan, line_of_business, state, expedited, extended, appeal, outcome, submitted_at, decided_at, decided_on)
      join ${events} as e using (sequence)
    )`;
}
