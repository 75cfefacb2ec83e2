/**
 * Writes of single resources, and of what messages of the inbox became, that come at the same moment share a transaction:
 * the same few round trips and one wait for the disk for all of them. Nobody waits for company: what comes while nothing is under way is written at once, and what comes
 * meanwhile is written together afterwards. Each caller is answered when its own change is durable, and with its own
 * failure where it has one: what one may not write does not keep the others from writing.
 */
import type { Context } from '../context.ts';
import type { Database, Queryable } from '../database.ts';
import { isOfTheStore } from '../of-the-store.ts';
import { isProfile } from '../packages/version.ts';
import { isTerminology } from '../terminology/write.ts';
import { answersPart } from './answer-rows.ts';
import type { AnswerDelivery, Change, Committed, CreateResource, DeleteResource, RecordMessage, UpdateResource } from './changes.ts';
import { isDefinition } from './definitions.ts';
import { authorizationsOf } from './held.ts';
import { messagesPart } from './inbox-rows.ts';
import { lockCurrent, type CurrentRow } from './lock.ts';
import { nameOf } from './names.ts';
import type { Part } from './part.ts';
import type { ResourceRow } from './row.ts';
import { repeated, translated } from './retry.ts';
import { committedOf, firstVersion, nextVersion, resourceNameOf } from './versions.ts';
import { writeRows } from './write-rows.ts';

type GatheredChange = CreateResource | UpdateResource | DeleteResource;

/** What one caller wants written, all of it or none. */
export interface Gathered {
  readonly resources: readonly GatheredChange[];
  readonly messages: readonly RecordMessage[];
  readonly answers: readonly AnswerDelivery[];
}

/**
 * Transactions under way at once: while the disk is waited for in one, the next is being filled. But one alone of messages:
 * they are many at once and have much to do before, and what a transaction costs whatever is in it is shared by twice as many.
 */
const mostTransactions = 2;
/** Commits in one transaction, at most: their locks are held until the last of them is written. */
const mostCommits = 64;
/** The same in resources: a message may have many. */
const mostResources = 512;

