/** What a partner says of interchanges of ours (TA1, 999): answers that waited for it are done with. */
import { readAcknowledgments, type Delivery } from '../../mappers/x12/index.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { acknowledgeAnswer } from '../../store/later-answers.ts';
import { partnerOf } from './later-answer.ts';

/** Only who an answer is for has a say in it; about other interchanges nothing is remembered. */
export async function takeAcknowledgments(database: Queryable, delivery: Delivery, bytes: Uint8Array, context: Context): Promise<void> {
  const isThere = delivery.interchanges.some(({ acknowledgments, groups }) => acknowledgments.length > 0 || groups.some(({ functionalIdentifier }) => functionalIdentifier === 'FA'));
  if (!isThere) return;
  for (const { sender, controlNumber, code } of readAcknowledgments(bytes)) {
    await acknowledgeAnswer(database, { channel: 'x12', partner: partnerOf(sender), controlNumber, outcome: code === 'R' ? 'rejected' : 'accepted' }, context);
  }
}
