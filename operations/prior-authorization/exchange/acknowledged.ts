/**
 * What follows when the receiver of a later answer says that it has come: it is an exchange with the provider
 * (PASMetricData, `subsequent`), and a notice that it told has reached whoever asked. Not when it is fetched: what is
 * fetched may be lost on its way, and is given again. It is noted before the answer is done with, under an id that
 * follows from the answer, so that an acknowledgement which comes again after a process ended in between is one record.
 */
import type { Context } from '../../../store/context.ts';
import type { Database } from '../../../store/database.ts';
import { acknowledgeAnswer, openAnswer, type Acknowledgement } from '../../../store/later-answers.ts';
import { commit } from '../../../store/write/commit.ts';
import { loadByClaim } from '../load.ts';
import { exchangeOfNotification, toldOf } from './exchanges.ts';
import { completeNotices } from './notices.ts';

/** @returns whether there is such an answer */
export async function takeAnswerAcknowledgement(database: Database, acknowledgement: Acknowledgement, context: Context): Promise<boolean> {
  const answer = acknowledgement.outcome === 'accepted' ? await openAnswer(database, acknowledgement, context) : undefined;
  if (answer) {
    const loaded = await loadByClaim(database, answer.claim, context);
    await commit(database, [exchangeOfNotification(toldOf(loaded, context), { rail: acknowledgement.channel, requestedAt: answer.at, status: 200, name: `later-answer ${answer.id}` }, context)], context);
    const noticed = loaded.events.filter(({ kind }) => kind === 'extended' || kind === 'downgraded').map(({ sequence }) => sequence);
    // A notice that came after the answer is told by the next one.
    if (noticed.length > 0 && noticed.every((sequence) => sequence <= answer.sequence)) await completeNotices(database, answer.claim, context);
  }
  return acknowledgeAnswer(database, acknowledgement, context);
}
