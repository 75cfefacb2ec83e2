/** Answers to a 278: a request is planned by the same code as a FHIR request, an inquiry finds what came of earlier ones. */
import type { Bundle, ClaimResponse } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { inquiryResponseFor, type MappedRequest, responseFor, type Segment, withItemSequences } from '../../mappers/x12/index.ts';
import type { Turn } from '../../operations/intake/turns.ts';
import { numbersTaken } from '../../operations/prior-authorization/approved-before.ts';
import { cutText, type InquiryAnswer } from '../../operations/prior-authorization/inquire.ts';
import type { PriorAuthorizationService } from '../../operations/prior-authorization/service.ts';
import type { AuthorizedPlan, PlannedAnswer } from '../../operations/prior-authorization/plan.ts';
import { tracesOf } from '../../operations/prior-authorization/request/read-request.ts';
import { tracesNamed } from '../../operations/prior-authorization/update/find-prior.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import type { Landed } from '../../store/landing.ts';
import type { LandingKey } from '../../store/write/changes.ts';
import { claimOfEarlier, contentOf, contentSha256 } from './resubmission.ts';
import { rejectedForNow, unreviewable } from './unreviewable.ts';

/** What comes of a delivery while its transaction sets are gone through. */
export interface Work {
  readonly landed: LandingKey & Pick<Landed, 'receivedAt'>;
  readonly turn: Turn;
  /** New authorizations. */
  readonly committed: AuthorizedPlan[];
  /** Answers given from an authorization, by the content of the request. */
  readonly answered: Map<string, PlannedAnswer>;
  /** Questions that were answered, if only with nothing. */
  informed: number;
  /** Units that the inbox has taken. */
  taken: number;
  readonly problems: string[];
}

export interface Reviewer {
  readonly database: Database;
  readonly priorAuthorization: PriorAuthorizationService;
}

/** The 278 response (ST to SE) to a request or an inquiry. */
export async function answerReview(reviewer: Reviewer, asked: MappedRequest, work: Work, stamps: { date: string; time: string; controlNumber: string }, context: Context): Promise<Segment[]> {
  if (asked.kind === 'inquiry') {
    const { found, isCut } = await answerInquiry(reviewer, asked, work, context);
    return inquiryResponseFor(asked.context, found, stamps, isCut ? [cutText] : []).segments;
  }
  const { response, sequences } = await answerRequest(reviewer, asked, work, context);
  return responseFor(withItemSequences(asked.context, sequences), response, stamps).segments;
}

/** What came of earlier requests, as it stands now. */
async function answerInquiry(reviewer: Reviewer, inquiry: MappedRequest, work: Work, context: Context): Promise<Pick<InquiryAnswer, 'found' | 'isCut'>> {
  try {
    const answer = await reviewer.priorAuthorization.find('x12', inquiry.bundle, context);
    const rejections = answer.found.flatMap((each) => rejectCodes(each.answer));
    if (rejections.length === 0) work.informed += 1;
    work.problems.push(...rejections.map((code) => `aaa-${code}`));
    return answer;
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    work.problems.push(...error.issues.map((issue) => issue.code));
    return { found: [{ answer: unreviewable(inquiry.bundle, error) }], isCut: false };
  }
}

/** X12 data element 901 of each error in an answer. */
function rejectCodes(answer: Bundle): string[] {
  const response = answer.entry?.[0]?.resource as ClaimResponse | undefined;
  return (response?.error ?? []).flatMap((error) => error.code.coding?.[0]?.code ?? []);
}

async function answerRequest(reviewer: Reviewer, request: MappedRequest, work: Work, context: Context): Promise<PlannedAnswer> {
  const content = contentOf(request.context);
  const known = work.answered.get(content);
  if (known) return known;
  // Planned before it is known to be new: the plan notes what is on record, and its commit fails when there is more by
  // then, the first one of two such requests for instance. Looked for the other way round, that one could be missed.
  const planned = await planNew(reviewer, request, work, context);
  const earlier = await claimOfEarlier(reviewer.database, request, context);
  if (earlier !== undefined) {
    const answer = await reviewer.priorAuthorization.current(earlier, 'x12', request.bundle, context);
    work.answered.set(content, answer);
    return answer;
  }
  // Two versions of one authorization in one delivery, or two that take a part of what was approved once: the second was
  // planned without the first, or did not even find it, and must come again.
  const numbers = takenBy(planned.plan);
  if (work.committed.some((before) => before.claim === planned.plan?.claim || planned.tracesNamed.some((trace) => tracesOf(before.request.claim).includes(trace)) || takenBy(before).some((number) => numbers.includes(number)))) {
    work.problems.push('aaa-42');
    return { response: rejectedForNow(request.bundle), sequences: asSent };
  }
  work.problems.push(...planned.problems);
  if (planned.plan) {
    work.committed.push(planned.plan);
    work.answered.set(content, planned.plan);
  }
  return { response: planned.response, sequences: planned.plan?.sequences ?? asSent };
}

function takenBy(plan: AuthorizedPlan | undefined): string[] {
  return numbersTaken(plan?.decided.map(({ decision }) => decision) ?? []);
}

/** An answer that speaks of the lines by their places in the request. */
const asSent: PlannedAnswer['sequences'] = new Map();

interface Planned {
  readonly response: Bundle;
  /** Undefined where nothing is to be stored. */
  readonly plan?: AuthorizedPlan;
  readonly problems: readonly string[];
  /** Identifiers of the request that it changes, where it is named by nothing else. */
  readonly tracesNamed: readonly string[];
}

async function planNew(reviewer: Reviewer, request: MappedRequest, { landed, turn }: Work, context: Context): Promise<Planned> {
  try {
    const plan = await reviewer.priorAuthorization.plan({ rail: 'x12', body: request.bundle, landing: landed, receivedAt: landed.receivedAt, contentSha256: contentSha256(request, context.actor), turn }, context);
    return plan.kind === 'authorized'
      ? { response: plan.response, plan, problems: [], tracesNamed: tracesNamed(plan.request) }
      : { response: plan.response, problems: plan.rejections.map((rejection) => `aaa-${rejection.code}`), tracesNamed: tracesNamed(plan.request) };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { response: unreviewable(request.bundle, error), problems: error.issues.map((issue) => issue.code), tracesNamed: [] };
  }
}
