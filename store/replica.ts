/**
 * Reads from a streaming replica, without anybody noticing that it is one.
 *
 * Before a read goes there the primary is asked how far its log is durable, and the replica must have replayed that far.
 * All that was answered to anybody before the read began (whatever process of whatever installation on this database
 * wrote it) lies before that point, and so does all that any earlier read has shown: a commit is durable before it
 * is visible. So a read from the replica sees what the same read on the primary would have seen, at the moment when it
 * was asked. No process has to know what others write, and no client is held to one server.
 *
 * The question is one statement that looks at shared memory; reads that come together share it. What runs inside a
 * transaction, and everything that is not marked as `replicable`, goes to the primary.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { Problem } from '../fhir/problems.ts';
import type { Database, Statement } from './database.ts';
import { failureCode } from './failures.ts';
import { searchSession } from './search/session.ts';
import { createStatementNames } from './statement-names.ts';

/** Where a read went, and why: `lagging` and `failed` reads were answered by the primary. */
export type ReadOutcome = 'replica' | 'lagging' | 'failed';

export interface ReplicaOptions {
  /** Of one streaming replica, or of a balancer before several of one primary. */
  readonly connection: pg.PoolConfig;
  readonly size: number;
  /** How long a read may take, in milliseconds. */
  readonly searchTimeout?: number;
  readonly onRead: (outcome: ReadOutcome) => void;
  /** Called once when the replica cannot be used, with the kind of failure, and again after it could. */
  readonly onFailure: (kind: string) => void;
}

/** How long a read waits for the replica to catch up, and between two looks, milliseconds. A commit is replayed within one or two. */
const patience = 10;
const lookInterval = 1;

/** A replica that was behind, or failed, is not tried again for so long; doubles from first to last, milliseconds. */
const pause = { first: 50, last: 5000 };

/** The primary, with a replica that takes its reads where it can. */
export function withReplica(primary: Database, options: ReplicaOptions): Database {
  const replica = new Replica(primary, options);
  return {
    statistics: primary.statistics,
    async query<R extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<R>> {
      if (statement.replicable !== true) return primary.query<R>(statement);
      return await replica.query<R>(statement) ?? primary.query<R>(statement);
    },
    transaction: (work) => primary.transaction(work),
    async close() {
      await replica.close();
      await primary.close();
    },
  };
}

class Replica {
  readonly #primary: Database;
  readonly #options: ReplicaOptions;
  readonly #pool: pg.Pool;
  readonly #names = createStatementNames();
  /** How far each connection's server is known to have replayed. */
  readonly #replayed = new WeakMap<pg.PoolClient, bigint>();
  readonly #durable: () => Promise<bigint>;
  #system: string | undefined;
  #notBefore = 0;
  #pause = pause.first;
  #told = false;

  constructor(primary: Database, options: ReplicaOptions) {
    this.#primary = primary;
    this.#options = options;
    this.#pool = new pg.Pool({ ...options.connection, max: options.size, connectionTimeoutMillis: 1000, statement_timeout: options.searchTimeout ?? 0, application_name: 'priora reads' });
    this.#pool.on('error', () => {});
    this.#pool.on('connect', (client) => {
      client.on('error', () => {});
      client.query(searchSession).catch(() => {});
    });
    this.#durable = shared(async () => {
      const { rows } = await primary.query<{ position: string }>(durablePosition);
      return BigInt(rows[0]!.position);
    });
  }

  /** Undefined: the primary has to answer. */
  async query<R extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<R> | undefined> {
    if (performance.now() < this.#notBefore) return this.#missed('lagging');
    const wanted = await this.#durable();
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      return this.#failed(error);
    }
    let broken = true;
    try {
      const caughtUp = await this.#reaches(client, wanted);
      if (!caughtUp) {
        broken = false;
        this.#rest();
        return this.#missed('lagging');
      }
      const result = await client.query<R>(this.#names.named(statement));
      broken = false;
      this.#pause = pause.first;
      this.#told = false;
      this.#options.onRead('replica');
      return result;
    } catch (error) {
      // It would take as long there.
      if (failureCode(error) === '57014') throw new Problem('too-costly', {}, undefined, { cause: error });
      broken = !(failureCode(error)?.length === 5);
      return this.#failed(error);
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  /** Whether the server behind this connection has replayed the log up to there, or does within a moment. */
  async #reaches(client: pg.PoolClient, wanted: bigint): Promise<boolean> {
    const known = this.#replayed.get(client);
    if (known === undefined) await this.#assertSameSystem(client);
    else if (known >= wanted) return true;
    const deadline = performance.now() + patience;
    for (;;) {
      const { rows } = await client.query<{ position: string | null }>(replayedPosition);
      // None: it is no replica any more, and may have gone its own way.
      if (rows[0]!.position === null) throw new NotAReplica();
      const position = BigInt(rows[0]!.position);
      this.#replayed.set(client, position);
      if (position >= wanted) return true;
      if (performance.now() >= deadline) return false;
      await delay(lookInterval);
    }
  }

  /** Positions in the log of another installation would mean nothing. */
  async #assertSameSystem(client: pg.PoolClient): Promise<void> {
    this.#system ??= (await this.#primary.query<{ system: string }>(systemIdentifier)).rows[0]!.system;
    const { rows } = await client.query<{ system: string }>(systemIdentifier);
    if (rows[0]!.system !== this.#system) throw new NotAReplica();
  }

  #missed(outcome: ReadOutcome): undefined {
    this.#options.onRead(outcome);
    return undefined;
  }

  #rest(): void {
    this.#notBefore = performance.now() + this.#pause;
    this.#pause = Math.min(this.#pause * 2, pause.last);
  }

  #failed(error: unknown): undefined {
    this.#rest();
    if (!this.#told) this.#options.onFailure(failureCode(error) ?? (error instanceof Error ? error.name : 'unknown'));
    this.#told = true;
    return this.#missed('failed');
  }
}

class NotAReplica extends Error {
  override readonly name = 'NotAReplica';
}

// Without waiting for the disk a commit is acknowledged before it is durable, but not before it is in the log.
const durablePosition: Statement = {
  // Of the primary itself, where such statements travel together (lanes.ts).
  replicable: true,
  name: 'durable-position',
  text: `select (case when current_setting('synchronous_commit') = 'off' then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn() end - '0/0'::pg_lsn)::text as position`,
};
const replayedPosition: Statement = { name: 'replayed-position', text: `select (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() end - '0/0'::pg_lsn)::text as position` };
const systemIdentifier: Statement = { name: 'system-identifier', text: 'select system_identifier::text as system from pg_control_system()' };

/**
 * Answers many callers by one question, which is asked after the last of them came: who comes while it is under way
 * waits for the next one, because an answer from before may be too old for them.
 */
export function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    const asked = ask();
    underWay = asked.catch(() => {}).finally(() => { underWay = undefined; });
    return asked;
  };
  return () => {
    if (underWay === undefined) return begin();
    next ??= underWay.then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}
