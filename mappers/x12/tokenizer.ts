/**
 * A delivery that is there as a whole, split into its interchanges. The reading itself, chunk by chunk, is
 * `token-stream.ts`.
 */
import type { Delimiters } from './delimiters.ts';
import type { X12Issue } from './issue.ts';
import type { Segment } from './segment.ts';
import { TokenStream, type TokenSink } from './token-stream.ts';

/** Bounds of one delivery; beyond them it is refused whole, before memory is spent on it. */
export interface Limits {
  /** Largest delivery in bytes. */
  maximumBytes: number;
  /** Most segments in one delivery. */
  maximumSegments: number;
}

/** Some ten thousand requests; segments in memory take some ten times their bytes. */
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
  if (bytes.length > limits.maximumBytes) return { interchanges: [], issues: [tooLarge(limits.maximumBytes)] };
  const interchanges: TokenizedInterchange[] = [];
  const issues: X12Issue[] = [];
  let segments = 0;
  const sink: TokenSink = {
    begin: ({ delimiters, offset, fixedWidth, isa }) => {
      segments += 1;
      interchanges.push({ delimiters, segments: [isa], offset, fixedWidth, issues: [] });
    },
    segment: (segment) => {
      interchanges.at(-1)!.segments.push(segment);
      segments += 1;
      return segments < limits.maximumSegments;
    },
    issue: (issue, isOfInterchange) => void (isOfInterchange ? interchanges.at(-1)!.issues : issues).push(issue),
  };
  const stream = new TokenStream(sink);
  stream.push(bytes);
  stream.end();
  if (segments >= limits.maximumSegments) return { interchanges: [], issues: [...issues, tooManySegments(limits.maximumSegments)] };
  if (interchanges.length === 0 && issues.length === 0) issues.push({ severity: 'error', code: 'not-an-interchange', text: 'The delivery is empty.' });
  // Noise around interchanges that were read is no more than noise.
  const severity = interchanges.length > 0 ? 'warning' : 'error';
  return { interchanges, issues: issues.map((issue) => ({ ...issue, severity })) };
}

export function tooLarge(maximumBytes: number): X12Issue {
  return { severity: 'error', code: 'too-large', text: `The delivery is larger than ${maximumBytes} bytes.` };
}

export function tooManySegments(maximumSegments: number): X12Issue {
  return { severity: 'error', code: 'too-many-segments', text: `The delivery holds more than ${maximumSegments} segments.` };
}
