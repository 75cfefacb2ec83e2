/** The answer to a delivery, written together with what it speaks of. */
import sql, { raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import { controlShard } from '../interchanges.ts';
import type { AnswerDelivery } from './changes.ts';
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
