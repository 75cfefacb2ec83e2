/**
 * Whether a segment keeps to its rule, told without telling how it fails, and without splitting it: its text is gone
 * through once. Nearly every segment does keep to it: the slower check that words the faults (`element-check.ts`) is
 * asked only about those that do not. Rules are made ready for it once, all of one shape, so that what is asked of
 * every character is found without searching.
 */
import { isBinary, type Marks, ReadSegment, type Segment, valueAt } from '../segment.ts';
import { fitsFormat, isDateAt, isTime } from './dates.ts';
import type { ElementRule, SegmentRule } from './definition.ts';

/** Which elements are there is told by a bit each. */
const MOST_ELEMENTS = 30;

/** What the characters of a value are checked for. */
const TEXT = 0;
const DECIMAL = 1;
const WHOLE = 2;
const DATE = 3;
const TIME = 4;

class ElementShape {
  readonly isRequired: boolean;
  readonly isUnused: boolean;
  readonly kind: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly codes: Codes | undefined;
  readonly components: readonly ElementShape[] | undefined;
  /** Whether the fourth component is a date of the format that the third names (C022). */
  readonly isDated: boolean;

  constructor({ usage, type, minimum, maximum, codes, components }: ElementRule) {
    this.isRequired = usage === 'R';
    this.isUnused = usage === 'N';
    this.kind = type === 'R' ? DECIMAL : type === 'N0' || type === 'N2' ? WHOLE : type === 'DT' ? DATE : type === 'TM' ? TIME : TEXT;
    this.minimum = minimum ?? 0;
    this.maximum = maximum ?? Number.MAX_SAFE_INTEGER;
    this.codes = codes === undefined ? undefined : new Codes(codes);
    this.components = components?.map((each) => new ElementShape(each));
    this.isDated = components?.[2]?.number === '1250';
  }
}

/** Longest code that is compared as a number. */
const SHORT = 3;

/** The codes an element may have. Nearly all have up to three characters: those are compared as one number. */
class Codes {
  readonly #numbers: readonly number[];
  readonly #long: readonly string[];

  constructor(codes: readonly string[]) {
    this.#numbers = codes.filter(({ length }) => length <= SHORT).map((code) => numberOfText(code, 0, code.length));
    this.#long = codes.filter(({ length }) => length > SHORT);
  }

  /** Whether one of them stands at a place. */
  has(raw: string, from: number, end: number): boolean {
    if (end - from > SHORT) return this.#hasLong(raw, from, end);
    const number = numberOfText(raw, from, end);
    for (const each of this.#numbers) if (each === number) return true;
    return false;
  }

  #hasLong(raw: string, from: number, end: number): boolean {
    for (const code of this.#long) if (code.length === end - from && raw.startsWith(code, from)) return true;
    return false;
  }
}

/** Up to three characters as a number; no code has one of more than a byte, which gives -1. */
function numberOfText(raw: string, from: number, end: number): number {
  let number = 0;
  for (let at = from; at < end; at += 1) {
    const code = raw.charCodeAt(at);
    if (code > 255) return -1;
    number = (number << 8) | code;
  }
  return number;
}

/** A note: its letter, its first element and all of them, a bit each. */
class Note {
  readonly #kind: string;
  readonly #first: number;
  readonly #all: number;

  constructor(note: string) {
    const elements = (note.match(/\d\d/g) ?? []).map((at) => 1 << (Number(at) - 1));
    this.#kind = note.charAt(0);
    this.#first = elements[0] ?? 0;
    this.#all = elements.reduce((sum, bit) => sum | bit, 0);
  }

