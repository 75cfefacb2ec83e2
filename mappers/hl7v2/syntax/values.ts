/**
 * The fields of a segment, in one pass over its characters. Most fields are one plain value or blank: those cost no
 * more than that, and values that need nothing decoded are slices of the message.
 */
import type { MappingIssue } from '../../ledger.ts';
import type { CharacterSet } from './character-sets.ts';
import { encodingCharacters } from './delimiters.ts';
import { decodeEscapes } from './escapes.ts';
import { issueFor, type SyntaxCode } from './issue.ts';
import { declaresDelimiters, type Hl7Component, type Hl7Delimiters, type Hl7Field, type Hl7Repetition, type Hl7Segment } from './message.ts';

const NOTHING: Hl7Field = [];
const BLANK: Hl7Component = [''];
const BLANK_REPETITION: Hl7Repetition = [BLANK];

/** What FHIR cannot carry in a string, and PostgreSQL not in a text: control characters other than tab and line breaks. */
// oxlint-disable-next-line no-control-regex -- it is control characters that are looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
// oxlint-disable-next-line no-control-regex -- as above
const EVERY_CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

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
  readonly #codes: { readonly field: number; readonly component: number; readonly repetition: number; readonly escape: number; readonly subcomponent: number; readonly truncation: number };
  #count = 0;
  #told = 0;
  // Where the reader stands, for the place of an issue.
  #segment = '';
  #position = 0;

  constructor(text: string, delimiters: Hl7Delimiters, characterSet: CharacterSet, most: number, issues: MappingIssue[]) {
    const code = (character: string | undefined): number => (character === undefined || character === '' ? -1 : character.charCodeAt(0));
    this.#text = text;
    this.#delimiters = delimiters;
    this.#characterSet = characterSet;
    this.#most = most;
    this.#issues = issues;
    this.#hasControls = CONTROL.test(text);
    this.#codes = {
      field: code(delimiters.field), component: code(delimiters.component), repetition: code(delimiters.repetition),
      escape: code(delimiters.escape), subcomponent: code(delimiters.subcomponent), truncation: code(delimiters.truncation),
    };
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
      while (at < end && this.#text.charCodeAt(at) !== this.#codes.field) at += 1;
      at += 1;
    }
    this.#readFields(at, end, fields);
    return { id, position, fields };
  }

  #readFields(from: number, end: number, fields: Hl7Field[]): void {
    const text = this.#text;
    const { field, component, repetition, escape, subcomponent, truncation } = this.#codes;
    let begin = from;
    let divided = false;
    let escaped = false;
    for (let at = from; at <= end; at += 1) {
      const code = at === end ? field : text.charCodeAt(at);
      if (code === field) {
        if (at > begin) {
          const decode = escaped || this.#hasControls || text.charCodeAt(at - 1) === truncation;
          fields.push(divided ? this.#divide(begin, at, fields.length, decode) : [[[this.#value(begin, at, decode, fields.length, 1, 1, 0)]]]);
        } else if (at < end || begin > from) {
          fields.push(NOTHING);
        }
        if (++this.#count > this.#most) throw new TooManyValues(this.#segment);
        begin = at + 1;
        divided = false;
        escaped = false;
      } else if (code === component || code === repetition || code === subcomponent) {
        divided = true;
      } else if (code === escape) {
        escaped = true;
      }
    }
  }

  /** A field with repetitions, components or subcomponents. */
  #divide(from: number, end: number, fieldNumber: number, decode: boolean): Hl7Field {
    const text = this.#text;
    const { component, repetition, subcomponent } = this.#codes;
    const repetitions: Hl7Repetition[] = [];
    let components: Hl7Component[] = [];
    let subcomponents: string[] | undefined;
    let begin = from;
    for (let at = from; at <= end; at += 1) {
      const code = at === end ? repetition : text.charCodeAt(at);
      const ends = at === end || code === repetition;
      if (!ends && code !== component && code !== subcomponent) continue;
      if (++this.#count > this.#most) throw new TooManyValues(this.#segment);
      const subcomponentNumber = subcomponents || (!ends && code === subcomponent) ? (subcomponents?.length ?? 0) + 1 : 0;
      const value = at === begin ? '' : this.#value(begin, at, decode, fieldNumber, repetitions.length + 1, components.length + 1, subcomponentNumber);
      begin = at + 1;
      if (!ends && code === subcomponent) {
        (subcomponents ??= []).push(value);
        continue;
      }
      if (subcomponents) subcomponents.push(value);
      components.push(subcomponents ?? (value === '' ? BLANK : [value]));
      subcomponents = undefined;
      if (!ends) continue;
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
