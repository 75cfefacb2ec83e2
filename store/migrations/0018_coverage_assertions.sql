-- Coverage requirements: what payers' clients were told of their orders. It is honoured when authorization is asked for
-- later, and kept for disputes (CRD found-11, found-37).

-- One row for each call of a CDS service that was answered. Credentials of the call are taken out before it is kept.
create table coverage_call (
  tenant         smallint    not null,
  shard          smallint    not null,
  id             uuid        not null,
  hook           text        not null,
  hook_instance  text        not null,
  client         text        not null,
  called_at      timestamptz not null,
  -- JSON as it was read, and as it was answered.
  request        text        not null,
  response       text        not null,
  primary key (tenant, shard, id)
);
create index coverage_call_by_time on coverage_call (tenant, called_at desc);

-- What was said of one order, under one id (coverage-assertion-id). The id carries the shard: that of the member, where
-- there is one.
create table coverage_assertion (
  tenant        smallint    not null,
  shard         smallint    not null,
  id            uuid        not null,
  call_id       uuid        not null,
  -- The id of the Patient, and the plan that was asked; null where no member was found.
  member        text        collate "C",
  plan          text,
  -- system|code of the services that it is about
  service       text[]      not null,
  pack          text,
  pack_version  text,
  rule          text,
  covered       text        not null check (covered in ('covered', 'not-covered', 'conditional', 'indeterminate')),
  pa_needed     text        check (pa_needed in ('no-auth', 'auth-needed', 'satisfied', 'performpa', 'conditional', 'indeterminate')),
  -- The answer as JSON: with it a later call can see whether there is anything new to say.
  answer        text        not null,
  asserted_at   timestamptz not null,
  -- The last day it is good for.
  expires_on    date        not null,
  primary key (tenant, shard, id),
  check ((covered = 'not-covered') = (pa_needed is null))
);
create index coverage_assertion_by_member on coverage_assertion (tenant, shard, member, asserted_at desc) where member is not null;

-- What became of cards, as clients tell it (CDS Hooks 2.0, "Feedback").
create table coverage_feedback (
  tenant       smallint    not null,
  shard        smallint    not null,
  id           uuid        not null,
  service      text        not null,
  card         text        not null,
  outcome      text        not null check (outcome in ('accepted', 'overridden')),
  -- When the client says that it happened.
  outcome_at   timestamptz not null,
  -- JSON: the suggestions that were accepted, the code of the reason of an override. Never a person's own words.
  detail       text        not null,
  received_at  timestamptz not null,
  primary key (tenant, shard, id)
);
create index coverage_feedback_by_time on coverage_feedback (tenant, received_at desc);
