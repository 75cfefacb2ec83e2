/**
 * Whether a segment keeps to its rule, told without telling how it fails, and without splitting it: its text is gone
 * through once. Nearly every segment does keep to it: the slower check that words the faults (`element-check.ts`) is
 * asked only about those that do not.
 */
import { isBinary, ReadSegment, type Segment, valueAt } from '../segment.ts';
import { fitsFormat, isDate, isTime } from './dates.ts';
import type { ElementRule, SegmentRule } from './definition.ts';

/** Which elements are there is told by a bit each. */
const MOST_ELEMENTS = 30;

/** True when nothing is wrong; false when something may be. */
export function isFlawless(segment: Segment, rule: SegmentRule): boolean {
  const { elements } = rule;
  if (!(segment instanceof ReadSegment) || isBinary(segment.id) || elements.length > MOST_ELEMENTS) return false;
  const { raw, delimiters } = segment;
  const separator = delimiters.element.charCodeAt(0);
  const component = delimiters.component.charCodeAt(0);
  const repetition = delimiters.repetition === undefined ? -1 : delimiters.repetition.charCodeAt(0);
  const { length } = raw;
  let there = 0;
  let isDated = false;
  let end = raw.indexOf(delimiters.element);
  if (end < 0) end = length;
  for (let at = 0; at < elements.length; at += 1) {
    const own = elements[at]!;
    const from = end + 1;
    if (from >= length || raw.charCodeAt(from) === separator) {
      if (own.usage === 'R') return false;
      if (end < length) end = from;
      continue;
    }
    if (own.usage === 'N') return false;
    there |= 1 << at;
    if (own.components === undefined) {
      end = valueEnd(raw, from, own, separator, component, repetition);
      if (end < 0 || raw.charCodeAt(end) === component) return false;
      continue;
    }
    const rules = own.components;
    let next = from;
    let isThird = false;
    let isFourth = false;
    let isOver = false;
    for (let index = 0; index < rules.length; index += 1) {
      const inner = rules[index]!;
      if (isOver) {
        if (inner.usage === 'R') return false;
        continue;
      }
      end = valueEnd(raw, next, inner, separator, component, repetition);
      if (end < 0) return false;
      if (index === 2) isThird = end > next;
      else if (index === 3) isFourth = end > next;
      isOver = end >= length || raw.charCodeAt(end) === separator;
      next = end + 1;
    }
    // The composites of a claim with a note are dated codes: format and date come together.
    if (!isOver || (isThird !== isFourth && rules[2]?.number === '1250')) return false;
    isDated ||= isFourth;
  }
  if (end < length) return false;
  // Which notes are kept depends on more than one element: seldom two of them are there at all.
  if (rule.notes !== undefined && rule.notes.length > 0 && !keepsNotes(there, rule.notes)) return false;
  if (segment.id === 'DTP') return fitsFormat(segment.part(2), segment.part(3));
  if (segment.id === 'DMG') return fitsFormat(segment.part(1), segment.part(2)) || segment.part(2) === '';
  return segment.id !== 'HI' || !isDated || hasDates(segment);
}

function hasDates(segment: ReadSegment): boolean {
  for (let at = 1; at <= segment.size; at += 1) {
    const value = valueAt(segment, at, 4);
    if (value !== '' && !fitsFormat(valueAt(segment, at, 3), value)) return false;
  }
  return true;
}

/** Where the value that begins at a place ends: at a delimiter or at the end of the text; -1 when something may be wrong with it. */
function valueEnd(raw: string, from: number, rule: ElementRule, separator: number, component: number, repetition: number): number {
  let digits = 0;
  let points = 0;
  let isNumber = true;
  let end = from;
  for (; end < raw.length; end += 1) {
    const code = raw.charCodeAt(end);
    if (code === separator || code === component) break;
    if (code < 32 || code === repetition) return -1;
    if (code >= 48 && code <= 57) digits += 1;
    else if (code === 46) points += 1;
    else if (code !== 45 || end > from) isNumber = false;
  }
  let length = end - from;
  if (length === 0) return rule.usage === 'R' ? -1 : end;
  if (rule.usage === 'N') return -1;
  const { type, codes } = rule;
  if (type === 'R' || type === 'N0' || type === 'N2') {
    if (!isNumber || digits === 0 || points > (type === 'R' ? 1 : 0)) return -1;
    length = digits;
  } else if (type === 'DT') {
    if (!isDate(raw.slice(from, end))) return -1;
  } else if (type === 'TM' && !isTime(raw.slice(from, end))) return -1;
  if (length < (rule.minimum ?? 0) || length > (rule.maximum ?? Infinity)) return -1;
  return codes === undefined || codes.includes(raw.slice(from, end)) ? end : -1;
}

/** Notes are few and the same for every claim: each is read once, as its letter, its first element and all of them, a bit each. */
const readNotes = new Map<string, { kind: number; first: number; all: number }>();

function noteOf(note: string): { kind: number; first: number; all: number } {
  let known = readNotes.get(note);
  if (known === undefined) {
    const elements = (note.match(/\d\d/g) ?? []).map((at) => 1 << (Number(at) - 1));
    known = { kind: note.charCodeAt(0), first: elements[0] ?? 0, all: elements.reduce((sum, bit) => sum | bit, 0) };
    readNotes.set(note, known);
  }
  return known;
}

function keepsNotes(there: number, notes: readonly string[]): boolean {
  for (const note of notes) {
    const { kind, first, all } = noteOf(note);
    const found = there & all;
    const hasFirst = (there & first) !== 0;
    const isMany = (found & (found - 1)) !== 0;
    if (kind === 80 /* P */ ? found !== 0 && found !== all : kind === 82 /* R */ ? found === 0 : kind === 69 /* E */ ? isMany : kind === 67 /* C */ ? hasFirst && found !== all : hasFirst && !isMany) return false;
  }
  return true;
}
