-- What an upgrade leaves to a job, because it goes through rows one by one and by rules of the code. A row is there until
-- that is done; a store that has nothing to go through gets none.

create table upgrade_work (
  name  text primary key
);

-- People, coverages and organizations that messages made before they were marked as a sender's word
-- (docs/decisions/0035-whose-word-a-record-is.md).
insert into upgrade_work (name) select 'mark_submitted' where exists (select from ledger);
