-- Updates and cancellations: versions of a request, found by the numbers that their senders gave them.

-- "system|value" of the Claim's identifiers in this version (X12: TRN of the patient event). An update names the
-- version that it follows by one of them, and a request that is sent again is recognized by it.
alter table prior_authorization_request add column trace text[] not null default '{}';

-- Versions taken by older releases: the Bundle that a mapper made, or the delivery itself, which JSON alone can be read from here.
update prior_authorization_request as request
set trace = found.trace
from (
  select r.tenant, r.shard, r.authorization_id, r.version, array_agg(coalesce(identifier ->> 'system', '') || '|' || (identifier ->> 'value')) as trace
  from prior_authorization_request r
  left join landing l on l.tenant = r.tenant and l.shard = r.landing_shard and l.id = r.landing_id
  cross join lateral (select coalesce(r.bundle, case when l.media_type like '%json%' then convert_from(l.body, 'UTF8') end)::jsonb as body) as text
  cross join lateral jsonb_path_query(text.body, 'lax $.entry[0].resource.identifier[*] ? (exists (@.value))') as identifier
  group by r.tenant, r.shard, r.authorization_id, r.version
) as found
where request.tenant = found.tenant and request.shard = found.shard and request.authorization_id = found.authorization_id and request.version = found.version;

-- Which request of a delivery made the version: SHA-256 of what its rail compares when a request is sent again. Unknown
-- for versions of older releases; they are compared with everything that was delivered with them.
alter table prior_authorization_request add column content_sha256 text check (content_sha256 ~ '^[0-9a-f]{64}$');

create index prior_authorization_request_by_trace on prior_authorization_request using gin (trace);

-- The requester cancels, and does nothing else; nobody else cancels.
alter table prior_authorization_event
  drop constraint prior_authorization_event_kind_check,
  add constraint prior_authorization_event_kind_check
    check (kind in ('received', 'certified', 'denied', 'modified', 'pended', 'information-requested', 'cancelled')),
  drop constraint prior_authorization_event_authority_check,
  add constraint prior_authorization_event_authority_check
    check (authority in ('intake', 'administrative-rule', 'clinical-criterion', 'person', 'requester')),
  add constraint the_requester_cancels
    check ((kind = 'cancelled') = (authority = 'requester'));

alter table prior_authorization_item
  drop constraint prior_authorization_item_status_check,
  add constraint prior_authorization_item_status_check
    check (status in ('requested', 'pended', 'certified', 'modified', 'denied', 'cancelled'));

-- As before, but a version that asks for an item anew takes the item back to "requested".
create or replace function refuse_untold_status() returns trigger language plpgsql as $$
begin
  if exists (
    select from changed
    where changed.status <> coalesce((
      select case e.kind when 'received' then 'requested' else e.kind end
      from prior_authorization_event e
      where e.tenant = changed.tenant and e.shard = changed.shard and e.authorization_id = changed.authorization_id
        and (e.item = changed.item and e.kind in ('certified', 'modified', 'denied', 'pended', 'cancelled')
             or e.kind = 'received' and e.sequence > 1 and e.detail::jsonb -> 'changes' ? changed.item::text)
      order by e.sequence desc
      limit 1
    ), 'requested')
  ) then
    raise exception 'the log does not say that the item has this status'
      using errcode = 'check_violation', constraint = 'the_log_says_the_status', table = tg_table_name, schema = tg_table_schema;
  end if;
  return null;
end
$$;
