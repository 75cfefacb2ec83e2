/** What was said of orders, and what became of cards: written as it is answered, and never changed. */
import sql, { join, raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { RecordFeedback, RecordGuidance } from './changes.ts';
import type { Part } from './part.ts';

export function guidancePart(context: Context, { call, assertions }: RecordGuidance, index: number): Part {
  const made = sql`${raw(`coverage_call_${index}`)} as (
    insert into coverage_call (tenant, shard, id, hook, hook_instance, client, called_at, request, response)
    values (${context.tenant.id}, ${call.shard}, ${call.id}, ${call.hook}, ${call.hookInstance}, ${call.client}, ${context.now()}, ${call.request}, ${call.response})
  )`;
  if (assertions.length === 0) return { name: `coverage-call${index}`, expressions: [made] };
  const rows = assertions.map((row) => sql`(
      ${context.tenant.id}, ${row.shard}, ${row.id}, ${call.id}, ${row.member ?? null}, ${row.plan ?? null}, ${[...row.service]}::text[], ${row.pack ?? null}, ${row.packVersion ?? null}, ${row.rule ?? null},
      ${row.covered}, ${row.paNeeded ?? null}, ${row.answer}, ${context.now()}, ${row.expiresOn}::date
    )`);
  return {
    name: `coverage-call${index}-${assertions.length}`,
    expressions: [made, sql`${raw(`coverage_assertion_${index}`)} as (
      insert into coverage_assertion (tenant, shard, id, call_id, member, plan, service, pack, pack_version, rule, covered, pa_needed, answer, asserted_at, expires_on)
      values ${join(rows, ', ')}
    )`],
  };
}

export function feedbackPart(context: Context, { rows }: RecordFeedback, index: number): Part {
  const values = rows.map((row) => sql`(${context.tenant.id}, ${row.shard}, ${row.id}, ${row.service}, ${row.card}, ${row.outcome}, ${row.outcomeAt}, ${row.detail}, ${context.now()})`);
  return {
    name: `coverage-feedback${index}-${rows.length}`,
    expressions: [sql`${raw(`coverage_feedback_${index}`)} as (
      insert into coverage_feedback (tenant, shard, id, service, card, outcome, outcome_at, detail, received_at)
      values ${join(values, ', ')}
    )`],
  };
}
