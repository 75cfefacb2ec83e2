/**
 * Bytes to interchanges of segments. Every element is kept as it was sent, blanks included. Tolerated and reported:
 * a byte order mark, blanks and line ends around segments, text between interchanges, an interchange without its end.
 * Never throws: what cannot be read is an issue.
 */
import { type Delimiters, type IsaHeader, readIsaHeader } from './delimiters.ts';
import type { X12Issue } from './issue.ts';
import type { Element, Segment } from './segment.ts';

/** Bounds of one delivery; beyond them it is refused whole, before memory is spent on it. */
export interface Limits {
  /** Largest delivery in bytes. */
  maximumBytes: number;
  /** Most segments in one delivery. */
  maximumSegments: number;
}

/** Some ten thousand requests; segments in memory take some forty times their bytes. */
export const DEFAULT_LIMITS: Limits = { maximumBytes: 16 * 1024 * 1024, maximumSegments: 500_000 };

export interface TokenizedInterchange {
  delimiters: Delimiters;
  /** ISA (16 raw elements), then everything up to and with IEA, if there is one. */
  segments: Segment[];
  /** Byte at which the ISA starts. */
  offset: number;
  /** False when the ISA is not of its fixed width. */
  fixedWidth: boolean;
  issues: X12Issue[];
}

export interface TokenizedDelivery {
  interchanges: TokenizedInterchange[];
  issues: X12Issue[];
}

/** Splits a delivery into interchanges, each by its own delimiters. */
export function tokenize(bytes: Uint8Array, limits: Limits = DEFAULT_LIMITS): TokenizedDelivery {
  const issues: X12Issue[] = [];
  if (bytes.length > limits.maximumBytes) {
    return { interchanges: [], issues: [{ severity: 'error', code: 'too-large', text: `The delivery is larger than ${limits.maximumBytes} bytes.` }] };
  }
  // One character per byte keeps offsets true; elements are decoded one by one.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const interchanges: TokenizedInterchange[] = [];
  let segments = 0;
  let at = skipBlank(text, text.startsWith('\u00ef\u00bb\u00bf') ? 3 : 0);
  while (at < text.length) {
    const header = readIsaHeader(text, at);
    if (header === undefined) {
      issues.push({ severity: 'error', code: 'not-an-interchange', text: `Text at byte ${at} does not start an interchange.` });
      at = nextIsa(text, at + 1);
      continue;
    }
    const interchange: TokenizedInterchange = { delimiters: header.delimiters, segments: [], offset: at, fixedWidth: header.fixedWidth, issues: [] };
    at = readInterchange(text, at, header, interchange, limits.maximumSegments - segments);
    segments += interchange.segments.length;
    if (segments >= limits.maximumSegments) {
      issues.push({ severity: 'error', code: 'too-many-segments', text: `The delivery holds more than ${limits.maximumSegments} segments.` });
      return { interchanges: [], issues };
    }
    interchanges.push(interchange);
    at = skipBlank(text, at);
  }
  if (interchanges.length === 0 && issues.length === 0) issues.push({ severity: 'error', code: 'not-an-interchange', text: 'The delivery is empty.' });
  // Noise around interchanges that were read is no more than noise.
  const severity = interchanges.length > 0 ? 'warning' : 'error';
  return { interchanges, issues: issues.map((issue) => ({ ...issue, severity })) };
}

