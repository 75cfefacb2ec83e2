/**
 * Percent-encoded text, of an address or a form. What cannot be decoded would be guessed at, or taken for itself, by whoever
 * reads it next; NUL is no character of FHIR's, and PostgreSQL has no text with it.
 * Source: RFC 3986, section 2.1; https://hl7.org/fhir/R4/datatypes.html#string
 */

/** Whether percent-encoding in a text, if there is any, stands for UTF-8 without NUL. */
export function isDecodable(text: string): boolean {
  if (!text.includes('%')) return true;
  try {
    return !decodeURIComponent(text).includes('\u0000');
  } catch {
    return false;
  }
}
