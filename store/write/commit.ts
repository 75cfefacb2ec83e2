/**
 * The one write path: a list of changes becomes rows (current version, history, search keys, outbox, authorization
 * log, answer) in one transaction, in a handful of multi-row statements whatever the number of changes.
 */
import type { Resource } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Context } from '../context.ts';
import { failureCode, violatedConstraint, type Database, type Queryable } from '../database.ts';
import { indexRow, newIdFor } from '../index-row.ts';
import { shardOf } from '../shard.ts';
import { authorizationPart } from './authorization-rows.ts';
import { answerPart } from './answer-rows.ts';
import type { AnswerDelivery, Change, Committed, EnsureResource, RecordAuthorization } from './changes.ts';
import { assertNotHeld, authorizationsOf, holderOf } from './held.ts';
import { keepObjects, objectsPart } from './object-rows.ts';
import { statementOf, type Part } from './part.ts';
import { recordedPart } from './recorded-rows.ts';
import { lockCurrent, newRowsPart, presentRows, replaceRows, type CurrentRow, type ResourceRow } from './resource-rows.ts';

/** How often a commit is tried that PostgreSQL chose as the victim of a deadlock. */
const attempts = 4;

/**
 * Commits all of `changes` or none. The result has one entry for each resource change, in order.
 * @throws {Problem} `version-conflict`, `held-by-authorization`, `concurrent-change`, `store-full`, `store-unavailable`
 * @throws {RangeError} when a resource is to be updated or deleted twice, or an authorization comes before its resources
 */
export async function commit(database: Database, changes: readonly Change[], context: Context): Promise<readonly Committed[]> {
  const plan = planOf(changes, context);
  const present = await settledEnsures(database, plan, context);
  if (!present) return commitPlan(database, plan, context, async (_, committed) => committed);
  // Nothing to lock: all that is written is one statement, and a statement is a transaction.
  return translated(async () => {
    await writeParts(database, plan, context);
    return plan.inOrder();
  });
}

/** True when the plan only adds: it updates and deletes nothing, and what it ensures is there (which is then its result). */
async function settledEnsures(database: Queryable, plan: Plan, context: Context): Promise<boolean> {
  if (plan.versioned.length > 0) return false;
  if (plan.ensures.length === 0) return true;
  const present = await presentRows(database, context, plan.ensures.map(({ change }) => keyOf(change)));
  if (plan.ensures.some(({ change }) => !present.has(nameOf(keyOf(change))))) return false;
  for (const { change, slot } of plan.ensures) plan.results[slot] = foundOf(keyOf(change), present.get(nameOf(keyOf(change)))!);
  return true;
}

async function writeParts(connection: Queryable, plan: Plan, context: Context): Promise<void> {
  const recorded = recordedPart(context, plan.authorizations);
  const [first, ...more]: Part[] = [
    // First, because it is what fails where somebody else was faster.
    ...(recorded ? [recorded] : []),
    ...(plan.creates.length > 0 ? [newRowsPart(context, plan.creates)] : []),
    ...objectsPart(context, plan.creates),
    ...plan.authorizations.map((record, index) => authorizationPart(context, record, index)),
    ...plan.answers.map((answer, index) => answerPart(context, answer, index)),
  ];
  if (first) await connection.query(statementOf([first, ...more]));
}

/**
 * Commits like {@link commit}, after `read` has seen the changes in the same transaction; where `read` throws,
 * nothing is changed. It may run again when the commit has to be repeated.
 */
export async function commitAndRead<T>(database: Database, changes: readonly Change[], context: Context, read: (connection: Queryable, committed: readonly Committed[]) => Promise<T>): Promise<T> {
  return commitPlan(database, planOf(changes, context), context, read);
}

/**
 * Commits what `prepare` decides on: it runs first in the same transaction, where it may take locks and look at rows, so
 * that what it has seen still holds when its changes are written. Both may run again when the commit has to be repeated.
 */
export async function commitPrepared<T>(database: Database, context: Context, prepare: (connection: Queryable) => Promise<readonly Change[]>, read: (connection: Queryable, committed: readonly Committed[]) => Promise<T>): Promise<T> {
  return repeated(() => translated(() => database.transaction(async (connection) => {
    const plan = planOf(await prepare(connection), context);
    return writePlan(connection, plan, context, read);
  })));
}

