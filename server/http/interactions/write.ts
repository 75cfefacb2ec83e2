/** Intents are carried out: settled, large contents moved out, committed, and told what came of each. */
import { moveOutAttachments } from '../../../operations/attachments/move-out.ts';
import { useJobs } from '../../../operations/prior-authorization/use/claims-that-use.ts';
import type { ProblemIssue } from '../../../fhir/problems.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { readMany, readResource, type StoredVersion } from '../../../store/read.ts';
import type { Change, Committed } from '../../../store/write/changes.ts';
import { commit, commitAndRead } from '../../../store/write/commit.ts';
import { commitPrepared, limitStatements } from '../../../store/write/conditional.ts';
import type { House } from '../../house.ts';
import { linksOf } from './addresses.ts';
import type { Intent } from './intent.ts';
import { needsLook, settle, settleAtOnce, type GivenIds, type Prospect, type Settled } from './settle.ts';

/** What came of an intent: `200` also for a create that found what it would have created. */
export interface Outcome {
  readonly status: 200 | 201 | 204;
  /** The version that stands now; undefined for a conditional delete that matched nothing, or several. */
  readonly version?: StoredVersion;
  /** What is to be told of it, though it was done. */
  readonly remarks?: readonly ProblemIssue[];
}

/** How long a writer of many things may take, and whether anybody still waits for it. */
export interface Patience {
  /** Asked before anything begins and before the commit. @throws {Problem} to have nothing changed */
  readonly assertLeft: () => void;
  /** Milliseconds that a statement may take. */
  readonly left: () => number;
}

/** Most resources that one conditional delete may mean, where several are allowed. */
const mostDeletedAtOnce = 1000;

/**
 * @param patience where there is a bound to it; without it a write takes as long as it takes
 * @param then sees what was written, before anybody else does, and may look at more; when it throws, nothing is changed
 * @throws {Problem} those of `settle` and of `commit`
 */
export async function write<T>(house: House, intents: readonly Intent[], context: Context, patience?: Patience, then?: (connection: Queryable, outcomes: readonly Outcome[]) => Promise<T>): Promise<{ outcomes: readonly Outcome[]; result: T | undefined }> {
  const links = await linksOf(intents, house.database, context);
  const given: GivenIds = new Map();
  const withoutLargeContents = async ({ changes }: Settled): Promise<Change[]> => [...await moveOutAttachments(changes, house.attachments, context), ...useJobs(changes, context.tenant.id)];

  if (needsLook(intents, links)) {
    const settings = { mostDeleted: house.configuration.conditionalDelete === 'multiple' ? mostDeletedAtOnce : 1 };
    let settled: Settled;
    return commitPrepared(house.database, context, async (connection) => {
      if (patience !== undefined) await limitStatements(connection, patience.left());
      settled = await settle(impatient(connection, patience), intents, links, given, settings, context);
      const changes = await withoutLargeContents(settled);
      patience?.assertLeft();
      // Once more: a search sets the limit of searches.
      if (patience !== undefined) await limitStatements(connection, patience.left());
      return changes;
    }, async (connection, committed) => {
      const outcomes = await outcomesOf(connection, settled.prospects, committed, context);
      const result = await then?.(impatient(connection, patience), outcomes);
      patience?.assertLeft();
      return { outcomes, result };
    });
  }
  const settled = settleAtOnce(intents, links, given, context);
  const changes = await withoutLargeContents(settled);
  patience?.assertLeft();
  // What only creates is one statement, and there is no before its commit.
  if (then === undefined && (patience === undefined || changes.every(({ kind }) => kind === 'create'))) {
    const committed = changes.length === 0 ? [] : await commit(house.database, changes, context);
    return { outcomes: settled.prospects.map((prospect) => 'changes' in prospect ? outcomeOf(prospect.changes, committed) : { status: 200 }), result: undefined };
  }
  return commitAndRead(house.database, changes, context, async (connection, committed) => {
    const outcomes = await outcomesOf(connection, settled.prospects, committed, context);
    const result = await then?.(impatient(connection, patience), outcomes);
    patience?.assertLeft();
    return { outcomes, result };
  });
}

/** The same connection, asked nothing more when patience is at its end. */
function impatient(connection: Queryable, patience: Patience | undefined): Queryable {
  if (patience === undefined) return connection;
  return {
    ...(connection.statistics && { statistics: connection.statistics }),
    query: async (statement) => {
      patience.assertLeft();
      return connection.query(statement);
    },
  };
}

async function outcomesOf(connection: Queryable, prospects: readonly Prospect[], committed: readonly Committed[], context: Context): Promise<readonly Outcome[]> {
  const found = await readMany(connection, prospects.flatMap((prospect) => 'found' in prospect ? [prospect.found] : []), context);
  const outcomes: Outcome[] = [];
  for (const prospect of prospects) {
    if ('changes' in prospect) outcomes.push(outcomeOf(prospect.changes, committed));
    else if ('as' in prospect) outcomes.push(asFound(prospects[prospect.as]!, committed));
    else outcomes.push({ status: 200, version: found.get(`${prospect.found.type}/${prospect.found.id}`) ?? await readResource(connection, prospect.found.type, prospect.found.id, context) });
  }
  return outcomes;
}

/** What another intent creates, which may stand before or behind the one that looked for it. */
function asFound(maker: Prospect, committed: readonly Committed[]): Outcome {
  return { ...outcomeOf('changes' in maker ? maker.changes : [], committed), status: 200 };
}

function outcomeOf(changes: readonly number[], committed: readonly Committed[]): Outcome {
  const [version, ...more] = changes.map((index) => committed[index]!);
  if (version === undefined || more.length > 0) return { status: 204 };
  return { status: version.deleted ? 204 : version.created ? 201 : 200, version };
}
