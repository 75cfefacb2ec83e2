/** Errors that clients met with questionnaires, counted on. */
import sql, { join, raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { CountQuestionnaireErrors } from './changes.ts';
import type { Part } from './part.ts';

/** Rows in one order, so that two that count the same do not wait for each other in a circle. */
export function questionnaireErrorPart(context: Context, { rows }: CountQuestionnaireErrors, index: number): Part {
  const sorted = rows.toSorted((a, b) => (`${a.questionnaire} ${a.severity} ${a.issue}` < `${b.questionnaire} ${b.severity} ${b.issue}` ? -1 : 1));
  const values = sorted.map((row) => sql`(${context.tenant.id}, ${row.questionnaire}, ${row.severity}, ${row.issue}, ${row.count}, ${context.now()}, ${context.now()})`);
  return {
    name: `questionnaire-errors${index}-${rows.length}`,
    expressions: [sql`${raw(`questionnaire_error_${index}`)} as (
      insert into questionnaire_error as counted (tenant, questionnaire, severity, issue, count, first_at, last_at)
      values ${join(values, ', ')}
      on conflict (tenant, questionnaire, severity, issue) do update set count = counted.count + excluded.count, last_at = greatest(counted.last_at, excluded.last_at)
    )`],
  };
}
