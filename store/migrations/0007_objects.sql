-- Contents in the object store: which version of a resource (a Binary, so far) has which bytes. The bytes themselves are
-- never in PostgreSQL; they are found by tenant and SHA-256, and the same content is kept once for a tenant.
create table resource_object (
  tenant   smallint  not null,
  shard    smallint  not null,
  type     smallint  not null,
  id       text      not null collate "C",
  version  integer   not null,
  sha256   bytea     not null check (octet_length(sha256) = 32),
  size     bigint    not null check (size >= 0),
  primary key (tenant, type, id, version, shard)
);
-- Is this object still wanted? Asked when the object store is cleaned.
create index resource_object_by_hash on resource_object (tenant, sha256);
