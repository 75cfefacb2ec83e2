/**
 * Facts: what a request says in codes, each with the place it was read from, so that a reviewer can see the evidence.
 */
import type { DayRange } from './dates.ts';

/**
 * Where a fact was read: the entry's fullUrl and a FHIRPath from that resource. What the payer itself holds (coverage,
 * member, existing authorizations) has the reference `payer-record`.
 */
export interface Source {
  readonly reference: string;
  readonly expression: string;
}

export const PAYER_RECORD = 'payer-record';

export interface Fact<Value> {
  readonly value: Value;
  readonly source: Source;
}

export interface Code {
  readonly system: string;
  readonly code: string;
}

/** A number as measured: one value, or a half-open range where a comparator was given (`<88`). */
export interface Measure {
  readonly low: number;
  readonly lowOpen: boolean;
  readonly high: number;
  readonly highOpen: boolean;
  /** Code of the unit, or its text where it has no code. */
  readonly unit?: string;
  readonly unitSystem?: string;
}

/** Days the service is asked for: stated, not stated, or stated in a form that cannot be read. */
export type ServiceDays = { readonly kind: 'stated'; readonly value: DayRange; readonly source: Source } | { readonly kind: 'none' } | { readonly kind: 'unreadable' };

/** What the request asks for in one item. */
export interface ItemFacts {
  readonly services: readonly Fact<Code>[];
  /** False where the codes do not tell the whole service: a code that cannot be read, a range of codes, details with codes of their own. */
  readonly servicesComplete: boolean;
  readonly serviceCategories: readonly Fact<Code>[];
  readonly placesOfService: readonly Fact<Code>[];
  /** Identifiers of each who is to give the service. */
  readonly performers: readonly (readonly Fact<Code>[])[];
  readonly requestTypes: readonly Fact<Code>[];
  readonly certificationTypes: readonly Fact<Code>[];
  readonly quantity?: Fact<Measure>;
  /** Absent where nothing is known of the item. */
  readonly extent?: Extent;
  readonly serviceDays: ServiceDays;
  readonly diagnoses: readonly Fact<Code>[];
}

export interface ObservationFact extends Fact<Measure> {
  readonly codes: readonly Code[];
  /** When it was measured; absent where not stated. */
  readonly days?: DayRange;
}

export type Answer =
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'code'; readonly value: Code }
  | { readonly kind: 'measure'; readonly value: Measure };

export interface AnswerFact extends Fact<Answer> {
  readonly linkId: string;
  readonly questionnaire?: string;
}

export interface ConditionFact extends Fact<readonly Code[]> {
  readonly standing: 'confirmed' | 'refuted' | 'uncertain';
  readonly present: 'active' | 'past' | 'unknown';
}

/** What came with the request about the patient; the same for every item. */
export interface PatientFacts {
  /** Days the birth may have been on; absent where sources disagree. */
  readonly birth?: Fact<DayRange>;
  readonly gender?: Fact<string>;
  readonly observations: readonly ObservationFact[];
  readonly answers: readonly AnswerFact[];
  readonly conditions: readonly ConditionFact[];
  readonly documents: readonly Fact<Code>[];
  /** Identifiers of the provider who asks: `value` and `system|value` of each. */
  readonly requester: readonly Fact<string>[];
}

/** A number of something; `unreadable` where one is stated in a form that says none, or says a range. */
export type Amount = { readonly value: number; readonly unit: string } | 'unreadable';

/** How much of a service an item asks for, and what narrows it. */
export interface Extent {
  readonly quantity?: Amount;
  readonly unitPrice?: Amount;
  /** Each code as `system|code`; what bears no codes as it stands. */
  readonly modifiers: readonly string[];
  readonly revenue: readonly string[];
  readonly places: readonly string[];
}
