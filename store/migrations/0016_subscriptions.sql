-- Subscriptions: who wants to hear of what, what each is to be told, and how far that has come
-- (docs/decisions/0038-subscriptions.md). The resource Subscription stays what its client sees; these rows follow it.

-- Readers of the outbox, and the last row that each has read. Rows are read in the order of their transactions, and not
-- before every transaction as old has ended: so none appears behind a reader.
create table outbox_reader (
  name         text   primary key,
  transaction  xid8   not null,
  position     bigint not null
);
insert into outbox_reader (name, transaction, position) values ('subscriptions', pg_snapshot_xmin(pg_current_snapshot()), 0);
create index outbox_in_order on outbox (transaction, position);

create table subscription (
  tenant        smallint    not null,
  -- Hashed from the tenant and the subscription's id, here and below.
  shard         smallint    not null,
  id            text        not null collate "C",
  -- Of the resource that this row follows.
  version       integer     not null,
  status        text        not null check (status in ('requested', 'active', 'error', 'off')),
  topic         text        not null,
  -- Who made it: whose rights decide what is sent.
  owner         text        not null,
  -- How many filters it has; an event must meet each of them.
  filters       smallint    not null,
  ends_at       timestamptz,
  -- Between notifications without events, in seconds; null: none are wanted.
  heartbeat     integer,
  -- Events since it was made, and how many of them were taken.
  events        bigint      not null default 0,
  delivered     bigint      not null default 0 check (delivered <= events),
  -- Failed attempts since the last that did not.
  attempts      integer     not null default 0,
  -- When there is something to do for it.
  due_at        timestamptz,
  -- Until then somebody is at it.
  leased_until  timestamptz,
  primary key (tenant, shard, id)
);
create index subscription_due on subscription (due_at) where due_at is not null;
create index subscription_unfiltered on subscription (tenant, topic) where filters = 0;

-- Values that meet a filter: one of those of each filter is enough.
create table subscription_filter (
  tenant        smallint not null,
  shard         smallint not null,
  subscription  text     not null collate "C",
  filter        smallint not null,
  topic         text     not null,
  -- `parameter=value`
  value         text     not null collate "C",
  primary key (tenant, shard, subscription, filter, value)
);
create index subscription_filter_by_value on subscription_filter (tenant, topic, value);

-- What each subscription is to be told, numbered without gaps. What is told of it is made when it is sent.
create table subscription_event (
  tenant        smallint    not null,
  shard         smallint    not null,
  subscription  text        not null collate "C",
  number        bigint      not null,
  at            timestamptz not null,
  interaction   text        not null,
  type          smallint    not null,
  id            text        not null collate "C",
  version       integer     not null,
  primary key (tenant, shard, subscription, number)
);