function readInterchange(text: string, from: number, header: IsaHeader, interchange: TokenizedInterchange, room: number): number {
  const { delimiters } = header;
  interchange.segments.push({ id: 'ISA', elements: header.elements.map((value) => [[decode(value)]]), position: 0, offset: from });
  let at = skipBlank(text, from + header.size, delimiters.segment);
  let position = 0;
  while (at < text.length && interchange.segments.length < room) {
    if (text.startsWith('ISA', at) && readIsaHeader(text, at) !== undefined) {
      interchange.issues.push({ severity: 'error', code: 'no-iea', text: 'The next interchange starts before this one has ended.' });
      return at;
    }
    const end = segmentEnd(text, at, delimiters, interchange.issues);
    if (end > text.length - 1) interchange.issues.push({ severity: 'warning', code: 'no-terminator', text: 'The last segment has no terminator.' });
    const raw = delimiters.segment === '\n' && text.charAt(end - 1) === '\r' ? text.slice(at, end - 1) : text.slice(at, end);
    if (raw.trim() !== '') {
      const id = raw.slice(0, idLength(raw, delimiters.element));
      position = id === 'ST' ? 1 : position === 0 ? 0 : position + 1;
      interchange.segments.push({ id, elements: split(raw, id, delimiters), position, offset: at });
      if (id === 'SE') position = 0;
      if (id === 'IEA') return end + 1;
    }
    at = skipBlank(text, end + 1, delimiters.segment);
  }
  interchange.issues.push({ severity: 'error', code: 'no-iea', text: 'The interchange has no IEA segment.' });
  return at;
}

function idLength(raw: string, separator: string): number {
  const end = raw.indexOf(separator);
  return end < 0 ? raw.length : end;
}

/** Index of the terminator; a counted payload (BIN02, BDS03) is passed over whole. */
function segmentEnd(text: string, from: number, delimiters: Delimiters, issues: X12Issue[]): number {
  const counted = countedPayload(text, from, delimiters.element);
  if (counted !== undefined) {
    if (text.charAt(counted) === delimiters.segment) return counted;
    issues.push({ severity: 'warning', code: 'payload-length', text: 'A binary segment does not end where its length says.' });
  }
  const end = text.indexOf(delimiters.segment, from);
  return end < 0 ? text.length : end;
}

function countedPayload(text: string, from: number, separator: string): number | undefined {
  const lengthAt = text.startsWith(`BIN${separator}`, from) ? from + 4 : text.startsWith(`BDS${separator}`, from) ? text.indexOf(separator, from + 4) + 1 : 0;
  if (lengthAt === 0) return undefined;
  const lengthEnd = text.indexOf(separator, lengthAt);
  const length = lengthEnd < 0 ? '' : text.slice(lengthAt, lengthEnd);
  return /^\d{1,9}$/.test(length) ? lengthEnd + 1 + Number(length) : undefined;
}

function split(raw: string, id: string, delimiters: Delimiters): Element[] {
  if (raw.length <= id.length) return [];
  const parts = raw.slice(id.length + 1).split(delimiters.element);
  if (id === 'BIN' && parts.length > 2) return [plain(parts[0]!), plain(parts.slice(1).join(delimiters.element))];
  if (id === 'BDS' && parts.length > 3) return [plain(parts[0]!), plain(parts[1]!), plain(parts.slice(2).join(delimiters.element))];
  if (id === 'BIN' || id === 'BDS') return parts.map(plain);
  return parts.map((part) => splitElement(part, delimiters));
}

function splitElement(part: string, { component, repetition }: Delimiters): Element {
  const hasComponents = part.includes(component);
  if (repetition === undefined || !part.includes(repetition)) return hasComponents ? [part.split(component).map(decode)] : plain(part);
  return part.split(repetition).map((each) => each.split(component).map(decode));
}

/** Most elements of most segments are empty: they share one. */
const EMPTY: Element = [['']];

function plain(value: string): Element {
  return value === '' ? EMPTY : [[decode(value)]];
}

/** UTF-8 where the bytes are UTF-8, ISO 8859-1 otherwise: partners send both and X12 declares neither. */
function decode(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value;
  const decoded = Buffer.from(value, 'latin1').toString('utf8');
  return decoded.includes('\ufffd') ? value : decoded;
}

function skipBlank(text: string, from: number, except?: string): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at)) && text.charAt(at) !== except) at += 1;
  return at;
}

function nextIsa(text: string, from: number): number {
  let at = text.indexOf('ISA', from);
  while (at >= 0 && readIsaHeader(text, at) === undefined) at = text.indexOf('ISA', at + 1);
  return at < 0 ? text.length : at;
}
