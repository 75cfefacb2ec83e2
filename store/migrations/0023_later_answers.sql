-- Later answers: what was decided after a 278 or RQA had its first answer, on the rail that it came by
-- (docs/decisions/0046-later-answers.md). Written from the outbox, kept until its receiver says that it has come.

create table later_answer (
  tenant            smallint    not null,
  -- That of the authorization.
  shard             smallint    not null,
  id                uuid        not null,
  -- The order in which they were written, which for one authorization is that of its log.
  position          bigint      generated always as identity,
  -- The rail: x12 | hl7v2
  channel           text        not null,
  -- Whom it is for, as the request named its sender: ISA05:ISA06, or MSH-3|MSH-4.
  partner           text        not null collate "C",
  -- ISA13, which is GS06 too, or MSH-10.
  control_number    text        not null collate "C",
  authorization_id  uuid        not null,
  -- The authorization is told as it stood after this event of its log.
  sequence          integer     not null,
  content           text        not null,
  at                timestamptz not null,
  -- When it was first handed out, and how often.
  fetched_at        timestamptz,
  fetches           integer     not null default 0,
  done_at           timestamptz,
  -- accepted: it has come; rejected: its receiver cannot take it (TA1 or 999 R, MSA AE or AR).
  outcome           text        check (outcome in ('accepted', 'rejected')),
  primary key (tenant, shard, id),
  check ((done_at is null) = (outcome is null))
);
create index later_answer_waiting on later_answer (tenant, channel, partner, position) where done_at is null;
create index later_answer_by_number on later_answer (tenant, channel, partner, control_number);
create index later_answer_done on later_answer (tenant, done_at) where done_at is not null;

insert into outbox_reader (name, transaction, position) values ('later-answers', pg_snapshot_xmin(pg_current_snapshot()), 0);
