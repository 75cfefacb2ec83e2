/** The statements that write prior authorizations: the columns they are found by, request versions, log entries. */
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { textArray } from './array-literal.ts';
import type { RecordAuthorization } from './changes.ts';

const writeHeader = `
insert into prior_authorization (tenant, shard, id, administrative_reference, member, plan, requester, claim, claim_response, task,
                                 received_at, expedited, due_at, open, last_sequence)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (tenant, shard, id) do update
set claim = excluded.claim, claim_response = excluded.claim_response, task = excluded.task, plan = excluded.plan,
    expedited = excluded.expedited, due_at = excluded.due_at, open = excluded.open, last_sequence = excluded.last_sequence`;

const writeRequest = `
insert into prior_authorization_request (tenant, shard, authorization_id, version, rail, landing_id, landing_shard, bundle)
values ($1, $2, $3, $4, $5, $6, $7, $8)`;

const writeItems = `
insert into prior_authorization_item (tenant, shard, authorization_id, member, received_at, item, service, serviced_from, serviced_to, status, number)
select $1, $2, $3, $4, $5, row.item, row.service::text[], row.serviced_from, row.serviced_to, row.status, row.number
from unnest($6::integer[], $7::text[], $8::date[], $9::date[], $10::text[], $11::text[]) as row (item, service, serviced_from, serviced_to, status, number)
on conflict (tenant, shard, authorization_id, item) do update
set service = excluded.service, serviced_from = excluded.serviced_from, serviced_to = excluded.serviced_to, status = excluded.status, number = excluded.number`;

// Two writers that fold the same log and append the same sequence meet at the primary key; the later one starts again.
const writeEvents = `
with appended as (
  insert into prior_authorization_event (tenant, shard, authorization_id, sequence, at, kind, item, authority, author, rule,
                                         reason_system, reason_code, reason_text, detail)
  select $1, $2, $3, row.* from unnest($4::integer[], $5::timestamptz[], $6::text[], $7::integer[], $8::text[], $9::text[], $10::text[],
                                       $11::text[], $12::text[], $13::text[], $14::text[]) as row
  returning sequence, at, kind
)
insert into outbox (tenant, shard, at, interaction, type, id, version, actor, request)
select $1, $2, at, 'authorization-' || kind, $15, $16, sequence, $17, $18 from appended`;

export async function recordAuthorizations(connection: Queryable, context: Context, records: readonly RecordAuthorization[]): Promise<void> {
  const tenant = context.tenant.id;
  for (const { header, request, items, events } of records) {
    await connection.query({
      name: 'write-authorization-events', text: writeEvents,
      values: [
        tenant, header.shard, header.id,
        events.map((event) => event.sequence), events.map((event) => event.at), events.map((event) => event.kind),
        events.map((event) => event.item ?? null), events.map((event) => event.authority), events.map((event) => event.author ?? null),
        events.map((event) => event.rule ?? null), events.map((event) => event.reason?.system ?? null), events.map((event) => event.reason?.code ?? null),
        events.map((event) => event.reason?.text ?? null), events.map((event) => event.detail),
        resourceTypeCode('ClaimResponse'), header.claimResponse, context.actor, context.request,
      ],
    });
    await connection.query({
      name: 'write-authorization', text: writeHeader,
      values: [
        tenant, header.shard, header.id, header.administrativeReference, header.member, header.plan ?? null, header.requester, header.claim,
        header.claimResponse, header.task ?? null, header.receivedAt, header.expedited, header.dueAt, header.open, header.lastSequence,
      ],
    });
    await connection.query({
      name: 'write-authorization-items', text: writeItems,
      values: [
        tenant, header.shard, header.id, header.member, header.receivedAt, items.map((item) => item.item), items.map((item) => textArray(item.service)),
        items.map((item) => item.servicedFrom ?? null), items.map((item) => item.servicedTo ?? null), items.map((item) => item.status), items.map((item) => item.number ?? null),
      ],
    });
    if (request) {
      await connection.query({
        name: 'write-authorization-request', text: writeRequest,
        values: [tenant, header.shard, header.id, request.version, request.rail, request.landing.id, request.landing.shard, request.bundle ?? null],
      });
    }
  }
}
