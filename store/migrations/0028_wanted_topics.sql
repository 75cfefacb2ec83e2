-- Whether anybody of a tenant wants to hear of a topic, asked for every step of the reader (store/subscriptions/record-events.ts).
create index subscription_wanted on subscription (tenant, topic) where counting and status <> 'off';
