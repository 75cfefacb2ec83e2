/** The answer to a delivery, written together with what it speaks of. */
import sql, { raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import { controlShard } from '../interchanges.ts';
import type { AnswerDelivery } from './changes.ts';
import { instants, integers, smallints, texts, uuids } from './columns.ts';
import type { Part } from './part.ts';

/**
 * The same delivery, taken twice at once, is answered by one taker; the other finds nothing to answer here, its whole
 * statement fails as a serialization failure, and it hands out the answer that is there. So does the statement of a
 * delivery whose control number another one was answered under meanwhile.
 */
export function answerPart(context: Context, { landing, status, mediaType, body, controlKeys }: AnswerDelivery, index: number): Part {
  const answered = raw(`answered_${index}`);
  const update = sql`${answered} as (
      update landing
      set state = 'answered', problems = '{}', answered_at = ${context.now()}, answer_status = ${status}, answer_media_type = ${mediaType},
          answer = ${body}
      where tenant = ${context.tenant.id} and shard = ${landing.shard} and id = ${landing.id} and state <> 'answered'
      returning 1
    )`;
  const demand = sql`expect_one((select count(*) from ${answered}))`;
  if (!controlKeys?.length) return { name: `answer${index}`, expressions: [update], demand };
  const used = raw(`used_${index}`);
  const keys = controlKeys.toSorted();
  return {
    name: `answer-and-control${index}`,
    expressions: [update, sql`${used} as (
      insert into interchange_control (tenant, shard, control_key, landing_id, landing_shard)
      select ${context.tenant.id}::smallint, key.shard, key.name, ${landing.id}::uuid, ${landing.shard}::smallint
      from unnest(${keys.map((key) => controlShard(context, key))}::smallint[], ${keys}::text[]) as key (shard, name)
      on conflict do nothing
      returning 1
    )`],
    demand: sql`${demand}, expect_all((select count(*) from ${used}), ${keys.length}::bigint)`,
  };
}

/**
 * Answers of several commits, without control numbers: one text whatever their number. Each row is found by one look into
 * the primary key, as in `index-rows.ts`; one that somebody else has written to meanwhile is not there any more under its
 * address, and fails the statement like one that was answered.
 */
export function answersPart(answers: readonly { readonly answer: AnswerDelivery; readonly context: Context }[]): Part {
  const rows = answers.map(({ answer }) => answer);
  return {
    name: 'answers',
    expressions: [
      sql`answers as (
      select found.place, answer.at, answer.status, answer.media_type, answer.body
      from unnest(${smallints(answers.map(({ context }) => context.tenant.id))}, ${smallints(rows.map(({ landing }) => landing.shard))}, ${uuids(rows.map(({ landing }) => landing.id))},
                  ${instants(answers.map(({ context }) => context.now()))}, ${integers(rows.map(({ status }) => status))}, ${texts(rows.map(({ mediaType }) => mediaType))}, ${rows.map(({ body }) => body)}::text[])
        as answer (tenant, shard, id, at, status, media_type, body)
      cross join lateral (select l.ctid as place from landing l where l.tenant = answer.tenant and l.shard = answer.shard and l.id = answer.id and l.state <> 'answered' offset 0) as found
    )`,
      sql`answered as (
      update landing
      set state = 'answered', problems = '{}', answered_at = answers.at, answer_status = answers.status, answer_media_type = answers.media_type, answer = answers.body
      from answers
      where landing.ctid = answers.place
      returning 1
    )`,
    ],
    demand: sql`expect_all((select count(*) from answered), ${rows.length}::bigint)`,
  };
}
