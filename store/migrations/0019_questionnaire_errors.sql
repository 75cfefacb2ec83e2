-- Errors that clients meet with a plan's questionnaires (DTR, $log-questionnaire-errors), counted by what they are about.
-- Nothing that a client wrote in words is kept: it may speak of a patient.
create table questionnaire_error (
  tenant         smallint    not null,
  -- Canonical with version of a questionnaire that is here; empty for any other.
  questionnaire  text        collate "C" not null,
  -- OperationOutcome.issue: severity and code.
  severity       text        not null check (severity in ('fatal', 'error', 'warning', 'information')),
  issue          text        not null,
  count          bigint      not null check (count > 0),
  first_at       timestamptz not null,
  last_at        timestamptz not null,
  primary key (tenant, questionnaire, severity, issue)
);
