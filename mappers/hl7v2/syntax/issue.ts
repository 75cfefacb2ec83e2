/**
 * What the syntax of a message can be told for: one entry a condition, with the code that the acknowledgment gives it
 * (table 0357, message error condition codes) and whether the message is refused for it. Texts never hold what was sent.
 */
import type { MappingIssue, SourceRef } from '../../ledger.ts';

/**
 * Table 0357 as far as conditions here come to it: 100 segment sequence or a required segment missing, 101 required field missing, 102 data type,
 * 103 table value not found, 200 message type, 201 event code, 203 version, 205 duplicate key, 207 application internal error.
 */
export type ErrorCode = '100' | '101' | '102' | '103' | '200' | '201' | '202' | '203' | '204' | '205' | '206' | '207';

interface Condition {
  readonly severity: MappingIssue['severity'];
  readonly error: ErrorCode;
  readonly text: string;
}

const CONDITIONS = {
  'no-header': { severity: 'error', error: '100', text: 'The message does not begin with an MSH segment.' },
  'delimiters': { severity: 'error', error: '102', text: 'MSH-1 and MSH-2 do not declare a field separator and different encoding characters.' },
  'delimiters-doubled': { severity: 'warning', error: '102', text: 'MSH-2 names the escape character twice; it is read as the recommended encoding characters.' },
  'delimiters-few': { severity: 'warning', error: '102', text: 'MSH-2 names fewer than four encoding characters; those that are missing are not used in this message.' },
  'too-large': { severity: 'error', error: '207', text: 'The message is larger than this server takes.' },
  'too-many-segments': { severity: 'error', error: '207', text: 'The message has more segments than this server takes.' },
  'too-many-values': { severity: 'error', error: '207', text: 'The message has more values than this server takes.' },
  'charset-unknown': { severity: 'error', error: '103', text: 'MSH-18 names a character set that this server cannot read.' },
  'charset-alternate-unknown': { severity: 'warning', error: '103', text: 'MSH-18 names an alternate character set that this server cannot read; nothing in the message switches to it.' },
  'charset-alternate-used': { severity: 'error', error: '103', text: 'The message switches to a character set that this server cannot read.' },
  'charset-name': { severity: 'information', error: '103', text: 'MSH-18 names the character set otherwise than table 0211 does.' },
  'charset-invalid': { severity: 'error', error: '102', text: 'The message holds bytes that the character set of MSH-18 does not have.' },
  'charset-undeclared': { severity: 'error', error: '102', text: 'The message holds bytes beyond ASCII, declares no character set that has them, and is not UTF-8.' },
  'charset-assumed': { severity: 'warning', error: '102', text: 'The message holds characters beyond ASCII without declaring them in MSH-18; they are read as UTF-8, which they form.' },
  'charset-windows': { severity: 'warning', error: '102', text: 'The message holds bytes that the declared part of ISO 8859 has no characters for; they are read by the Windows code page that extends it.' },
  'byte-order-mark': { severity: 'information', error: '102', text: 'The message begins with a byte order mark, which decides the character set.' },
  'segment-terminator': { severity: 'warning', error: '100', text: 'Segments end with a line feed and not with a carriage return alone.' },
  'line-break-in-value': { severity: 'warning', error: '102', text: 'A line does not begin with the name of a segment; it is read as the continuation of the value before it.' },
  'blank-segment': { severity: 'information', error: '100', text: 'There are blank lines between segments.' },
  'leading-bytes': { severity: 'warning', error: '100', text: 'There is something before the first segment; it is passed over.' },
  'control-character': { severity: 'warning', error: '102', text: 'A value holds a control character, which is left out.' },
  'escape-unknown': { severity: 'warning', error: '102', text: 'A value holds an escape character that begins no known sequence; it is kept as it was sent.' },
  'escape-local': { severity: 'warning', error: '102', text: 'A value holds an escape sequence of the sender\'s own; it is kept as it was sent.' },
  'value-truncated': { severity: 'warning', error: '102', text: 'A value ends with the truncation character: the sender has shortened it.' },
  'batch-count': { severity: 'error', error: '102', text: 'The trailer of a batch counts other than its messages.' },
  'file-count': { severity: 'error', error: '102', text: 'The trailer of a file counts other than its batches.' },
  'batch-structure': { severity: 'warning', error: '100', text: 'Headers and trailers of files and batches do not match.' },
  'nothing-sent': { severity: 'error', error: '100', text: 'There is no message.' },
  'type-missing': { severity: 'error', error: '101', text: 'MSH-9 names no message type.' },
  'type-unknown': { severity: 'error', error: '200', text: 'MSH-9 names a message type that HL7 does not have, and there are no rules for this sender\'s own.' },
  'control-id-missing': { severity: 'error', error: '101', text: 'MSH-10 has no control id: the message could not be told from others.' },
  'control-id-long': { severity: 'error', error: '102', text: 'MSH-10 is longer than 199 characters.' },
  'version-unknown': { severity: 'error', error: '203', text: 'MSH-12 names no version of HL7 version 2.' },
  'receiver-unknown': { severity: 'error', error: '204', text: 'MSH-5 and MSH-6 name no receiver that this server answers for.' },
  'sender-unknown': { severity: 'error', error: '204', text: 'MSH-3 and MSH-4 name no sender that this server knows on this connection.' },
  'not-stored': { severity: 'error', error: '207', text: 'The message could not be stored; send it again.' },
} as const satisfies Readonly<Record<string, Condition>>;

