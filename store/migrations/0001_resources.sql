-- Resources: the current version of each, what search finds it by, its earlier versions, and the outbox.
--
-- Every key begins with the tenant. `shard` is a number from 0 to 1023 hashed from the tenant and the patient whose
-- compartment the row is in (or the row's own id where there is none): all rows of one patient share it. It is the
-- distribution column of a sharded PostgreSQL; on one server it is only carried along. No unique constraint or foreign
-- key crosses it (docs/decisions/0003-store-layout.md). Which columns and indexes serve search was decided by measurement
-- (docs/decisions/0002-search-index-layout.md).

create table tenant (
  id          smallint    primary key,
  name        text        not null unique,
  created_at  timestamptz not null
);

-- The numbering of resource types in the tables below is that of fhir/r4/resource-types.json; it never changes.
create table resource (
  tenant        smallint    not null,
  shard         smallint    not null,
  type          smallint    not null,
  id            text        not null collate "C",
  version       integer     not null check (version > 0),
  last_updated  timestamptz not null,
  deleted       boolean     not null default false,
  -- The patient in whose compartment the resource is; several patients (rare) are found through `keys`.
  patient       text        collate "C",
  -- The date by which resources of the type are mostly searched and sorted (fhir/principal-date.ts), as [low, high).
  date_low      timestamptz,
  date_high     timestamptz,
  -- What a token or reference search looks for, each as one 64-bit hash (store/search-keys.ts).
  keys          bigint[]    not null,
  -- Where references go, as "parameter Type/id", the patient's own left out: what _has and _include follow.
  targets       text[]      not null,
  -- The resource as JSON text, returned as it is. Empty when deleted.
  content       text        not null,
  -- The prior authorization whose record this is. Only a commit that writes to its log may change the resource
  -- (store/write/held.ts); no interaction can set or clear this.
  authorization_id  uuid,
  primary key (tenant, type, id, shard)
);
-- Without fastupdate = off the planner prices the pending list so high that it walks resource_by_change instead:
-- 170 against 40,700 selective searches a second were measured.
create index resource_by_key     on resource using gin (keys) with (fastupdate = off);
create index resource_by_change  on resource (tenant, type, last_updated desc, id) where not deleted;
-- A search within one patient, sorted by date, needs nothing but this index.
create index resource_by_patient on resource (tenant, patient, type, date_low desc, id) where patient is not null and not deleted;
create index resource_by_date    on resource (tenant, type, date_low desc, id) where date_low is not null and not deleted;

-- Versions that are no longer current. Nothing searches here, so it has one index only.
create table resource_history (
  tenant        smallint    not null,
  shard         smallint    not null,
  type          smallint    not null,
  id            text        not null collate "C",
  version       integer     not null,
  last_updated  timestamptz not null,
  deleted       boolean     not null,
  content       text        not null,
  primary key (tenant, type, id, version, shard)
);

-- What has happened, for everyone who must hear of it after the commit, and who did it.
create table outbox (
  tenant        smallint    not null,
  shard         smallint    not null,
  position      bigint      generated always as identity,
  at            timestamptz not null,
  -- create | update | delete for resources; the kind of event for authorizations
  interaction   text        not null,
  type          smallint    not null,
  id            text        not null collate "C",
  version       integer     not null,
  actor         text        not null,
  request       text        not null,
  -- Positions are handed out before they commit; a reader stays behind the oldest transaction still open.
  transaction   xid8        not null default pg_current_xact_id(),
  primary key (tenant, shard, position)
);
