/**
 * What every rail needs between landing and commit. The bytes of a delivery are durable first; then each of its messages
 * is recognized, mapped, validated, matched to the member, merged with what is stored, and committed in one transaction
 * with its ledger, its unmapped report and its acknowledgement. One that cannot be taken is quarantined with the reason,
 * and the others go on. The sender is answered when all of that is durable.
 */
import { createHash } from 'node:crypto';
import { Problem } from '../../fhir/problems.ts';
import { mappedShare, type MappedShare, type Mapping } from '../../mappers/ledger.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { duplicateOfKey, messageOfKey, messageShard, newestOfSeries, type StoredMessage } from '../../store/inbox.ts';
import { land, noteAnswer, type Delivery, type DeliveryAnswer, type Landed } from '../../store/landing.ts';
import { newId } from '../../store/shard.ts';
import type { Change, InboxRow, LandingKey } from '../../store/write/changes.ts';
import { commit } from '../../store/write/commit.ts';
import { useJobs } from '../prior-authorization/use/claims-that-use.ts';
import { moveOutAttachments, type AttachmentSettings } from '../attachments/move-out.ts';
import type { WriteCheck } from '../validate/on-write.ts';
import { issuesOfProblem, mostIssues } from './issues.ts';
import type { AcknowledgedMessage, Decided, IncomingMessage, MessageIssue, MessageOutcome, Rail } from './message.ts';
import { messageProvenance } from './message-provenance.ts';
import { messageTask } from './message-task.ts';
import { planMessage, type PlannedMessage } from './plan-message.ts';
import { leftBehind, wasStored } from './left-behind.ts';
import type { Turn, Turns } from './turns.ts';

export interface Intake {
  readonly database: Database;
  /** What may be stored: base R4 is enforced, whatever else the tenant's policy says. */
  readonly checkWrite: WriteCheck;
  readonly attachments: AttachmentSettings;
  /** Messages about one patient, one after another: who loses at the commit has worked in vain. */
  readonly turns: Turns;
  readonly observer: IntakeObserver;
}

/** Told to whoever counts and logs; codes and numbers, never what a message says. */
export interface IntakeObserver {
  message(channel: string, outcome: MessageOutcome['state'] | 'repeated', share: MappedShare | undefined): void;
  /** A mapper or reader threw what is no {@link Problem}: a fault of ours. */
  fault(error: unknown, context: Context): void;
}

export interface TakenMessages<M extends IncomingMessage = IncomingMessage> {
  readonly answer: DeliveryAnswer;
  readonly landed: Landed;
  /** `partial`: some came to nothing; the same bytes again try these again. */
  readonly outcome: 'answered' | 'repeated' | 'partial' | 'refused';
  /** None where the delivery was answered before, or could not be read. */
  readonly messages: readonly AcknowledgedMessage<M>[];
}

/** How often a message is decided that loses to others about the same resources. */
const attempts = 12;

/** @throws {Problem} of status 500 and above, when the store failed: the delivery has landed, and the sender must try again */
export async function takeMessages<M extends IncomingMessage>(intake: Intake, rail: Rail<M>, delivery: Omit<Delivery, 'channel'>, context: Context): Promise<TakenMessages<M>> {
  const landed = await land(intake.database, { ...delivery, channel: rail.channel }, context);
  if (landed.answered) {
    intake.observer.message(rail.channel, 'repeated', undefined);
    return { answer: landed.answered, landed, outcome: 'repeated', messages: [] };
  }
  const arrival: Arrival = { landing: landed, sender: delivery.sender, mediaType: delivery.mediaType, receivedAt: landed.receivedAt };
  return { landed, ...await takeLanded(intake, rail, delivery.body, arrival, () => ({}), context) };
}

/** Where and when bytes arrived. */
export interface Arrival {
  readonly landing: LandingKey;
  readonly sender: string;
  readonly mediaType: string;
  readonly receivedAt: Date;
}

/** What is asked of a message besides being taken. */
export interface Asked {
  /** Also when it was taken before: from the raw bytes anew. */
  readonly again?: true;
  /** Whom a person chose for it: the id of a Patient, or `new`. */
  readonly chosenPatient?: string;
}

