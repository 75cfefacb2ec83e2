/**
 * Whether a segment keeps to its rule, told without telling how it fails. Nearly every segment does: the slower check
 * that words the faults (`element-check.ts`) is asked only about those that do not.
 */
import { ReadSegment, type Segment, valueAt } from '../segment.ts';
import { fitsFormat, isDate, isTime } from './dates.ts';
import type { ElementRule, SegmentRule } from './definition.ts';

/** True when nothing is wrong; false when something may be. */
export function isFlawless(segment: Segment, rule: SegmentRule): boolean {
  if (!(segment instanceof ReadSegment)) return false;
  const { elements } = rule;
  if (segment.size > elements.length) return false;
  for (let at = 0; at < elements.length; at += 1) {
    const own = elements[at]!;
    const part = segment.part(at + 1);
    if (part === '') {
      if (own.usage === 'R') return false;
    } else if (own.usage === 'N') return false;
    else if (own.components !== undefined) {
      if (!areFlawless(segment, at + 1, own.components)) return false;
    } else if (!segment.isPlain(part) || !isValue(part, own)) return false;
  }
  // Which notes are kept depends on more than one element: seldom two of them are there at all.
  if (rule.notes !== undefined && rule.notes.length > 0 && !keepsNotes(segment, rule.notes)) return false;
  if (segment.id === 'DTP') return fitsFormat(segment.part(2), segment.part(3));
  if (segment.id === 'DMG') return fitsFormat(segment.part(1), segment.part(2)) || segment.part(2) === '';
  return segment.id !== 'HI' || hasDates(segment);
}

function areFlawless(segment: ReadSegment, element: number, rules: readonly ElementRule[]): boolean {
  if (segment.repeats(element)) return false;
  const components = segment.components(element);
  if (components.length > rules.length) return false;
  for (let at = 0; at < rules.length; at += 1) {
    const own = rules[at]!;
    const value = components[at] ?? '';
    if (value === '') {
      if (own.usage === 'R') return false;
    } else if (own.usage === 'N' || !isValue(value, own)) return false;
  }
  // The composites of a claim with a note are dated codes: format and date come together.
  return ((components[2] ?? '') === '') === ((components[3] ?? '') === '') || rules[2]?.number !== '1250';
}

function hasDates(segment: ReadSegment): boolean {
  for (let at = 1; at <= segment.size; at += 1) {
    const value = valueAt(segment, at, 4);
    if (value !== '' && !fitsFormat(valueAt(segment, at, 3), value)) return false;
  }
  return true;
}

function isValue(value: string, rule: ElementRule): boolean {
  let digits = 0;
  let points = 0;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 32) return false;
    if (code >= 48 && code <= 57) digits += 1;
    else if (code === 46) points += 1;
    else if (code === 45 && at === 0) points += 0;
    else digits = -1_000_000_000;
  }
  const { type } = rule;
  let { length } = value;
  if (type === 'R' || type === 'N0' || type === 'N2') {
    if (digits <= 0 || points > (type === 'R' ? 1 : 0)) return false;
    length = digits;
  } else if (type === 'DT') {
    if (!isDate(value)) return false;
  } else if (type === 'TM' && !isTime(value)) return false;
  if (length < (rule.minimum ?? 0) || length > (rule.maximum ?? Infinity)) return false;
  return rule.codes === undefined || rule.codes.includes(value);
}

/** Notes are few and the same for every claim: each is parsed once. */
const parsedNotes = new Map<string, readonly number[]>();

function keepsNotes(segment: ReadSegment, notes: readonly string[]): boolean {
  for (const note of notes) {
    let elements = parsedNotes.get(note);
    if (elements === undefined) {
      elements = (note.match(/\d\d/g) ?? []).map(Number);
      parsedNotes.set(note, elements);
    }
    let there = 0;
    for (const at of elements) if (segment.part(at) !== '') there += 1;
    const hasFirst = segment.part(elements[0]!) !== '';
    const kind = note.charCodeAt(0);
    if (kind === 80 /* P */ ? there > 0 && there < elements.length : kind === 82 /* R */ ? there === 0 : kind === 69 /* E */ ? there > 1 : kind === 67 /* C */ ? hasFirst && there < elements.length : hasFirst && there < 2) return false;
  }
  return true;
}
