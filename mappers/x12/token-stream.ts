/**
 * Bytes to segments as they arrive, in chunks of any size down to one byte. Each interchange is read by the delimiters
 * of its own ISA; every element is kept as it was sent, blanks included. Tolerated and told: a byte order mark, blanks
 * and line ends around segments, text between interchanges, an interchange without its end. Never throws: what cannot
 * be read is an issue. What is held is the segment under way and no more, and a segment has a bound.
 */
import { isAscii } from 'node:buffer';
import { type Delimiters, type IsaHeader, readIsaHeader } from './delimiters.ts';
import type { X12Issue } from './issue.ts';
import { isBinary, ReadSegment, type Segment } from './segment.ts';

/** An interchange that begins. */
export interface InterchangeStart {
  delimiters: Delimiters;
  /** ISA01 to ISA16, raw. */
  isa: Segment;
  /** Byte at which the ISA starts. */
  offset: number;
  /** False when the ISA is not of its fixed width. */
  fixedWidth: boolean;
}

/** Who takes what is read. */
export interface TokenSink {
  begin(start: InterchangeStart): void;
  /** Whether a segment is of interest by its identifier; without it, all are. */
  wants?(id: string): boolean;
  /** Everything behind the ISA that is wanted, up to and with IEA. False ends the reading. */
  segment(segment: ReadSegment): boolean;
  /** `isOfInterchange` tells an issue of the interchange begun last from one of the delivery. */
  issue(issue: X12Issue, isOfInterchange: boolean): void;
}

/** Longest segment without a counted payload: some hundred times the longest of any guide. */
const MAXIMUM_SEGMENT = 1024 * 1024;

/** Characters that surely hold an ISA, of fixed width or not. */
const ISA_ROOM = 768;

/** An interchange under way. */
interface Open {
  delimiters: Delimiters;
  separator: string;
  separatorCode: number;
  terminator: string;
}

export class TokenStream {
  readonly #sink: TokenSink;
  readonly #maximumPayload: number;
  /** Chunks that were not yet looked at, as one character per byte: offsets stay true, elements are decoded one by one. */
  #held: string[] = [];
  #heldSize = 0;
  /** Characters without which looking again is of no use, or the character that must come first. */
  #need = 0;
  #until = '';
  /** Byte of the first held character. */
  #base = 0;
  #open: Open | undefined;
  #position = 0;
  #isAscii = true;
  #isStarted = false;
  #isNoise = false;
  #isStopped = false;
  readonly #identifiers = new Identifiers();

