/** An acknowledgement of a message of ours: the answer that waited for it is done with, unless it could not be worked on yet. */
import { isAcknowledgement } from '../../mappers/hl7v2/syntax/acknowledgement.ts';
import { type Hl7Message, valueAt } from '../../mappers/hl7v2/syntax/message.ts';
import { headerOf, parseMessage } from '../../mappers/hl7v2/syntax/parse.ts';
import { takeAnswerAcknowledgement } from '../../operations/prior-authorization/exchange/acknowledged.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { openAnswer } from '../../store/later-answers.ts';
import { partnerOf } from './later-answer.ts';

/** The acknowledgement that these bytes are; undefined for every other message. */
export function acknowledgementIn(bytes: Uint8Array): Hl7Message | undefined {
  const header = headerOf(bytes).header?.segments[0];
  return header && isAcknowledgement(header) ? parseMessage(bytes).message : undefined;
}

/** Only who an answer is for has a say in it; what names no answer of ours is not remembered. @returns whether it named one */
export async function takeAcknowledgement(database: Database, { segments }: Hl7Message, context: Context): Promise<boolean> {
  const [header] = segments;
  const msa = segments.find(({ id }) => id === 'MSA');
  const controlNumber = valueAt(msa, 2);
  const code = valueAt(msa, 1);
  if (!header || controlNumber === undefined || !/^\w{1,40}$/.test(controlNumber) || code === undefined) return false;
  const about = { channel: 'hl7v2', partner: partnerOf(header), controlNumber };
  // An error may pass (HL7 v2.9, table 0008): what its receiver could not work on now is offered again.
  if (/^[AC]E$/.test(code)) return await openAnswer(database, about, context) !== undefined;
  return takeAnswerAcknowledgement(database, { ...about, outcome: /^[AC]A$/.test(code) ? 'accepted' : 'rejected' }, context);
}
