/**
 * Acknowledgements (HL7 v2.5.1, 2.9.2 and 2.9.3): what the sender of a message is told, in the mode and the version of
 * its message. An ERR segment says where, by which condition of table 0357, how grave; what was sent is in none of them.
 */
import type { MappingIssue } from '../../ledger.ts';
import { UTF_8 } from './character-sets.ts';
import { errorCodeOf } from './issue.ts';
import { type Hl7Field, type Hl7Message, type Hl7Segment, STANDARD_DELIMITERS, valueAt } from './message.ts';
import { componentField, plainField, writeMessage } from './write.ts';

/** Table 0008. A: of the application; C: of the commit, in enhanced mode. */
export type AcknowledgementCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR';

/** When an acknowledgement is wanted (table 0155). */
export type Wanted = 'AL' | 'NE' | 'ER' | 'SU';

/** Which acknowledgements the sender of a message wants. */
export type AcknowledgementMode =
  /** One answer, by the application (2.9.2). */
  | { readonly kind: 'original' }
  /** One when the message is safe, one when it was processed, each by its condition (2.9.3). */
  | { readonly kind: 'enhanced'; readonly accept: Wanted; readonly application: Wanted };

/** What the receiver brings along: its own name for the acknowledgement, unique, and the time. */
export interface AcknowledgementStamps {
  /** MSH-10, at most 20 characters. */
  readonly controlId: string;
  readonly now: Date;
}

/** An answer that says more than what became of the message (2.9.2, "response message"). */
export interface Response {
  /** MSH-9. */
  readonly type: Hl7Field;
  /** After MSH, MSA and ERR. */
  readonly segments: readonly Omit<Hl7Segment, 'position'>[];
}

/** Most ERR segments: what is beyond would be said in vain. */
const MOST_ERRORS = 50;

/** By MSH-15 and MSH-16: original where both are blank; a blank one beside one with a value wants nothing (2.15.9.15). */
export function acknowledgementMode(header: Hl7Segment): AcknowledgementMode {
  const accept = valueAt(header, 15);
  const application = valueAt(header, 16);
  if (accept === undefined && application === undefined) return { kind: 'original' };
  return { kind: 'enhanced', accept: wanted(accept), application: wanted(application) };
}

/** Whether an acknowledgement of a code is wanted under a condition. */
export function isWanted(condition: Wanted, code: AcknowledgementCode): boolean {
  if (condition === 'AL' || condition === 'NE') return condition === 'AL';
  return (condition === 'SU') === code.endsWith('A');
}

/** An acknowledgement is not acknowledged, whatever it asks for (2.9.2: no loops). */
export function isAcknowledgement(header: Hl7Segment): boolean {
  return valueAt(header, 9) === 'ACK' || valueAt(header, 9) === 'MCF';
}

/**
 * @param received the message, or its header alone where the rest could not be read
 * @param issues what was wrong; those of severity `information` are not told
 * @param response where the answer is more than an acknowledgement: its type, and what it says
 */
export function acknowledge(received: Hl7Message, code: AcknowledgementCode, issues: readonly MappingIssue[], stamps: AcknowledgementStamps, response?: Response): Hl7Message {
  const header = received.segments[0]!;
  const version = valueAt(header, 12) ?? '2.5.1';
  const told = issues.filter(({ severity }) => severity !== 'information').slice(0, MOST_ERRORS);
  const text = isBefore(version, '2.4') ? told[0]?.text : undefined;
  const segments: Omit<Hl7Segment, 'position'>[] = [
    { id: 'MSH', fields: response === undefined ? headerFields(header, version, stamps) : headerFields(header, version, stamps).with(9, response.type) },
    { id: 'MSA', fields: [[], plainField(code), header.fields[10] ?? [], plainField(text)] },
    ...(isBefore(version, '2.5') ? oldErrors(received, told) : told.map((issue) => ({ id: 'ERR', fields: errorFields(received, issue) }))),
    ...(response?.segments ?? []),
  ];
  const { field, component, repetition, escape, subcomponent } = received.delimiters;
  // All four encoding characters are there, whatever the sender left out: an acknowledgement escapes and divides.
  const delimiters = component === '' || repetition === '' || escape === '' || subcomponent === '' ? STANDARD_DELIMITERS : { field, component, repetition, escape, subcomponent };
  return inWritableSet({ segments: segments.map((segment, index) => ({ ...segment, position: index + 1 })), delimiters });
}

/** The answer to what has no header that could be answered: version 2.5.1, and no control id to echo. */
export function acknowledgeUnreadable(code: AcknowledgementCode, issues: readonly MappingIssue[], stamps: AcknowledgementStamps): Hl7Message {
  return acknowledge({ segments: [{ id: 'MSH', position: 1, fields: [] }], delimiters: STANDARD_DELIMITERS }, code, issues, stamps);
}

