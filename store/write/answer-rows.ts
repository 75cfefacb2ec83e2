/** The answer to a delivery, written in the transaction that created what it speaks of. */
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../context.ts';
import type { Queryable } from '../database.ts';
import type { AnswerDelivery } from './changes.ts';

const answer = `
update landing
set state = 'answered', problems = '{}', answered_at = $4, answer_status = $5, answer_media_type = $6, answer = $7, control_keys = $8
where tenant = $1 and shard = $2 and id = $3 and state <> 'answered'`;

/**
 * @throws {Problem} `concurrent-change` when the same delivery, taken twice at once, was answered by the other taker;
 * this transaction must then undo what it made and hand out the answer that is there.
 */
export async function answerDeliveries(connection: Queryable, context: Context, answers: readonly AnswerDelivery[]): Promise<void> {
  for (const { landing, status, mediaType, body, controlKeys } of answers) {
    const { rowCount } = await connection.query({
      name: 'answer-delivery', text: answer,
      values: [context.tenant.id, landing.shard, landing.id, context.now(), status, mediaType, body, controlKeys ?? []],
    });
    if (rowCount === 0) throw new Problem('concurrent-change');
  }
}
