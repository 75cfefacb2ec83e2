/**
 * Prior authorization as the rails and routes use it: submit, inquire, decide. Everything that concerns an
 * authorization goes through here, whatever way it came.
 */
import type { Bundle, OperationOutcome, Task } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { outcomeOf } from '../../fhir/outcome.ts';
import { Problem } from '../../fhir/problems.ts';
import type { ClockBook } from '../../review/clock/rules.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import type { DeliveryAnswer, Landed } from '../../store/landing.ts';
import type { Change, ExpectedVersion, LandingKey } from '../../store/write/changes.ts';
import { moveOutAttachments, type AttachmentSettings } from '../attachments/move-out.ts';
import { takeDelivery, type Taken } from '../intake/take-delivery.ts';
import { withoutMarks } from '../signatures/mark.ts';
import type { SignaturePolicy } from '../signatures/verify.ts';
import type { WriteCheck } from '../validate/on-write.ts';
import { createTurns, type Turns } from '../intake/turns.ts';
import { answerAsItStands } from './answer/as-it-stands.ts';
import { wireResponse } from './answer/wire-response.ts';
import { answersRequest, askedTask, planCompleted, planRejected, submissionOf } from './attach/answer-task.ts';
import { planHold } from './attach/hold.ts';
import type { KeepingLimits } from './attach/keeping.ts';
import { planAttachment, type AttachmentPlan, type AttachmentWork } from './attach/plan-attachment.ts';
import { readAttachmentParameters } from './attach/read-parameters.ts';
import type { AttachmentSubmission } from './attach/submission.ts';
import { verifySignatures } from './attach/verify-signatures.ts';
import { changeClock } from './change-clock.ts';
import { checkAttachments, checkParties } from './check-parties.ts';
import { clockOperations, type ClockAction } from './clock-definitions.ts';
import { decideByPerson } from './decide-by-person.ts';
import { exchangeOf, exchangeOfDocuments, exchangeOfInquiry, exchangeOfProblem } from './exchange/exchanges.ts';
import { createLaterExchanges } from './exchange/later.ts';
import { cutText, inquire, type InquiryAnswer } from './inquire.ts';
import { answerBudget, decideLate } from './late.ts';
import { loadByClaim } from './load.ts';
import type { AuthorizedPlan, PlannedAnswer, Submission, SubmissionPlan, SubmissionSettings } from './plan.ts';
import { readClockChange } from './read-clock-change.ts';
import { readDecision } from './read-decision.ts';
import { actionCodeOf } from './record/claim-response.ts';
import type { ItemState } from './state.ts';
import { decideShowcase } from './showcase.ts';
import { planSubmission } from './submit.ts';

/** Told to whoever counts; carries codes, never patients. */
export interface PriorAuthorizationObserver {
  delivered(rail: string, outcome: Taken['outcome']): void;
  decided(rail: string, action: string, authority: string): void;
  /** Exchanges that were answered could not be noted. */
  exchangesLost(count: number): void;
}

export interface PriorAuthorizationOptions {
  readonly database: Database;
  /** What becomes of large evidence. */
  readonly attachments: AttachmentSettings;
  /** Of documents that come before their request. */
  readonly keeping: KeepingLimits;
  /** Whose signatures of documents are trusted. */
  readonly signatures: SignaturePolicy;
  readonly policies: readonly PolicyPack[];
  /** By when requests are decided. */
  readonly clocks: ClockBook;
  /** Milliseconds of a clock that only goes forward. */
  readonly monotonic: () => number;
  /** In demo mode: the tenant in which the showcase plan is played. */
  readonly showcaseTenant?: number;
  readonly observer: PriorAuthorizationObserver;
  /** What comes as FHIR is held against FHIR R4 as any other write is, but that something is missing hinders nobody (conf-14). */
  readonly checkWrite: WriteCheck;
}

