/**
 * Mutations of what is made of segments (X12, HL7v2), knowing segments, elements and components, and not more: segments
 * go missing, come twice, out of order and from other messages; elements hold what they must not.
 */
import type { Random } from './random.ts';
import { awkwardText, mutateBytes } from './texts.ts';

/** The marks of a format. */
export interface Marks {
  readonly segment: string;
  readonly element: string;
  readonly inner: readonly string[];
}

export function mutateSegments(bytes: Buffer, other: Buffer, marksOf: (text: string) => Marks, random: Random): Buffer {
  // Bytes one for one: what is no UTF-8 stays as it is.
  const text = bytes.toString('latin1');
  const marks = marksOf(text);
  let segments = text.split(marks.segment);
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) segments = changed(segments, other, marks, marksOf, random);
  const made = Buffer.from(segments.join(marks.segment), 'latin1');
  return random.once(6) ? mutateBytes(made, random) : made;
}

function changed(segments: string[], other: Buffer, marks: Marks, marksOf: (text: string) => Marks, random: Random): string[] {
  if (segments.length === 0) return [awkwardText(random)];
  const at = random.below(segments.length);
  const one = segments[at]!;
  const rest = [...segments.slice(0, at), ...segments.slice(at + 1)];
  switch (random.below(10)) {
    case 0: return rest;
    case 1: return [...segments.slice(0, at), one, ...segments.slice(at)];
    case 2: return rest.toSpliced(random.below(rest.length + 1), 0, one);
    case 3: return [...segments, ...segments.slice(1)];
    case 4: {
      // Segments of another message, written with the marks of this one.
      const text = other.toString('latin1');
      const theirs = marksOf(text);
      const strangers = text.split(theirs.segment).map((segment) => segment.replaceAll(theirs.element, marks.element));
      const start = random.below(strangers.length);
      return segments.toSpliced(at, 0, ...strangers.slice(start, start + 1 + random.below(8)));
    }
    case 5: return segments.toSpliced(at, 1, ...Array.from<string>({ length: 2 + random.below(random.once(10) ? 3000 : 40) }).fill(one));
    default: return segments.with(at, changedElement(one, marks, random));
  }
}

function changedElement(segment: string, marks: Marks, random: Random): string {
  const elements = segment.split(marks.element);
  const at = random.below(elements.length);
  const one = elements[at]!;
  switch (random.below(7)) {
    case 0: return elements.toSpliced(at, 1).join(marks.element);
    case 1: return elements.toSpliced(at, 0, one).join(marks.element);
    case 2: return elements.with(at, '').join(marks.element);
    case 3: return elements.with(at, elements[random.below(elements.length)]!).join(marks.element);
    case 4: return elements.with(at, Array.from<string>({ length: 1 + random.below(60) }).fill(one).join(random.pick(marks.inner))).join(marks.element);
    default: return elements.with(at, Buffer.from(awkwardText(random)).toString('latin1')).join(marks.element);
  }
}
