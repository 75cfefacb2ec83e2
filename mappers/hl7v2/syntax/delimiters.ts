/** MSH-1 and MSH-2: which characters divide a message (2.5.4). They are read from the message, never assumed. */
import { issueFor } from './issue.ts';
import { type Hl7Delimiters, STANDARD_DELIMITERS } from './message.ts';
import type { MappingIssue } from '../../ledger.ts';

/** Printable ASCII that is neither letter nor digit: what can divide without being taken for data. */
const DIVIDES = /^[!-/:-@[-`{-~]$/;

/**
 * The delimiters that a header segment (MSH, FHS, BHS) declares. Encoding characters after those that were sent are not
 * used in the message: an empty text, which no character equals.
 *
 * @param line the segment, or as much of it as there is
 */
export function readDelimiters(line: string): { readonly delimiters?: Hl7Delimiters; readonly issues: readonly MappingIssue[] } {
  const field = line[3] ?? '';
  const end = line.indexOf(field, 4);
  const encoding = field === '' ? '' : line.slice(4, end === -1 ? undefined : end);
  const header = { source: `${line.slice(0, 3)}-2`, segment: 1 };
  // `^~\\&`, written by programs that escape once too often. Nobody means the escape character to divide subcomponents.
  if (encoding.startsWith('^~\\\\&') && DIVIDES.test(field)) return { delimiters: withTruncation({ ...STANDARD_DELIMITERS, field }, encoding[5]), issues: [issueFor('delimiters-doubled', header)] };
  const [component = '', repetition = '', escape = '', subcomponent = '', truncation] = encoding;
  const named = [field, ...encoding.split('')];
  if (component === '' || encoding.length > 5 || new Set(named).size !== named.length || !named.every((one) => DIVIDES.test(one))) return { issues: [issueFor('delimiters', header)] };
  return {
    delimiters: withTruncation({ field, component, repetition, escape, subcomponent }, truncation),
    issues: encoding.length < 4 ? [issueFor('delimiters-few', header)] : [],
  };
}

/** MSH-2 as it is written. */
export function encodingCharacters({ component, repetition, escape, subcomponent, truncation = '' }: Hl7Delimiters): string {
  return component + repetition + escape + subcomponent + truncation;
}

function withTruncation(delimiters: Hl7Delimiters, truncation: string | undefined): Hl7Delimiters {
  return truncation === undefined ? delimiters : { ...delimiters, truncation };
}