export interface PriorAuthorizationService {
  /** Every rail's deliveries take them, since they may be about the same member. */
  readonly turns: Turns;
  /** When exchanges that were answered are all on record: what has nothing to commit is noted after its answer. */
  settled(): Promise<void>;
  /** $submit: the bytes of a PAS request Bundle, as they came. */
  submit(delivery: { bytes: Uint8Array; mediaType: string }, parse: (bytes: Uint8Array) => unknown, context: Context): Promise<Taken>;
  /** What would be stored and answered; rails commit it with an answer of their own. */
  plan(submission: Submission, context: Context): Promise<SubmissionPlan>;
  /** A rail of its own tells that a plan was committed. */
  committed(rail: string, plan: Pick<AuthorizedPlan, 'decided'>): void;
  delivered(rail: string, outcome: Taken['outcome']): void;
  /** $inquire: Parameters with one `return` for each authorization found. */
  inquire(body: unknown, context: Context): Promise<string>;
  /** What an inquiry of a rail of its own finds. @throws {Problem} when the Bundle is not fit to be processed */
  find(rail: string, body: unknown, context: Context): Promise<Pick<InquiryAnswer, 'found' | 'isCut'>>;
  /**
   * The answer to a request that was taken before, as it stands now.
   * @param asked the request as its rail's mapper reads it
   * @throws {Problem} `authorization-not-found`
   */
  current(claimId: string, rail: string, asked: Bundle, context: Context): Promise<PlannedAnswer>;
  /** $submit-attachment: the bytes of CDex Parameters, as they came. */
  submitAttachment(delivery: { bytes: Uint8Array; mediaType: string }, parse: (bytes: Uint8Array) => unknown, context: Context): Promise<Taken>;
  /** Whether the Task, as it is to be written, answers one by which a provider was asked for information. */
  answersRequest(task: Task, context: Context): Promise<boolean>;
  /**
   * The provider's answer to the Task by which he was asked for information: what was asked for is its output, or it is
   * rejected.
   * @param ifMatch version of the Task that was answered; undefined: whichever is there
   */
  answerTask(task: Task & { readonly id: string }, ifMatch: ExpectedVersion | undefined, context: Context): Promise<Taken>;
  /**
   * What documents of a rail of its own come to.
   * @throws {Problem} `signature-invalid`, `attachment-unmatched` where nothing was asked for under their numbers, `attachment-invalid`
   */
  attach(submission: AttachmentWork['submission'], sent: AttachmentSubmission, context: Context): Promise<AttachmentPlan>;
  /**
   * $decide: the response Bundle as it stands after the decision.
   * @param version of the Claim that was decided on; undefined: whichever is there
   * @throws {Problem} `version-conflict` where the request has changed since
   */
  decide(claimId: string, body: unknown, version: number | undefined, context: Context): Promise<string>;
  /** What rules decide of a request whose answer was due before. */
  decideLate(claimId: string, context: Context): Promise<void>;
  /** What the reviewer of the showcase decides after the answer. */
  playReviewer(claimId: string, context: Context): Promise<void>;
  /**
   * $extend and $downgrade: the response Bundle as it stands then.
   * @param version as of `decide`
   * @throws {Problem} `version-conflict`, `clock-not-allowed`
   */
  changeClock(action: ClockAction, claimId: string, body: unknown, version: number | undefined, context: Context): Promise<string>;
}

const fhirJson = 'application/fhir+json; charset=utf-8';

