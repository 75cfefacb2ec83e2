/**
 * What every mapper gives back, whatever the format: the Bundle, what was wrong, the acknowledgment, and an account of
 * every value: the ledger says where each value of the Bundle was read and by which rule it got there, the unmapped
 * report names every value that was sent and has no place. Both name places and never carry a value.
 */
import type { Bundle } from '@medplum/fhirtypes';

/** Where a value stood in what was sent. */
export interface SourceRef {
  /** In the words of the format: `PID-5[1].1`, `2010C.NM103`, `/ClinicalDocument/recordTarget/patientRole/id[1]/@root`. */
  readonly source: string;
  /** Segment ordinal in the message or transaction set, the first (MSH, ST) being 1. */
  readonly segment?: number;
  /** Line and column of the value in a text, from 1 (XML). */
  readonly line?: number;
  readonly column?: number;
}

/** A value of the Bundle and where it came from. */
export interface LedgerEntry extends SourceRef {
  /** FHIRPath from the Bundle: `Bundle.entry[3].resource.name[0].family`. */
  readonly path: string;
  /** The rule that put it there: a row of a mapping table or a name of this project's own, such as `PID-5/name`. */
  readonly rule: string;
  /** The sender says that there is no such value any more (HL7v2 `""`): the path has none, and what is stored there goes. */
  readonly deletes?: true;
}

/** A value that was sent and has no place in the Bundle. */
export interface Unmapped extends SourceRef {
  readonly reason: string;
}

/** Something to be told about what was sent. The text never carries a value from the data. */
export interface MappingIssue extends Partial<SourceRef> {
  readonly severity: 'error' | 'warning' | 'information';
  /** Stable name of the condition: `unknown-template`, `date-unreadable`. */
  readonly code: string;
  readonly text: string;
}

/** What a mapper made of one message, transaction set or document. */
export interface Mapping<Acknowledgement> {
  readonly bundle: Bundle;
  readonly issues: readonly MappingIssue[];
  readonly acknowledgement: Acknowledgement;
  readonly ledger: readonly LedgerEntry[];
  readonly unmapped: readonly Unmapped[];
  /** fullUrls of what the message gives no number: they follow from its place there, so that no other message has them. */
  readonly unnumbered?: ReadonlySet<string>;
}

/** Of the values that were sent, how many have a place in the Bundle. */
export interface MappedShare {
  readonly mapped: number;
  readonly sent: number;
}

/** Counts each place of the source once, wherever its value went. */
export function mappedShare({ ledger, unmapped }: Pick<Mapping<unknown>, 'ledger' | 'unmapped'>): MappedShare {
  const mapped = new Set(ledger.map(placeOf)).size;
  return { mapped, sent: mapped + new Set(unmapped.map(placeOf)).size };
}

/** One place of a source, as a key. */
export function placeOf({ source, segment, line, column }: SourceRef): string {
  return `${segment ?? line ?? ''}|${column ?? ''}|${source}`;
}
