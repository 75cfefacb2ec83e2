-- What the purge at night looks for, old events of authorizations among rows of the outbox that stay for ever, and old
-- events of subscriptions among those that are young (store/outbox/purge.ts).
create index outbox_of_authorizations on outbox (tenant, at) where interaction like 'authorization-%';
create index subscription_event_by_time on subscription_event (tenant, at);
