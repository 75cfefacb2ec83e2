/** What planning a request works with, and what it comes to. */
import type { Bundle } from '@medplum/fhirtypes';
import type { ClockBook } from '../../review/clock/rules.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import type { Change, LandingKey } from '../../store/write/changes.ts';
import type { Turn } from '../intake/turns.ts';
import type { Member } from './member.ts';
import type { Rejection } from './rejection.ts';
import type { RequestReading } from './request/read-request.ts';
import type { AuthorizationState, ItemState } from './state.ts';

export interface Submission {
  /** The rail it came by: `fhir`, `x12`. */
  readonly rail: string;
  /** The PAS request Bundle, parsed; a mapper's work on rails other than FHIR. */
  readonly body: unknown;
  readonly landing: LandingKey;
  /** When its bytes landed: the clock runs from then, however long mapping takes. */
  readonly receivedAt: Date;
  /** Of what the rail compares when a request is sent again, sender included: a delivery may hold several requests. */
  readonly contentSha256?: string;
  /** Taken before what is on record of the member is read; who commits the plan gives it back. */
  readonly turn?: Turn;
}

export interface SubmissionSettings {
  readonly policies: readonly PolicyPack[];
  readonly clocks: ClockBook;
  readonly baseUrl: string;
  /** Whether the answer is due, and no time is left to decide. */
  readonly isAnswerDue?: () => boolean;
  /** Whether the showcase plan is played. */
  readonly hasShowcase?: boolean;
}

export interface AuthorizedPlan {
  readonly kind: 'authorized';
  readonly response: Bundle;
  readonly changes: readonly Change[];
  readonly state: AuthorizationState;
  /** Items that were decided by this plan, as they stand after it. */
  readonly decided: readonly ItemState[];
  /** `Claim/id` of the authorization. */
  readonly claim: string;
  /** As it was sent. */
  readonly request: RequestReading;
  /** Sequences of the items in the response, by sequence in the request: an update by X12 counts its own lines. */
  readonly sequences: ReadonlyMap<number, number>;
}

/** The answer to a request, for a rail that writes it in words of its own. */
export type PlannedAnswer = Pick<AuthorizedPlan, 'response' | 'sequences'>;

export type SubmissionPlan =
  | AuthorizedPlan
  | { readonly kind: 'rejected'; readonly response: Bundle; readonly rejections: readonly Rejection[]; readonly request: RequestReading };

/** What planning a request needs, once its member is known. */
export interface Work {
  readonly database: Queryable;
  readonly submission: Submission;
  readonly settings: SubmissionSettings;
  readonly context: Context;
  readonly request: RequestReading;
  readonly patient: Member['patient'];
  readonly shard: number;
  /** `Organization/id` of the payer that answers. */
  readonly payer: string | undefined;
  /** To be awaited before what is on record of the member is read. */
  takeTurn(): Promise<void>;
}
