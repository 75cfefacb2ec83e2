/**
 * The fields of a segment, in one pass over its characters. Most fields are one plain value or blank: those cost no
 * more than that, and values that need nothing decoded are slices of the message.
 */
import type { MappingIssue } from '../../ledger.ts';
import type { CharacterSet } from './character-sets.ts';
import { encodingCharacters } from './delimiters.ts';
import { decodeEscapes } from './escapes.ts';
import { issueFor, type SyntaxCode } from './issue.ts';
import { declaresDelimiters, type Hl7Component, type Hl7Delimiters, type Hl7Field, type Hl7Repetition, type Hl7Segment, STANDARD_DELIMITERS } from './message.ts';

const NOTHING: Hl7Field = [];
const BLANK: Hl7Component = [''];
const BLANK_REPETITION: Hl7Repetition = [BLANK];

/** What FHIR cannot carry in a string, and PostgreSQL not in a text: control characters other than tab and line breaks. */
// oxlint-disable-next-line no-control-regex -- it is control characters that are looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
// oxlint-disable-next-line no-control-regex -- as above
const EVERY_CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

const LAST_ASCII = 0x7f;

/** Roles of characters. */
const NONE = 0;
const FIELD = 1;
const REPETITION = 2;
const COMPONENT = 3;
const SUBCOMPONENT = 4;
const ESCAPE = 5;

/** A bound on how many issues of one kind are told: the rest would say the same. */
const MOST_ISSUES = 100;

export class TooManyValues extends Error {
  override readonly name = 'TooManyValues';
  readonly segment: string;

  constructor(segment: string) {
    super('too many values');
    this.segment = segment;
  }
}

export class ValueReader {
  readonly #text: string;
  readonly #delimiters: Hl7Delimiters;
  readonly #characterSet: CharacterSet;
  readonly #issues: MappingIssue[];
  readonly #most: number;
  readonly #hasControls: boolean;
  /** What each ASCII character is in this message. */
  readonly #roles: Uint8Array;
  readonly #truncation: number;
  #count = 0;
  #told = 0;
  // Where the reader stands, for the place of an issue.
  #segment = '';
  #position = 0;

  constructor(text: string, delimiters: Hl7Delimiters, characterSet: CharacterSet, most: number, issues: MappingIssue[]) {
    this.#text = text;
    this.#delimiters = delimiters;
    this.#characterSet = characterSet;
    this.#most = most;
    this.#issues = issues;
    this.#hasControls = CONTROL.test(text);
    this.#roles = rolesOf(delimiters);
    this.#truncation = codeOf(delimiters.truncation);
  }

