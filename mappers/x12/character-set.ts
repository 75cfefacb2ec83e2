/**
 * What X12 can carry: the basic and extended character sets (X12.6, 3.3), and no escape for delimiters.
 * Letters with marks become plain letters, typographic marks plain ones; what is left becomes a question mark, and the change is told.
 */
import type { Delimiters } from './delimiters.ts';
import type { X12Issue } from './issue.ts';
import { elementName, type Segment } from './segment.ts';

const PLAIN: Readonly<Record<string, string>> = {
  ß: 'ss', Æ: 'AE', æ: 'ae', Ø: 'O', ø: 'o', Œ: 'OE', œ: 'oe', Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', Þ: 'TH', þ: 'th', ð: 'd',
  '\u2018': "'", '\u2019': "'", '\u201c': '"', '\u201d': '"', '\u2013': '-', '\u2014': '-', '\u2026': '...', '\u00a0': ' ', '\t': ' ', '\r': ' ', '\n': ' ',
};

/** Elements whose value names something: a changed character would name another thing. */
const IDENTIFYING = new Set(['BHT03', 'NM109', 'REF02', 'TRN02', 'TRN03', 'PWK06', 'HCR02', 'SV101-2', 'SV201', 'SV202-2', 'PRV03']);

/** A value within the extended set. */
export function foldText(value: string): string {
  if (/^[\u0020-\u007e]*$/.test(value)) return value;
  return Array.from(value.normalize('NFKD').replaceAll(/\p{M}/gu, ''), (character) => PLAIN[character] ?? (/[\u0020-\u007e]/.test(character) ? character : '?')).join('');
}

/** The segment with every value foldable into the set and free of the delimiters; changes are reported. */
export function foldSegment(segment: Segment, delimiters: Delimiters, issues: X12Issue[]): Segment {
  const forbidden = Object.values(delimiters);
  const elements = segment.elements.map((element, index) =>
    element.map((repetition) =>
      repetition.map((component, at) => {
        const folded = foldText(component);
        const hasDelimiter = forbidden.some((delimiter) => folded.includes(delimiter));
        if (folded !== component) report(segment, index + 1, at + 1, 'folded-character', 'A character outside of the X12 sets was folded.', issues);
        if (!hasDelimiter) return folded;
        report(segment, index + 1, at + 1, 'folded-delimiter', 'A delimiter stood in the data and became a blank.', issues);
        return Array.from(folded, (character) => (forbidden.includes(character) ? ' ' : character)).join('').trim();
      }),
    ),
  );
  return { ...segment, elements };
}

function report(segment: Segment, element: number, component: number, code: string, text: string, issues: X12Issue[]): void {
  const names = [elementName(segment.id, element), elementName(segment.id, element, component)];
  const identifying = names.some((name) => IDENTIFYING.has(name)) || (segment.id === 'HI' && component === 2);
  issues.push({
    severity: identifying ? 'error' : 'warning',
    code,
    text: identifying ? `${text} The value names something and must not be changed.` : text,
    location: { segment: segment.id, element, ...(segment.position > 0 ? { position: segment.position } : {}) },
  });
}
