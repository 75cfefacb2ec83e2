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
import { indexRow } from '../index-row.ts';
import { newId, shardOf } from '../shard.ts';
import { recordAuthorizations } from './authorization-rows.ts';
import { answerDeliveries } from './answer-rows.ts';
import type { AnswerDelivery, Change, Committed, RecordAuthorization } from './changes.ts';
import { ensureRows, insertRows, lockCurrent, replaceRows, type CurrentRow, type ResourceRow } from './resource-rows.ts';

/**
 * Commits all of `changes` or none. The result has one entry for each resource change, in order.
 * @throws {Problem} `version-conflict`, `not-found`, `gone`, `concurrent-change`, `already-answered`, `store-full`, `store-unavailable`
 */
export async function commit(database: Database, changes: readonly Change[], context: Context): Promise<readonly Committed[]> {
  const plan = planOf(changes, context);
  try {
    // A lone create is one statement, and a statement is a transaction: one round trip.
    if (plan.onlyCreates) {
      await insertRows(database, context, plan.creates);
      return plan.inOrder();
    }
    return await database.transaction(async (connection) => {
      await writeVersions(connection, plan, context);
      await recordAuthorizations(connection, context, plan.authorizations);
      await answerDeliveries(connection, context, plan.answers);
      return plan.inOrder();
    });
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
}

interface Plan {
  readonly creates: ResourceRow[];
  readonly ensures: { row: ResourceRow; slot: number }[];
  readonly versioned: Versioned[];
  readonly authorizations: RecordAuthorization[];
  readonly answers: AnswerDelivery[];
  readonly onlyCreates: boolean;
  readonly results: (Committed | undefined)[];
  inOrder(): readonly Committed[];
}

function planOf(changes: readonly Change[], context: Context): Plan {
  const results: (Committed | undefined)[] = [];
  const plan: Omit<Plan, 'onlyCreates'> = {
    creates: [], ensures: [], versioned: [], authorizations: [], answers: [], results,
    inOrder: () => results.filter((result) => result !== undefined),
  };
  for (const change of changes) {
    switch (change.kind) {
      case 'create': {
        const row = rowOf(change.resource, change.id, 1, context);
        plan.creates.push(row);
        results.push(committedOf(row, true));
        break;
      }
      case 'ensure': {
        const row = rowOf(change.resource, change.resource.id, 1, context);
        plan.ensures.push({ row, slot: results.push(undefined) - 1 });
        break;
      }
      case 'update':
      case 'delete':
        plan.versioned.push({ change, slot: results.push(undefined) - 1 });
        break;
      case 'authorization':
        plan.authorizations.push(change);
        break;
      case 'answer':
        plan.answers.push(change);
        break;
    }
  }
  const onlyCreates = plan.creates.length > 0 && plan.ensures.length + plan.versioned.length + plan.authorizations.length + plan.answers.length === 0;
  return { ...plan, onlyCreates };
}

async function writeVersions(connection: Queryable, plan: Plan, context: Context): Promise<void> {
  if (plan.ensures.length > 0) {
    const inserted = await ensureRows(connection, context, plan.ensures.map((ensure) => ensure.row));
    for (const { row, slot } of plan.ensures) plan.results[slot] = committedOf(row, inserted.has(`${row.type}/${row.id}`));
  }
  if (plan.creates.length > 0) await insertRows(connection, context, plan.creates);
  if (plan.versioned.length > 0) {
    const keys = plan.versioned.map(({ change }) => change.kind === 'update' ? { type: change.resource.resourceType, id: change.resource.id } : { type: change.type, id: change.id });
    const current = await lockCurrent(connection, context, keys);
    const rows: ResourceRow[] = [];
    for (const [index, { change, slot }] of plan.versioned.entries()) {
      const key = keys[index]!;
      const before = current.get(`${key.type}/${key.id}`);
      assertExpected(key, before, change.ifMatch);
      if (change.kind === 'delete') {
        if (!before) throw new Problem('not-found', key);
        // Deleting what is deleted succeeds and changes nothing (https://hl7.org/fhir/R4/http.html#delete).
        const row = before.deleted ? tombstoneOf(key, before, before.version, before.lastUpdated) : tombstoneOf(key, before, before.version + 1, context.now());
        if (!before.deleted) rows.push(row);
        plan.results[slot] = committedOf(row, false);
      } else {
        const row = rowOf(change.resource, key.id, (before?.version ?? 0) + 1, context);
        rows.push(row);
        plan.results[slot] = committedOf(row, before === undefined || before.deleted);
      }
    }
    if (rows.length > 0) await replaceRows(connection, context, rows, current);
  }
}

function assertExpected(key: { type: string; id: string }, before: CurrentRow | undefined, ifMatch: number | undefined): void {
  if (ifMatch === undefined) return;
  if (!before || before.deleted) throw new Problem('version-conflict', { ...key, current: 'deleted or unknown', expected: ifMatch });
  if (before.version !== ifMatch) throw new Problem('version-conflict', { ...key, current: before.version, expected: ifMatch });
}

/** Stamps id and meta, and derives what the resource is found by. */
function rowOf(resource: Resource, id: string | undefined, version: number, context: Context): ResourceRow {
  const type = resource.resourceType;
  const lastUpdated = context.now();
  const { keys, patient } = indexRow(context.tenant.id, resource);
  // A resource without an owner is its own: its shard then follows from the id it gets.
  const ownId = id ?? newId(context, patient === undefined ? undefined : shardOf(context.tenant.id, patient));
  const shard = shardOf(context.tenant.id, patient ?? ownId);
  const { resourceType: _, id: __, meta, ...rest } = resource;
  const stamped = { resourceType: type, id: ownId, meta: { ...meta, versionId: String(version), lastUpdated: lastUpdated.toISOString() }, ...rest };
  return {
    type, typeCode: resourceTypeCode(type), id: ownId, shard, version, lastUpdated, deleted: false,
    patient: type === 'Patient' ? ownId : patient, keys, content: stringifyJson(stamped),
  };
}

function tombstoneOf(key: { type: string; id: string }, before: CurrentRow, version: number, lastUpdated: Date): ResourceRow {
  return {
    type: key.type, typeCode: resourceTypeCode(key.type), id: key.id, shard: before.shard, version, lastUpdated, deleted: true,
    patient: undefined, keys: [], content: '',
  };
}

function committedOf(row: ResourceRow, created: boolean): Committed {
  return { type: row.type, id: row.id, version: row.version, lastUpdated: row.lastUpdated, deleted: row.deleted, created, content: row.content };
}
