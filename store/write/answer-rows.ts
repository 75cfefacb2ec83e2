/** The answer to a delivery, written together with what it speaks of. */
import sql, { raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { AnswerDelivery } from './changes.ts';
import type { Part } from './part.ts';

/**
 * The same delivery, taken twice at once, is answered by one taker; the other finds nothing to answer here, its whole
 * statement fails as a serialization failure, and it hands out the answer that is there.
 */
export function answerPart(context: Context, { landing, status, mediaType, body, controlKeys }: AnswerDelivery, index: number): Part {
  const answered = raw(`answered_${index}`);
  return {
    name: `answer${index}`,
    expressions: [sql`${answered} as (
      update landing
      set state = 'answered', problems = '{}', answered_at = ${context.now()}, answer_status = ${status}, answer_media_type = ${mediaType},
          answer = ${body}, control_keys = ${[...controlKeys ?? []]}::text[]
      where tenant = ${context.tenant.id} and shard = ${landing.shard} and id = ${landing.id} and state <> 'answered'
      returning 1
    )`],
    demand: sql`expect_one((select count(*) from ${answered}))`,
  };
}
