-- How much waits of each sender for a request that names it (operations/prior-authorization/attach/keeping.ts): counted in
-- the commit that keeps a document, so that senders who come at the same instant do not both find room.
create table held_sender (
  tenant     smallint  not null,
  -- Of the sender's key.
  shard      smallint  not null,
  -- A hash of who he says he is.
  sender     text      not null collate "C",
  documents  bigint    not null check (documents >= 0),
  bytes      bigint    not null check (bytes >= 0),
  primary key (tenant, shard, sender)
);