  /** @throws {TooManyValues} */
  segment(begin: number, end: number, position: number): Hl7Segment {
    const id = this.#text.slice(begin, begin + 3);
    this.#segment = id;
    this.#position = position;
    const fields: Hl7Field[] = [NOTHING];
    let at = begin + 4;
    if (declaresDelimiters(id)) {
      fields.push([[[this.#delimiters.field]]], [[[encodingCharacters(this.#delimiters)]]]);
      while (at < end && this.#text[at] !== this.#delimiters.field) at += 1;
      at += 1;
    }
    this.#readFields(at, end, fields);
    return { id, position, fields };
  }

  #readFields(from: number, end: number, fields: Hl7Field[]): void {
    const text = this.#text;
    const roles = this.#roles;
    let begin = from;
    let divided = false;
    let escaped = false;
    for (let at = from; at <= end; at += 1) {
      const code = at === end ? -1 : text.charCodeAt(at);
      const role = code === -1 ? FIELD : code > LAST_ASCII ? NONE : roles[code];
      if (role === NONE) continue;
      if (role === FIELD) {
        if (at > begin) {
          const decode = escaped || this.#hasControls || text.charCodeAt(at - 1) === this.#truncation;
          fields.push(divided ? this.#divide(begin, at, fields.length, decode) : [[[this.#value(begin, at, decode, fields.length, 1, 1, 0)]]]);
        } else if (at < end || begin > from) {
          fields.push(NOTHING);
        }
        if (++this.#count > this.#most) throw new TooManyValues(this.#segment);
        begin = at + 1;
        divided = false;
        escaped = false;
      } else if (role === ESCAPE) {
        escaped = true;
      } else {
        divided = true;
      }
    }
  }

  /** A field with repetitions, components or subcomponents. */
  #divide(from: number, end: number, fieldNumber: number, decode: boolean): Hl7Field {
    const text = this.#text;
    const roles = this.#roles;
    const repetitions: Hl7Repetition[] = [];
    let components: Hl7Component[] = [];
    let subcomponents: string[] | undefined;
    let begin = from;
    for (let at = from; at <= end; at += 1) {
      const code = at === end ? -1 : text.charCodeAt(at);
      const role = code === -1 ? REPETITION : code > LAST_ASCII ? NONE : roles[code];
      if (role === NONE || role === ESCAPE) continue;
      if (++this.#count > this.#most) throw new TooManyValues(this.#segment);
      const subcomponentNumber = subcomponents || role === SUBCOMPONENT ? (subcomponents?.length ?? 0) + 1 : 0;
      const value = at === begin ? '' : this.#value(begin, at, decode, fieldNumber, repetitions.length + 1, components.length + 1, subcomponentNumber);
      begin = at + 1;
      if (role === SUBCOMPONENT) {
        (subcomponents ??= []).push(value);
        continue;
      }
      if (subcomponents) subcomponents.push(value);
      components.push(subcomponents ?? (value === '' ? BLANK : [value]));
      subcomponents = undefined;
      if (role !== REPETITION) continue;
      repetitions.push(components.length === 1 && components[0] === BLANK ? BLANK_REPETITION : components);
      components = [];
    }
    return repetitions;
  }

  /** @param subcomponent 0 where the component is not divided */
  #value(begin: number, end: number, decode: boolean, field: number, repetition: number, component: number, subcomponent: number): string {
    const sent = this.#text.slice(begin, end);
    if (!decode) return sent;
    const tell = (code: SyntaxCode): void => {
      this.#told += 1;
      if (this.#told > MOST_ISSUES) return;
      this.#issues.push(issueFor(code, { source: `${this.#segment}-${field}[${repetition}].${component}${subcomponent > 0 ? `.${subcomponent}` : ''}`, segment: this.#position }));
    };
    const { truncation, escape } = this.#delimiters;
    if (truncation !== undefined && sent.endsWith(truncation)) tell('value-truncated');
    let text = sent;
    if (escape !== '' && sent.includes(escape)) {
      const decoded = decodeEscapes(sent, this.#delimiters, (bytes) => this.#characterSet.decode(bytes));
      for (const condition of new Set(decoded.conditions)) tell(condition);
      text = decoded.text;
    }
    if (!CONTROL.test(text)) return text;
    tell('control-character');
    return text.replaceAll(EVERY_CONTROL, '');
  }
}

function rolesOf(delimiters: Hl7Delimiters): Uint8Array {
  const { field, repetition, component, subcomponent, escape } = STANDARD_DELIMITERS;
  const isStandard = delimiters.field === field && delimiters.repetition === repetition && delimiters.component === component && delimiters.subcomponent === subcomponent && delimiters.escape === escape;
  return isStandard ? standardRoles : makeRoles(delimiters);
}

function makeRoles({ field, repetition, component, subcomponent, escape }: Hl7Delimiters): Uint8Array {
  const roles = new Uint8Array(LAST_ASCII + 1);
  for (const [character, role] of [[field, FIELD], [repetition, REPETITION], [component, COMPONENT], [subcomponent, SUBCOMPONENT], [escape, ESCAPE]] as const) {
    if (character !== '') roles[character.charCodeAt(0)] = role;
  }
  return roles;
}

/** Nearly all messages have these. */
const standardRoles = makeRoles(STANDARD_DELIMITERS);

function codeOf(character: string | undefined): number {
  return character === undefined ? -1 : character.charCodeAt(0);
}
