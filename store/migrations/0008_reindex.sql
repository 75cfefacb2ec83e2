-- Search parameters of a tenant's own (SearchParameter resources), and indexing again what is stored already.

-- Which version of its search parameters a tenant has. Every statement that writes resources names the version that it
-- indexed them by, and fails where another one holds by then; so what is written later is indexed by what was defined
-- before. No row: version 0, the standard's parameters alone.
create table search_definitions (
  tenant   smallint  primary key,
  version  bigint    not null check (version > 0)
);

-- Fails a statement whose author indexed by definitions that do not hold any more; it is written again then.
create function expect_definitions(stale bigint) returns boolean language plpgsql as $$
begin
  if stale <> 0 then
    raise exception 'the search parameters have changed' using errcode = 'PRDEF';
  end if;
  return true;
end
$$;

-- What is to be indexed again, and how far that has come.
create table reindex (
  tenant      smallint    not null,
  -- The id of the SearchParameter that was put in force or taken out of it; empty: everything, for a new release.
  subject     text        not null collate "C",
  kind        text        not null check (kind in ('addition', 'removal', 'release')),
  -- For people: the parameter's code.
  name        text        not null,
  -- Of search_definitions; of the release's index for kind release. Another version begins anew.
  version     bigint      not null,
  types       smallint[]  not null,
  state       text        not null check (state in ('waiting', 'running', 'done')),
  total       bigint      not null default 0,
  done        bigint      not null default 0,
  -- Behind which row of `resource` to go on.
  at_type     smallint    not null default 0,
  at_id       text        not null default '' collate "C",
  at_shard    smallint    not null default -1,
  changed_at  timestamptz not null,
  primary key (tenant, subject)
);
