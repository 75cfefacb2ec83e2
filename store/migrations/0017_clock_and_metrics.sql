-- Clocks that follow rules, what a plan reports of its decisions each year, and what it exchanged with providers.

-- A clock moves by an event of the log: extended and downgraded by a person, paused and resumed by its rule.
alter table prior_authorization_event
  drop constraint prior_authorization_event_kind_check,
  add constraint prior_authorization_event_kind_check
    check (kind in ('received', 'certified', 'denied', 'modified', 'pended', 'information-requested', 'cancelled', 'extended', 'paused', 'resumed', 'downgraded')),
  add constraint only_a_person_takes_more_time
    check (kind not in ('extended', 'downgraded') or authority = 'person'),
  add constraint only_its_rule_stops_a_clock
    check (kind not in ('paused', 'resumed') or authority = 'administrative-rule'),
  -- Whoever takes more time says why, and says so to those who wait.
  add constraint more_time_has_a_reason_and_a_notice
    check (kind not in ('extended', 'downgraded') or (coalesce(btrim(reason_code), '') <> '' and can_be_seen(reason_text) and can_be_seen(detail::jsonb ->> 'notice'))),
  add constraint a_clock_moves_to_an_instant
    check (kind not in ('extended', 'paused', 'resumed', 'downgraded') or coalesce((detail::jsonb ->> 'dueAt')::timestamptz >= '-infinity', false));

alter table prior_authorization
  -- Under which law the plan was when the request came, and the state (USPS).
  add column line_of_business text not null default 'unspecified',
  add column state text,
  -- The rule of the clock that is due first.
  add column clock_rule text,
  -- From when on the authorization is at risk of being late.
  add column at_risk_at timestamptz,
  -- Until when its clock stands still at most.
  add column paused_until timestamptz;
update prior_authorization set at_risk_at = due_at;
alter table prior_authorization alter column at_risk_at set not null;

-- The version of the request that last asked for the item.
alter table prior_authorization_item add column asked_version integer not null default 1;

-- Decisions as a plan reports them: one row for each certification, denial and modification of the log. Written with its
-- event and never changed. What counts as what is in docs/guides/metrics.md.
create table prior_authorization_outcome (
  tenant            smallint    not null,
  shard             smallint    not null,
  authorization_id  uuid        not null,
  -- Of the event in the log.
  sequence          integer     not null,
  item              integer     not null,
  -- The version of the request that asked for it.
  version           integer     not null,
  plan              text,
  line_of_business  text        not null,
  state             text,
  -- Of the clock when it was decided; of an appeal, of the request that was denied first.
  expedited         boolean     not null,
  extended          boolean     not null,
  -- The decision before this one was a denial.
  appeal            boolean     not null,
  outcome           text        not null check (outcome in ('certified', 'modified', 'denied')),
  submitted_at      timestamptz not null,
  decided_at        timestamptz not null,
  -- The day where the plan is.
  decided_on        date        not null,
  primary key (tenant, shard, authorization_id, sequence)
);
create index prior_authorization_outcome_by_day on prior_authorization_outcome (tenant, decided_on);

-- Decisions of older releases: their clocks followed one rule for all, and UTC.
insert into prior_authorization_outcome (tenant, shard, authorization_id, sequence, item, version, plan, line_of_business, expedited, extended, appeal, outcome, submitted_at, decided_at, decided_on)
select e.tenant, e.shard, e.authorization_id, e.sequence, e.item, (asked.detail ->> 'version')::integer, a.plan, 'unspecified',
       (asked.detail ->> 'expedited')::boolean, false, coalesce(e.before = 'denied', false), e.kind, (asked.detail ->> 'receivedAt')::timestamptz, e.at, (e.at at time zone 'UTC')::date
from (
  select *, lag(kind) over (partition by tenant, shard, authorization_id, item order by sequence) as before
  from prior_authorization_event
  where kind in ('certified', 'modified', 'denied')
) as e
join prior_authorization a on a.tenant = e.tenant and a.shard = e.shard and a.id = e.authorization_id
cross join lateral (
  select r.detail::jsonb as detail
  from prior_authorization_event r
  where r.tenant = e.tenant and r.shard = e.shard and r.authorization_id = e.authorization_id and r.kind = 'received' and r.sequence < e.sequence
    and (r.detail::jsonb -> 'changes' ? e.item::text or (r.sequence = 1 and r.detail::jsonb -> 'items' @> to_jsonb(e.item)))
  order by r.sequence desc
  limit 1
) as asked;

-- What was exchanged with providers about authorizations (PAS 2.2.1, logical model PASMetricData): one row for each
-- request, on whatever rail, that was answered.
create table prior_authorization_exchange (
  tenant            smallint    not null,
  shard             smallint    not null,
  id                uuid        not null,
  exchange          text        not null check (exchange in ('initial', 'update', 'cancel', 'query', 'document')),
  rail              text        not null,
  requested_at      timestamptz not null,
  responded_at      timestamptz not null,
  -- Of HTTP; absent on rails that have none.
  status            smallint,
  plan              text,
  line_of_business  text,
  authorization_id  uuid,
  -- The whole record as JSON.
  detail            text        not null,
  primary key (tenant, shard, id)
);
create index prior_authorization_exchange_by_time on prior_authorization_exchange (tenant, requested_at, id);
