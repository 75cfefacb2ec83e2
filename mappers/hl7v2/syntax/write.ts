/** Segments to bytes: delimiters as the message declares them, values escaped, the character set of MSH-18. */
import { ASCII, type CharacterSet, characterSetNamed, UTF_8 } from './character-sets.ts';
import { encodingCharacters } from './delimiters.ts';
import { encodeEscapes } from './escapes.ts';
import { declaresDelimiters, type Hl7Delimiters, type Hl7Field, type Hl7Message, type Hl7Segment, valueAt } from './message.ts';

/** A message as text, each segment ended by a carriage return. Blank fields at the end of a segment are left out. */
export function writeText({ segments, delimiters }: Hl7Message): string {
  return segments.map((segment) => `${writeSegment(segment, delimiters)}\r`).join('');
}

export function writeSegment({ id, fields }: Hl7Segment, delimiters: Hl7Delimiters): string {
  const own = declaresDelimiters(id);
  const written = fields.slice(own ? 3 : 1).map((field) => writeField(field, delimiters));
  const head = own ? `${id}${delimiters.field}${encodingCharacters(delimiters)}` : id;
  return [head, ...withoutBlanksAtEnd(written)].join(delimiters.field);
}

/**
 * The same as bytes, in the character set that MSH-18 names, UTF-8 where it names none and the message is not ASCII.
 *
 * @returns undefined where the set does not have a character, or is one that is not written here: then MSH-18 must name another
 */
export function writeMessage(message: Hl7Message): Uint8Array | undefined {
  return encodeText(writeText(message), valueAt(message.segments[0], 18));
}

/** A text in the character set of a name (table 0211). */
export function encodeText(text: string, name: string | undefined): Uint8Array | undefined {
  const set: CharacterSet | undefined = name === undefined ? undefined : characterSetNamed(name)?.set;
  if (name !== undefined && set === undefined) return undefined;
  return (set ?? ASCII).encode(text) ?? (set === undefined ? UTF_8.encode(text) : undefined);
}

/** A field of one plain value; blank where there is none. */
export function plainField(value: string | undefined): Hl7Field {
  return value === undefined || value === '' ? [] : [[[value]]];
}

/** A field of components of one value each. */
export function componentField(...components: readonly (string | undefined)[]): Hl7Field {
  return components.every((value) => value === undefined || value === '') ? [] : [components.map((value) => [value ?? ''])];
}

function writeField(field: Hl7Field, delimiters: Hl7Delimiters): string {
  const { component, repetition, subcomponent } = delimiters;
  return field.map((repeated) => withoutBlanksAtEnd(repeated.map((values) =>
    withoutBlanksAtEnd(values.map((value) => encodeEscapes(value, delimiters))).join(subcomponent))).join(component)).join(repetition);
}

function withoutBlanksAtEnd(values: readonly string[]): readonly string[] {
  let length = values.length;
  while (length > 0 && values[length - 1] === '') length -= 1;
  return values.slice(0, length);
}
