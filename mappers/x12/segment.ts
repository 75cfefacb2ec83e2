/**
 * The X12 segment as this room holds it: free of delimiters, so that what was read with one set of delimiters
 * can be written with another. An element is a list of repetitions, a repetition a list of components.
 */
import type { Delimiters } from './delimiters.ts';

/** One element: repetitions of components. A plain element is `[['value']]`, an empty one `[['']]`. */
export type Element = readonly (readonly string[])[];

export interface Segment {
  /** The segment identifier, such as `NM1`. */
  readonly id: string;
  readonly elements: readonly Element[];
  /** Ordinal in the transaction set, ST being 1 (what IK302 counts); 0 outside a transaction set. */
  readonly position: number;
  /** Byte at which the segment starts in the delivery; -1 for a segment that was built, not read. */
  readonly offset: number;
}

/** Up to this many elements are cheaper found than split: qualifiers, and what they qualify. */
const FEW = 3;

/** Most elements of most segments are empty: they share one. */
const EMPTY: Element = [['']];

/** Furthest place in a segment that is marked. */
const FURTHEST = 0xffff;

/**
 * Where the elements of the segments of a transaction set begin. Who has gone through a segment's text once, to check
 * it, leaves the places here: two bytes for an element that nobody then has to look for again.
 */
