/**
 * Writes of single resources that come at the same moment share a transaction: one round trip and one wait for the disk
 * for all of them. Nobody waits for company: what comes while nothing is under way is written at once, and what comes
 * meanwhile is written together afterwards. Each caller is answered when its own change is durable, and with its own
 * failure where it has one: what one may not write does not keep the others from writing.
 */
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database.ts';
import { isProfile } from '../packages/version.ts';
import { isTerminology } from '../terminology/write.ts';
import type { Change, Committed, CreateResource, DeleteResource, UpdateResource } from './changes.ts';
import { isDefinition } from './definitions.ts';
import { authorizationsOf } from './held.ts';
import { lockCurrent } from './lock.ts';
import { nameOf } from './names.ts';
import type { ResourceRow } from './row.ts';
import { repeated, translated } from './retry.ts';
import { committedOf, firstVersion, nextVersion, resourceNameOf } from './versions.ts';
import { writeRows } from './write-rows.ts';

type GatheredChange = CreateResource | UpdateResource | DeleteResource;

/** Transactions under way at once: while the disk is waited for in one, the next is being filled. */
const mostTransactions = 2;
/** Changes in one transaction, at most: their locks are held until the last of them is written. */
const mostChanges = 64;

interface Waiting {
  readonly change: GatheredChange;
  readonly context: Context;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: unknown) => void;
}

export function isGathered(change: Change): change is GatheredChange {
  // Definitions are checked against each other, one commit at a time; terminology and profiles are more than one statement.
  return (change.kind === 'create' || change.kind === 'update' || change.kind === 'delete') && !isDefinition(change) && !isTerminology(change) && !isProfile(change);
}

class Gatherer {
  readonly #database: Database;
  #waiting: Waiting[] = [];
  #underWay = 0;
  /** Names of the resources whose next versions are under way. */
  readonly #names = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  write(change: GatheredChange, context: Context): Promise<Committed> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, context, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    while (this.#underWay < mostTransactions && this.#waiting.length > 0) {
      const { taken, names } = this.#take();
      if (taken.length === 0) return;
      this.#underWay += 1;
      void writeTogether(this.#database, taken).finally(() => {
        this.#underWay -= 1;
        for (const name of names) this.#names.delete(name);
        this.#next();
      });
    }
  }

  /**
   * The longest waiting ones. Of one resource only the first, and that not before the one ahead of it is written: so versions
   * follow each other as they came, and no group waits for a lock of the other one.
   */
  #take(): { readonly taken: readonly Waiting[]; readonly names: readonly string[] } {
    const names: string[] = [];
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    for (const waiting of this.#waiting) {
      const name = waiting.change.kind === 'create' ? undefined : nameOf(resourceNameOf(waiting.change, waiting.context));
      if (taken.length >= mostChanges || (name !== undefined && this.#names.has(name))) {
        left.push(waiting);
        continue;
      }
      if (name !== undefined) {
        this.#names.add(name);
        names.push(name);
      }
      taken.push(waiting);
    }
    this.#waiting = left;
    return { taken, names };
  }
}

const gatherers = new WeakMap<Database, Gatherer>();

export function gathererOf(database: Database): Gatherer {
  let gatherer = gatherers.get(database);
  if (gatherer === undefined) gatherers.set(database, gatherer = new Gatherer(database));
  return gatherer;
}

/** Never throws: every caller is answered. */
async function writeTogether(database: Database, together: readonly Waiting[]): Promise<void> {
  try {
    const outcomes = await repeated(() => translated(() => writeAll(database, together)));
    for (const [waiting, outcome] of outcomes) {
      if ('committed' in outcome) waiting.resolve(outcome.committed);
      else waiting.reject(outcome.refused);
    }
  } catch (error) {
    // Nothing was written, for a reason that one of them may have given: alone, each finds out whether it was the one.
    if (together.length === 1 || isOfTheStore(error)) for (const { reject } of together) reject(error);
    else for (const waiting of together) await writeTogether(database, [waiting]);
  }
}

/**
 * True of what no change is the reason of. To write again would be to wait again for a store that is not there; and where
 * nobody knows whether it was written (`outcome-unknown`), it could be written twice.
 */
function isOfTheStore(error: unknown): boolean {
  return error instanceof Problem && (error.code === 'outcome-unknown' || error.code === 'store-unavailable' || error.code === 'store-full');
}

type Outcome = { readonly committed: Committed } | { readonly refused: unknown };

async function writeAll(database: Database, together: readonly Waiting[]): Promise<Map<Waiting, Outcome>> {
  const outcomes = new Map<Waiting, Outcome>();
  const fresh: ResourceRow[] = [];
  for (const waiting of together) {
    const { change, context } = waiting;
    if (change.kind !== 'create') continue;
    decide(outcomes, waiting, () => {
      const row = firstVersion(change, undefined, undefined, context);
      fresh.push(row);
      return committedOf(row, true);
    });
  }
  const versioned = together.filter(({ change }) => change.kind !== 'create');
  // What only adds is one statement, and a statement is a transaction.
  const written = versioned.length === 0
    ? await writeRows(database, database, { fresh, later: [], before: new Map() })
    : await database.transaction(async (connection) => writeVersions(database, connection, versioned, fresh, outcomes));
  written();
  return outcomes;
}

async function writeVersions(database: Database, connection: Queryable, versioned: readonly Waiting[], fresh: readonly ResourceRow[], outcomes: Map<Waiting, Outcome>): Promise<() => void> {
  const later: ResourceRow[] = [];
  const nameOfChange = ({ change, context }: Waiting): ReturnType<typeof resourceNameOf> => resourceNameOf(change as UpdateResource | DeleteResource, context);
  const before = await lockCurrent(connection, versioned.map(nameOfChange));
  for (const waiting of versioned) {
    decide(outcomes, waiting, () => {
      const { row, committed } = nextVersion(waiting.change as UpdateResource | DeleteResource, before.get(nameOf(nameOfChange(waiting))), authorizationsOf([waiting.change])[0], waiting.context);
      if (row) later.push(row);
      return committed;
    });
  }
  return writeRows(database, connection, { fresh, later, before });
}

function decide(outcomes: Map<Waiting, Outcome>, waiting: Waiting, committed: () => Committed): void {
  try {
    outcomes.set(waiting, { committed: committed() });
  } catch (refused) {
    outcomes.set(waiting, { refused });
  }
}
