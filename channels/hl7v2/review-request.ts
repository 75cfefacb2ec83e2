/**
 * RQA, a request for authorization, its change or cancellation: planned by the same code as a FHIR request or an X12 278,
 * committed in one transaction with the answer, and answered by an RPA. What cannot be reviewed is kept with the reason
 * and answered with what was wrong, as every message is; the same message again is then tried anew.
 */
import { createHash } from 'node:crypto';
import type { Bundle, Claim } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { answerRequest } from '../../mappers/hl7v2/inverse/authorization.ts';
import { type Hl7Message, valueAt } from '../../mappers/hl7v2/syntax/message.ts';
import { writeText } from '../../mappers/hl7v2/syntax/write.ts';
import type { Mapping, SourceRef } from '../../mappers/ledger.ts';
import { issuesOfProblem, sourceOf } from '../../operations/intake/issues.ts';
import type { Asking, Decided, MessageIssue } from '../../operations/intake/message.ts';
import type { PriorAuthorizationService } from '../../operations/prior-authorization/service.ts';
import type { Rejection } from '../../operations/prior-authorization/rejection.ts';
import type { PlannedAnswer, SubmissionPlan } from '../../operations/prior-authorization/plan.ts';
import { tracesOf } from '../../operations/prior-authorization/request/read-request.ts';
import { versionsTraced } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { readLanded } from '../../store/landing.ts';
import { newControlId } from './control-id.ts';

export interface Hl7Reviewer {
  readonly database: Database;
  readonly priorAuthorization: PriorAuthorizationService;
}

/** Whether a message asks for an authorization. */
export function asksForReview(header: Hl7Message | undefined): boolean {
  return valueAt(header?.segments[0], 9) === 'RQA';
}

/** @param messagesIn the messages of bytes that landed, to compare with what came before */
export async function reviewRequest(reviewer: Hl7Reviewer, asked: Hl7Message, mapping: Mapping<unknown>, asking: Asking, messagesIn: (body: Uint8Array) => Iterable<Hl7Message>, context: Context): Promise<Decided> {
  const answer = (given: PlannedAnswer | undefined, code: 'AA' | 'AE' | 'AR', issues: readonly MessageIssue[]): string =>
    writeText(answerRequest(asked, given?.response, { code, issues: [...mapping.issues, ...issues] }, { controlId: newControlId(context), now: context.now() }, given?.sequences).message);
  const refuse = (code: 'AE' | 'AR', issues: readonly MessageIssue[]): Decided => ({
    state: 'quarantined', issues, changes: [], acknowledgement: answer(undefined, code, issues), committed: () => { reviewer.priorAuthorization.delivered('hl7v2', 'refused'); },
  });
  const event = valueAt(asked.segments[0], 9, 1, 2) ?? '';
  if (!events.has(event)) return refuse('AR', [eventNotTaken]);
  // A change that does not say of what would be reviewed as a request of its own.
  if (event !== 'I08' && (mapping.bundle.entry?.[0]?.resource as Claim | undefined)?.related === undefined) return refuse('AE', [predecessorMissing]);
  let plan: SubmissionPlan;
  try {
    plan = await reviewer.priorAuthorization.plan({ rail: 'hl7v2', body: mapping.bundle, landing: asking.landing, receivedAt: asking.receivedAt, contentSha256: contentSha256(asked, asking.sender), turn: asking.turn }, context);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.code === 'concurrent-change') throw error;
    return refuse('AE', issuesOfProblem(error, mapping.ledger));
  }
  // As with a 278: planned before it is known to be new, since the commit of the plan fails where there is more by then.
  const earlier = await claimOfEarlier(reviewer.database, asked, mapping.bundle, asking.sender, messagesIn, context);
  if (earlier !== undefined) {
    const current = await reviewer.priorAuthorization.current(earlier, 'hl7v2', mapping.bundle, context);
    return { state: 'accepted', issues: [], changes: [], acknowledgement: answer(current, 'AA', []), committed: () => { reviewer.priorAuthorization.delivered('hl7v2', 'repeated'); } };
  }
  if (plan.kind === 'rejected') return refuse('AE', plan.rejections.map((rejection) => issueOf(rejection, mapping)));
  const authorized = plan;
  const member = authorized.changes.flatMap((change) => (change.kind === 'authorization' ? [change.header.member] : []))[0];
  return {
    state: 'accepted', issues: [], changes: authorized.changes, acknowledgement: answer(authorized, 'AA', []), ...(member !== undefined && { patient: member }),
    committed() {
      reviewer.priorAuthorization.delivered('hl7v2', 'answered');
      reviewer.priorAuthorization.committed('hl7v2', authorized);
    },
  };
}

