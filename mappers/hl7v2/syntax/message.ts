/**
 * An HL7 version 2 message, tokenized: segments, fields, repetitions, components, subcomponents, with decoded text, and
 * how a place in it is named. Terms and numbering are those of HL7 v2.5.1, chapter 2 (2.5 to 2.7): all count from 1.
 */
import type { SourceRef } from '../../ledger.ts';
import { placeName } from './place-name.ts';

/** MSH-1 and the characters of MSH-2. Before version 2.7 there is no truncation character. */
export interface Hl7Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  readonly escape: string;
  readonly subcomponent: string;
  readonly truncation?: string;
}

/** MSH-1 and MSH-2 as the standard recommends them. */
export const STANDARD_DELIMITERS: Hl7Delimiters = { field: '|', component: '^', repetition: '~', escape: '\\', subcomponent: '&' };

/** Subcomponents of a component. One that is blank is the empty text. */
export type Hl7Component = readonly string[];
/** Components of one repetition. */
export type Hl7Repetition = readonly Hl7Component[];
/** Repetitions of a field; none where the field is blank. */
export type Hl7Field = readonly Hl7Repetition[];

export interface Hl7Segment {
  readonly id: string;
  /** Ordinal in the message, MSH being 1. */
  readonly position: number;
  /** Field n stands at n, index 0 is unused. Text is decoded; MSH-1 and MSH-2 are themselves. */
  readonly fields: readonly Hl7Field[];
}

export interface Hl7Message {
  /** In the order they were sent; the first is MSH. */
  readonly segments: readonly Hl7Segment[];
  readonly delimiters: Hl7Delimiters;
}

/** What is sent to delete a value that the receiver holds (2.5.3). */
export const DELETED = '""';

/**
 * The text at a place, undefined where it is blank; `""` (delete what you hold) stays what it is. Blanks at its end are
 * left out: a sender may fill up with them, and they mean nothing (2.A.75, ST).
 */
export function valueAt(segment: Hl7Segment | undefined, field: number, repetition = 1, component = 1, subcomponent = 1): string | undefined {
  const value = segment?.fields[field]?.[repetition - 1]?.[component - 1]?.[subcomponent - 1];
  if (value === undefined || value === '') return undefined;
  return value.charCodeAt(value.length - 1) === BLANK ? value.replace(/ +$/, '') || undefined : value;
}

const BLANK = 0x20;

function isBlank(value: string): boolean {
  return value.charCodeAt(0) === BLANK ? value.trim() === '' : value === '';
}

/**
 * The name of the value that {@link valueAt} gives for the same arguments: `PID-5[1].1`, with a fourth step
 * (`PID-5[1].1.2`) only where the component has several subcomponents. A value has one name, that of {@link sentValues}.
 */
export function sourceOf(segment: Hl7Segment, field: number, repetition = 1, component = 1, subcomponent = 1): SourceRef {
  const divided = subcomponent > 1 || (segment.fields[field]?.[repetition - 1]?.[component - 1]?.length ?? 0) > 1;
  return { source: placeName(segment.id, field, repetition, component, divided ? subcomponent : 0), segment: segment.position };
}

/** Every value that was sent and is not blank, in the order it was sent, without MSH-1 and MSH-2. */
export function sentValues(message: Hl7Message): SourceRef[] {
  const found: SourceRef[] = [];
  for (const { id, position, fields } of message.segments) {
    for (let field = firstDataField(id); field < fields.length; field += 1) {
      const repetitions = fields[field]!;
      for (let r = 0; r < repetitions.length; r += 1) {
        const components = repetitions[r]!;
        for (let c = 0; c < components.length; c += 1) {
          const values = components[c]!;
          if (values.length === 1) {
            if (!isBlank(values[0]!)) found.push({ source: placeName(id, field, r + 1, c + 1, 0), segment: position });
          } else for (let s = 0; s < values.length; s += 1) if (!isBlank(values[s]!)) found.push({ source: placeName(id, field, r + 1, c + 1, s + 1), segment: position });
        }
      }
    }
  }
  return found;
}

/** Segments whose first two fields declare the delimiters: MSH and the headers of files and batches. */
export function declaresDelimiters(id: string): boolean {
  return id === 'MSH' || id === 'FHS' || id === 'BHS';
}

/** The first field that carries data and not delimiters. */
export function firstDataField(id: string): number {
  return declaresDelimiters(id) ? 3 : 1;
}