/** All messages of bytes that have landed, and the answer to their delivery. @param ask what is asked of each */
export async function takeLanded<M extends IncomingMessage>(intake: Intake, rail: Rail<M>, body: Uint8Array, arrival: Arrival, ask: (message: M, position: number) => Asked, context: Context): Promise<Omit<TakenMessages<M>, 'landed'>> {
  const messages: Taken<M>[] = [];
  try {
    const all = rail.read(body, arrival.mediaType)[Symbol.iterator]();
    let next = all.next();
    for (let position = 0; !next.done; position += 1) {
      const message = next.value;
      next = all.next();
      // A delivery of one message is answered by the commit of that: one transaction, and one wait for the disk.
      const asked = position === 0 && next.done ? { ...ask(message, position), isOnly: true } : ask(message, position);
      messages.push(await takeMessage(intake, rail, message, position, arrival, asked, context));
    }
  } catch (error) {
    if (error instanceof Problem && error.status >= 500) throw error;
    if (!(error instanceof Problem)) intake.observer.fault(error, context);
    const issues = error instanceof Problem ? issuesOfProblem(error) : [readerFailed];
    const answer = rail.refuse(issues, error instanceof Problem ? error.status : 422, context);
    await noteAnswer(intake.database, arrival.landing, messages.length === 0 ? 'refused' : 'partial', codesOf(issues), answer, context);
    return { answer, outcome: messages.length === 0 ? 'refused' : 'partial', messages };
  }
  const [only] = messages;
  if (only?.answered) return { answer: only.answered, outcome: 'answered', messages };
  const answer = rail.answer(messages, context);
  const lost = messages.filter(({ outcome }) => outcome.state === 'quarantined');
  const outcome = lost.length === 0 ? 'answered' : lost.length === messages.length ? 'refused' : 'partial';
  await noteAnswer(intake.database, arrival.landing, outcome, codesOf(lost.flatMap(({ outcome: { issues } }) => issues)), answer, context);
  return { answer, outcome, messages };
}

/** Single messages of bytes that have landed, by their position; the answer to the delivery stays what it was. */
export async function retakeMessages(intake: Intake, rail: Rail, body: Uint8Array, arrival: Arrival, asked: ReadonlyMap<number, Asked>, context: Context): Promise<readonly AcknowledgedMessage<IncomingMessage>[]> {
  const messages: AcknowledgedMessage<IncomingMessage>[] = [];
  let position = 0;
  for (const message of rail.read(body, arrival.mediaType)) {
    const wanted = asked.get(position);
    if (wanted) messages.push(await takeMessage(intake, rail, message, position, arrival, wanted, context));
    if (messages.length === asked.size) break;
    position += 1;
  }
  return messages;
}

const readerFailed: MessageIssue = { severity: 'error', code: 'reading-failed', text: 'The delivery could not be taken apart. The fault is logged.' };
const mapperFailed: MessageIssue = { severity: 'error', code: 'mapping-failed', text: 'The message could not be mapped. The fault is logged; it can be replayed when that is mended.' };
const keyTaken: MessageIssue = { severity: 'error', code: 'duplicate-key', text: 'The sender has used this control number, or document id, for a message of other content.' };
const superseded: MessageIssue = { severity: 'information', code: 'superseded', text: 'A later version of this document is stored already; nothing was changed.' };

function codesOf(issues: readonly MessageIssue[]): string[] {
  return [...new Set(issues.flatMap(({ severity, code }) => severity === 'error' ? [code] : []))].slice(0, 20);
}

interface Taken<M extends IncomingMessage> extends AcknowledgedMessage<M> {
  /** The answer to the delivery, where it is committed with the message. */
  readonly answered?: DeliveryAnswer;
}

type AskedAlone = Asked & { readonly isOnly?: boolean };

interface Taking<M extends IncomingMessage> {
  readonly intake: Intake;
  readonly rail: Rail<M>;
  readonly message: M;
  readonly arrival: Arrival;
  readonly turn: Turn;
  /** Of its delivery. */
  readonly isOnly: boolean;
  readonly row: Pick<InboxRow, 'id' | 'shard' | 'channel' | 'key' | 'sha256' | 'kind' | 'author' | 'landing' | 'position' | 'receivedAt' | 'series' | 'chosenPatient'>;
  /** The message as it was decided on before. */
  readonly earlier: StoredMessage | undefined;
}

/** One message of bytes that have landed, for a rail that answers its deliveries itself. */
export async function takeMessage<M extends IncomingMessage>(intake: Intake, rail: Rail<M>, message: M, position: number, arrival: Arrival, asked: AskedAlone, context: Context): Promise<Taken<M>> {
  const turn = intake.turns.begin();
  try {
    return await takeInTurn(intake, rail, message, position, { ...arrival, turn }, asked, context);
  } finally {
    turn.end();
  }
}

