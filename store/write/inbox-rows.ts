/**
 * What became of a message, written together with what it became. Of two who decide on the same message at once the later
 * one finds its key taken, or the message decided on once more than it knew; its whole commit fails as a serialization
 * failure, and it looks again.
 */
import sql, { raw } from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { RecordMessage } from './changes.ts';
import { bigints, instants, integers, smallints, texts, uuids } from './columns.ts';
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

/**
 * Messages that nobody has decided on yet, of several commits: one text whatever their number. What a sender may have
 * written goes as an array of the driver's, which takes any character.
 */
export function messagesPart(messages: readonly { readonly recorded: RecordMessage; readonly context: Context }[]): Part {
  const rows = messages.map(({ recorded: { message } }) => message);
  return {
    name: 'messages',
    expressions: [sql`new_messages as (
      insert into inbox_message (tenant, shard, id, channel, message_key, content_sha256, kind, author, landing_id, landing_shard, position, received_at,
                                 state, decided_at, series, series_version, patient, chosen_patient, issues, unmapped, mapped, sent, acknowledgement)
      select tenant, shard, id, channel, message_key, decode(sha256, 'hex'), kind, author, landing_id, landing_shard, position, received_at,
             state, decided_at, series, series_version, patient, chosen_patient, issues, unmapped, mapped, sent, acknowledgement
      from unnest(${smallints(messages.map(({ context }) => context.tenant.id))}, ${smallints(rows.map((row) => row.shard))}, ${uuids(rows.map((row) => row.id))}, ${texts(rows.map((row) => row.channel))},
                  ${rows.map((row) => row.key)}::text[], ${texts(rows.map((row) => row.sha256))}, ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.author ?? null)}::text[],
                  ${uuids(rows.map((row) => row.landing.id))}, ${smallints(rows.map((row) => row.landing.shard))}, ${integers(rows.map((row) => row.position))}, ${instants(rows.map((row) => row.receivedAt))},
                  ${texts(rows.map((row) => row.state))}, ${instants(messages.map(({ context }) => context.now()))}, ${rows.map((row) => row.series?.id ?? null)}::text[],
                  ${bigints(rows.map((row) => row.series && BigInt(row.series.version)))}, ${texts(rows.map((row) => row.patient))}, ${texts(rows.map((row) => row.chosenPatient))},
                  ${texts(rows.map((row) => row.issues))}, ${texts(rows.map((row) => row.unmapped))},
                  ${integers(rows.map((row) => row.share?.mapped))}, ${integers(rows.map((row) => row.share?.sent))}, ${rows.map((row) => row.acknowledgement)}::text[])
        as message (tenant, shard, id, channel, message_key, sha256, kind, author, landing_id, landing_shard, position, received_at,
                    state, decided_at, series, series_version, patient, chosen_patient, issues, unmapped, mapped, sent, acknowledgement)
      on conflict do nothing
      returning 1
    )`],
    demand: sql`expect_all((select count(*) from new_messages), ${rows.length}::bigint)`,
  };
}
