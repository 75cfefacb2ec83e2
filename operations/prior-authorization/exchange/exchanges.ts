/** What becomes of a request on a rail, as a record for the plan's figures: one for each request that was answered, and for each notification that was taken. */
import { nameBasedUuid } from '../../../fhir/ids.ts';
import type { Problem } from '../../../fhir/problems.ts';
import type { Context } from '../../../store/context.ts';
import { newId, shardOf } from '../../../store/shard.ts';
import type { ExchangeRow, RecordAuthorization, RecordExchange } from '../../../store/write/changes.ts';
import type { AttachmentPlan } from '../attach/plan-attachment.ts';
import type { LoadedAuthorization } from '../load.ts';
import type { AuthorizedPlan, Submission, SubmissionPlan } from '../plan.ts';
import type { RequestReading } from '../request/read-request.ts';
import type { AuthorizationState } from '../state.ts';
import { aaaCodes, itemDetails, methodOf, partiesOf, requestedDocuments, unknownParties, type MetricData, type Parties } from './metric-data.ts';

type Told = Pick<MetricData, 'issue' | 'aaaCodes' | 'itemDetail' | 'requestedDoc' | 'businessLine'>;

const businessLines = 'https://priora.health/fhir/CodeSystem/line-of-business';
const problems = 'https://priora.health/fhir/CodeSystem/problem';

interface Exchange extends Pick<ExchangeRow, 'exchange' | 'rail' | 'requestedAt' | 'status' | 'plan' | 'lineOfBusiness' | 'authorization'> {
  readonly parties: Parties;
  readonly told: Told;
  /** The same for the same request, however often it is planned. */
  readonly name?: string;
}

function recordOf({ parties, told: said, name, ...row }: Exchange, context: Context): RecordExchange {
  const shard = shardOf(context.tenant.id, name ?? row.requestedAt.toISOString());
  const respondedAt = context.now();
  const detail: MetricData = {
    source: 'payer', ...parties,
    exchange: [{ type: row.exchange === 'document' ? 'initialDocToPayer' : row.exchange, with: 'provider', method: methodOf(row.rail), requestTime: row.requestedAt.toISOString(), responseTime: respondedAt.toISOString(), httpResponse: String(row.status ?? 200) }],
    ...said,
  };
  return { kind: 'exchange', exchange: { ...row, id: name === undefined ? newId(context, shard) : nameBasedUuid('https://priora.health/exchange', name), shard, respondedAt, detail: JSON.stringify(detail) } };
}

/** What was refused and comes again is another exchange. */
const nameOf = ({ landing, contentSha256, receivedAt }: Pick<Submission, 'landing' | 'contentSha256' | 'receivedAt'>, context: Context): string => `${context.tenant.id} ${landing.id} ${contentSha256 ?? ''} ${receivedAt.toISOString()}`;

/** Of a request that was read and understood. */
export function exchangeOf(submission: Submission, planned: SubmissionPlan, context: Context): RecordExchange {
  const head = { rail: submission.rail, requestedAt: submission.receivedAt, status: 200, parties: partiesOf(planned.request), name: nameOf(submission, context) };
  if (planned.kind === 'rejected') return recordOf({ ...head, exchange: planned.request.refersToPrior ? 'update' : 'initial', told: { aaaCodes: aaaCodes(planned.rejections) } }, context);
  return recordOf({ ...head, exchange: kindOf(planned), ...aboutAuthorization(planned, planned.request, context) }, context);
}

/** Of documents that joined an authorization. */
export function exchangeOfDocuments(submission: Omit<Submission, 'body'>, planned: AttachmentPlan, context: Context): RecordExchange {
  return recordOf({ rail: submission.rail, requestedAt: submission.receivedAt, status: 200, parties: unknownParties, name: nameOf(submission, context), exchange: 'document', ...aboutAuthorization(planned, undefined, context) }, context);
}

/** What an exchange about an authorization tells of it. */
export type ToldAuthorization = Pick<Exchange, 'parties' | 'plan' | 'lineOfBusiness' | 'authorization' | 'told'>;

/** @param authorization as it stands when it is told */
export function toldOf({ state, request, stored }: LoadedAuthorization, context: Context): ToldAuthorization {
  return { ...told({ state, authorization: stored.id }, request, context), parties: partiesOf(request) };
}

/** Of a notification that was taken, or an answer that was acknowledged: what a decision, an extension or a change brought after the first answer. */
export function exchangeOfNotification(authorization: ToldAuthorization, { rail, requestedAt, status, name }: { readonly rail: string; readonly requestedAt: Date; readonly status: number; readonly name: string }, context: Context): RecordExchange {
  return recordOf({ ...authorization, rail, exchange: 'subsequent', requestedAt, status, name: `${context.tenant.id} ${name}` }, context);
}

/** Of what could not be processed. */
export function exchangeOfProblem(submission: Pick<Submission, 'rail' | 'receivedAt' | 'landing' | 'contentSha256'>, exchange: ExchangeRow['exchange'], problem: Problem, context: Context): RecordExchange {
  return recordOf({ rail: submission.rail, requestedAt: submission.receivedAt, status: problem.status, parties: unknownParties, name: nameOf(submission, context), exchange, told: { issue: issuesOf(problem) } }, context);
}

/** Of an inquiry, answered or not. */
export function exchangeOfInquiry(rail: string, requestedAt: Date, asked: RequestReading | undefined, problem: Problem | undefined, context: Context): RecordExchange {
  return recordOf({ rail, requestedAt, status: problem?.status ?? 200, parties: asked ? partiesOf(asked) : unknownParties, exchange: 'query', told: problem ? { issue: issuesOf(problem) } : {} }, context);
}

function issuesOf(problem: Problem): NonNullable<MetricData['issue']> {
  return problem.issues.map(({ code }) => ({ code: 'processing', details: { coding: [{ system: problems, code }] } }));
}

function kindOf({ state, decided }: AuthorizedPlan): ExchangeRow['exchange'] {
  if (state.received.version === 1) return 'initial';
  return decided.length > 0 && decided.every(({ status }) => status === 'cancelled') ? 'cancel' : 'update';
}

type About = Pick<Exchange, 'plan' | 'lineOfBusiness' | 'authorization' | 'told'>;

function aboutAuthorization({ state, changes }: Pick<AuthorizedPlan, 'state' | 'changes'>, request: RequestReading | undefined, context: Context): About {
  return told({ state, authorization: changes.find((change): change is RecordAuthorization => change.kind === 'authorization')?.header.id }, request, context);
}

function told({ state, authorization }: { readonly state: AuthorizationState; readonly authorization: string | undefined }, request: RequestReading | undefined, context: Context): About {
  const { plan, clock } = state.received;
  const documents = requestedDocuments(state, context.now());
  return {
    ...(plan !== undefined && { plan }), ...(clock && { lineOfBusiness: clock.lineOfBusiness }), ...(authorization !== undefined && { authorization }),
    told: {
      ...(request && { itemDetail: itemDetails(state, request) }), ...(documents.length > 0 && { requestedDoc: documents }),
      ...(clock && { businessLine: { coding: [{ system: businessLines, code: clock.lineOfBusiness }] } }),
    },
  };
}