async function commitPlan<T>(database: Database, plan: Plan, context: Context, read: (connection: Queryable, committed: readonly Committed[]) => Promise<T>): Promise<T> {
  return repeated(() => translated(() => database.transaction((connection) => writePlan(connection, plan, context, read))));
}

async function writePlan<T>(connection: Queryable, plan: Plan, context: Context, read: (connection: Queryable, committed: readonly Committed[]) => Promise<T>): Promise<T> {
  await writeVersions(connection, plan, context);
  await writeParts(connection, plan, context);
  return read(connection, plan.inOrder());
}

async function repeated<T>(once: () => Promise<T>): Promise<T> {
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    try {
      return await once();
    } catch (error) {
      if (!isDeadlock(error)) throw error;
    }
  }
  return once();
}

/** Locks are taken in one order, but for rows that appear while a commit waits for their names; then this happens. */
function isDeadlock(error: unknown): boolean {
  return error instanceof Problem && error.code === 'concurrent-change' && failureCode(error.cause) === '40P01';
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (failureCode(error) === '23505' && /^(resource_pkey|prior_authorization(_event|_request)?_pkey)$/.test(violatedConstraint(error) ?? '')) {
      throw new Problem('concurrent-change', {}, undefined, { cause: error });
    }
    throw error;
  }
}

interface Versioned {
  readonly change: Extract<Change, { kind: 'update' | 'delete' }>;
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
  readonly results: (Committed | undefined)[];
  inOrder(): readonly Committed[];
}

function planOf(changes: readonly Change[], context: Context): Plan {
  const results: (Committed | undefined)[] = [];
  const plan: Plan = {
    creates: [], ensures: [], versioned: [], authorizations: [], answers: [], results,
    inOrder: () => results.filter((result) => result !== undefined),
  };
  const authorizations = authorizationsOf(changes);
  for (const [index, change] of changes.entries()) {
    const authorization = authorizations[index];
    switch (change.kind) {
      case 'create': {
        const row = { ...rowOf(change.resource, change.id, undefined, authorization, context), ...(change.object && { object: change.object }) };
        plan.creates.push(row);
        results.push(committedOf(row, true));
        break;
      }
      case 'ensure':
        plan.ensures.push({ change, slot: results.push(undefined) - 1 });
        break;
      case 'update':
      case 'delete':
        plan.versioned.push({ change, slot: results.push(undefined) - 1, authorization });
        break;
      case 'authorization':
        plan.authorizations.push(change);
        break;
      case 'answer':
        plan.answers.push(change);
        break;
    }
  }
  if (new Set(plan.versioned.map(({ change }) => nameOf(keyOf(change)))).size < plan.versioned.length) throw new RangeError('One commit updates or deletes a resource once');
  return plan;
}

interface Key {
  readonly type: string;
  readonly id: string;
}

const nameOf = (key: Key): string => `${key.type}/${key.id}`;

function keyOf(change: Versioned['change'] | EnsureResource): Key {
  return change.kind === 'delete' ? { type: change.type, id: change.id } : { type: change.resource.resourceType, id: change.resource.id };
}

async function writeVersions(connection: Queryable, plan: Plan, context: Context): Promise<void> {
  const present = plan.ensures.length === 0 ? new Map<string, CurrentRow>() : await presentRows(connection, context, plan.ensures.map(({ change }) => keyOf(change)));
  const missing = plan.ensures.map(({ change }) => keyOf(change)).filter((key) => !present.has(nameOf(key)));
  const wanted = new Map([...missing, ...plan.versioned.map(({ change }) => keyOf(change))].map((key) => [nameOf(key), key]));
  // What is updated or made is locked together and in one order, so that commits do not wait for each other in a circle.
  const current = wanted.size === 0 ? new Map<string, CurrentRow>() : await lockCurrent(connection, context, [...wanted.values()]);
  const rows = new Map<string, ResourceRow>();
  for (const versioned of plan.versioned) plan.results[versioned.slot] = writeVersion(versioned, current, rows, context);
  for (const { change, slot } of plan.ensures) {
    const name = nameOf(keyOf(change));
    const found = rows.get(name) ?? present.get(name) ?? current.get(name);
    if (found && !found.deleted) {
      plan.results[slot] = foundOf(keyOf(change), found);
      continue;
    }
    const row = rowOf(change.resource, change.resource.id, current.get(name), undefined, context);
    rows.set(name, row);
    plan.results[slot] = committedOf(row, true);
  }
  if (rows.size === 0) return;
  await replaceRows(connection, context, [...rows.values()], current);
  await keepObjects(connection, context, [...rows.values()]);
}

