-- The inbox: what became of each message of a delivery, and where the values of resources came from.

-- Some messages of a delivery came to nothing, others did not: it was answered, and when it is repeated those that came
-- to nothing are tried again.
alter table landing drop constraint landing_state_check;
alter table landing add constraint landing_state_check check (state in ('received', 'refused', 'informed', 'partial', 'answered'));
-- What nobody has answered, or must be looked at.
create index landing_waiting on landing (tenant, channel, received_at desc) where state = 'received';

-- One row for each message: an HL7v2 message, a C-CDA document, an X12 transaction set. The shard is that of its key, so
-- that a repetition meets it without a search. The bytes are in landing; here is nothing that could be anything.
create table inbox_message (
  tenant            smallint    not null,
  shard             smallint    not null,
  id                uuid        not null,
  -- The format: hl7v2 | ccda | x12-837 and so on
  channel           text        not null,
  -- The sender's own name for the message (MSH-3, MSH-4, MSH-10; ClinicalDocument.id; ISA06, ISA08, ISA13, GS06, ST02).
  message_key       text        not null collate "C",
  -- Of the message alone, not of the batch that it came in.
  content_sha256    bytea       not null check (octet_length(content_sha256) = 32),
  kind              text        not null,
  author            text,
  landing_id        uuid        not null,
  landing_shard     smallint    not null,
  -- Which message of the delivery it is, from 0.
  position          integer     not null,
  received_at       timestamptz not null,
  -- accepted: committed; review: a person says whose it is; quarantined: nothing is committed, it can be replayed;
  -- duplicate: its key belongs to another message.
  state             text        not null check (state in ('accepted', 'review', 'quarantined', 'duplicate')),
  decided_at        timestamptz not null,
  -- How often it was decided on; counted on by each decision, so that of two at once one is made.
  attempts          integer     not null default 1,
  -- ClinicalDocument.setId and versionNumber: what replaces what.
  series            text        collate "C",
  series_version    bigint,
  -- The patient it is about, once that is known; whom a person chose for it (`new`: nobody who is known).
  patient           text        collate "C",
  chosen_patient    text        collate "C",
  -- JSON: what was wrong, and what was sent and has no place. Codes, places and reasons, never values.
  issues            text        not null default '[]',
  unmapped          text        not null default '[]',
  -- Values that have a place in the resources, of those that were sent.
  mapped            integer,
  sent              integer,
  acknowledgement   text        not null,
  primary key (tenant, shard, id)
);
create unique index inbox_message_by_key on inbox_message (tenant, shard, channel, message_key) where state <> 'duplicate';
create unique index inbox_message_duplicate on inbox_message (tenant, shard, channel, message_key, content_sha256) where state = 'duplicate';
create index inbox_message_by_time on inbox_message (tenant, received_at desc);
create index inbox_message_waiting on inbox_message (tenant, received_at desc) where state in ('review', 'quarantined');
create index inbox_message_by_patient on inbox_message (tenant, patient, received_at) where patient is not null;
create index inbox_message_by_landing on inbox_message (tenant, landing_id);
create index inbox_message_by_series on inbox_message (tenant, channel, series, series_version desc) where series is not null;

-- The ledger: where the values of a version of a resource came from. One row for each version that a message made, its
-- values a line each (store/ledger.ts), because they are written together and read together.
create table ledger (
  tenant         smallint  not null,
  -- That of the resource.
  shard          smallint  not null,
  type           smallint  not null,
  id             text      not null collate "C",
  version        integer   not null,
  message_id     uuid      not null,
  message_shard  smallint  not null,
  entries        text      not null,
  primary key (tenant, type, id, version, shard)
);
