-- What a provider is told after the answer, by a notification that was taken, is an exchange too (PASMetricData:
-- subsequent).
alter table prior_authorization_exchange drop constraint prior_authorization_exchange_exchange_check;
alter table prior_authorization_exchange add constraint prior_authorization_exchange_exchange_check
  check (exchange in ('initial', 'subsequent', 'update', 'cancel', 'query', 'document'));