function foundOf(key: Key, found: Pick<CurrentRow, 'version' | 'lastUpdated'>): Committed {
  return { ...key, version: found.version, lastUpdated: found.lastUpdated, deleted: false, created: false, content: '' };
}

function writeVersion({ change, authorization }: Versioned, current: ReadonlyMap<string, CurrentRow>, rows: Map<string, ResourceRow>, context: Context): Committed {
  const key = keyOf(change);
  const before = current.get(nameOf(key));
  assertNotHeld(key, before?.authorization, authorization);
  assertExpected(key, before, change.ifMatch);
  if (change.kind === 'update') {
    const row = rowOf(change.resource, key.id, before, authorization, context);
    const object = key.type === 'Binary' ? change.object ?? 'kept' : 'none';
    rows.set(nameOf(key), object === 'none' ? row : { ...row, object });
    return committedOf(row, before === undefined || before.deleted);
  }
  // Deleting what is deleted, or was never there, succeeds and changes nothing (https://hl7.org/fhir/R4/http.html#delete).
  if (!before || before.deleted) {
    return { ...key, version: before?.version ?? 0, lastUpdated: before?.lastUpdated ?? context.now(), deleted: true, created: false, content: '' };
  }
  const row = tombstoneOf(key, before, context);
  rows.set(nameOf(key), row);
  return committedOf(row, false);
}

function assertExpected(key: Key, before: CurrentRow | undefined, ifMatch: number | undefined): void {
  if (ifMatch === undefined) return;
  if (!before || before.deleted) throw new Problem('version-conflict', { ...key, current: 'deleted or unknown', expected: ifMatch });
  if (before.version !== ifMatch) throw new Problem('version-conflict', { ...key, current: before.version, expected: ifMatch });
}

/** Stamps id and meta of the version after `before`, and derives what the resource is found by. */
function rowOf(resource: Resource, id: string | undefined, before: CurrentRow | undefined, authorization: string | undefined, context: Context): ResourceRow {
  const type = resource.resourceType;
  const version = (before?.version ?? 0) + 1;
  const lastUpdated = notBefore(before, context);
  const ownId = id ?? newIdFor(resource, context);
  const { resourceType: _, id: __, meta, ...rest } = resource;
  const stamped = { resourceType: type, id: ownId, meta: { ...meta, versionId: String(version), lastUpdated: lastUpdated.toISOString() }, ...rest };
  const { keys, patient, date, targets } = indexRow(context.tenant.id, stamped as Resource, context.parameters);
  return {
    type, typeCode: resourceTypeCode(type), id: ownId, shard: shardOf(context.tenant.id, patient ?? ownId), version, lastUpdated, deleted: false,
    patient, date, keys, targets, content: stringifyJson(stamped), authorization: holderOf(type, before?.authorization, authorization),
  };
}

function tombstoneOf(key: Key, before: CurrentRow, context: Context): ResourceRow {
  return {
    type: key.type, typeCode: resourceTypeCode(key.type), id: key.id, shard: before.shard, version: before.version + 1, lastUpdated: notBefore(before, context), deleted: true,
    patient: undefined, date: undefined, keys: [], targets: [], content: '', authorization: before.authorization,
  };
}

/** The clocks of two servers differ; a later version is never older than an earlier one. */
function notBefore(before: CurrentRow | undefined, context: Context): Date {
  const now = context.now();
  return before && before.lastUpdated > now ? before.lastUpdated : now;
}

function committedOf(row: ResourceRow, created: boolean): Committed {
  return { type: row.type, id: row.id, version: row.version, lastUpdated: row.lastUpdated, deleted: row.deleted, created, content: row.content };
}
