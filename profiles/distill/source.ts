/** Where a definition that is distilled comes from, which decides what its canonicals mean. */
export interface DistillSource {
  /** As `hl7.fhir.us.core#7.0.0`, or `posted`. */
  readonly from: string;
  /**
   * A canonical with the version that is meant in this place.
   * @returns the same canonical where it has a version, or none can be told
   */
  pin(canonical: string): string;
  /** Whether the text of constraints is kept for the readers of issues. The repository itself ships no prose. */
  readonly prose: 'kept' | 'left-out';
}

/** What a client has stored names versions itself, or means the newest. */
export const postedSource: DistillSource = { from: 'posted', pin: (canonical) => canonical, prose: 'kept' };
