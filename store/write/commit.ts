/**
 * The one write path: a list of changes becomes rows (current version, history, index entries, outbox, authorization
 * log, answer) in one transaction, in a handful of multi-row statements whatever the number of changes.
 */
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database.ts';
import { announceOutbox } from '../outbox/announce.ts';
import { isProfileType } from '../packages/version.ts';
import { isTerminologyType } from '../terminology/write.ts';
import { authorizationPart } from './authorization-rows.ts';
import { answerPart } from './answer-rows.ts';
import type { AnswerDelivery, Change, Committed, CountHeld, CountQuestionnaireErrors, CountRecorded, EnqueueJob, EnsureResource, ExchangeRow, RecordAuthorization, RecordFeedback, RecordGuidance, RecordMessage } from './changes.ts';
import { exchangesPart } from './exchange-rows.ts';
import { feedbackPart, guidancePart } from './coverage-rows.ts';
import { followDefinitions, withCurrentDefinitions, withDefinitions } from './definitions.ts';
import { gatheredOf, gathererOf, isDeletionOfPatient } from './gather.ts';
import { heldSendersPart } from './held-sender-rows.ts';
import { assertNoMembers, authorizationsOf } from './held.ts';
import { messagePart } from './inbox-rows.ts';
import { jobsPart } from './job-rows.ts';
import { lockCurrent, presentRows, type CurrentRow } from './lock.ts';
import { nameOf } from './names.ts';
import { questionnaireErrorPart } from './questionnaire-error-rows.ts';
import { recordedPart } from './recorded-rows.ts';
import type { ResourceRow } from './row.ts';
import { repeated, translated } from './retry.ts';
import { committedOf, firstVersion, nextVersion, resourceNameOf, type VersionChange } from './versions.ts';
import { writeRows } from './write-rows.ts';

/**
 * Commits all of `changes` or none. The result has one entry for each resource change, in order. A commit of one
 * resource, or of what a message became, shares its transaction with others that come at the same moment (`gather.ts`).
 * @throws {Problem} `version-conflict`, `held-by-authorization`, `held-by-import`, `concurrent-change`, `store-full`, `store-unavailable`
 * @throws {RangeError} when a resource is to be updated or deleted twice, or an authorization comes before its resources
 */
export async function commit(database: Database, changes: readonly Change[], context: Context): Promise<readonly Committed[]> {
  const committed = await withCurrentDefinitions(context, async () => commitOnce(database, await withDefinitions(changes, context), context));
  announceOutbox(database);
  await followDefinitions(changes, context);
  return committed;
}

async function commitOnce(database: Database, changes: readonly Change[], context: Context): Promise<readonly Committed[]> {
  const gathered = gatheredOf(changes);
  if (gathered) return gathererOf(database).write(gathered, context);
  const plan = planOf(changes, context);
  if (!await isSettled(database, plan, context)) return commitPlan(database, plan, context, async (_, committed) => committed);
  // Nothing to lock: all that is written is one statement, and a statement is a transaction.
  return translated(async () => {
    const written = await write(database, database, plan, [], new Map(), context);
    written();
    return plan.inOrder();
  });
}

/**
 * Commits like {@link commit}, after `read` has seen the changes in the same transaction; where `read` throws,
 * nothing is changed. It may run again when the commit has to be repeated.
 */
export async function commitAndRead<T>(database: Database, changes: readonly Change[], context: Context, read: (connection: Queryable, committed: readonly Committed[]) => Promise<T>): Promise<T> {
  const result = await withCurrentDefinitions(context, async () => commitPlan(database, planOf(await withDefinitions(changes, context), context), context, read));
  announceOutbox(database);
  await followDefinitions(changes, context);
  return result;
}

/**
 * Writes changes inside a transaction that is open already, and that has looked at what they depend on.
 * The caller repeats the whole where it fails with `concurrent-change` (`repeated`).
 */
export async function writeChanges(database: Database, connection: Queryable, changes: readonly Change[], context: Context): Promise<readonly Committed[]> {
  const plan = planOf(await withDefinitions(changes, context), context);
  await translated(() => writePlan(database, connection, plan, context));
  return plan.inOrder();
}

async function commitPlan<T>(database: Database, plan: Plan, context: Context, read: (connection: Queryable, committed: readonly Committed[]) => Promise<T>): Promise<T> {
  return repeated(() => translated(async () => {
    let written = (): void => {};
    const result = await database.transaction(async (connection) => {
      written = await writePlan(database, connection, plan, context);
      return read(connection, plan.inOrder());
    });
    written();
    return result;
  }));
}

interface Versioned {
  readonly change: VersionChange;
  readonly slot: number;
  /** The authorization to whose log the commit writes along with this change. */
  readonly authorization: string | undefined;
}

interface Plan {
  readonly creates: ResourceRow[];
  readonly ensures: { change: EnsureResource; slot: number }[];
  readonly versioned: Versioned[];
  readonly authorizations: RecordAuthorization[];
  readonly answers: AnswerDelivery[];
  readonly jobs: EnqueueJob[];
  readonly messages: RecordMessage[];
  readonly guidance: RecordGuidance[];
  readonly exchanges: ExchangeRow[];
  readonly feedback: RecordFeedback[];
  readonly questionnaireErrors: CountQuestionnaireErrors[];
  readonly held: CountHeld[];
  readonly recorded: CountRecorded[];
  readonly results: (Committed | undefined)[];
  inOrder(): readonly Committed[];
}

