/**
 * The X12 rail: bytes land, each 278 request is planned by the same code as a FHIR request, and one interchange
 * answers: TA1 where the envelope is broken, 999 where the syntax is, AAA where the request cannot be reviewed,
 * HCR where it is decided. All requests of a delivery are committed together with that answer. An inquiry (005010X215)
 * finds what came of earlier requests, by whatever rail they came; it makes nothing, and the same inquiry again is
 * answered with what stands then. Beside a request in one delivery it shares the fate of the request: the delivery is
 * answered once.
 */
import type { Bundle, ClaimResponse } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import {
  acknowledgmentCode, answerGroupCount, inquiryResponseFor, interchangeAcknowledgment, readDelivery, responseFor, writeAcknowledgment, writeInterchange,
  type MappedRequest, type ReceivedGroup, type ReceivedInterchange, type Rejection, type Segment,
} from '../../mappers/x12/index.ts';
import { takeDelivery, type Processed, type Taken } from '../../operations/intake/take-delivery.ts';
import type { FoundAuthorization } from '../../operations/prior-authorization/inquire.ts';
import type { Turn } from '../../operations/intake/turns.ts';
import type { PriorAuthorizationService } from '../../operations/prior-authorization/service.ts';
import type { SubmissionPlan } from '../../operations/prior-authorization/submit.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { nextControlNumbers, usedControlKeys } from '../../store/interchanges.ts';
import type { LandingKey } from '../../store/write/changes.ts';
import { claimOfEarlier, contentOf } from './resubmission.ts';
import { unreviewable } from './unreviewable.ts';

export const x12MediaType = 'application/edi-x12';

export interface X12Channel {
  readonly database: Database;
  readonly priorAuthorization: PriorAuthorizationService;
}

export async function takeInterchange(channel: X12Channel, bytes: Buffer, context: Context): Promise<Taken> {
  let work: Work | undefined;
  const taken = await takeDelivery(
    { database: channel.database, turns: channel.priorAuthorization.turns }, { channel: 'x12', sender: context.actor, mediaType: x12MediaType, body: bytes }, context,
    (landed, turn) => {
      work = { landed, turn, committed: [], answered: new Map(), informed: 0, problems: [] };
      return process(channel, bytes, work, context);
    },
    (problem) => ({ status: problem.status, mediaType: x12MediaType, body: notAnInterchange(context) }),
  );
  channel.priorAuthorization.delivered('x12', taken.outcome);
  if (taken.outcome === 'answered') for (const plan of work?.committed ?? []) channel.priorAuthorization.committed('x12', plan);
  return taken;
}

/** What comes of a delivery while its transaction sets are gone through. */
interface Work {
  readonly landed: LandingKey;
  readonly turn: Turn;
  /** New authorizations. */
  readonly committed: Extract<SubmissionPlan, { kind: 'authorized' }>[];
  /** Answers given from an authorization, by the content of the request. */
  readonly answered: Map<string, Bundle>;
  /** Inquiries that were answered, if only with nothing. */
  informed: number;
  readonly problems: string[];
}

/** @throws {Problem} `x12-not-an-interchange` */
async function process(channel: X12Channel, bytes: Buffer, work: Work, context: Context): Promise<Processed> {
  const delivery = readDelivery(bytes);
  if (delivery.interchanges.length === 0) throw new Problem('x12-not-an-interchange', { reason: delivery.issues[0]?.text ?? 'no ISA segment was found' });
  const keys = delivery.interchanges.map(controlKey);
  const used = await usedControlKeys(channel.database, keys, work.landed.id, context);
  const answers: Uint8Array[] = [];
  for (const [index, interchange] of delivery.interchanges.entries()) {
    // The same control number with other content: the partner has lost count, and neither side may guess (TA1 025).
    const reused = used.has(keys[index]!) || keys.indexOf(keys[index]!) < index;
    const rejection: Rejection | undefined = interchange.rejection ?? (reused ? { noteCode: '025', message: 'The interchange control number was used before.' } : undefined);
    const responses = rejection === undefined ? await answerGroups(channel, interchange, work, context) : [];
    if (rejection) work.problems.push(`ta1-${rejection.noteCode}`);
    const parts = { ...(rejection && { rejection }), responses };
    // The first group takes the interchange's number, every further one a number of its own: none is used twice.
    const numbers = await nextControlNumbers(channel.database, Math.max(1, answerGroupCount(interchange, parts)));
    const written = writeAcknowledgment(interchange, { ...stampsOf(context), interchangeControlNumber: numbers[0]!, groupControlNumbers: numbers }, parts);
    if (written) answers.push(written.bytes);
  }
  return {
    answer: { status: 200, mediaType: x12MediaType, body: Buffer.concat(answers).toString('latin1') },
    changes: work.committed.flatMap((plan) => plan.changes),
    outcome: work.answered.size > 0 ? 'answered' : work.informed > 0 ? 'informed' : 'refused', problems: work.problems,
    controlKeys: [...new Set(keys)].filter((key) => !used.has(key)),
  };
}

