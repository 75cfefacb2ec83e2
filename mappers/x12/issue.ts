/**
 * What is said about a delivery: issues for people and logs, syntax errors for the 999.
 * An issue's text never carries a value from the data; a syntax error does (IK404 asks for a copy) and is for the sender only.
 */

import type { MappingIssue } from '../ledger.ts';
import { elementName } from './segment.ts';

export interface X12Issue {
  severity: 'error' | 'warning' | 'information';
  /** Stable name of the condition, such as `isa-version`. */
  code: string;
  /** What is the matter, free of data values. */
  text: string;
  location?: IssueLocation;
}

export interface IssueLocation {
  loop?: string;
  segment?: string;
  /** Segment ordinal in the transaction set, ST being 1. */
  position?: number;
  element?: number;
}

/** One fault in a 278, placed as the 999 (005010X231A1) reports it. */
export interface SyntaxError278 {
  /** A warning is reported (IK5 E) but does not reject the transaction set. */
  severity: 'error' | 'warning';
  segmentId: string;
  /** Segment ordinal, ST being 1; for a missing segment the place where it was due. */
  position: number;
  loop?: string;
  /** IK304, element 620: 1-8, I4, I6-I9. 8 when the fault is in an element. */
  segmentCode: string;
  element?: {
    position: number;
    component?: number;
    repetition?: number;
    /** X12 data element number, such as 98. */
    number?: string;
    /** IK403, element 621. */
    code: string;
    /** Copy of the bad value, at most 99 characters. */
    value?: string;
  };
  /** IK502: the fault is the transaction set's as a whole, such as 4 for a wrong SE01. */
  transactionCode?: string;
  /** Stable name of what a guide's review found, such as `claim-balance`. */
  name?: string;
  /** What is the matter, free of data values. */
  text: string;
}

/** An issue in the words that all mappers share: its place is named as in the ledger. */
export function mappingIssueOf({ severity, code, text, location }: X12Issue): MappingIssue {
  if (location?.segment === undefined) return { severity, code, text };
  const { loop, segment, position, element } = location;
  const name = element === undefined || element === 0 ? segment : elementName(segment, element);
  return { severity, code, text, source: loop === undefined ? name : `${loop}.${name}`, ...(position !== undefined && { segment: position }) };
}

/** The same fault as an issue: the value stays behind. */
export function issueOf(error: SyntaxError278): X12Issue {
  return {
    severity: error.severity,
    code: error.name ?? (error.transactionCode === undefined ? `syntax-${error.segmentCode}${error.element ? `-${error.element.code}` : ''}` : `set-${error.transactionCode}`),
    text: error.text,
    location: {
      segment: error.segmentId,
      position: error.position,
      ...(error.loop === undefined ? {} : { loop: error.loop }),
      ...(error.element === undefined ? {} : { element: error.element.position }),
    },
  };
}
