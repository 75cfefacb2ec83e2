-- Importing releases of terminologies (docs/guides/terminology-import.md), and what expression constraints ask of
-- SNOMED CT beyond the tables of all code systems (docs/decisions/0019-terminology-import.md).

-- Imports that have begun and are not done: how far they are.
create table terminology_import (
  tenant      smallint    not null,
  -- The code system that is being made, in state loading.
  system      integer     not null,
  -- reading: fragments of concepts are taken from the files. assembling: concepts are made of them. linking: what
  -- concepts have to do with each other. finishing: the closure, and taking the place of the version before.
  stage       text        not null check (stage in ('reading', 'assembling', 'linking', 'finishing')),
  -- Files read, and rows of the next one.
  part        integer     not null default 0,
  row_count   integer     not null default 0,
  -- Concepts made, and the place of the last one among the fragments.
  concepts    integer     not null default 0,
  last_place  bigint      not null default 0,
  changed_at  timestamptz not null,
  primary key (tenant, system)
);

-- What rows of the files say, until concepts are made of it. Unlogged: after a crash of PostgreSQL it is empty, and read again.
create unlogged table terminology_fragment (
  tenant  smallint  not null,
  system  integer   not null,
  -- File and row, in the order of reading.
  place   bigint    not null,
  -- concept | designation | property | text | parent | attribute | acceptability | member | list
  kind    text      not null,
  -- What it is about, and what it leads to.
  code    text      not null collate "C",
  target  text      collate "C",
  -- The fragment as JSON.
  body    text      not null
);
create unique index terminology_fragment_concept       on terminology_fragment (tenant, system, code) where kind = 'concept';
create index        terminology_fragment_concept_place on terminology_fragment (tenant, system, place) where kind = 'concept';
create index        terminology_fragment_code          on terminology_fragment (tenant, system, code);

-- Attributes of SNOMED CT concepts in their role groups; 0 is no group.
create table snomed_attribute (
  tenant      smallint  not null,
  system      integer   not null,
  concept     integer   not null,
  -- From 1 on, in the order of the release.
  position    integer   not null,
  role_group  integer   not null,
  -- The concept of the attribute's type.
  attribute   integer   not null,
  -- The value: a concept, or as text what is none.
  target      integer,
  value       text,
  primary key (tenant, system, concept, position)
);
create index snomed_attribute_by_target on snomed_attribute (tenant, system, target, attribute, concept) where target is not null;
create index snomed_attribute_by_type   on snomed_attribute (tenant, system, attribute, concept);

-- What a release says of descriptions beyond the designation of the same position.
create table snomed_description (
  tenant          smallint  not null,
  system          integer   not null,
  concept         integer   not null,
  position        integer   not null,
  id              text      not null collate "C",
  module          text      not null collate "C",
  -- YYYYMMDD
  effective_time  text      not null collate "C",
  -- Language reference sets in which it is preferred, and in which it is acceptable.
  preferred       text[]    not null,
  acceptable      text[]    not null,
  primary key (tenant, system, concept, position)
);
create index snomed_description_by_id on snomed_description (tenant, system, id);

-- Members of reference sets that are concepts; of associations with the concept that they lead to.
create table snomed_member (
  tenant   smallint  not null,
  system   integer   not null,
  -- The concept of the reference set.
  refset   integer   not null,
  concept  integer   not null,
  -- 0 where the reference set has none.
  target   integer   not null default 0,
  primary key (tenant, system, refset, concept, target)
);
create index snomed_member_by_concept on snomed_member (tenant, system, concept, refset);
create index snomed_member_by_target  on snomed_member (tenant, system, target, refset) where target <> 0;
