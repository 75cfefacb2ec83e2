/**
 * RQA, a request for authorization: planned by the same code as a FHIR request or an X12 278, committed in one
 * transaction with the answer, and answered by an RPA. What cannot be reviewed is kept with the reason and answered with
 * what was wrong, as every message is; the same message again is then tried anew.
 */
import type { Bundle, Claim } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { answerRequest } from '../../mappers/hl7v2/inverse/authorization.ts';
import { type Hl7Message, valueAt } from '../../mappers/hl7v2/syntax/message.ts';
import { writeText } from '../../mappers/hl7v2/syntax/write.ts';
import type { Mapping } from '../../mappers/ledger.ts';
import { issuesOfProblem, sourceOf } from '../../operations/intake/issues.ts';
import type { Asking, Decided, MessageIssue } from '../../operations/intake/message.ts';
import type { PriorAuthorizationService } from '../../operations/prior-authorization/service.ts';
import type { Rejection } from '../../operations/prior-authorization/rejection.ts';
import type { SubmissionPlan } from '../../operations/prior-authorization/plan.ts';
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
  const answer = (bundle: Bundle | undefined, code: 'AA' | 'AE' | 'AR', issues: readonly MessageIssue[]): string =>
    writeText(answerRequest(asked, bundle, { code, issues: [...mapping.issues, ...issues] }, { controlId: newControlId(context), now: context.now() }).message);
  const refuse = (code: 'AE' | 'AR', issues: readonly MessageIssue[]): Decided => ({
    state: 'quarantined', issues, changes: [], acknowledgement: answer(undefined, code, issues), committed: () => { reviewer.priorAuthorization.delivered('hl7v2', 'refused'); },
  });
  // Revisions, resubmissions and cancellations (I09 to I11) name what they are about in ways that senders differ in:
  // taken for requests of their own they would be reviewed a second time, or, worse, certified when they cancel.
  if (valueAt(asked.segments[0], 9, 1, 2) !== 'I08') return refuse('AR', [eventNotTaken]);
  let plan: SubmissionPlan;
  try {
    plan = await reviewer.priorAuthorization.plan({ rail: 'hl7v2', body: mapping.bundle, landing: asking.landing, turn: asking.turn }, context);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.code === 'concurrent-change') throw error;
    return refuse('AE', issuesOfProblem(error, mapping.ledger));
  }
  // As with a 278: planned before it is known to be new, since the commit of the plan fails where there is more by then.
  const earlier = await claimOfEarlier(reviewer.database, asked, mapping.bundle, asking.sender, messagesIn, context);
  if (earlier !== undefined) {
    const { response } = await reviewer.priorAuthorization.current(earlier, 'hl7v2', mapping.bundle, context);
    return { state: 'accepted', issues: [], changes: [], acknowledgement: answer(response, 'AA', []), committed: () => { reviewer.priorAuthorization.delivered('hl7v2', 'repeated'); } };
  }
  if (plan.kind === 'rejected') return refuse('AE', plan.rejections.map((rejection) => issueOf(rejection, mapping)));
  const authorized = plan;
  const member = authorized.changes.flatMap((change) => (change.kind === 'authorization' ? [change.header.member] : []))[0];
  return {
    state: 'accepted', issues: [], changes: authorized.changes, acknowledgement: answer(authorized.response, 'AA', []), ...(member !== undefined && { patient: member }),
    committed() {
      reviewer.priorAuthorization.delivered('hl7v2', 'answered');
      reviewer.priorAuthorization.committed('hl7v2', authorized);
    },
  };
}

const eventNotTaken: MessageIssue = { severity: 'error', code: 'event-not-taken', text: 'Of requests for authorization only RQA^I08 is taken; for changes and cancellations of an earlier one please call.', source: 'MSH-9[1].2', segment: 1 };

/** With the field of the message that the values were read from; the codes are those that a PAS answer has (X12 901). */
function issueOf({ code, path, text }: Rejection, { ledger }: Mapping<unknown>): MessageIssue {
  const { source, segment } = sourceOf(path, ledger) ?? {};
  return { severity: 'error', code: `reject-${code}`, text, expression: path, ...(source !== undefined && { source: source.replace(/(\[\d+\])\..*$/, '$1') }), ...(segment !== undefined && { segment }) };
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
  for (const { claim, landing } of candidates) {
    const landed = await readLanded(database, landing, context);
    if (landed?.channel !== 'hl7v2' || landed.sender !== sender) continue;
    for (const message of messagesIn(landed.body)) if (contentOf(message) === content) return claim;
  }
  return undefined;
}

function contentOf({ segments }: Hl7Message): string {
  return JSON.stringify(segments.map(({ id, fields }) => [id, id === 'MSH' ? fields.map((field, at) => (at === 7 || at === 10 ? [] : field)) : fields]));
}