  constructor(sink: TokenSink, maximumPayload = 64 * 1024 * 1024) {
    this.#sink = sink;
    this.#maximumPayload = maximumPayload;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    if (this.#isStopped || chunk.length === 0) return;
    if (this.#isAscii && !isAscii(chunk)) this.#isAscii = false;
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    this.#held.push(text);
    this.#heldSize += text.length;
    if (this.#heldSize < this.#need) return;
    if (this.#until !== '' && !text.includes(this.#until)) {
      if (this.#heldSize <= MAXIMUM_SEGMENT) return;
      this.#sink.issue({ severity: 'error', code: 'segment-too-long', text: `A segment is longer than ${MAXIMUM_SEGMENT} characters (byte ${this.#base}).` }, true);
      this.#stop();
      return;
    }
    this.#read(false);
  }

  /** Tells that nothing more comes. */
  end(): void {
    if (this.#isStopped) return;
    this.#read(true);
    if (this.#open !== undefined) this.#sink.issue({ severity: 'error', code: 'no-iea', text: 'The interchange has no IEA segment.' }, true);
    this.#stop();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#open = undefined;
    this.#held = [];
  }

  /** Reads as far as the held text goes, and keeps the rest. */
  #read(isLast: boolean): void {
    const text = this.#held.length === 1 ? this.#held[0]! : this.#held.join('');
    this.#need = 0;
    this.#until = '';
    let at = 0;
    if (!this.#isStarted) {
      if (text.length < 3 && !isLast) return this.#keep(text, 0, 3);
      if (text.startsWith('\u00ef\u00bb\u00bf')) at = 3;
      this.#isStarted = true;
    }
    while (at < text.length && !this.#isStopped) {
      const next: number = this.#open === undefined ? this.#readStart(text, at, isLast) : this.#readSegments(text, at, isLast, this.#open);
      // Nothing was consumed: the rest waits for more.
      if (next === at) break;
      at = next;
    }
    if (this.#isStopped) return;
    const rest = at === 0 ? text : text.slice(at);
    this.#held = rest === '' ? [] : [rest];
    this.#heldSize = rest.length;
    this.#base += at;
    if (this.#open === undefined && rest === '') this.#isAscii = true;
  }

  #keep(text: string, at: number, need: number): void {
    this.#held = [text.slice(at)];
    this.#heldSize = text.length - at;
    this.#base += at;
    this.#need = need;
  }

  /** Between interchanges: blanks, noise, or an ISA. Gives the place to go on from. */
  #readStart(text: string, from: number, isLast: boolean): number {
    const at = skipBlank(text, from, '');
    if (at >= text.length) return at;
    if (!isLast && text.length - at < ISA_ROOM && 'ISA'.startsWith(text.slice(at, at + 3))) {
      this.#need = ISA_ROOM;
      // A fixed-width ISA is known as soon as it is there.
      const header = text.length - at > 105 ? readIsaHeader(text, at) : undefined;
      if (header === undefined) {
        this.#need = text.length - at < 106 ? 106 : ISA_ROOM;
        return at;
      }
      if (!header.fixedWidth) return at;
      this.#need = 0;
    }
    const header = readIsaHeader(text, at);
    if (header !== undefined) return this.#begin(header, at);
    if (!this.#isNoise) {
      this.#isNoise = true;
      this.#sink.issue({ severity: 'error', code: 'not-an-interchange', text: `Text at byte ${this.#base + at} does not start an interchange.` }, false);
    }
    // The next place that may be one; the last two characters may begin it.
    const next = text.indexOf('ISA', at + 1);
    return next >= 0 ? next : isLast ? text.length : Math.max(at + 1, text.length - 2);
  }

  #begin(header: IsaHeader, at: number): number {
    const { delimiters } = header;
    this.#isNoise = false;
    this.#position = 0;
    this.#open = { delimiters, separator: delimiters.element, separatorCode: delimiters.element.charCodeAt(0), terminator: delimiters.segment };
    const elements = header.elements.map((value) => [[this.#decode(value)]]);
    this.#sink.begin({ delimiters, isa: { id: 'ISA', elements, position: 0, offset: this.#base + at }, offset: this.#base + at, fixedWidth: header.fixedWidth });
    return at + header.size;
  }

  /** Segments, up to the IEA, the next ISA or the end of the text. */
  #readSegments(text: string, from: number, isLast: boolean, open: Open): number {
    const { separatorCode, terminator, delimiters } = open;
    let at = from;
    for (;;) {
      at = skipBlank(text, at, terminator);
      if (at >= text.length) return at;
      const first = text.charCodeAt(at);
      if (first === 73 /* I */ && text.startsWith('ISA', at)) {
        if (!isLast && text.length - at < ISA_ROOM) {
          const early = text.length - at > 105 ? readIsaHeader(text, at) : undefined;
          if (early?.fixedWidth !== true) {
            this.#need = text.length - at < 106 ? 106 : ISA_ROOM;
            return at;
          }
        }
        if (readIsaHeader(text, at) !== undefined) {
          this.#sink.issue({ severity: 'error', code: 'no-iea', text: 'The next interchange starts before this one has ended.' }, true);
          this.#open = undefined;
          return at;
        }
      }
      const end = first === 66 /* B */ ? this.#payloadEnd(text, at, isLast, open) : text.indexOf(terminator, at);
      if (end === undefined) return at;
      if (end < 0 || end >= text.length) {
        if (!isLast) {
          this.#until = this.#need > 0 ? '' : terminator;
          return at;
        }
        this.#sink.issue({ severity: 'warning', code: 'no-terminator', text: 'The last segment has no terminator.' }, true);
      }
      const stop = end < 0 ? text.length : end;
      const rawEnd = terminator === '\n' && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop;
      if (rawEnd > at) {
        const raw = text.slice(at, rawEnd);
        const size = text.charCodeAt(at + 2) === separatorCode ? 2 : text.charCodeAt(at + 3) === separatorCode ? 3 : 0;
        const id = size === 0 ? idOf(raw, open.separator) : this.#identifiers.of(text, at, size);
        if (this.#position > 0) this.#position += 1;
        if (id === 'ST') this.#position = 1;
        if (this.#sink.wants?.(id) === false) {
          at = stop + 1;
          continue;
        }
        const segment = new ReadSegment(id, this.#isAscii ? raw : this.#decodeAll(id, raw, open), delimiters, this.#position, this.#base + at);
        if (id === 'SE') this.#position = 0;
        if (!this.#sink.segment(segment)) {
          this.#stop();
          return text.length;
        }
        if (id === 'IEA') {
          this.#open = undefined;
          return stop + 1;
        }
      }
      at = stop + 1;
    }
  }

  /** Index of the terminator behind a counted payload (BIN02, BDS03), which is passed over whole; undefined: wait for more. */
  #payloadEnd(text: string, at: number, isLast: boolean, { separator, terminator }: Open): number | undefined {
    const lengthAt = text.startsWith(`BIN${separator}`, at) ? at + 4 : text.startsWith(`BDS${separator}`, at) ? text.indexOf(separator, at + 4) + 1 : -1;
    const plain = text.indexOf(terminator, at);
    if (lengthAt < 0) return plain;
    const lengthEnd = lengthAt === 0 ? -1 : text.indexOf(separator, lengthAt);
    if (lengthEnd < 0) return plain;
    const length = text.slice(lengthAt, lengthEnd);
    if (!/^\d{1,9}$/.test(length)) return plain;
    const end = lengthEnd + 1 + Number(length);
    if (end >= text.length && !isLast && Number(length) <= this.#maximumPayload) {
      this.#need = end - at + 1;
      return undefined;
    }
    if (text.charAt(end) === terminator) return end;
    this.#sink.issue({ severity: 'warning', code: 'payload-length', text: 'A binary segment does not end where its length says.' }, true);
    return plain;
  }

  /** Element by element, as one may be UTF-8 and the next ISO 8859-1. */
  #decodeAll(id: string, raw: string, { separator }: Open): string {
    if (isBinary(id)) return raw;
    return raw.split(separator).map((part) => this.#decode(part)).join(separator);
  }

  /** UTF-8 where the bytes are UTF-8, ISO 8859-1 otherwise: partners send both and X12 declares neither. */
  #decode(value: string): string {
    if (this.#isAscii || !/[\u0080-\u00ff]/.test(value)) return value;
    const decoded = Buffer.from(value, 'latin1').toString('utf8');
    return decoded.includes('\ufffd') ? value : decoded;
  }
}

/** Most identifiers kept: some hundred are in use. */
const MAXIMUM_IDENTIFIERS = 1000;

/** Segment identifiers as the same few strings: they are compared dozens of times a segment. */
class Identifiers {
  readonly #known = new Map<number, string>();

  /** The two or three characters at a place. */
  of(text: string, at: number, size: number): string {
    const key = (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | (size === 3 ? text.charCodeAt(at + 2) : 0);
    const known = this.#known.get(key);
    if (known !== undefined && known.length === size) return known;
    // The name of a property is the one string of its text that the engine keeps: two of them differ when they are not the same one.
    const [id = ''] = Object.keys({ [text.slice(at, at + size)]: size });
    if (this.#known.size < MAXIMUM_IDENTIFIERS) this.#known.set(key, id);
    return id;
  }
}

function idOf(raw: string, separator: string): string {
  const end = raw.indexOf(separator);
  return end < 0 ? raw : raw.slice(0, end);
}

function skipBlank(text: string, from: number, except: string): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 32 || (code !== 32 && code !== 9 && code !== 10 && code !== 13)) break;
    if (text.charAt(at) === except) break;
  }
  return at;
}
