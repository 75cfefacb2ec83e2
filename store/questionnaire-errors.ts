/** Errors that clients met with questionnaires, read back; written by the commit (`write/questionnaire-error-rows.ts`). */
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';

export interface QuestionnaireErrors {
  /** Canonical; empty for those that are not here. */
  readonly questionnaire: string;
  readonly severity: string;
  readonly issue: string;
  readonly count: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

interface Row { questionnaire: string; severity: string; issue: string; count: string; first_at: Date; last_at: Date }

const newest = `
select questionnaire, severity, issue, count, first_at, last_at
from questionnaire_error
where tenant = $1
order by last_at desc, questionnaire, severity, issue
limit $2`;

/** Those that were met last come first. */
export async function readQuestionnaireErrors(database: Queryable, limit: number, { access }: Pick<Context, 'access'>): Promise<readonly QuestionnaireErrors[]> {
  const { rows } = await database.query<Row>({ name: 'questionnaire-errors', text: newest, values: [access.tenant, limit] });
  return rows.map((row) => ({ questionnaire: row.questionnaire, severity: row.severity, issue: row.issue, count: Number(row.count), firstAt: row.first_at, lastAt: row.last_at }));
}
