/**
 * The log of a prior authorization. What happened, in order, is the truth; state, ClaimResponse and answers are
 * made from it.
 *
 * Glossary
 * - *authorization*: one request for prior authorization with everything decided on it, whatever rail it came by.
 * - *item*: one requested service, known by the `sequence` of the Claim's item (X12: the service loop 2000F, or the
 *   event itself where that carries the only service).
 * - *certify, deny, pend, modify*: X12 data element 306: A1, A3, A4, A6.
 * - *authority*: on whose word: a rule of the contract, a clinical criterion, a named person; for a cancellation, the
 *   requester.
 * - *version*: the request as it stands after an update. Every version begins with a receipt that says what it changes.
 * - *standing certification*: what was certified before an update changed the item; it holds until the change is
 *   certified or the item cancelled.
 * - *clock*: by when an item is to be decided, by a rule of the line of business (review/clock/). It moves by an event
 *   and by nothing else: extended, paused, resumed, downgraded.
 *
 * The types below allow a clinical criterion to certify, to pend and to ask; they have no way to let it deny or
 * modify. The database refuses such a row as well (store/migrations/0003_prior_authorization.sql).
 */
import type { CodeableConcept, Identifier, Money, Period, Quantity } from '@medplum/fhirtypes';
import type { ExtensionRule, PauseRule } from '../../review/clock/rules.ts';

export interface RuleName {
  readonly pack?: string;
  readonly packVersion?: string;
  readonly rule?: string;
  readonly title: string;
}

export interface AdministrativeRule {
  readonly kind: 'administrative-rule';
  readonly rule: RuleName;
  /** On which ground of the contract; absent in logs of older releases, and of rules that are of no contract. */
  readonly category?: string;
}

export interface ClinicalCriterion {
  readonly kind: 'clinical-criterion';
  readonly rule: RuleName;
  readonly truth: 'met' | 'not-met' | 'insufficient';
}

/** A person who decides, by name. */
export interface Person {
  readonly kind: 'person';
  readonly name: string;
  readonly identifier?: Identifier;
  readonly specialty?: CodeableConcept;
}

export type Authority = AdministrativeRule | ClinicalCriterion | Person;

/** Who asked for the service, and does not want it any more. Cancels, and decides nothing. */
export interface Requester {
  readonly kind: 'requester';
  /** `system|value`, where the request names one. */
  readonly identifier?: string;
}

/** Why: a code for machines and a sentence for people. */
export interface Reason {
  readonly system: string;
  readonly code: string;
  readonly text: string;
}

/** What a reviewer must know besides the decision: the trace of the criteria and where the evidence stands. */
export interface Trace {
  readonly criterion: string;
  readonly text: string;
  readonly truth: string;
  readonly evidence: readonly { readonly reference?: string; readonly expression?: string }[];
}

/** Something that would help to decide, asked of the provider. */
export interface WantedInformation {
  readonly system: string;
  readonly code: string;
  readonly text: string;
  /** Canonical of the Questionnaire that asks for it. */
  readonly questionnaire?: string;
  /** A code that narrows what is wanted. */
  readonly modifier?: { readonly system: string; readonly code: string };
}

/**
 * What a version does to an item: `added` to the request, asked for in another way (`changed`), or a denial that the
 * provider `appealed`.
 */
export type ItemChange = 'added' | 'changed' | 'appealed';

/** Something that was asked for and has come: of which item, and which of what is wanted there. */
export interface AnsweredRequest {
  readonly item: number;
  readonly system: string;
  readonly code: string;
  /** Of several questionnaires that are asked for by one code: which. */
  readonly questionnaire?: string;
}

/** The rule by which a clock runs, as it was on the day of receipt: a later change of the rules moves no clock. */
export interface ClockBasis {
  readonly rule: string;
  readonly title: string;
  /** Citation of the law or contract. */
  readonly source: string;
  readonly lineOfBusiness: string;
  readonly state?: string;
  /** IANA name, of the plan; UTC where nothing is said. */
  readonly timeZone?: string;
  /** With fewer hours left the item is at risk. */
  readonly atRiskHours: number;
  readonly extension?: ExtensionRule;
  readonly pause?: PauseRule;
  readonly downgrade?: true;
}

/** A statement of coverage requirements that the request bears: whether it is honoured, or why not. */
export interface NotedAssertion {
  readonly item: number;
  readonly outcome: 'honoured' | 'unknown' | 'expired' | 'other-member' | 'other-service';
  /** Its coverage-assertion-id, where that is one of ours. */
  readonly id?: string;
}

