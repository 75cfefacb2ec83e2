-- Prior authorizations: the requests as they came, and the append-only log of what was decided.
-- The state of an authorization is the fold of its log (operations/prior-authorization/state.ts); the columns of
-- prior_authorization beyond the key are a projection of it, kept for finding and listing.

create table prior_authorization (
  tenant                    smallint    not null,
  shard                     smallint    not null,
  id                        uuid        not null,
  -- The plan's own number for the case (X12 REF*NT), given at receipt.
  administrative_reference  text        not null,
  member                    text        not null collate "C",
  plan                      text,
  -- Identifiers ("system|value") of the requester, for inquiry and duplicate search.
  requester                 text[]      not null,
  claim                     text        not null collate "C",
  claim_response            text        not null collate "C",
  task                      text        collate "C",
  received_at               timestamptz not null,
  expedited                 boolean     not null,
  due_at                    timestamptz not null,
  -- open while an item waits for a person; closed when every item is decided
  open                      boolean     not null,
  last_sequence             integer     not null,
  primary key (tenant, shard, id)
);
create index prior_authorization_by_member on prior_authorization (tenant, shard, member, received_at desc);
create index prior_authorization_by_claim  on prior_authorization (tenant, claim);
create index prior_authorization_due       on prior_authorization (tenant, due_at) where open;

-- One row for each item, a projection of the log too: for work lists and for finding what was authorized before.
create table prior_authorization_item (
  tenant            smallint    not null,
  shard             smallint    not null,
  authorization_id  uuid        not null,
  item              integer     not null,
  member            text        not null collate "C",
  requester         text[]      not null,
  received_at       timestamptz not null,
  -- "system|code" of the service
  service           text[]      not null,
  serviced_from     date,
  serviced_to       date,
  status            text        not null check (status in ('requested', 'pended', 'certified', 'modified', 'denied')),
  number            text,
  primary key (tenant, shard, authorization_id, item)
);
create index prior_authorization_item_by_member on prior_authorization_item (tenant, shard, member, received_at desc);

-- The versions of the request. A FHIR Bundle is kept in landing alone, verbatim; what another rail's mapper made of
-- its bytes is kept here.
create table prior_authorization_request (
  tenant         smallint    not null,
  shard          smallint    not null,
  authorization_id uuid      not null,
  version        integer     not null,
  rail           text        not null,
  landing_id     uuid        not null,
  landing_shard  smallint    not null,
  bundle         text,
  primary key (tenant, shard, authorization_id, version)
);

create table prior_authorization_event (
  tenant            smallint    not null,
  shard             smallint    not null,
  authorization_id  uuid        not null,
  sequence          integer     not null check (sequence > 0),
  at                timestamptz not null,
  kind              text        not null check (kind in ('received', 'certified', 'denied', 'modified', 'pended', 'information-requested')),
  item              integer,
  -- On whose authority: a rule of the plan's contract, a clinical criterion, or a named person.
  authority         text        not null check (authority in ('intake', 'administrative-rule', 'clinical-criterion', 'person')),
  author            text,
  rule              text,
  reason_system     text,
  reason_code       text,
  reason_text       text,
  detail            text        not null,
  primary key (tenant, shard, authorization_id, sequence),

  -- A machine never says no on clinical grounds: criteria certify or pend, nothing else.
  constraint clinical_criteria_never_deny
    check (authority <> 'clinical-criterion' or kind in ('certified', 'pended', 'information-requested')),
  -- Contract rules never reduce what was asked for; only a person may.
  constraint only_a_person_modifies
    check (kind <> 'modified' or authority = 'person'),
  constraint every_denial_has_a_reason
    check (kind not in ('denied', 'modified') or (reason_code is not null and coalesce(reason_text, '') <> '')),
  constraint a_person_has_a_name
    check (authority <> 'person' or coalesce(btrim(author), '') <> ''),
  constraint a_rule_is_named
    check (authority not in ('administrative-rule', 'clinical-criterion') or coalesce(rule, '') <> '')
);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the log of %.% is append-only', tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
create trigger prior_authorization_event_is_append_only
  before update or delete on prior_authorization_event
  for each row execute function refuse_change();
create trigger prior_authorization_event_is_never_emptied
  before truncate on prior_authorization_event
  for each statement execute function refuse_change();