export class Marks {
  #places = new Uint16Array(4096);
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** One more; false where it cannot be kept. */
  add(place: number): boolean {
    if (place > FURTHEST) return false;
    if (this.#size === this.#places.length) {
      const larger = new Uint16Array(this.#size * 2);
      larger.set(this.#places);
      this.#places = larger;
    }
    this.#places[this.#size] = place;
    this.#size += 1;
    return true;
  }

  at(index: number): number {
    return this.#places[index]!;
  }

  /** Puts another value where one is. */
  replace(index: number, place: number): void {
    this.#places[index] = place;
  }

  /** Takes back those from a size on. */
  shorten(size: number): void {
    this.#size = size;
  }
}

/** What was split of a segment. */
class Split {
  /** The identifier, then the elements unsplit. */
  parts: readonly string[] | undefined;
  elements: readonly Element[] | undefined;
}

/**
 * A segment as it was read: its text, split when somebody asks for more than its first elements. A transaction set is
 * held whole while its claims are mapped one by one; what is split is some ten times its text and copied by every round
 * of the collector, so it is forgotten again as soon as the claim is written.
 */
export class ReadSegment implements Segment {
  readonly id: string;
  readonly position: number;
  readonly offset: number;
  readonly #raw: string;
  readonly #delimiters: Delimiters;
  #known: Split | undefined;
  /** Whether no element of it has components or repetitions. */
  #isSimple: boolean | undefined;
  /** From an index on: how many elements there are, where each begins, and where one more would. */
  #marks: Marks | undefined;
  #firstMark = 0;

  /** @param raw the segment without its terminator, decoded */
  constructor(id: string, raw: string, delimiters: Delimiters, position: number, offset: number) {
    this.id = id;
    this.#raw = raw;
    this.#delimiters = delimiters;
    this.position = position;
    this.offset = offset;
  }

  /** How many elements were sent. */
  get size(): number {
    return this.#marks === undefined ? this.#split().length - 1 : this.#marks.at(this.#firstMark);
  }

  /** The segment without its terminator, decoded. */
  get raw(): string {
    return this.#raw;
  }

  get delimiters(): Delimiters {
    return this.#delimiters;
  }

  /** Who has found that nothing in it repeats left marks from an index on: how many elements there are, where each begins, and where one more would. */
  mark(marks: Marks, first: number, isSimple: boolean): void {
    this.#marks = marks;
    this.#firstMark = first;
    this.#isSimple = isSimple;
  }

  /** Gives back the memory of what was split; it is split again when somebody asks. */
  forget(): void {
    this.#known = undefined;
  }

  #split(): readonly string[] {
    this.#known ??= new Split();
    return (this.#known.parts ??= isBinary(this.id) ? payloadParts(this.id, this.#raw, this.#delimiters.element) : partsOf(this.#raw, this.#delimiters.element.charCodeAt(0)));
  }

  /** An element unsplit, as sent; empty where absent. Counted from 1. */
  part(element: number): string {
    const marks = this.#marks;
    if (marks !== undefined && element > 0) {
      const first = this.#firstMark;
      return element > marks.at(first) ? '' : this.#raw.slice(marks.at(first + element), marks.at(first + element + 1) - 1);
    }
    const parts = this.#known?.parts ?? (element <= FEW && !isBinary(this.id) ? undefined : this.#split());
    if (parts === undefined) return this.#cut(element);
    return element < parts.length ? parts[element]! : '';
  }

  /** A value found without splitting anything and without keeping anything: for who looks at a segment once. */
  glance(element: number, component: number): string {
    return this.#marks === undefined && this.#known === undefined && !isBinary(this.id) ? this.#component(this.#cut(element), component) : this.value(element, component);
  }

  /** An element found without splitting the others. */
  #cut(element: number): string {
    const separator = this.#delimiters.element;
    // Behind the identifier stands the first separator.
    let from = this.id.length + 1;
    if (from > this.#raw.length) return '';
    for (let at = 1; at < element; at += 1) {
      from = this.#raw.indexOf(separator, from) + 1;
      if (from === 0) return '';
    }
    const end = this.#raw.indexOf(separator, from);
    return end < 0 ? this.#raw.slice(from) : this.#raw.slice(from, end);
  }

  get elements(): readonly Element[] {
    const known = this.#known?.elements;
    if (known !== undefined) return known;
    const isCounted = isBinary(this.id);
    const elements: Element[] = [];
    for (let at = 1; at <= this.size; at += 1) {
      const part = this.part(at);
      elements.push(part === '' ? EMPTY : isCounted ? [[part]] : splitElement(part, this.#delimiters));
    }
    (this.#known ??= new Split()).elements = elements;
    return elements;
  }

  /** True when the element has neither components nor repetitions, so that its part is its value. */
  isPlain(part: string): boolean {
    const { component, repetition } = this.#delimiters;
    this.#isSimple ??= isBinary(this.id) || (!this.#raw.includes(component) && (repetition === undefined || !this.#raw.includes(repetition)));
    return this.#isSimple || (!part.includes(component) && (repetition === undefined || !part.includes(repetition)));
  }

  /** One component of an element's first repetition; empty where absent. Counted from 1. */
  value(element: number, component: number): string {
    return this.#component(this.part(element), component);
  }

  #component(part: string, component: number): string {
    if (part === '') return '';
    if (this.#isSimple === true || isBinary(this.id)) return component === 1 ? part : '';
    return componentOf(part, component, this.#delimiters, this.#marks === undefined);
  }

  /** A value without blanks around it; empty where absent. Cut out of the text once, where the places of the elements are known. */
  text(element: number, component: number): string {
    const marks = this.#marks;
    if (marks === undefined) return withoutBlanks(this.value(element, component));
    const first = this.#firstMark;
    if (element > marks.at(first)) return '';
    let from = marks.at(first + element);
    let end = marks.at(first + element + 1) - 1;
    if (from === end) return '';
    const raw = this.#raw;
    if (this.#isSimple !== true) {
      const separator = this.#delimiters.component.charCodeAt(0);
      let at = from;
      for (let left = component; ; at += 1) {
        if (at < end && raw.charCodeAt(at) !== separator) continue;
        left -= 1;
        if (left === 0) break;
        if (at === end) return '';
        from = at + 1;
      }
      if (at === from) return '';
      end = at;
    } else if (component !== 1) return '';
    const value = raw.slice(from, end);
    return isBlankBeside(raw.charCodeAt(from)) || isBlankBeside(raw.charCodeAt(end - 1)) ? value.trim() : value;
  }

  /** The components of an element's first repetition. */
  components(element: number): readonly string[] {
    const part = this.part(element);
    const { component, repetition } = this.#delimiters;
    const end = repetition === undefined ? -1 : part.indexOf(repetition);
    return isBinary(this.id) ? [part] : (end < 0 ? part : part.slice(0, end)).split(component);
  }

  /** True when the element repeats. */
  repeats(element: number): boolean {
    const { repetition } = this.#delimiters;
    return repetition !== undefined && this.part(element).includes(repetition);
  }

  /** Plain data, for what is stored. */
  toJSON(): Segment {
    return { id: this.id, elements: this.elements, position: this.position, offset: this.offset };
  }
}

/** What may be a blank at an end of a value, in any script. */
function isBlankBeside(code: number): boolean {
  return code <= 32 || code > 126;
}

/** Most values have no blanks around them. */
function withoutBlanks(value: string): string {
  return value.length > 0 && (isBlankBeside(value.charCodeAt(0)) || isBlankBeside(value.charCodeAt(value.length - 1))) ? value.trim() : value;
}

/** As `split` gives them; segments are so short that going through them here takes half of its time. */
function partsOf(text: string, separator: number): string[] {
  const parts: string[] = [];
  let from = 0;
  const { length } = text;
  for (let at = 0; at < length; at += 1) {
    if (text.charCodeAt(at) !== separator) continue;
    parts.push(at === from ? '' : text.slice(from, at));
    from = at + 1;
  }
  parts.push(from === length ? '' : text.slice(from));
  return parts;
}

/** Segments whose last element is a payload counted by the element before it. */
export function isBinary(id: string): boolean {
  return id === 'BIN' || id === 'BDS';
}

/** The separators within a payload are data. */
function payloadParts(id: string, raw: string, separator: string): readonly string[] {
  const parts = raw.split(separator);
  const payload = id === 'BIN' ? 2 : 3;
  return parts.length > payload + 1 ? [...parts.slice(0, payload), parts.slice(payload).join(separator)] : parts;
}

/** A component of the first repetition; empty where absent. Parts are short: going through them here is sooner done than searching. */
function componentOf(part: string, component: number, delimiters: Delimiters, mayRepeat: boolean): string {
  const separator = delimiters.component.charCodeAt(0);
  const repetition = mayRepeat && delimiters.repetition !== undefined ? delimiters.repetition.charCodeAt(0) : -1;
  const { length } = part;
  let from = 0;
  let left = component;
  for (let at = 0; ; at += 1) {
    const code = at < length ? part.charCodeAt(at) : repetition;
    const isOver = at === length || code === repetition;
    if (!isOver && code !== separator) continue;
    left -= 1;
    if (left === 0) return from === 0 && at === length ? part : part.slice(from, at);
    if (isOver) return '';
    from = at + 1;
  }
}

function splitElement(part: string, { component, repetition }: Delimiters): Element {
  if (repetition === undefined || !part.includes(repetition)) return [part.split(component)];
  return part.split(repetition).map((each) => each.split(component));
}

/** What a builder takes for one element: a plain value, a composite's components, or nothing. */
export type ElementInput = string | readonly (string | undefined)[] | undefined;

/** The value of an element (first repetition) or of one of its components; empty where absent. Counted from 1. */
export function valueAt(segment: Segment | undefined, element: number, component = 1): string {
  if (segment instanceof ReadSegment) return segment.value(element, component);
  return segment?.elements[element - 1]?.[0]?.[component - 1] ?? '';
}

/** The same as {@link valueAt}, without blanks around it. */
export function textAt(segment: Segment | undefined, element: number, component = 1): string {
  return segment instanceof ReadSegment ? segment.text(element, component) : withoutBlanks(valueAt(segment, element, component));
}

/** The same as {@link valueAt}, for who looks at a segment once: nothing is split or kept for it. */
export function glanceAt(segment: Segment | undefined, element: number, component = 1): string {
  return segment instanceof ReadSegment ? segment.glance(element, component) : valueAt(segment, element, component);
}

/** How many elements were sent. */
export function sizeOf(segment: Segment): number {
  return segment instanceof ReadSegment ? segment.size : segment.elements.length;
}

/** Gives back the memory of what was split of some segments. */
export function forgetSplits(segments: readonly Segment[]): void {
  for (const segment of segments) if (segment instanceof ReadSegment) segment.forget();
}

/** The components of an element's first repetition. */
export function componentsAt(segment: Segment, element: number): readonly string[] {
  if (segment instanceof ReadSegment) return element > segment.size ? [] : segment.components(element);
  return segment.elements[element - 1]?.[0] ?? [];
}

/** True when nothing at all stands in the element. */
export function isBlank(element: Element | undefined): boolean {
  return element === undefined || element.every((repetition) => repetition.every((component) => component === ''));
}

/** A segment to be written. Trailing empty elements and components are left to the writer to drop. */
export function buildSegment(id: string, ...elements: ElementInput[]): Segment {
  return {
    id,
    elements: elements.map((element) => (typeof element === 'object' ? [element.map((part) => part ?? '')] : [[element ?? '']])),
    position: 0,
    offset: -1,
  };
}

/** The segment with some elements replaced (keys counted from 1), for an echo that differs in places. */
export function withElements(segment: Segment, changes: Readonly<Record<number, ElementInput>>): Segment {
  const elements: Element[] = [...segment.elements];
  for (const [key, input] of Object.entries(changes)) {
    const index = Number(key) - 1;
    while (elements.length < index) elements.push([['']]);
    elements[index] = typeof input === 'object' ? [input.map((part) => part ?? '')] : [[input ?? '']];
  }
  return { id: segment.id, elements, position: 0, offset: -1 };
}

/** `NM109`, `UM04-2`: the usual name of an element or component. */
export function elementName(segmentId: string, element: number, component?: number): string {
  const name = `${segmentId}${String(element).padStart(2, '0')}`;
  return component === undefined ? name : `${name}-${component}`;
}
