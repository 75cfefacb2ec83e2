/**
 * Batches and files of messages (2.10.3): FHS and BHS before, BTS and FTS after. The messages are found in the bytes and
 * not read, so that each keeps its own character set, and a message that cannot be read stops no other.
 */
import { isAscii } from 'node:buffer';
import type { MappingIssue } from '../../ledger.ts';
import { UTF_16_BE, UTF_16_LE } from './character-sets.ts';
import { issueFor } from './issue.ts';
import { headerOf, lineLength } from './parse.ts';
import { type Hl7Segment, valueAt } from './message.ts';

export interface Hl7Batch {
  /** BHS, where there is one. */
  readonly header?: Hl7Segment;
  /** Bytes of each message, in order. */
  readonly messages: readonly Uint8Array[];
}

export interface Hl7File {
  /** FHS, where there is one. */
  readonly header?: Hl7Segment;
  /** One without a header holds what is in no batch. */
  readonly batches: readonly Hl7Batch[];
  readonly issues: readonly MappingIssue[];
}

interface Part {
  readonly id: 'FHS' | 'BHS' | 'MSH' | 'BTS' | 'FTS';
  readonly begin: number;
  end: number;
}

const HEADS = new Set(['FHS', 'BHS', 'MSH', 'BTS', 'FTS']);

/** Takes a delivery apart. A single message is a file of one batch of one message. */
export function readFile(sent: Uint8Array): Hl7File {
  const bytes = narrow(Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength));
  const issues: MappingIssue[] = [];
  const parts = findParts(bytes);
  const batches: { header?: Hl7Segment; messages: Uint8Array[]; declared?: number; closed: boolean }[] = [];
  let fileHeader: Hl7Segment | undefined;
  let declaredBatches: number | undefined;
  let hasTrailer = false;
  const current = (): (typeof batches)[number] => {
    const last = batches.at(-1);
    if (last && !last.closed) return last;
    const begun = { messages: [], closed: false };
    batches.push(begun);
    return begun;
  };
  for (const { id, begin, end } of parts) {
    const part = bytes.subarray(begin, end);
    if (id === 'MSH') {
      current().messages.push(part);
      continue;
    }
    const segment = segmentOf(part, id, parts, bytes);
    if (id === 'FHS') {
      if (fileHeader || batches.length > 0) issues.push(issueFor('batch-structure', { source: id }));
      fileHeader ??= segment;
    } else if (id === 'BHS') {
      const open = batches.at(-1);
      if (open && !open.closed) {
        if (open.header) issues.push(issueFor('batch-structure', { source: id }));
        open.closed = true;
      }
      batches.push({ ...(segment && { header: segment }), messages: [], closed: false });
    } else if (id === 'BTS') {
      const open = batches.at(-1);
      if (!open || open.closed) issues.push(issueFor('batch-structure', { source: id }));
      else Object.assign(open, { closed: true, declared: countOf(segment) });
    } else {
      if (!fileHeader || hasTrailer) issues.push(issueFor('batch-structure', { source: id }));
      hasTrailer = true;
      declaredBatches = countOf(segment);
    }
  }
  for (const { declared, messages } of batches) if (declared !== undefined && declared !== messages.length) issues.push(issueFor('batch-count', { source: 'BTS-1[1].1' }));
  if (declaredBatches !== undefined && declaredBatches !== batches.filter(({ header }) => header).length) issues.push(issueFor('file-count', { source: 'FTS-1[1].1' }));
  if (batches.every(({ messages }) => messages.length === 0)) issues.push(issueFor('nothing-sent'));
  return { ...(fileHeader && { header: fileHeader }), batches: batches.map(({ header, messages }) => ({ ...(header && { header }), messages })), issues };
}

/** Heads stand at the beginning of a line. What comes before the first of them goes with it, to be told by the parser. */
function findParts(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < bytes.length) {
    const id = bytes.toString('latin1', at, at + 3);
    const divider = bytes[at + 3];
    if (HEADS.has(id) && (divider === undefined || !isLetterOrDigit(divider))) parts.push({ id: id as Part['id'], begin: at, end: bytes.length });
    at = nextLine(bytes, at);
  }
  for (const [index, part] of parts.entries()) part.end = parts[index + 1]?.begin ?? bytes.length;
  const first = parts[0];
  if (!first) return bytes.length === 0 ? [] : [{ id: 'MSH', begin: 0, end: bytes.length }];
  return first.begin === 0 ? parts : [{ ...first, begin: 0 }, ...parts.slice(1)];
}

function nextLine(bytes: Buffer, from: number): number {
  const carriage = bytes.indexOf(0x0d, from);
  // Only as far as the carriage return: a message without line feeds is not searched to its end for each line.
  const feed = bytes.subarray(from, carriage === -1 ? bytes.length : carriage).indexOf(0x0a);
  const end = feed === -1 ? carriage : from + feed;
  return end === -1 ? bytes.length : end + 1;
}

/** A header or trailer as a segment. A trailer is divided as the header before it says. */
function segmentOf(part: Buffer, id: string, parts: readonly Part[], bytes: Buffer): Hl7Segment | undefined {
  const line = part.subarray(0, lineLength(part));
  if (id === 'FHS' || id === 'BHS') return asMessageHeader(line);
  const header = parts.find((one) => one.id !== 'BTS' && one.id !== 'FTS');
  const field = header === undefined ? '|' : bytes.toString('latin1', header.begin + 3, header.begin + 4);
  const text = line.toString('latin1').split(field);
  return { id, position: 1, fields: text.map((value, index) => (index === 0 || value === '' ? [] : [[[value]]])) };
}

/** FHS and BHS declare delimiters as MSH does: they are read as one, and keep their name. */
function asMessageHeader(line: Buffer): Hl7Segment | undefined {
  const id = line.toString('latin1', 0, 3);
  const header = headerOf(Buffer.concat([Buffer.from('MSH'), line.subarray(3)])).header?.segments[0];
  return header && { ...header, id };
}

function countOf(segment: Hl7Segment | undefined): number | undefined {
  const value = valueAt(segment, 1)?.trim();
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** UTF-16 is looked through as UTF-8; its mark says so to the parser. */
function narrow(bytes: Buffer): Buffer {
  if (isAscii(bytes)) return bytes;
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe ? UTF_16_LE : bytes[0] === 0xfe && bytes[1] === 0xff ? UTF_16_BE : undefined;
  const text = wide?.decode(bytes.subarray(2));
  return text === undefined ? bytes : Buffer.from(`\ufeff${text}`, 'utf8');
}