export function createPriorAuthorizationService(options: PriorAuthorizationOptions): PriorAuthorizationService {
  const { database, observer } = options;
  const turns = createTurns();
  const isShown = ({ tenant }: Context): boolean => tenant.id === options.showcaseTenant;
  const later = createLaterExchanges(database, (count) => observer.exchangesLost(count));
  /** @throws {Problem} the same; what is none of the sender's doing is no answer, and not noted */
  const noteProblem = (submission: Omit<Submission, 'body'>, exchange: 'initial' | 'document', problem: unknown, context: Context): never => {
    if (problem instanceof Problem && problem.status < 500 && problem.code !== 'concurrent-change') later.add(exchangeOfProblem(submission, exchange, problem, context), context);
    throw problem;
  };
  const inquireAndNote = async (rail: string, body: unknown, context: Context): Promise<InquiryAnswer> => {
    const requestedAt = context.now();
    try {
      const answer = await inquire(database, body, { policies: options.policies, baseUrl: context.base, hasShowcase: isShown(context) }, context);
      later.add(exchangeOfInquiry(rail, requestedAt, answer.asked, undefined, context), context);
      return answer;
    } catch (problem) {
      if (problem instanceof Problem && problem.status < 500) later.add(exchangeOfInquiry(rail, requestedAt, undefined, problem, context), context);
      throw problem;
    }
  };
  /** @param begun when work on the delivery began: whoever has to plan it again, because somebody else was faster, has no more time */
  const settingsOf = (context: Context, begun: number): SubmissionSettings => ({ policies: options.policies, clocks: options.clocks, baseUrl: context.base, isAnswerDue: () => options.monotonic() - begun > answerBudget });
  const plan = async (submission: Submission, context: Context, begun = options.monotonic()): Promise<SubmissionPlan> => {
    const planned = await planSubmission(database, submission, { ...settingsOf(context, begun), hasShowcase: isShown(context) }, context).catch((problem: unknown) => noteProblem(submission, 'initial', problem, context));
    const exchange = exchangeOf(submission, planned, context);
    if (planned.kind === 'rejected') {
      later.add(exchange, context);
      return planned;
    }
    // The record refers to large evidence; the bytes that arrived keep it as it was sent.
    return { ...planned, changes: [...await moveOutAttachments(planned.changes, options.attachments, context), exchange] };
  };
  /** @param sent whose signatures were verified */
  const attach = async (submission: AttachmentWork['submission'], sent: AttachmentSubmission, context: Context, begun = options.monotonic()): Promise<AttachmentPlan> => {
    const planned = await planAttachment({ database, submission, settings: settingsOf(context, begun), context }, sent);
    return { ...planned, changes: [...await moveOutAttachments(planned.changes, options.attachments, context), exchangeOfDocuments(submission, planned, context)] };
  };
  /** What belongs to no authorization yet is kept; whatever else is wrong stays wrong. @throws {Problem} */
  const holdUnlessRefused = async (problem: unknown, sent: AttachmentSubmission, landed: LandingKey, context: Context): Promise<{ readonly changes: readonly Change[] }> => {
    const changes = problem instanceof Problem && problem.code === 'attachment-unmatched' ? await planHold(database, sent, `urn:uuid:${landed.id}`, options.keeping, context) : undefined;
    if (!changes) throw problem;
    return { changes: await moveOutAttachments(changes, options.attachments, context) };
  };
  /** The refusal of a delivery by FHIR, noted. */
  const noted = (landed: () => Landed | undefined, exchange: 'initial' | 'document', context: Context) => (problem: Problem): DeliveryAnswer => {
    const landing = landed();
    if (landing) later.add(exchangeOfProblem({ rail: 'fhir', landing, receivedAt: landing.receivedAt }, exchange, problem, context), context);
    return refusalOf(problem);
  };
  const countDecisions = (rail: string, decided: readonly ItemState[]): void => {
    for (const item of decided) observer.decided(rail, actionCodeOf(item), item.decision?.authority.kind ?? 'intake');
  };

  return {
    turns,
    plan: (submission, context) => plan(submission, context),
    committed: (rail, { decided }) => countDecisions(rail, decided),
    delivered: (rail, outcome) => observer.delivered(rail, outcome),

    async submit({ bytes, mediaType }, parse, context) {
      const begun = options.monotonic();
      let planned: SubmissionPlan | undefined;
      let landing: Landed | undefined;
      const taken = await takeDelivery({ database, turns }, { channel: 'fhir', sender: context.actor, mediaType, body: bytes }, context, async (landed, turn) => {
        landing = landed;
        planned = await plan({ rail: 'fhir', body: withoutMarks(parse(bytes)), landing: landed, receivedAt: landed.receivedAt, turn }, context, begun);
        // After the rules of PAS, which say more precisely what a request lacks; only what is to be recorded is judged.
        if (planned.kind === 'authorized') await checkParties(planned.request, options.checkWrite, context);
        const answer = { status: 200, mediaType: fhirJson, body: stringifyJson(planned.response) };
        return planned.kind === 'authorized'
          ? { answer, changes: planned.changes, outcome: 'answered', problems: [] }
          : { answer, changes: [], outcome: 'refused', problems: planned.rejections.map((rejection) => `reject-${rejection.code}`) };
      }, noted(() => landing, 'initial', context));
      observer.delivered('fhir', taken.outcome);
      if (taken.outcome === 'answered' && planned?.kind === 'authorized') countDecisions('fhir', planned.decided);
      return taken;
    },

    async submitAttachment({ bytes, mediaType }, parse, context) {
      const begun = options.monotonic();
      let planned: AttachmentPlan | undefined;
      let landing: Landed | undefined;
      const taken = await takeDelivery({ database, turns }, { channel: 'fhir', sender: context.actor, mediaType, body: bytes }, context, async (landed, turn) => {
        landing = landed;
        const sent = await verifySignatures(readAttachmentParameters(parse(bytes)), options.signatures, context.now());
        await checkAttachments(sent, options.checkWrite, context);
        const outcome = await attach({ rail: 'fhir', landing: landed, receivedAt: landed.receivedAt, turn }, sent, context, begun).catch((problem: unknown) => holdUnlessRefused(problem, sent, landed, context));
        if ('decided' in outcome) planned = outcome;
        return { answer: { status: 200, mediaType: fhirJson, body: stringifyJson(arrived(outcome, sent)) }, changes: outcome.changes, outcome: 'answered', problems: [] };
      }, noted(() => landing, 'document', context));
      observer.delivered('fhir', taken.outcome);
      if (taken.outcome === 'answered' && planned) countDecisions('fhir', planned.decided);
      return taken;
    },

    answersRequest: (task, context) => answersRequest(database, task, context),

    async answerTask(task, ifMatch, context) {
      const begun = options.monotonic();
      let planned: AttachmentPlan | undefined;
      let landing: Landed | undefined;
      const { version, task: { status }, patient } = await askedTask(database, task.id, context);
      // The same words may answer again when something else is asked for: a repetition is of the same version.
      const answeredVersion = status === 'requested' ? version : version - 1;
      const body = Buffer.from(stringifyJson({ ...task, meta: { ...task.meta, versionId: String(answeredVersion) } }));
      const taken = await takeDelivery({ database, turns }, { channel: 'fhir', sender: context.actor, mediaType: fhirJson, body }, context, async (landed, turn) => {
        landing = landed;
        await turn.take(`${context.tenant.id}/${patient.id}`);
        const asked = await askedTask(database, task.id, context);
        if (typeof ifMatch === 'number' && ifMatch !== asked.version) throw new Problem('version-conflict', { type: 'Task', id: task.id, current: asked.version, expected: ifMatch });
        const submission = { rail: 'fhir', landing: landed, receivedAt: landed.receivedAt, turn };
        const work = { database, submission, settings: settingsOf(context, begun), context };
        if (task.status === 'rejected') planned = await planRejected(work, asked, task);
        else {
          const sent = await verifySignatures(await submissionOf(database, task, asked, context), options.signatures, context.now());
          await checkAttachments(sent, options.checkWrite, context);
          planned = await planCompleted(work, asked, task, sent);
        }
        const changes = [...await moveOutAttachments(planned.changes, options.attachments, context), exchangeOfDocuments(submission, planned, context)];
        return { answer: { status: 200, mediaType: fhirJson, body: '' }, changes, outcome: 'answered', problems: [] };
      }, noted(() => landing, 'document', context));
      observer.delivered('fhir', taken.outcome);
      if (taken.outcome === 'answered' && planned) countDecisions('fhir', planned.decided);
      return taken;
    },

    attach: async (submission, sent, context) => attach(submission, await verifySignatures(sent, options.signatures, context.now()), context),

    async inquire(body, context) {
      const { found, callInstead, isCut } = await inquireAndNote('fhir', body, context);
      const parameter = [...found.map(({ answer }) => ({ name: 'return', resource: answer })), ...(callInstead.length > 0 ? [{ name: 'outcome', resource: withheld(callInstead) }] : []), ...(isCut ? [{ name: 'outcome', resource: cut }] : [])];
      return stringifyJson({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
    },

    find: (rail, body, context) => inquireAndNote(rail, body, context),

    settled: () => later.settled(),

    async current(claimId, rail, asked, context) {
      return answerAsItStands(await loadByClaim(database, claimId, context), rail, asked, context);
    },

    decideLate: (claimId, context) => decideLate(database, claimId, options.policies, { clocks: options.clocks, baseUrl: context.base }, context),
    playReviewer: async (claimId, context) => {
      if (isShown(context)) await decideShowcase(database, claimId, { clocks: options.clocks, baseUrl: context.base }, context);
    },

    async decide(claimId, body, version, context) {
      const { loaded, state, events } = await decideByPerson(database, { claim: claimId, version }, readDecision(body), { clocks: options.clocks, baseUrl: context.base }, context);
      for (const decision of events) {
        const item = state.items.get(decision.item);
        if (item && decision.kind !== 'information-requested' && decision.kind !== 'paused') observer.decided(loaded.stored.rail, actionCodeOf(item), 'person');
      }
      return stringifyJson(wireResponse(loaded.request, state, loaded.stored.claimResponse, context.base, 'submit', context));
    },

    async changeClock(action, claimId, body, version, context) {
      const change = readClockChange(body, clockOperations[action]);
      const { loaded, state } = await changeClock(database, { claim: claimId, version }, action, change, { clocks: options.clocks, baseUrl: context.base }, context);
      return stringifyJson(wireResponse(loaded.request, state, loaded.stored.claimResponse, context.base, 'submit', context));
    },
  };
}

/** Nothing of an authorization is told but what the sender's own documents are for it: whoever sends them need not be the one who asked. */
function arrived(outcome: object, { attachments: { length } }: AttachmentSubmission): OperationOutcome {
  const what = `${length} ${length === 1 ? 'attachment has' : 'attachments have'}`;
  if (!('decided' in outcome)) return informed([`${what} been kept for a prior authorization request that names the tracking number.`]);
  const { unasked } = outcome as AttachmentPlan;
  return informed([
    `${what} been added to the prior authorization, whose review goes on.`,
    ...(unasked > 0 ? [`${unasked === length ? 'What was sent' : `${unasked} of these`} is of a kind that was not asked for: the reviewer has it, and what was asked for is still expected.`] : []),
  ]);
}

function informed(texts: readonly string[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: texts.map((text) => ({ severity: 'information', code: 'informational', details: { text } })) };
}

/** Not how much, nor of what: that there may be more, and whom to call (spec-50). */
function withheld(phones: readonly string[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'suppressed', details: { text: `Prior authorizations of sensitive care are not told here to others than those who asked for them. Please call ${phones.join(' or ')}.` } }] };
}

/** Older authorizations were not looked at. */
const cut: OperationOutcome = { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'incomplete', details: { text: cutText } }] };

function refusalOf(problem: Problem): DeliveryAnswer {
  return { status: problem.status, mediaType: fhirJson, body: stringifyJson(outcomeOf(problem)) };
}
