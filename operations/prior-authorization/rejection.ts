/**
 * A business rejection: the request was understood but cannot be reviewed, for instance because nobody of that number
 * is a member. PAS says it as ClaimResponse.error, X12 as AAA; both carry the same codes.
 *
 * X12 code lists are licensed; these are the few reject reasons (data element 901) that this house can find, with
 * their published meaning in our words, and the follow-up actions (889) that go with them.
 */

export interface Rejection {
  /** X12 data element 901. */
  readonly code: RejectCode;
  /** X12 data element 889: C correct and resubmit, N do not resubmit, R resubmission allowed. */
  readonly followUp: 'C' | 'N' | 'R';
  /** Loop, segment and element, as in `2010C-NM109`. */
  readonly element: string;
  /** FHIRPath from the Bundle. */
  readonly path: string;
  readonly text: string;
}

export type RejectCode = '15' | '33' | '67' | '71' | '73' | '75' | '76' | '79' | '42' | 'AA';