export interface Received {
  readonly kind: 'received';
  /** Version of the request, from 1. */
  readonly version: number;
  /** What was said before of the services asked for. */
  readonly asserted?: readonly NotedAssertion[];
  /** Of an update: the items that are to be decided (again), by sequence. */
  readonly changes?: Readonly<Record<string, ItemChange>>;
  /** Of an update: items that stay denied though it asks for them in another way, which takes a new request or an appeal. */
  readonly refused?: readonly number[];
  /** Of an update: items of which its sender's flag (infoChanged) says something else than what differs. Which, and nothing of what they say. */
  readonly misflagged?: readonly number[];
  /** Of an update or an attachment: what was wanted and came with it. */
  readonly answered?: readonly AnsweredRequest[];
  /** What was wanted and will not come: the provider has said so. */
  readonly declined?: readonly AnsweredRequest[];
  /** Of an attachment: the items that it is about, whether it was asked for or not. */
  readonly informed?: readonly number[];
  /** Of an update: what the standing certification of a changed item was given for, by sequence. */
  readonly certifiedFor?: Readonly<Record<string, ApprovedDetail>>;
  readonly rail: string;
  readonly receivedAt: string;
  readonly expedited: boolean;
  readonly dueAt: string;
  /** An undecided item keeps its clock through this version; absent in logs of older releases, where a change of the item began a new one. */
  readonly clocksLast?: true;
  /**
   * It is due no earlier through this version than before it, unless the request becomes urgent with it; absent in logs of
   * older releases, where a version cut off what extensions had given and made urgent again what was found not to be.
   */
  readonly timeLasts?: true;
  /** The rule that says so; absent in logs of older releases. */
  readonly clock?: ClockBasis;
  /** All items of the request as it stands. */
  readonly items: readonly number[];
  readonly administrativeReference: string;
  /** Handed out with the first certification. */
  readonly certificationNumber: string;
  readonly plan?: string;
  /** The payer that answers: `Organization/id`. */
  readonly payer?: string;
  /** Where the resources of the submitted Bundle are in the store, by fullUrl: `Type/id`. */
  readonly stored: Readonly<Record<string, string>>;
  /** FullUrls of those that this request, or a version before it, made there: nothing else is ever changed by a later version. */
  readonly made?: readonly string[];
  /** FullUrls of documents that came after a request, with this version or before: no sender of an update knows them. */
  readonly attached?: readonly string[];
}

export interface Certified {
  readonly kind: 'certified';
  readonly item: number;
  readonly authority: Authority;
  readonly number: string;
  readonly period: Period;
  readonly explanation: string;
  readonly trace?: readonly Trace[];
  /** Where it was approved before: what it takes of the authorization that has the number. */
  readonly takes?: TakenPart;
}

/** A part of what an item of another authorization was approved for. */
export interface TakenPart {
  readonly item: number;
  /** Left out where none was asked for. */
  readonly quantity?: number;
  /** Code or name of its unit; empty where it has none. */
  readonly unit?: string;
}

export interface Denied {
  readonly kind: 'denied';
  readonly item: number;
  readonly authority: AdministrativeRule | Person;
  readonly reason: Reason;
}

/** What a person certified in place of what was asked for. */
export interface ApprovedDetail {
  readonly productOrService?: CodeableConcept;
  readonly quantity?: Quantity;
  readonly unitPrice?: Money;
}

export interface Modified {
  readonly kind: 'modified';
  readonly item: number;
  readonly authority: Person;
  readonly number: string;
  readonly period: Period;
  readonly approved: ApprovedDetail;
  readonly reason: Reason;
}

export interface Pended {
  readonly kind: 'pended';
  readonly item: number;
  readonly authority: Authority;
  readonly explanation: string;
  readonly trace?: readonly Trace[];
}

export interface InformationRequested {
  readonly kind: 'information-requested';
  readonly item: number;
  readonly authority: Authority;
  readonly wanted: readonly WantedInformation[];
}

/** The requester withdraws an item. */
export interface Cancelled {
  readonly kind: 'cancelled';
  readonly item: number;
  readonly authority: Requester;
}

/** A person takes more time, for a reason that the rule knows, and says so to the member and the requester. */
export interface Extended {
  readonly kind: 'extended';
  readonly item: number;
  readonly authority: Person;
  readonly reason: Reason;
  /** What the member and the requester are told. */
  readonly notice: string;
  readonly dueAt: string;
}

/** The clock stands still while information is awaited. */
export interface Paused {
  readonly kind: 'paused';
  readonly item: number;
  /** The rule of the clock. */
  readonly authority: AdministrativeRule;
  /** It goes on by itself then. */
  readonly until: string;
  /** When the item is due if nothing comes before `until`. */
  readonly dueAt: string;
}

/** What was awaited has come: the clock goes on with the time that was left. */
export interface Resumed {
  readonly kind: 'resumed';
  readonly item: number;
  readonly authority: AdministrativeRule;
  readonly dueAt: string;
}

/** A person finds that what was asked for as expedited is not urgent: it has the standard time, from its receipt. */
export interface Downgraded {
  readonly kind: 'downgraded';
  readonly item: number;
  readonly authority: Person;
  readonly reason: Reason;
  readonly notice: string;
  readonly dueAt: string;
  readonly clock: ClockBasis;
}

export type DecisionEvent = Certified | Denied | Modified | Pended | InformationRequested | Cancelled;
export type ClockEvent = Extended | Paused | Resumed | Downgraded;
/** What happens to one item. */
export type ItemEvent = DecisionEvent | ClockEvent;
export type EventBody = Received | ItemEvent;

/** An event in its place in the log. */
export type AuthorizationEvent = EventBody & {
  readonly sequence: number;
  /** Instant, ISO 8601. */
  readonly at: string;
};