/** Names of the conditions. */
export type SyntaxCode = keyof typeof CONDITIONS;

/** A condition as an issue, at the place it was found. */
export function issueFor(code: SyntaxCode, at?: SourceRef): MappingIssue {
  const { severity, text } = CONDITIONS[code];
  return { severity, code, text, ...at };
}

/** Conditions that others tell of a message, as far as table 0357 has a code for them: the inbox, the mapping. */
const OTHERS: Readonly<Record<string, ErrorCode>> = {
  'duplicate-key': '205', 'structure-unknown': '200', 'event-unknown': '201', 'patient-missing': '100', 'segment-unknown': '100', 'segment-out-of-order': '100', 'segment-misplaced': '100', 'code-unknown': '103',
  'mapping-failed': '207', 'reading-failed': '207', 'event-not-taken': '201', 'predecessor-missing': '101', 'pas-missing': '101',
  // Of requests for authorization, by X12 901: the member's number is missing, or nobody has it; the payer is another.
  'reject-15': '101', 'reject-75': '204', 'reject-79': '204',
};

/**
 * The code of table 0357 for an issue of any kind. What is neither of the syntax nor listed is about a value (102) where
 * it has a place in the message, and otherwise an error of the application (207).
 */
export function errorCodeOf({ code, source }: Pick<MappingIssue, 'code' | 'source'>): ErrorCode {
  return Object.hasOwn(CONDITIONS, code) ? CONDITIONS[code as SyntaxCode].error : OTHERS[code] ?? (source === undefined ? '207' : '102');
}

/**
 * Conditions for which a message is rejected (AR, CR): what is wrong has nothing to do with what it says (2.9.2.2), and
 * sending it again as it is would be in vain or would have to wait. Everything else is an error in its content (AE, CE).
 */
const REJECTING: readonly SyntaxCode[] = [
  'no-header', 'delimiters', 'too-large', 'too-many-segments', 'too-many-values', 'charset-unknown', 'charset-alternate-used', 'nothing-sent', 'type-missing', 'type-unknown', 'control-id-missing',
  'control-id-long', 'version-unknown', 'receiver-unknown', 'sender-unknown', 'not-stored',
];
const REJECTED: ReadonlySet<string> = new Set([...REJECTING, 'duplicate-key']);

export function isRejecting(code: string): boolean {
  return REJECTED.has(code);
}