/** In UTF-8 where the set of the message cannot be written here, or was none. */
function inWritableSet(message: Hl7Message): Hl7Message {
  if (writeMessage(message) !== undefined) return message;
  const [header, ...others] = message.segments;
  return { ...message, segments: [{ ...header!, fields: header!.fields.with(18, plainField(UTF_8.name)) }, ...others] };
}

/** Sender and receiver change places; version, processing id and character set are those of the message. */
function headerFields(header: Hl7Segment, version: string, { controlId, now }: AcknowledgementStamps): Hl7Field[] {
  const field = (number: number): Hl7Field => header.fields[number] ?? [];
  const event = valueAt(header, 9, 1, 2);
  const type = isBefore(version, '2.3') || event === undefined ? plainField('ACK') : isBefore(version, '2.3.1') ? componentField('ACK', event) : componentField('ACK', event, 'ACK');
  const enhanced = acknowledgementMode(header).kind === 'enhanced';
  return [
    [], [], [], field(5), field(6), field(3), field(4), plainField(timestamp(now)), [], type, plainField(controlId),
    field(11).length > 0 ? field(11) : plainField('P'), field(12).length > 0 ? field(12) : plainField(version), [], [],
    // Nobody is to acknowledge this one.
    plainField(enhanced ? 'NE' : undefined), plainField(enhanced ? 'NE' : undefined), [], field(18).slice(0, 1),
  ];
}

/** ERR from version 2.5 on: 2 location, 3 code, 4 severity, 5 our name of the condition, 8 text for a person. */
function errorFields(received: Hl7Message, issue: MappingIssue): Hl7Field[] {
  const code = errorCodeOf(issue);
  return [
    [], [], locationOf(received, issue), componentField(code, ERROR_TEXTS[code], 'HL70357'), plainField(issue.severity === 'error' ? 'E' : 'W'),
    componentField(issue.code, undefined, 'L'), [], [], plainField(issue.text),
  ];
}

/** ERR before version 2.5: ERR-1 alone, repeating, of segment, its occurrence, field, and the code. */
function oldErrors(received: Hl7Message, issues: readonly MappingIssue[]): Omit<Hl7Segment, 'position'>[] {
  if (issues.length === 0) return [];
  const repetitions = issues.map((issue) => {
    const [segment = '', occurrence = '', field = ''] = locationOf(received, issue)[0]?.map(([value]) => value) ?? [];
    const code = errorCodeOf(issue);
    return [[segment], [occurrence], [field], [code, ERROR_TEXTS[code], 'HL70357']];
  });
  return [{ id: 'ERR', fields: [[], repetitions] }];
}

/** ERL: segment, which of its name, field, repetition, component, subcomponent. */
function locationOf({ segments }: Hl7Message, { source = '', segment }: MappingIssue): Hl7Field {
  const found = /^([A-Z][A-Z0-9]{2})(?:-(\d+))?(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?$/.exec(source);
  if (!found) return [];
  const [, id, field, repetition, component, subcomponent] = found;
  const occurrence = segment === undefined ? 1 : segments.filter((one) => one.id === id && one.position <= segment).length || 1;
  return componentField(id, String(occurrence), field, field === undefined ? undefined : repetition ?? '1', component, subcomponent).map((components) => components.slice(0, lastUsed(components)));
}

function lastUsed(components: Hl7Field[number]): number {
  return components.findLastIndex(([value]) => value !== '') + 1;
}

/** YYYYMMDDHHMMSS.SSS+0000 */
function timestamp(now: Date): string {
  return `${now.toISOString().replaceAll(/[-:TZ]/g, '')}+0000`;
}

function wanted(value: string | undefined): Wanted {
  if (value === undefined) return 'NE';
  // A value that table 0155 does not have: telling too much is the lesser harm.
  return value === 'NE' || value === 'ER' || value === 'SU' ? value : 'AL';
}

/** Compares versions such as 2.3 and 2.3.1; one that is none counts as recent. */
function isBefore(version: string, bound: string): boolean {
  if (!/^\d+(\.\d+)*$/.test(version)) return false;
  const [a, b] = [version, bound].map((one) => one.split('.').map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (a![at] ?? 0) - (b![at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** What the codes of table 0357 are called there. */
const ERROR_TEXTS: Readonly<Record<ReturnType<typeof errorCodeOf>, string>> = {
  100: 'Segment sequence error', 101: 'Required field missing', 102: 'Data type error', 103: 'Table value not found', 200: 'Unsupported message type', 201: 'Unsupported event code',
  202: 'Unsupported processing id', 203: 'Unsupported version id', 204: 'Unknown key identifier', 205: 'Duplicate key identifier', 206: 'Application record locked', 207: 'Application internal error',
};
