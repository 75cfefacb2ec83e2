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

-- True when a reader sees something: a letter, a digit or a sign beyond the punctuation of ASCII. Blanks, format
-- characters and other code points that print nothing do not count. Written out by code point, because what
-- [[:alnum:]] matches follows the locale of the database, and in C it is ASCII alone.
create function can_be_seen(words text) returns boolean language sql immutable parallel safe as $$
  select coalesce(words ~ '[^\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00A0\u00AD\u0300-\u036F\u061C\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F\u2000-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFF\U000E0000-\U000E0FFF]', false)
$$;

-- True when the entry that the fold reads says what the columns say, which the constraints judge. A function, so that
-- the text is parsed once for all of it; jsonb takes the last of doubled names, as JSON.parse does.
create function says(entry jsonb, sequence integer, kind text, item integer, authority text, author text,
                     reason_system text, reason_code text, reason_text text) returns boolean language plpgsql immutable parallel safe as $$
begin
  return entry ->> 'kind' is not distinct from kind
     and (entry ->> 'sequence') is not distinct from sequence::text
     and (entry ->> 'item') is not distinct from item::text
     and coalesce(entry -> 'authority' ->> 'kind', 'intake') = authority
     and entry -> 'authority' ->> 'name' is not distinct from author
     and entry -> 'reason' ->> 'system' is not distinct from reason_system
     and entry -> 'reason' ->> 'code' is not distinct from reason_code
     and entry -> 'reason' ->> 'text' is not distinct from reason_text;
end
$$;

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
    check (kind not in ('denied', 'modified') or (coalesce(btrim(reason_code), '') <> '' and can_be_seen(reason_text))),
  constraint a_person_has_a_name
    check (authority <> 'person' or can_be_seen(author)),
  constraint a_rule_is_named
    check (authority not in ('administrative-rule', 'clinical-criterion') or coalesce(rule, '') <> ''),
  -- Intake takes requests and decides nothing; all else is on the authority of a rule, a criterion or a person.
  constraint intake_only_receives
    check ((kind = 'received') = (authority = 'intake')),
  constraint only_a_receipt_is_of_no_item
    check ((kind = 'received') = (item is null)),
  constraint the_entry_says_what_the_columns_say
    check (says(detail::jsonb, sequence, kind, item, authority, author, reason_system, reason_code, reason_text))
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

-- An item's status is what the newest decision of the log says, or there is none and it is requested. Asked once for
-- each statement, when all that the statement writes (the log among it) is there.
create function refuse_untold_status() returns trigger language plpgsql as $$
begin
  if exists (
    select from changed
    where changed.status <> coalesce((
      select e.kind from prior_authorization_event e
      where e.tenant = changed.tenant and e.shard = changed.shard and e.authorization_id = changed.authorization_id
        and e.item = changed.item and e.kind in ('certified', 'modified', 'denied', 'pended')
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
create trigger prior_authorization_item_is_as_the_log_says_when_new
  after insert on prior_authorization_item
  referencing new table as changed
  for each statement execute function refuse_untold_status();
create trigger prior_authorization_item_is_as_the_log_says
  after update on prior_authorization_item
  referencing new table as changed
  for each statement execute function refuse_untold_status();
