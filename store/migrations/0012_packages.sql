-- FHIR packages that an administrator has installed. They are shared by all tenants: one set for the whole server, several
-- versions side by side. What tenants have posted themselves stays in `resource`.

create table package (
  id            integer      generated always as identity primary key,
  name          text         not null collate "C",
  version       text         not null collate "C",
  fhir_versions text[]       not null,
  -- By name, the version that is asked for.
  dependencies  jsonb        not null,
  -- Where it came from: a file's name, the registry. For people.
  source        text         not null,
  -- Of the archive, or of the files of a folder: the same is not installed twice.
  sha256        bytea        not null check (octet_length(sha256) = 32),
  installed_at  timestamptz  not null,
  unique (name, version)
);

-- Every conformance resource of a package.
create table package_definition (
  package    integer  not null,
  -- In the order of the archive, from 0.
  place      integer  not null,
  type       text     not null collate "C",
  url        text     not null collate "C",
  -- '' where there is none.
  version    text     not null collate "C",
  -- The type of FHIR that a StructureDefinition defines, where it is no profile of one.
  defines    text     collate "C",
  -- As it was in the archive.
  content    text     not null,
  -- Of StructureDefinition, ValueSet and CodeSystem: what a validator needs (profiles/tables), as JSON. Canonicals are
  -- as the definition has them; what they mean is told when it is read, by the packages that are there then.
  distilled  text,
  -- Why a validator cannot use it; then `distilled` is null.
  problem    text,
  primary key (package, place)
);
create index package_definition_by_url on package_definition (url, version);

-- Counted on by every transaction that changes what validators go by: tenant 0 when a package is installed or removed, a
-- tenant when it writes a StructureDefinition. (What it writes of terminology counts in terminology_version.)
create table profile_version (
  tenant   smallint primary key,
  version  bigint   not null
);
