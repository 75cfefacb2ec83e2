/** What a partner says of interchanges of ours (TA1, 999): answers that waited for it are done with. */
import { readAcknowledgments, type Delivery } from '../../mappers/x12/index.ts';
import { takeAnswerAcknowledgement } from '../../operations/prior-authorization/exchange/acknowledged.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { partnerOf } from './later-answer.ts';

/** Only who an answer is for has a say in it; about other interchanges nothing is remembered. */
export async function takeAcknowledgments(database: Database, delivery: Delivery, bytes: Uint8Array, context: Context): Promise<void> {
  const isThere = delivery.interchanges.some(({ acknowledgments, groups }) => acknowledgments.length > 0 || groups.some(({ functionalIdentifier }) => functionalIdentifier === 'FA'));
  if (!isThere) return;
  for (const { sender, controlNumber, code } of readAcknowledgments(bytes)) {
    await takeAnswerAcknowledgement(database, { channel: 'x12', partner: partnerOf(sender), controlNumber, outcome: code === 'R' ? 'rejected' : 'accepted' }, context);
  }
}