async function answerGroups(channel: X12Channel, interchange: ReceivedInterchange, work: Work, context: Context): Promise<{ group: ReceivedGroup; transactions: Segment[][] }[]> {
  const answered = [];
  for (const group of interchange.groups) {
    const transactions: Segment[][] = [];
    for (const transaction of group.transactions) {
      if (acknowledgmentCode(transaction) === 'R') work.problems.push('999-r');
      const asked = transaction.request;
      if (!asked) continue;
      const stamps = { ...stampsOf(context), controlNumber: String(transactions.length + 1).padStart(4, '0') };
      const { segments } = asked.kind === 'inquiry'
        ? inquiryResponseFor(asked.context, await answerInquiry(channel, asked, work, context), stamps)
        : responseFor(asked.context, await answerRequest(channel, asked, work, context), stamps);
      transactions.push(segments);
    }
    answered.push({ group, transactions });
  }
  return answered;
}

/** What came of earlier requests, as it stands now. */
async function answerInquiry(channel: X12Channel, inquiry: MappedRequest, work: Work, context: Context): Promise<readonly FoundAuthorization[]> {
  try {
    const found = await channel.priorAuthorization.find(inquiry.bundle, context);
    const rejections = found.flatMap(({ answer }) => rejectCodes(answer));
    if (rejections.length === 0) work.informed += 1;
    work.problems.push(...rejections.map((code) => `aaa-${code}`));
    return found;
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    work.problems.push(...error.issues.map((issue) => issue.code));
    return [{ answer: unreviewable(inquiry.bundle, error) }];
  }
}

/** X12 data element 901 of each error in an answer. */
function rejectCodes(answer: Bundle): string[] {
  const response = answer.entry?.[0]?.resource as ClaimResponse | undefined;
  return (response?.error ?? []).flatMap((error) => error.code.coding?.[0]?.code ?? []);
}

async function answerRequest(channel: X12Channel, request: MappedRequest, work: Work, context: Context): Promise<Bundle> {
  const content = contentOf(request.context);
  const known = work.answered.get(content);
  if (known) return known;
  // Planned before it is known to be new: the plan notes what is on record, and its commit fails when there is more by
  // then, the first one of two such requests for instance. Looked for the other way round, that one could be missed.
  const planned = await planNew(channel, request, work, context);
  const earlier = await claimOfEarlier(channel.database, request, context);
  if (earlier !== undefined) {
    const response = await channel.priorAuthorization.current(earlier, context);
    work.answered.set(content, response);
    return response;
  }
  work.problems.push(...planned.problems);
  if (planned.plan) {
    work.committed.push(planned.plan);
    work.answered.set(content, planned.response);
  }
  return planned.response;
}

interface Planned {
  readonly response: Bundle;
  /** Undefined where nothing is to be stored. */
  readonly plan?: Extract<SubmissionPlan, { kind: 'authorized' }>;
  readonly problems: readonly string[];
}

async function planNew(channel: X12Channel, request: MappedRequest, { landed, turn }: Work, context: Context): Promise<Planned> {
  try {
    const plan = await channel.priorAuthorization.plan({ rail: 'x12', body: request.bundle, landing: landed, turn }, context);
    return plan.kind === 'authorized'
      ? { response: plan.response, plan, problems: [] }
      : { response: plan.response, problems: plan.rejections.map((rejection) => `aaa-${rejection.code}`) };
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) throw error;
    return { response: unreviewable(request.bundle, error), problems: error.issues.map((issue) => issue.code) };
  }
}

function controlKey({ control }: ReceivedInterchange): string {
  return `${control.sender.qualifier}:${control.sender.id}:${control.controlNumber}`;
}

function stampsOf(context: Context): { date: string; time: string } {
  const now = context.now().toISOString();
  return { date: now.slice(0, 10).replaceAll('-', ''), time: now.slice(11, 16).replace(':', '') };
}

/** What is no interchange at all is told so in X12: a TA1 about an interchange without a number (note 022). */
function notAnInterchange(context: Context): string {
  const stamps = stampsOf(context);
  const nobody = { qualifier: 'ZZ', id: 'UNKNOWN' };
  const control = { sender: nobody, receiver: nobody, controlNumber: '', date: stamps.date.slice(2), time: stamps.time, usage: 'P', acknowledgmentRequested: true, version: '00501' };
  const note = interchangeAcknowledgment({ control, delimiters: { element: '*', component: ':', segment: '~', repetition: '^' }, groups: [], acknowledgments: [], issues: [] }, { noteCode: '022', message: 'There is no interchange in the delivery.' });
  const written = writeInterchange({ sender: nobody, receiver: nobody, usage: 'P', ...stamps, controlNumber: 1 }, [], [note]);
  return Buffer.from(written.bytes).toString('latin1');
}