  /** @param there the elements that are there, a bit each */
  isKept(there: number): boolean {
    const found = there & this.#all;
    const isMany = (found & (found - 1)) !== 0;
    switch (this.#kind) {
      case 'P': return found === 0 || found === this.#all;
      case 'R': return found !== 0;
      case 'E': return !isMany;
      case 'C': return (there & this.#first) === 0 || found === this.#all;
      default: return (there & this.#first) === 0 || isMany;
    }
  }
}

/** A rule made ready for {@link isFlawless}. */
export class SegmentShape {
  readonly elements: readonly ElementShape[];
  readonly notes: readonly Note[];
  /** Whether dates stand in formats that other elements name. */
  readonly dates: 'DTP' | 'DMG' | 'HI' | undefined;
  /** False for what the quick check does not know. */
  readonly isKnown: boolean;

  constructor(id: string, { elements, notes = [] }: SegmentRule) {
    this.elements = elements.map((each) => new ElementShape(each));
    this.notes = notes.map((note) => new Note(note));
    this.dates = id === 'DTP' || id === 'DMG' || id === 'HI' ? id : undefined;
    this.isKnown = !isBinary(id) && elements.length <= MOST_ELEMENTS;
  }
}

/** True when nothing is wrong; false when something may be. Of a segment that is found to be flawless, `marks` keeps where its elements begin. */
export function isFlawless(segment: Segment, shape: SegmentShape, marks: Marks): boolean {
  if (!(segment instanceof ReadSegment) || !shape.isKnown) return false;
  const first = marks.size;
  if (isKept(segment, shape, marks)) return true;
  marks.shorten(first);
  return false;
}

function isKept(segment: ReadSegment, shape: SegmentShape, marks: Marks): boolean {
  const first = marks.size;
  marks.add(0);
  const { elements } = shape;
  const { raw, delimiters } = segment;
  const separator = delimiters.element.charCodeAt(0);
  const component = delimiters.component.charCodeAt(0);
  const repetition = delimiters.repetition === undefined ? -1 : delimiters.repetition.charCodeAt(0);
  const { length } = raw;
  let there = 0;
  let isDated = false;
  let isSimple = true;
  let isMarked = true;
  let end = segment.id.length;
  for (let at = 0; at < elements.length; at += 1) {
    const own = elements[at]!;
    const from = end + 1;
    if (end < length) isMarked = marks.add(from) && isMarked;
    if (from >= length || raw.charCodeAt(from) === separator) {
      if (own.isRequired) return false;
      if (end < length) end = from;
      continue;
    }
    if (own.isUnused) return false;
    there |= 1 << at;
    const rules = own.components;
    if (rules === undefined) {
      end = valueEnd(raw, from, own, separator, component, repetition);
      if (end < 0 || (end < length && raw.charCodeAt(end) === component)) return false;
      continue;
    }
    let next = from;
    let isThird = false;
    let isFourth = false;
    let isOver = false;
    for (let index = 0; index < rules.length; index += 1) {
      const inner = rules[index]!;
      if (isOver) {
        if (inner.isRequired) return false;
        continue;
      }
      end = valueEnd(raw, next, inner, separator, component, repetition);
      if (end < 0) return false;
      if (index === 2) isThird = end > next;
      else if (index === 3) isFourth = end > next;
      isOver = end >= length || raw.charCodeAt(end) === separator;
      if (!isOver) isSimple = false;
      next = end + 1;
    }
    // The composites of a claim with a note are dated codes: format and date come together.
    if (!isOver || (isThird !== isFourth && own.isDated)) return false;
    isDated ||= isFourth;
  }
  if (end < length) return false;
  // Which notes are kept depends on more than one element: seldom two of them are there at all.
  for (const note of shape.notes) if (!note.isKept(there)) return false;
  if (shape.dates !== undefined && !keepsFormats(segment, shape.dates, isDated, isMarked ? marks : undefined, first)) return false;
  if (isMarked && marks.add(length + 1)) {
    marks.replace(first, marks.size - first - 2);
    segment.mark(marks, first, isSimple);
  } else marks.shorten(first);
  return true;
}

/** @param marks from `first` on: the segment's own, which are not its yet; undefined where they could not be kept */
function keepsFormats(segment: ReadSegment, dates: 'DTP' | 'DMG' | 'HI', isDated: boolean, marks: Marks | undefined, first: number): boolean {
  if (dates === 'HI') return !isDated || hasDates(segment);
  const at = dates === 'DTP' ? 2 : 1;
  if (marks !== undefined && marks.size > first + at + 1) {
    const { raw } = segment;
    const format = marks.at(first + at);
    const value = marks.at(first + at + 1);
    const end = marks.size > first + at + 2 ? marks.at(first + at + 2) - 1 : raw.length;
    if (value - format === 3 && raw.charCodeAt(format) === 68 /* D */ && raw.charCodeAt(format + 1) === 56 /* 8 */) return end - value === 8 && isDateAt(raw, value);
  }
  return (dates === 'DMG' && segment.part(2) === '') || fitsFormat(segment.part(at), segment.part(at + 1));
}

function hasDates(segment: ReadSegment): boolean {
  for (let at = 1; at <= segment.size; at += 1) {
    const value = valueAt(segment, at, 4);
    if (value !== '' && !fitsFormat(valueAt(segment, at, 3), value)) return false;
  }
  return true;
}

/** Where the value that begins at a place ends: at a delimiter or at the end of the text; -1 when something may be wrong with it. */
function valueEnd(raw: string, from: number, shape: ElementShape, separator: number, component: number, repetition: number): number {
  const { kind } = shape;
  const { length } = raw;
  let end = from;
  let size: number;
  if (kind === DECIMAL || kind === WHOLE) {
    let digits = 0;
    let points = 0;
    for (; end < length; end += 1) {
      const code = raw.charCodeAt(end);
      if (code === separator || code === component) break;
      if (code >= 48 && code <= 57) digits += 1;
      else if (code === 46) points += 1;
      else if (code !== 45 || end > from) return -1;
    }
    if (end > from && (digits === 0 || points > (kind === DECIMAL ? 1 : 0))) return -1;
    size = digits;
  } else {
    for (; end < length; end += 1) {
      const code = raw.charCodeAt(end);
      if (code === separator || code === component) break;
      if (code < 32 || code === repetition) return -1;
    }
    size = end - from;
  }
  if (end === from) return shape.isRequired ? -1 : end;
  if (shape.isUnused || size < shape.minimum || size > shape.maximum) return -1;
  if (kind === DATE ? size !== 8 || !isDateAt(raw, from) : kind === TIME && !isTime(raw.slice(from, end))) return -1;
  const { codes } = shape;
  return codes === undefined || codes.has(raw, from, end) ? end : -1;
}