async function takeInTurn<M extends IncomingMessage>(intake: Intake, rail: Rail<M>, message: M, position: number, arrival: Arrival & { readonly turn: Turn }, asked: AskedAlone, context: Context): Promise<Taken<M>> {
  const { database, observer } = intake;
  const sha256 = createHash('sha256').update(message.content).digest('hex');
  const key = message.key ?? `sha256:${sha256}`;
  for (let attempt = 1; ; attempt += 1) {
    const earlier = await messageOfKey(database, rail.channel, key, context);
    const isSame = earlier?.sha256 === sha256;
    const isTaken = earlier !== undefined && isSame && earlier.state !== 'quarantined';
    const isAgain = isTaken && asked.again === true && (message.decide === undefined || earlier.state === 'review' || await wasStored(database, earlier, context));
    if (isTaken && !isAgain) {
      observer.message(rail.channel, 'repeated', undefined);
      return repeated(message, earlier);
    }
    const shard = messageShard(context, rail.channel, key);
    const isDuplicate = earlier !== undefined && !isSame && earlier.state !== 'quarantined';
    const known = isDuplicate ? await duplicateOfKey(database, rail.channel, key, sha256, context) : earlier;
    if (isDuplicate && known) return repeated(message, known);
    const chosenPatient = asked.chosenPatient ?? (isSame ? earlier?.chosenPatient : undefined);
    const taking: Taking<M> = {
      // What was stored once is stored again by a replay, and not decided on; of what waits for a person nothing was stored.
      intake, rail, message: isAgain && earlier.state !== 'review' ? { ...message, decide: undefined } : message, arrival, turn: arrival.turn, isOnly: asked.isOnly === true, earlier: known,
      row: {
        id: known?.id ?? newId(context, shard), shard, channel: rail.channel, key, sha256, kind: message.kind, ...(message.author !== undefined && { author: message.author }),
        landing: { id: arrival.landing.id, shard: arrival.landing.shard }, position, receivedAt: known && isSame ? known.receivedAt : arrival.receivedAt,
        ...(message.series && { series: message.series }), ...(chosenPatient !== undefined && { chosenPatient }),
      },
    };
    try {
      return isDuplicate ? await conclude(taking, { state: 'duplicate', issues: [keyTaken] }, nothing, context) : await decide(taking, context);
    } catch (error) {
      const overtaken = error instanceof Problem && (error.code === 'concurrent-change' || error.code === 'version-conflict');
      if (!overtaken || attempt === attempts) throw error instanceof Problem && overtaken ? new Problem('overloaded', {}, undefined, { cause: error }) : error;
    }
  }
}

function repeated<M extends IncomingMessage>(message: M, { state, issues, acknowledgement }: StoredMessage): AcknowledgedMessage<M> {
  return { message, outcome: { state, issues: JSON.parse(issues) as MessageIssue[] }, acknowledgement, repeated: true };
}

type Plan = Pick<PlannedMessage, 'changes' | 'made' | 'resources' | 'patient' | 'candidates'>;
const nothing: Plan = { changes: [], made: [], resources: [], candidates: [] };

async function decide<M extends IncomingMessage>(taking: Taking<M>, context: Context): Promise<Taken<M>> {
  const { intake, message, row } = taking;
  const mapped = mapOf(taking, context);
  if ('issues' in mapped) return conclude(taking, { state: 'quarantined', issues: mapped.issues }, nothing, context);
  const { mapping } = mapped;
  if (mapping.issues.some(({ severity }) => severity === 'error')) return conclude(taking, { state: 'quarantined', issues: mapping.issues, mapping }, nothing, context);
  const decided = await message.decide?.(mapping, { landing: row.landing, receivedAt: taking.earlier?.state === 'quarantined' ? taking.arrival.receivedAt : row.receivedAt, sender: taking.arrival.sender, turn: taking.turn }, context);
  if (decided) {
    return concludeUnlessRefused(taking, mapping, { state: decided.state, issues: [...mapping.issues, ...decided.issues], mapping }, { ...nothing, changes: decided.changes, ...(decided.patient !== undefined && { patient: decided.patient }) }, context, decided);
  }
  const patient = patientUrlOf(mapping);
  if (patient !== undefined) await taking.turn.take(`${context.tenant.id} ${patient}`);
  const newest = row.series === undefined ? undefined : await newestOfSeries(intake.database, row.channel, row.series.id, row.id, context);
  if (newest !== undefined && newest > row.series!.version) return conclude(taking, { state: 'accepted', issues: [...mapping.issues, superseded], mapping }, nothing, context);
  const planned = await planMessage(intake, message, mapping, { message: row, landing: row.landing, ...(row.chosenPatient !== undefined && { chosenPatient: row.chosenPatient }) }, context);
  return concludeUnlessRefused(taking, mapping, { state: planned.state, issues: [...mapping.issues, ...planned.issues], mapping }, planned, context);
}