interface Waiting extends Gathered {
  readonly context: Context;
  readonly resolve: (committed: readonly Committed[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A single resource; or what a message became that was never decided on before, with its answer. Undefined: the commit is
 * one for itself.
 */
export function gatheredOf(changes: readonly Change[]): Gathered | undefined {
  const resources: GatheredChange[] = [];
  const messages: RecordMessage[] = [];
  const answers: AnswerDelivery[] = [];
  for (const change of changes) {
    if (isResource(change)) resources.push(change);
    else if (change.kind === 'message' && change.attemptsBefore === undefined) messages.push(change);
    else if (change.kind === 'answer' && change.controlKeys === undefined) answers.push(change);
    else return undefined;
  }
  if (messages.length === 0 && (resources.length !== 1 || answers.length > 0)) return undefined;
  return { resources, messages, answers };
}

function isResource(change: Change): change is GatheredChange {
  // Definitions are checked against each other, one commit at a time; terminology and profiles are more than one statement.
  return (change.kind === 'create' || change.kind === 'update' || change.kind === 'delete') && !isDefinition(change) && !isTerminology(change) && !isProfile(change) && !isDeletionOfPatient(change);
}

/** Authorizations are asked whether he is a member (`held.ts`). */
export function isDeletionOfPatient(change: Change): boolean {
  return change.kind === 'delete' && change.type === 'Patient';
}

class Gatherer {
  readonly #database: Database;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #messagesUnderWay = false;
  /** Names of the resources whose next versions are under way. */
  readonly #names = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws {RangeError} when a resource is to be updated or deleted twice */
  write(gathered: Gathered, context: Context): Promise<readonly Committed[]> {
    const names = namesIn(gathered, context);
    if (new Set(names).size < names.length) throw new RangeError('One commit updates or deletes a resource once');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...gathered, context, resolve, reject });
      // Of messages several are ready in one turn of the event loop: each has been waiting for the same reads.
      if (gathered.messages.length > 0) setImmediate(() => { this.#next(); });
      else this.#next();
    });
  }

  #next(): void {
    while (this.#underWay < mostTransactions && this.#waiting.length > 0) {
      const { taken, names } = this.#take();
      if (taken.length === 0) return;
      this.#underWay += 1;
      const hasMessages = taken.some(({ messages }) => messages.length > 0);
      this.#messagesUnderWay ||= hasMessages;
      void writeTogether(this.#database, taken).finally(() => {
        this.#underWay -= 1;
        if (hasMessages) this.#messagesUnderWay = false;
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
    const taken: Waiting[] = [];
    const left: Waiting[] = [];
    const takenNames: string[] = [];
    /** Names of those that stay behind: who comes after them about the same resource stays behind them. */
    const leftNames = new Set<string>();
    let room = mostResources;
    for (const waiting of this.#waiting) {
      const names = namesIn(waiting, waiting.context);
      const isFull = taken.length >= mostCommits || (taken.length > 0 && waiting.resources.length > room);
      const waits = this.#messagesUnderWay && waiting.messages.length > 0;
      if (isFull || waits || names.some((name) => this.#names.has(name) || leftNames.has(name))) {
        left.push(waiting);
        for (const name of names) leftNames.add(name);
        continue;
      }
      for (const name of names) this.#names.add(name);
      takenNames.push(...names);
      taken.push(waiting);
      room -= waiting.resources.length;
    }
    this.#waiting = left;
    return { taken, names: takenNames };
  }
}

/** Of the resources whose next versions it makes. */
function namesIn({ resources }: Gathered, context: Context): string[] {
  return resources.flatMap((change) => change.kind === 'create' ? [] : [nameOf(resourceNameOf(change, context))]);
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

type Outcome = { readonly committed: readonly Committed[] } | { readonly refused: unknown };

/** What a commit comes to: its rows, and what its caller is told. */
interface Decided {
  readonly fresh: readonly ResourceRow[];
  readonly later: readonly ResourceRow[];
  readonly committed: readonly Committed[];
}

async function writeAll(database: Database, together: readonly Waiting[]): Promise<Map<Waiting, Outcome>> {
  const names = together.flatMap(({ resources, context }) => resources.flatMap((change) => change.kind === 'create' ? [] : [resourceNameOf(change, context)]));
  const outcomes = new Map<Waiting, Outcome>();
  // What only adds is one statement, and a statement is a transaction.
  const written = names.length === 0
    ? await writeDecided(database, database, together, new Map(), outcomes)
    : await database.transaction(async (connection) => writeDecided(database, connection, together, await lockCurrent(connection, names), outcomes));
  written();
  return outcomes;
}

async function writeDecided(database: Database, connection: Queryable, together: readonly Waiting[], before: ReadonlyMap<string, CurrentRow>, outcomes: Map<Waiting, Outcome>): Promise<() => void> {
  const fresh: ResourceRow[] = [];
  const later: ResourceRow[] = [];
  const accepted: Waiting[] = [];
  for (const waiting of together) {
    try {
      const decided = decide(waiting, before);
      fresh.push(...decided.fresh);
      later.push(...decided.later);
      accepted.push(waiting);
      outcomes.set(waiting, { committed: decided.committed });
    } catch (refused) {
      outcomes.set(waiting, { refused });
    }
  }
  return writeRows(database, connection, { fresh, later, before }, [], partsOf(accepted));
}

function decide({ resources, context }: Waiting, before: ReadonlyMap<string, CurrentRow>): Decided {
  const fresh: ResourceRow[] = [];
  const later: ResourceRow[] = [];
  const authorizations = authorizationsOf(resources);
  const committed = resources.map((change, index) => {
    if (change.kind === 'create') {
      const row = firstVersion(change, undefined, undefined, context);
      fresh.push(row);
      return committedOf(row, true);
    }
    const next = nextVersion(change, before.get(nameOf(resourceNameOf(change, context))), authorizations[index], context);
    if (next.row) later.push(next.row);
    return next.committed;
  });
  return { fresh, later, committed };
}

function partsOf(accepted: readonly Waiting[]): readonly Part[] {
  const messages = accepted.flatMap(({ messages: own, context }) => own.map((recorded) => ({ recorded, context })));
  const answers = accepted.flatMap(({ answers: own, context }) => own.map((answer) => ({ answer, context })));
  return [...(messages.length > 0 ? [messagesPart(messages)] : []), ...(answers.length > 0 ? [answersPart(answers)] : [])];
}
