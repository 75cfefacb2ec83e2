/**
 * Where the segments of a message begin and end. The standard's terminator is a carriage return, and nothing else (2.5.4);
 * senders use line feeds and both, and leave line breaks in values: all of that is read, and told.
 */
import type { MappingIssue } from '../../ledger.ts';
import { issueFor } from './issue.ts';

export interface Line {
  readonly begin: number;
  /** After its last character; a line break is not part of it. */
  readonly end: number;
}

const CR = 0x0d;
const LF = 0x0a;

/** A bound on how many segments are told to have line breaks: the rest would say the same. */
const MOST_ISSUES = 100;

/** Lines that begin as a segment does, with what follows until the next such line. */
export function splitSegments(text: string, start: number, field: string, most: number, issues: MappingIssue[]): Line[] {
  const lines: { begin: number; end: number }[] = [];
  let lineFeeds = false;
  let blank = false;
  let breaks = 0;
  let continued = 0;
  let at = start;
  while (at < text.length) {
    const end = lineEnd(text, at);
    if (end > at) {
      const previous = lines.at(-1);
      if (previous === undefined || beginsSegment(text, at, end, field)) {
        if (lines.length === most) {
          issues.push(issueFor('too-many-segments', { source: text.slice(at, at + 3), segment: most + 1 }));
          return lines;
        }
        lines.push({ begin: at, end });
      } else {
        if (continued !== lines.length && breaks++ < MOST_ISSUES) issues.push(issueFor('line-break-in-value', { source: text.slice(previous.begin, previous.begin + 3), segment: lines.length }));
        continued = lines.length;
        previous.end = end;
      }
    } else if (end < text.length) {
      blank = true;
    }
    const breakLength = text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? 2 : 1;
    lineFeeds ||= text.charCodeAt(end + breakLength - 1) === LF;
    at = end + breakLength;
  }
  if (lineFeeds) issues.push(issueFor('segment-terminator'));
  if (blank) issues.push(issueFor('blank-segment'));
  return lines;
}

function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === CR || code === LF) return at;
  }
  return text.length;
}

/** Three letters or digits, the first a letter, then the field separator or nothing. */
function beginsSegment(text: string, begin: number, end: number, field: string): boolean {
  if (end - begin > 3 && text[begin + 3] !== field) return false;
  return end - begin >= 3 && isLetter(text.charCodeAt(begin)) && isLetterOrDigit(text.charCodeAt(begin + 1)) && isLetterOrDigit(text.charCodeAt(begin + 2));
}

function isLetter(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isLetterOrDigit(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39);
}