/** What the store does not take (a resource that is held by an authorization, values without number) is the message's fault. */
async function concludeUnlessRefused<M extends IncomingMessage>(taking: Taking<M>, mapping: Mapping<unknown>, outcome: MessageOutcome, plan: Plan, context: Context, decided?: Decided): Promise<Taken<M>> {
  try {
    return await conclude(taking, outcome, plan, context, decided);
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.code === 'concurrent-change' || error.code === 'version-conflict' || outcome.state !== 'accepted') throw error;
    return conclude(taking, { state: 'quarantined', issues: [...mapping.issues, ...issuesOfProblem(error, mapping.ledger)], mapping }, nothing, context);
  }
}

/** The one by whom messages wait for each other: that of the same number, whichever record it leads to. */
function patientUrlOf({ bundle }: Mapping<unknown>): string | undefined {
  return bundle.entry?.find(({ resource }) => resource?.resourceType === 'Patient')?.fullUrl;
}

function mapOf<M extends IncomingMessage>({ intake, message }: Taking<M>, context: Context): { readonly mapping: Mapping<unknown> } | { readonly issues: readonly MessageIssue[] } {
  try {
    return { mapping: message.map() };
  } catch (error) {
    if (error instanceof Problem) return { issues: issuesOfProblem(error) };
    intake.observer.fault(error, context);
    return { issues: [mapperFailed] };
  }
}

/** Commits what becomes of the message, and what its sender is told. */
async function conclude<M extends IncomingMessage>(taking: Taking<M>, outcome: MessageOutcome, plan: Plan, context: Context, decided?: Decided): Promise<Taken<M>> {
  const { intake, rail, message, arrival, row, earlier } = taking;
  const acknowledgement = decided?.acknowledgement ?? rail.acknowledge(message, outcome, context);
  const issues = outcome.issues.slice(0, mostIssues);
  const share = outcome.mapping && mappedShare(outcome.mapping);
  const record: InboxRow = {
    ...row, state: outcome.state, issues: JSON.stringify(issues), unmapped: JSON.stringify(outcome.mapping?.unmapped ?? []), acknowledgement,
    ...(share && { share: { mapped: share.mapped, sent: share.sent } }), ...(plan.patient !== undefined && { patient: plan.patient }),
  };
  const waits = outcome.state === 'quarantined' || outcome.state === 'review';
  const waited = earlier?.state === 'quarantined' || earlier?.state === 'review';
  const moved = await moveOutAttachments(plan.changes, intake.attachments, context);
  // A version that a later one has overtaken says nothing, also of what it had made.
  const isAgain = earlier?.state === 'accepted' && outcome.state === 'accepted' && plan !== nothing;
  const before = isAgain ? await leftBehind(intake.database, row, plan.resources, context) : { deletions: [], made: [] };
  const isNews = plan.made.length > 0 || before.deletions.length > 0;
  const changes: Change[] = [
    ...moved,
    ...before.deletions,
    ...(isNews && before.made.length + plan.made.length > 0 ? [{ kind: 'update' as const, resource: messageProvenance(row, [...before.made, ...plan.made], arrival.sender, context) }] : []),
    ...(waits || waited ? [{ kind: 'update' as const, resource: messageTask({ message: record, mediaType: arrival.mediaType, issues, candidates: plan.candidates }, context) }] : []),
    { kind: 'message', message: record, ...(earlier && { attemptsBefore: earlier.attempts }) },
  ];
  const acknowledged = { message, outcome: { state: outcome.state, issues }, acknowledgement, repeated: false };
  const answered = taking.isOnly && outcome.state !== 'quarantined' ? rail.answer([acknowledged], context) : undefined;
  changes.push(...useJobs(moved, context.tenant.id));
  if (answered) changes.push({ kind: 'answer', landing: arrival.landing, ...answered });
  await commit(intake.database, changes, context);
  decided?.committed();
  intake.observer.message(rail.channel, outcome.state, share);
  return { ...acknowledged, ...(answered && { answered }) };
}
