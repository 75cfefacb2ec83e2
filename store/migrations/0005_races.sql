-- What two writers must not both believe. Each table is written in the statement that commits what was decided on it,
-- so that of two who assumed the same one fails and decides again.

-- How many authorizations of a member were recorded. A request is decided on what is on record (duplicates, the same
-- request again); its commit counts on from the number that was read with it.
create table prior_authorization_member (
  tenant    smallint  not null,
  shard     smallint  not null,
  member    text      not null collate "C",
  recorded  bigint    not null check (recorded > 0),
  primary key (tenant, shard, member)
)
-- Room for the next version of the row beside the present one: it changes with every request, and no index does.
with (fillfactor = 50);
insert into prior_authorization_member (tenant, shard, member, recorded)
select tenant, shard, member, count(*) from prior_authorization group by tenant, shard, member;

-- Names of the interchanges that were answered (X12: sender and ISA13), each by the delivery that used it. The shard is
-- that of the name, so that a name is looked up by its key and belongs to one delivery.
create table interchange_control (
  tenant         smallint  not null,
  shard          smallint  not null,
  control_key    text      not null collate "C",
  landing_id     uuid      not null,
  landing_shard  smallint  not null,
  primary key (tenant, shard, control_key)
);
drop index landing_by_control_key;
alter table landing drop column control_keys;

-- Fails a statement that wrote to fewer rows than it meant to: somebody else was there first.
create function expect_all(written bigint, meant bigint) returns boolean language plpgsql as $$
begin
  if written <> meant then
    raise exception '% rows were to be written', meant using errcode = 'serialization_failure';
  end if;
  return true;
end
$$;
