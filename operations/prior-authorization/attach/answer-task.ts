/**
 * The provider answers the Task by which he was asked for information (CDex, "Task-based approach"): he completes it
 * with what was asked for as its output, and the review goes on with that as after $submit-attachment; or he rejects it,
 * then it is awaited no more, and the reviewer is told. The Task itself is held by the authorization and follows it; what
 * a provider writes of it beside that changes nothing.
 * Source: Da Vinci CDex 2.1.0, "Requesting attachments by Task"; PAS 2.2.1, ainfo-4 to ainfo-7.
 */
import type { Identifier, Reference, Resource, Task, TaskOutput } from '@medplum/fhirtypes';
import { parseJson } from '../../../fhir/json.ts';
import { linksIn } from '../../../fhir/links.ts';
import { Problem } from '../../../fhir/problems.ts';
import { readReference } from '../../../fhir/references.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { readResource } from '../../../store/read.ts';
import type { Change } from '../../../store/write/changes.ts';
import { answerTo } from '../answered.ts';
import { loadByClaim, type LoadedAuthorization } from '../load.ts';
import type { Member } from '../member.ts';
import { trackingSystem, wantedByTask } from '../record/information-requests.ts';
import { nextVersion } from '../update/next-version.ts';
import { peopleIn } from './people.ts';
import { joinDocuments, type AttachmentPlan, type AttachmentWork } from './plan-attachment.ts';
import { mostAttachments } from './read-parameters.ts';
import { isParty, type Attachment, type AttachmentSubmission } from './submission.ts';

/** What a provider says of a Task that ends his part of it. */
const answers: ReadonlySet<string | undefined> = new Set(['completed', 'rejected']);

export interface AskedTask {
  readonly task: Task & { readonly id: string };
  readonly version: number;
  readonly before: LoadedAuthorization;
  readonly patient: Member['patient'];
}

/** Whether a Task as it is to be written answers one by which information was asked for. */
export async function answersRequest(database: Queryable, { id, status, identifier = [] }: Task, context: Context): Promise<boolean> {
  if (id === undefined || !answers.has(status) || !identifier.some(({ system }) => system === trackingSystem)) return false;
  return askedBy(await storedTask(database, id, context).catch(absent)) !== undefined;
}

/** @throws {Problem} `not-found`, `authorization-not-found` */
export async function askedTask(database: Queryable, id: string, context: Context): Promise<AskedTask> {
  const stored = await storedTask(database, id, context);
  const claim = askedBy(stored);
  if (!stored || claim === undefined) throw new Problem('not-found', { type: 'Task', id });
  const before = await loadByClaim(database, claim, context);
  const { content } = await readResource(database, 'Patient', before.stored.member, context);
  return { ...stored, before, patient: parseJson(content) as Member['patient'] };
}

/**
 * What the documents in a Task come to, as one that sends attachments has them.
 * @throws {Problem} `task-of-another`, `task-not-open`, `attachment-invalid`, `attachment-of-another`, `not-found`
 */
export async function submissionOf(database: Queryable, sent: Task, asked: AskedTask, context: Context): Promise<AttachmentSubmission> {
  checkAnswer(sent, asked);
  const { patient, before } = asked;
  const outputs = sent.output ?? [];
  if (outputs.length === 0) throw invalid('A Task that is completed has what was asked for as its output; one that is not going to be answered is rejected.', 'Task.output');
  if (outputs.length > mostAttachments) throw invalid(`More than ${mostAttachments} outputs; please send them in parts.`, 'Task.output');
  const resources: Resource[] = [];
  for (const [index, output] of outputs.entries()) resources.push(ofMember(absolute(await resourceOf(database, output, `Task.output[${index}]`, sent, context), context.base), `${context.base}/Patient/${patient.id}`));
  const party = resources.findIndex(isParty);
  if (party >= 0) throw invalid('An output is a document or another piece of evidence.', `Task.output[${party}].value`);
  const attachments = resources.map((resource, index): Attachment => ({ resource, scope: index, items: [], where: `Task.output[${index}].value` }));
  return {
    numbers: [before.state.received.administrativeReference], member: numberOf(patient), attachments, senders: [], others: [], isFinal: true,
    asked: new Set(wantedByTask(asked.task.id, before.stored.claimResponse, before.state).map(({ id }) => id)),
    people: attachments.flatMap(({ resource, where }) => peopleIn(resource, where!)),
  };
}

/** @param sent with its signatures verified @throws {Problem} as `planAttachment` */
export async function planCompleted(work: AttachmentWork, { task, before, patient }: AskedTask, answer: Task, sent: AttachmentSubmission): Promise<AttachmentPlan> {
  const planned = await joinDocuments(work, { before, patient }, sent);
  // Where each output is now: in the record, under an address of ours.
  const kept = (planned.state.received.attached ?? []).slice(-sent.attachments.length).map((fullUrl) => planned.state.received.stored[fullUrl]);
  const output = (answer.output ?? []).map((each, index): TaskOutput => kept[index] === undefined ? { type: each.type } : { type: each.type, valueReference: { reference: kept[index] } });
  return { ...planned, changes: planned.changes.map((change) => ofTask(change, task, (changed) => ({ ...changed, output }))) };
}

