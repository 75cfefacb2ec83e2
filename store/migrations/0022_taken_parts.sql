-- An item that was certified under the number of an authorization that stood already takes a part of what was approved
-- there: of which item of it (0 where the log of an older release does not say), how much, and in which unit. What
-- others have taken is not there for the next one.
alter table prior_authorization_item
  add column under_item  integer,
  add column taken       double precision,
  add column taken_unit  text;

-- Whose number is not their own.
update prior_authorization_item i
set under_item = 0
from prior_authorization_event e
where e.tenant = i.tenant and e.shard = i.shard and e.authorization_id = i.authorization_id and e.sequence = 1
  and i.number <> e.detail::jsonb ->> 'certificationNumber';

create index prior_authorization_item_taken on prior_authorization_item (tenant, shard, member, number) where under_item is not null;
