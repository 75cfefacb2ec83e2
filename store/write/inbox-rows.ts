/**
 * What became of a message, written together with what it became. Of two who decide on the same message at once the later
 * one finds its key taken, or the message decided on once more than it knew; its whole commit fails as a serialization
 * failure, and it looks again.
 */
import sql, { raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { RecordMessage } from './changes.ts';
import type { Part } from './part.ts';

export function messagePart(context: Context, { message, attemptsBefore }: RecordMessage, index: number): Part {
  const written = raw(`message_${index}`);
  const { landing, series, share } = message;
  const chosen = message.chosenPatient ?? null;
  const demand = sql`expect_one((select count(*) from ${written}))`;
  if (attemptsBefore === undefined) {
    return {
      name: `message${index}`,
      expressions: [sql`${written} as (
        insert into inbox_message (tenant, shard, id, channel, message_key, content_sha256, kind, author, landing_id, landing_shard, position, received_at,
                                   state, decided_at, series, series_version, patient, chosen_patient, issues, unmapped, mapped, sent, acknowledgement)
        values (${context.tenant.id}, ${message.shard}, ${message.id}, ${message.channel}, ${message.key}, decode(${message.sha256}, 'hex'), ${message.kind}, ${message.author ?? null},
                ${landing.id}, ${landing.shard}, ${message.position}, ${message.receivedAt}, ${message.state}, ${context.now()}, ${series?.id ?? null}, ${series?.version ?? null},
                ${message.patient ?? null}, ${chosen}, ${message.issues}, ${message.unmapped}, ${share?.mapped ?? null}, ${share?.sent ?? null}, ${message.acknowledgement})
        on conflict do nothing
        returning 1
      )`],
      demand,
    };
  }
  return {
    name: `message-again${index}`,
    expressions: [sql`${written} as (
      update inbox_message
      set content_sha256 = decode(${message.sha256}, 'hex'), kind = ${message.kind}, author = ${message.author ?? null}, landing_id = ${landing.id}, landing_shard = ${landing.shard},
          position = ${message.position}, received_at = ${message.receivedAt}, state = ${message.state}, decided_at = ${context.now()}, attempts = attempts + 1,
          series = ${series?.id ?? null}, series_version = ${series?.version ?? null}, patient = ${message.patient ?? null}, chosen_patient = ${chosen},
          issues = ${message.issues}, unmapped = ${message.unmapped}, mapped = ${share?.mapped ?? null}, sent = ${share?.sent ?? null}, acknowledgement = ${message.acknowledgement}
      where tenant = ${context.tenant.id} and shard = ${message.shard} and id = ${message.id} and attempts = ${attemptsBefore}
      returning 1
    )`],
    demand,
  };
}