/** Nothing of what the Task asks for will come. @throws {Problem} `task-of-another`, `task-not-open` */
export async function planRejected({ database, submission, settings, context }: AttachmentWork, asked: AskedTask, answer: Task): Promise<AttachmentPlan> {
  checkAnswer(answer, asked);
  const { task, before, patient } = asked;
  const declined = wantedByTask(task.id, before.stored.claimResponse, before.state).map(answerTo);
  const planned = await nextVersion({ database, submission: { ...submission, body: undefined }, settings, context, patient, shard: before.stored.shard, payer: before.state.received.payer }, before, {
    request: before.request, isAsSent: false, held: new Map(), settled: [], changes: new Map(), cancelled: [], refused: [], misflagged: [], trace: [], requester: [], attached: [], answered: [], informed: [], declined,
  });
  const { text } = answer.statusReason ?? {};
  const changes = planned.changes.map((change) => ofTask(change, task, (changed) => ({ ...changed, status: 'rejected', ...(text !== undefined && { statusReason: { text } }) })));
  return { ...planned, changes, member: patient.id, count: 0, unasked: 0 };
}

function ofTask(change: Change, { id }: AskedTask['task'], tell: (task: Task & { id: string }) => Task & { id: string }): Change {
  return change.kind === 'update' && change.resource.resourceType === 'Task' && change.resource.id === id ? { ...change, resource: tell(change.resource) } : change;
}

/** Who answers is whom it is for, about whom and what he was asked, as long as it is asked. @throws {Problem} */
function checkAnswer(sent: Task, { task }: AskedTask): void {
  const same = (one: Reference | undefined, other: Reference | undefined): boolean => (one?.reference ?? other?.reference) === other?.reference && sameNumber(one?.identifier, other?.identifier);
  const isSame = sent.owner !== undefined && same(sent.owner, task.owner) && same(sent.requester, task.requester) && same(sent.for, task.for) && same(sent.reasonReference, task.reasonReference);
  if (!isSame) throw new Problem('task-of-another', {}, 'Task');
  if (task.status !== 'requested') throw new Problem('task-not-open', {}, 'Task.status');
}

function sameNumber(one: Identifier | undefined, other: Identifier | undefined): boolean {
  return one?.value === other?.value && one?.system === other?.system;
}

type StoredTask = Pick<AskedTask, 'task' | 'version'>;

async function storedTask(database: Queryable, id: string, context: Context): Promise<StoredTask> {
  const { content, version } = await readResource(database, 'Task', id, context);
  return { task: parseJson(content) as Task & { id: string }, version };
}

function absent(error: unknown): undefined {
  if (!(error instanceof Problem) || (error.status !== 404 && error.status !== 410)) throw error;
}

/** Id of the Claim of the authorization that asks by this Task; undefined for another Task. */
function askedBy(stored: StoredTask | undefined): string | undefined {
  const reference = stored?.task.identifier?.some(({ system }) => system === trackingSystem) === true ? readReference(stored.task.reasonReference?.reference ?? '') : undefined;
  return reference?.type === 'Claim' ? reference.id : undefined;
}

/** @throws {Problem} `attachment-invalid`, `not-found` */
async function resourceOf(database: Queryable, { valueReference, valueAttachment }: TaskOutput, where: string, { contained = [] }: Task, context: Context): Promise<Resource> {
  if (valueAttachment) return { resourceType: 'DocumentReference', status: 'current', content: [{ attachment: valueAttachment }] };
  const reference = valueReference?.reference ?? '';
  if (reference.startsWith('#')) {
    const found = contained.find(({ id }) => id === reference.slice(1));
    if (found) return found;
  }
  const address = readReference(reference);
  if (!address || (address.base !== undefined && address.base !== context.base)) throw invalid('An output is an attachment, or refers to a resource that the Task contains or this server has.', `${where}.value`);
  const { content } = await readResource(database, address.type, address.id, context);
  return parseJson(content) as Resource;
}

/** Relative references are of this server: whom they mean can be told by that. */
function absolute(resource: Resource, base: string): Resource {
  for (const link of linksIn(resource, () => false)) {
    link.rewrite((value, kind) => kind === 'reference' && readReference(value)?.base === undefined && readReference(value) !== undefined ? `${base}/${value}` : undefined);
  }
  return resource;
}

/** A subject that is the member is called there what the request calls him. */
function ofMember<R extends Resource>(resource: R, member: string): R {
  const { subject } = resource as { subject?: Reference };
  if (subject?.reference?.split('/_history/')[0] !== member) return resource;
  const { subject: _member, ...rest } = resource as R & { subject: Reference };
  return rest as unknown as R;
}

function numberOf({ identifier = [] }: Member['patient']): string {
  return identifier.find(({ type }) => type?.coding?.some(({ code }) => code === 'MB') === true)?.value ?? identifier[0]?.value ?? '';
}

function invalid(rule: string, where: string): Problem {
  return new Problem('attachment-invalid', { rule }, where);
}
