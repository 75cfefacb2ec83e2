-- Landing: every payload as it arrived, durable before anybody is answered, and the answer that was given.

create table landing (
  tenant             smallint    not null,
  shard              smallint    not null,
  id                 uuid        not null,
  received_at        timestamptz not null,
  -- The rail it came by: fhir | x12
  channel            text        not null,
  -- Who sent it, as far as the rail knows: the same sender sending the same bytes is a repeated delivery.
  sender             text        not null,
  media_type         text        not null,
  sha256             bytea       not null check (octet_length(sha256) = 32),
  body               bytea       not null,
  deliveries         integer     not null default 1,
  last_delivered_at  timestamptz not null,
  -- received: not answered yet (or the server died before it could); refused: answered, nothing was created,
  -- a repetition is tried again; answered: something was created, a repetition gets the same answer.
  state              text        not null default 'received' check (state in ('received', 'refused', 'answered')),
  -- A rail's own names for what was answered (X12: sender and ISA13), by which a re-used number is found out.
  control_keys       text[]      not null default '{}',
  -- Codes of the problem catalogue or of the acknowledgment, never text from the payload.
  problems           text[]      not null default '{}',
  answered_at        timestamptz,
  answer_status      smallint,
  answer_media_type  text,
  answer             text,
  primary key (tenant, shard, id),
  check ((state = 'received') = (answer is null))
);
create unique index landing_by_content on landing (tenant, shard, sha256, channel, sender);
create index landing_by_control_key on landing using gin (control_keys) with (fastupdate = off) where control_keys <> '{}';

-- ISA13 of the interchanges that this server writes: nine digits, unique per receiver until it wraps.
create sequence interchange_control_number as integer minvalue 1 maxvalue 999999999 cycle;

-- Fails a statement that wrote to no row, or to several, where one was meant: somebody else was there first.
create function expect_one(written bigint) returns boolean language plpgsql as $$
begin
  if written <> 1 then
    raise exception 'one row was to be written' using errcode = 'serialization_failure';
  end if;
  return true;
end
$$;

-- Bytes and answers are written once and read rarely, most often within the minute. Compressing them took a quarter of
-- the time of landing them; a disk that is short of room can have it back with `set storage extended`.
alter table landing alter column body set storage external, alter column answer set storage external;
