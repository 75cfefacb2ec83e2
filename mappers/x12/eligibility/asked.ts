/** A question about a member's coverage (270), as far as its answer (271) needs it. */
import type { Patient } from '@medplum/fhirtypes';
import type { Segment } from '../segment.ts';

/** One person asked about, with what an answer repeats. */
export interface EligibilityQuestion {
  /** BHT03. */
  referenceIdentification: string;
  /** Who is asked about; numbers and names as they were sent. */
  patient: Patient;
  /** The subscriber, where the person is a dependent of his. */
  subscriber: Patient | undefined;
  /** EQ01: service types (element 1365); 30 asks for all. */
  serviceTypes: readonly string[];
  /** DTP*291: the day, or the first of the days, asked about; undefined asks about today. */
  day: string | undefined;
  echo: EligibilityEcho;
}

/** Segments of the question that the answer repeats, level by level. */
export interface EligibilityEcho {
  source: readonly Segment[];
  receiver: readonly Segment[];
  subscriber: readonly Segment[];
  dependent: readonly Segment[] | undefined;
}
