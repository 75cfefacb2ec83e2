-- Search by every type of parameter: what a resource is found by beyond its keys and its principal date
-- (docs/decisions/0002-search-index-layout.md).
--
-- `scope` in the tables below is a 64-bit hash of tenant, type and parameter (store/search-keys.ts): one number says
-- where a value belongs, so that a range of values is one range of one index, and the planner counts nothing twice.
-- Of a composite with a token the code is hashed in as well, and `token_system` tells codes of several systems apart.

-- A row is written anew with each version of a resource; it need not be when this is the same as before: a hash of
-- all that the resource is found by.
alter table resource add column index_sum bigint not null default 0;
-- Which generation of the indexing code made what the row is found by; older ones are made anew in the background.
alter table resource add column index_generation smallint not null default 0;
-- Parameters for which the resource has a value (32 bits of their hash): what :missing looks at.
alter table resource add column present integer[] not null default '{}';

-- The first coding of the type's principal code (fhir/principal-code.ts): hashes of its code and of its system. Counts
-- of a code, and what has it newest first, are read from the index alone; `keys` would visit each row.
alter table resource add column code bigint, add column code_system bigint;
create index resource_by_code on resource (code, date_low desc) include (tenant, code_system, type) where code is not null and not deleted;

-- Dates other than the principal one, and of composites: [low, high).
create table index_date (
  tenant        smallint    not null,
  shard         smallint    not null,
  type          smallint    not null,
  id            text        not null collate "C",
  scope         bigint      not null,
  token_system  bigint,
  low           timestamptz not null,
  high          timestamptz not null
);
create index index_date_by_resource on index_date (tenant, type, id, scope);
create index index_date_by_value    on index_date (scope, low desc, id);
-- What lasts longer than a day is not near its beginning; there is little of it. (Without a time zone, because only
-- then may an index be made of the sum, and no difference, because an infinity has none.)
create index index_date_long        on index_date (scope, high desc)
  where high at time zone 'UTC' > low at time zone 'UTC' + interval '1 day';

create table index_string (
  tenant        smallint    not null,
  shard         smallint    not null,
  type          smallint    not null,
  id            text        not null collate "C",
  scope         bigint      not null,
  token_system  bigint,
  -- In lower case, without accents, with single spaces (fhir/search-values/strings.ts).
  value         text        not null collate "C",
  -- As it was written, for :exact.
  written       text        not null collate "C"
);
create index index_string_by_resource on index_string (tenant, type, id, scope);
-- A whole string may be larger than an index entry can be.
create index index_string_by_value    on index_string (scope, left(value, 128), id);

-- Numbers, quantities and places. A number is a range whose ends are the same; an end that is open is an infinity.
create table index_number (
  tenant        smallint    not null,
  shard         smallint    not null,
  type          smallint    not null,
  id            text        not null collate "C",
  scope         bigint      not null,
  token_system  bigint,
  low           double precision not null,
  high          double precision not null,
  -- The second number of a composite; the longitude of a place, of which low and high are the latitude.
  second_low    double precision,
  second_high   double precision,
  -- Of a quantity.
  system        text collate "C",
  code          text collate "C",
  unit          text collate "C"
);
create index index_number_by_resource on index_number (tenant, type, id, scope);
create index index_number_by_value    on index_number (scope, low, id);

-- What stands beside codes for people to read, each text once: `:text` finds texts here, and by their keys resources.
create table display (
  tenant  smallint not null,
  scope   bigint   not null,
  key     bigint   not null,
  value   text     not null collate "C",
  primary key (tenant, scope, key)
);
create index display_by_value on display (scope, left(value, 128));

-- The words of narratives, for _text. Only resources that have a narrative are here.
create table index_narrative (
  tenant   smallint not null,
  shard    smallint not null,
  type     smallint not null,
  id       text     not null collate "C",
  words    tsvector not null
);
create index index_narrative_by_resource on index_narrative (tenant, type, id);
create index index_narrative_by_word on index_narrative using gin (words);

-- The history of a type or of everything is read from the log of changes, newest first.
create index outbox_by_type on outbox (tenant, type, at desc, position desc) where interaction in ('create', 'update', 'delete');

-- Search of long-lasting things by their principal date; see index_date_long.
create index resource_by_long_date on resource (tenant, type, date_high desc)
  where date_high at time zone 'UTC' > date_low at time zone 'UTC' + interval '1 day' and not deleted;

-- Keys of this installation, made at its first start: what signs cursors.
create table server_secret (
  name   text  primary key,
  value  bytea not null check (octet_length(value) >= 32)
);
