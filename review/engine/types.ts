/**
 * What the engine is asked and what it recommends.
 *
 * - *item*: one line of the Claim; every item gets a recommendation of its own.
 * - *recommendation*: what the rules say. It is not yet a decision; operations/prior-authorization decides.
 * - *trace*: how each criterion came out, and by which evidence.
 *
 * A clinical recommendation certifies or pends. It has no value to deny, modify or reduce by, and none may be added.
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { Amount, Code, Extent, Source } from '../facts/types.ts';
import type { AdministrativeRule, CodeRef, Reason } from '../policies/pack.ts';
import type { Truth } from './truth.ts';

/** An item of an authorization the payer holds already. Leave out the authorization the request itself updates. */
export interface ExistingAuthorization {
  readonly authorizationNumber: string;
  readonly itemSequence: number;
  readonly services: readonly Code[];
  /** Days the authorization is good for; one end left out is open, with both left out the days are not known. */
  readonly servicedFrom?: string;
  readonly servicedTo?: string;
  /** Identifier of the requesting provider: `value` or `system|value`. */
  readonly requester?: string;
  /** How much was approved; left out where it was approved without a number. */
  readonly extent?: Extent;
  /** What was certified under its number to other requests. */
  readonly taken?: readonly Taken[];
  readonly status: 'certified' | 'modified' | 'pended' | 'denied' | 'cancelled';
}

/** A part of what was approved once, which went to another item since. */
export interface Taken {
  /** The item that has it, where it is one of the request: what it has now is given back when it is decided anew. */
  readonly item?: number;
  /** Left out where no number was asked for. */
  readonly quantity?: Amount;
}

export interface ReviewRequest {
  /** Day of receipt, `YYYY-MM-DD`. */
  readonly receivedOn: string;
  /** The PAS request Bundle, Claim first. */
  readonly claimBundle: Bundle;
  /** The member as the payer knows them. */
  readonly member: { readonly birthDate?: string; readonly gender?: string };
  /** The coverage as the payer knows it; undefined where the payer's records have none for this member. */
  readonly coverage: { readonly plan: string; readonly status: 'active' | 'cancelled' | 'unknown'; readonly periodStart?: string; readonly periodEnd?: string } | undefined;
  /** Items to decide. */
  readonly itemSequences: readonly number[];
  readonly existing: readonly ExistingAuthorization[];
}

/** A fact a criterion looked at: where it stands, and what it says in words. Holds patient data. */
export interface Evidence extends Source {
  readonly display: string;
}

export interface CriterionResult {
  readonly id: string;
  readonly text: string;
  readonly truth: Truth;
  readonly evidence: readonly Evidence[];
}

/** The rule a recommendation rests on. Without `rule`, none covers the item; without `pack`, the plan has no rules. */
export interface Basis {
  readonly pack?: string;
  readonly packVersion?: string;
  readonly rule?: string;
  readonly title: string;
}

/** Something to ask the provider for. */
export interface InformationRequest {
  readonly code: CodeRef;
  readonly text: string;
  /** The criterion it would settle. */
  readonly criterion?: string;
  /** Canonical of the Questionnaire that asks for it. */
  readonly questionnaire?: string;
  readonly modifier?: CodeRef;
}

interface RecommendationHead {
  readonly itemSequence: number;
  readonly basis: Basis;
  /** One sentence. */
  readonly explanation: string;
  readonly trace: readonly CriterionResult[];
}

export interface AdministrativeRecommendation extends RecommendationHead {
  readonly kind: 'administrative';
  readonly effect: 'certify' | 'deny';
  /** Of the rule. */
  readonly category: AdministrativeRule['category'];
  readonly reason: Reason;
  /** Number of the authorization that covers the item already. */
  readonly existingNumber?: string;
  /** Which item of it, and how much the item takes of what was approved there; only where it is certified. */
  readonly takes?: { readonly existingItem: number; readonly quantity?: Amount };
  readonly validDays?: number;
}

export interface ClinicalRecommendation extends RecommendationHead {
  readonly kind: 'clinical';
  readonly effect: 'certify' | 'pend';
  readonly truth: Truth;
  readonly requests: readonly InformationRequest[];
  readonly validDays?: number;
}

export type ItemRecommendation = AdministrativeRecommendation | ClinicalRecommendation;
