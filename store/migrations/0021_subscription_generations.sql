-- Subscriptions: what is counted for whom, told as what, and how much of it at the same time (docs/decisions/0038-subscriptions.md).

alter table subscription
  -- The version for which the row was made: one that was deleted and made again under its id is another.
  add column born integer not null default 0,
  -- It has been active or in error once: its events are counted from then on, also while it is requested again.
  add column counting boolean not null default false,
  -- Of its endpoint; empty where that is not known.
  add column host text not null default '';
update subscription set born = version, counting = status in ('active', 'error') or events > 0;

alter table subscription_event
  -- Of which it is an event; a Subscription may be changed to another topic later.
  add column topic text not null default '';
update subscription_event e set topic = s.topic from subscription s where s.tenant = e.tenant and s.shard = e.shard and s.id = e.subscription;
