/**
 * Criteria instead of ids: which resource a conditional interaction means is looked up inside the transaction that acts
 * on it, behind a lock on the criteria, so that two clients with the same criteria follow each other and the second
 * finds what the first one made.
 * Source: https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #cdelete
 */
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database.ts';
import { findSome } from '../find.ts';
import { announceOutbox } from '../outbox/announce.ts';
import type { Expression } from '../search/expression.ts';
import { readConditions } from '../search/language/read-search.ts';
import { storedTerminology } from '../search/stored-terminology.ts';
import type { Change, Committed } from './changes.ts';
import { writeChanges } from './commit.ts';
import { followDefinitions, withCurrentDefinitions } from './definitions.ts';
import { lockCurrent, type CurrentRow } from './lock.ts';
import { repeated } from './retry.ts';

/** What a resource must match to be the one that is meant. */
export interface Criteria {
  readonly type: string;
  /** The same for the same criteria, in whatever order they were written: what is locked, and what they are compared by. */
  readonly name: string;
  readonly where: Expression;
}

/** They say how an answer is made, or which part of it is wanted: nothing that a resource could match. */
const noConditions = new Set(['_sort', '_count', '_total', '_summary', '_elements', '_include', '_revinclude', '_contained', '_containedType', '_cursor', '_format', '_pretty', '_type']);

/** More than any key has. */
const longestQuery = 4096;

/**
 * The criteria in a query string, with or without a question mark before it. Always strict: criteria that are passed
 * over would match more than was meant.
 * @param database where value sets are, should the criteria name one
 * @param where FHIRPath of the element that holds them, where they came in a Bundle
 * @throws {Problem} `no-criteria`, `invalid-search-value`, `unknown-search-parameter` and those of the search
 */
export async function readCriteria(type: string, query: string, database: Queryable, context: Context, where?: string): Promise<Criteria> {
  if (query.length > longestQuery) throw new Problem('invalid-search-value', { name: 'the criteria', reason: `they are longer than ${longestQuery} characters` }, where);
  const parameters = [...new URLSearchParams(query.replace(/^\?/, ''))];
  if (parameters.length === 0) throw new Problem('no-criteria', {}, where);
  for (const [name] of parameters) {
    if (noConditions.has(name.split(':')[0]!)) throw new Problem('invalid-search-value', { name: name.split(':')[0]!, reason: 'it is no condition that a resource could match' }, where);
  }
  const name = parameters.map((parameter) => new URLSearchParams([parameter]).toString()).toSorted().join('&');
  try {
    return { type, name: `${type}?${name}`, where: await readConditions(type, parameters, { context, terminology: storedTerminology(database, context) }) };
  } catch (error) {
    throw error instanceof Problem ? error.located(where) : error;
  }
}

/**
 * Ids of the resources that match each of `criteria`, by name; `limitOf` each at most, so that one more than is wanted
 * tells of too many. Nobody else resolves the same criteria before this transaction ends.
 */
export async function resolveCriteria(connection: Queryable, criteria: readonly Criteria[], limitOf: (criteria: Criteria) => number, context: Context): Promise<ReadonlyMap<string, readonly string[]>> {
  const distinct = new Map(criteria.map((one) => [one.name, one]));
  if (distinct.size === 0) return new Map();
  await connection.query({ name: 'lock-criteria', text: lockCriteria, values: [String(context.tenant.id), [...distinct.keys()]] });
  const found = new Map<string, readonly string[]>();
  for (const one of distinct.values()) {
    const matches = await findSome(connection, { type: one.type, where: one.where, limit: limitOf(one) }, context);
    found.set(one.name, matches.map(({ id }) => id));
  }
  return found;
}

// In the order of the keys, so that nobody waits for somebody who waits for them.
const lockCriteria = `
select pg_advisory_xact_lock(key)
from (select distinct hashtextextended($1 || ' criteria ' || name, 0) as key from unnest($2::text[]) as criteria (name) order by key) as keys`;

/**
 * Commits what `prepare` decides on: it runs first in the same transaction, where it may take locks and look at rows, so
 * that what it has seen still holds when its changes are written. `read` sees them before anybody else does. Both run
 * again when the commit has to be repeated; where one of them throws, nothing is changed.
 * @throws {Problem} those of `commit`
 */
export async function commitPrepared<T>(
  database: Database,
  context: Context,
  prepare: (connection: Queryable) => Promise<readonly Change[]>,
  read: (connection: Queryable, committed: readonly Committed[]) => Promise<T>,
): Promise<T> {
  let changes: readonly Change[] = [];
  const result = await withCurrentDefinitions(context, () => repeated(() => database.transaction(async (connection) => {
    changes = await prepare(connection);
    return read(connection, await writeChanges(database, connection, changes, context));
  })));
  announceOutbox(database);
  await followDefinitions(changes, context);
  return result;
}

/** From now on no statement of this transaction, waiting for locks included, may take longer: it is `too-costly` then. */
export async function limitStatements(connection: Queryable, milliseconds: number): Promise<void> {
  await connection.query({ name: 'limit-statements', text: `select set_config('statement_timeout', $1, true)`, values: [String(Math.ceil(milliseconds))] });
}

/** Locks the resources named, there or not, until the transaction ends: what is there now, by `Type/id`. */
export async function lockResources(connection: Queryable, names: readonly { readonly type: string; readonly id: string }[], context: Context): Promise<ReadonlyMap<string, CurrentRow>> {
  const locked = await lockCurrent(connection, names.map(({ type, id }) => ({ tenant: context.tenant.id, type, id })));
  return new Map([...locked].map(([name, row]) => [name.slice(name.indexOf('/') + 1), row]));
}