function planOf(changes: readonly Change[], context: Context): Plan {
  const results: (Committed | undefined)[] = [];
  const plan: Plan = {
    creates: [], ensures: [], versioned: [], authorizations: [], answers: [], jobs: [], messages: [], guidance: [], exchanges: [], feedback: [], questionnaireErrors: [], held: [], recorded: [], results,
    inOrder: () => results.filter((result) => result !== undefined),
  };
  const authorizations = authorizationsOf(changes);
  for (const [index, change] of changes.entries()) {
    switch (change.kind) {
      case 'create': {
        const row = firstVersion(change, undefined, authorizations[index], context);
        plan.creates.push(row);
        results.push(committedOf(row, true));
        break;
      }
      case 'ensure':
        plan.ensures.push({ change, slot: results.push(undefined) - 1 });
        break;
      case 'update':
      case 'delete':
        plan.versioned.push({ change, slot: results.push(undefined) - 1, authorization: authorizations[index] });
        break;
      case 'authorization':
        plan.authorizations.push(change);
        break;
      case 'answer':
        plan.answers.push(change);
        break;
      case 'job':
        plan.jobs.push(change);
        break;
      case 'message':
        plan.messages.push(change);
        break;
      case 'exchange':
        plan.exchanges.push(change.exchange);
        break;
      case 'guidance':
        plan.guidance.push(change);
        break;
      case 'feedback':
        plan.feedback.push(change);
        break;
      case 'held':
        plan.held.push(change);
        break;
      case 'recorded':
        plan.recorded.push(change);
        break;
      case 'questionnaire-errors':
        plan.questionnaireErrors.push(change);
        break;
    }
  }
  if (new Set(plan.versioned.map(({ change }) => nameOf(resourceNameOf(change, context)))).size < plan.versioned.length) throw new RangeError('One commit updates or deletes a resource once');
  return plan;
}

/** True when the plan only adds, in one statement: it updates and deletes nothing, has no terminology and no profiles, and what it ensures is there (which is then its result). */
async function isSettled(database: Queryable, plan: Plan, context: Context): Promise<boolean> {
  if (plan.versioned.length > 0 || plan.creates.some(({ type }) => isTerminologyType(type) || isProfileType(type))) return false;
  if (plan.ensures.length === 0) return true;
  const names = plan.ensures.map(({ change }) => resourceNameOf(change, context));
  const present = await presentRows(database, names);
  if (names.some((name) => !present.has(nameOf(name)))) return false;
  for (const [index, { slot }] of plan.ensures.entries()) plan.results[slot] = foundOf(names[index]!, present.get(nameOf(names[index]!))!);
  return true;
}

async function writePlan(database: Database, connection: Queryable, plan: Plan, context: Context): Promise<() => void> {
  const { later, before } = await laterVersions(connection, plan, context);
  return write(database, connection, plan, later, before, context);
}

async function laterVersions(connection: Queryable, plan: Plan, context: Context): Promise<{ later: ResourceRow[]; before: ReadonlyMap<string, CurrentRow> }> {
  const ensured = plan.ensures.map(({ change }) => resourceNameOf(change, context));
  const present = ensured.length === 0 ? new Map<string, CurrentRow>() : await presentRows(connection, ensured);
  const missing = ensured.filter((name) => !present.has(nameOf(name)));
  const wanted = new Map([...missing, ...plan.versioned.map(({ change }) => resourceNameOf(change, context))].map((name) => [nameOf(name), name]));
  // What is updated or made is locked together and in one order, so that commits do not wait for each other in a circle.
  const before = wanted.size === 0 ? new Map<string, CurrentRow>() : await lockCurrent(connection, [...wanted.values()]);
  await assertNoMembers(connection, plan.versioned.flatMap(({ change }) => isDeletionOfPatient(change) ? [resourceNameOf(change, context).id] : []), context);
  const rows = new Map<string, ResourceRow>();
  for (const { change, slot, authorization } of plan.versioned) {
    const name = nameOf(resourceNameOf(change, context));
    const { row, committed } = nextVersion(change, before.get(name), authorization, context);
    if (row) rows.set(name, row);
    plan.results[slot] = committed;
  }
  for (const [index, { change, slot }] of plan.ensures.entries()) {
    const name = nameOf(ensured[index]!);
    const found = rows.get(name) ?? present.get(name) ?? before.get(name);
    if (found && !found.deleted) {
      plan.results[slot] = foundOf(ensured[index]!, found);
      continue;
    }
    const row = firstVersion(change, before.get(name), undefined, context);
    rows.set(name, row);
    plan.results[slot] = committedOf(row, true);
  }
  return { later: [...rows.values()], before };
}

function foundOf({ type, id }: { type: string; id: string }, found: Pick<CurrentRow, 'version' | 'lastUpdated'>): Committed {
  return { type, id, version: found.version, lastUpdated: found.lastUpdated, deleted: false, created: false, content: '' };
}

/** Everything that a plan writes, in one statement. The result is to be called when it is committed. */
async function write(database: Database, connection: Queryable, plan: Plan, later: readonly ResourceRow[], before: ReadonlyMap<string, CurrentRow>, context: Context): Promise<() => void> {
  const recorded = recordedPart(context, plan.authorizations, plan.recorded);
  return writeRows(
    database, connection, { fresh: plan.creates, later, before },
    // First, because it is what fails where somebody else was faster.
    recorded ? [recorded] : [],
    [
      ...plan.authorizations.map((record, index) => authorizationPart(context, record, index)), ...plan.answers.map((answer, index) => answerPart(context, answer, index)),
      ...exchangesPart(context, plan.exchanges), ...plan.messages.map((message, index) => messagePart(context, message, index)), ...plan.guidance.map((guidance, index) => guidancePart(context, guidance, index)),
      ...plan.feedback.map((feedback, index) => feedbackPart(context, feedback, index)),
      ...plan.questionnaireErrors.map((errors, index) => questionnaireErrorPart(context, errors, index)), ...heldSendersPart(context, plan.held), ...jobsPart(plan.jobs),
    ],
  );
}