/** A request, its modification, its resubmission, its cancellation (table 0003). */
const events: ReadonlySet<string> = new Set(['I08', 'I09', 'I10', 'I11']);

const eventNotTaken: MessageIssue = { severity: 'error', code: 'event-not-taken', text: 'Requests for authorization are taken with the events I08 to I11.', source: 'MSH-9[1].2', segment: 1 };

const predecessorMissing: MessageIssue = { severity: 'error', code: 'predecessor-missing', text: 'A change or cancellation names what it is about: the number of the authorization (AUT-6), or that of the referral (RF1-6, RF1-11).' };

/** With the field of the message that the values were read from; the codes are those that a PAS answer has (X12 901). */
function issueOf({ code, path, element, text }: Rejection, { ledger }: Mapping<unknown>): MessageIssue {
  const [read, asked] = [sourceOf(path, ledger), unreadPlace(element)];
  // A value that was not read has no source but that of the person, which is another field of his.
  const { source, segment } = (read === undefined || (asked !== undefined && read.source.startsWith('PID-') && !read.source.startsWith(`${asked.source}[`)) ? asked : read) ?? {};
  return { severity: 'error', code: `reject-${code}`, text, expression: path, ...(source !== undefined && { source: source.replace(/(\[\d+\])\..*$/, '$1') }), ...(segment !== undefined && { segment }) };
}

/** Where a person's value would stand that was not sent or could not be read: no value of the Bundle came from there. */
function unreadPlace(element: string): SourceRef | undefined {
  const field = { NM109: 3, NM103: 5, DMG02: 7 }[/^2010[CD]-(NM109|NM103|DMG02)$/.exec(element)?.[1] ?? ''];
  return field === undefined ? undefined : { source: `PID-${field}` };
}

/** Requests that share a number; a sender who gives one number to more of them is not to be guessed at. */
const mostCandidates = 20;

/**
 * Id of the Claim of the authorization that the same request made when it came under another control id, because its
 * answer was lost or to learn what became of it. The same is what agrees in everything but MSH-7 and MSH-10, and came
 * from the same sender; without a number of its own (RF1-6, RF1-11) no request is the same as another.
 */
async function claimOfEarlier(database: Database, asked: Hl7Message, bundle: Bundle, sender: string, messagesIn: (body: Uint8Array) => Iterable<Hl7Message>, context: Context): Promise<string | undefined> {
  const traces = tracesOf(bundle.entry?.[0]?.resource as Claim);
  if (traces.length === 0) return undefined;
  const candidates = await versionsTraced(database, traces, mostCandidates, context);
  const content = contentOf(asked);
  const sha256 = contentSha256(asked, sender);
  for (const { claim, landing, contentSha256: taken } of candidates) {
    // A batch holds other messages too. Only versions of older releases do not say which of them made them.
    if (taken !== undefined) {
      if (taken === sha256) return claim;
      continue;
    }
    const landed = await readLanded(database, landing, context);
    if (landed?.channel !== 'hl7v2' || landed.sender !== sender) continue;
    for (const message of messagesIn(landed.body)) if (contentOf(message) === content) return claim;
  }
  return undefined;
}

/** What a version keeps of the request that made it: who sent it, and its content. */
export function contentSha256(asked: Hl7Message, sender: string): string {
  return createHash('sha256').update(JSON.stringify(['hl7v2', sender, contentOf(asked)])).digest('hex');
}

function contentOf({ segments }: Hl7Message): string {
  return JSON.stringify(segments.map(({ id, fields }) => [id, id === 'MSH' ? fields.map((field, at) => (at === 7 || at === 10 ? [] : field)) : fields]));
}
