/**
 * What the definition of Attachment says in words only: its size is that of its data.
 * Source: https://hl7.org/fhir/R4/datatypes-definitions.html#Attachment.size
 */
import { isObject, type Session } from './check.ts';

export function checkAttachment(attachment: unknown, session: Session): void {
  if (!isObject(attachment)) return;
  const { data, size } = attachment;
  if (typeof data !== 'string' || typeof size !== 'number') return;
  const bytes = bytesOf(data);
  if (bytes !== size) session.addAt({ code: 'attachment-size', details: { size: bytes }, severity: 'error' }, '.size');
}

/** Of Base64, without decoding it: four characters stand for three bytes, less those that only fill up. */
function bytesOf(data: string): number {
  let characters = 0;
  for (let at = 0; at < data.length; at++) {
    const code = data.charCodeAt(at);
    // White space and the sign that fills up.
    if (code > 32 && code !== 61) characters++;
  }
  return Math.floor(characters * 3 / 4);
}
