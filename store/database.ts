/** The one door to PostgreSQL: a pool, transactions, and failures translated into the catalogue of problems. */
import pg from 'pg';
import { Problem } from '../fhir/problems.ts';
import { failureCode, isError } from './failures.ts';
import { openLanes } from './lanes.ts';
import { createStatistics, type Statistics, type StatisticsCache } from './search/statistics.ts';
import { createStatementNames } from './statement-names.ts';

/** Anything that takes a query: the pool, or one connection inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(query: Statement): Promise<pg.QueryResult<R>>;
  /** What searches are planned by. */
  readonly statistics?: Statistics;
}

/** Text with numbered parameters; a name makes PostgreSQL keep the plan (only for queries whose best plan never varies). */
export interface Statement {
  readonly text: string;
  readonly values?: unknown[];
  readonly name?: string;
  /** The text may come again; after its second use it gets a name (statement-names.ts). */
  readonly recurring?: boolean;
  /** Is cancelled when it takes longer than searches may. */
  readonly limited?: boolean;
  /** Only reads, and may be answered by a replica that is as far as the primary (replica.ts). */
  readonly replicable?: boolean;
}

export interface Database extends Queryable {
  /** Runs `work` in one transaction on one connection; rolls back when it throws. */
  transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T>;
  readonly statistics: StatisticsCache;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly connection: pg.PoolConfig;
  /** Connections at most. */
  readonly size: number;
  /** How long a search may take, in milliseconds. Without it, as long as it takes. */
  readonly searchTimeout?: number;
  /** Called for a connection that broke while idle; the pool replaces it by itself. */
  readonly onIdleError: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({ ...options.connection, max: options.size, connectionTimeoutMillis: 5_000, application_name: 'priora' });
  pool.on('error', options.onIdleError);
  // A connection that breaks while it is lent out says so twice: to the query, and as an event that must be heard.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    // One plan for all values: shapes do not depend on the planner here, and planning anew because a plan looked cheaper
    // for these values took four fifths of a search by identifier (docs/decisions/0006-search-sql.md).
    client.query('set plan_cache_mode = force_generic_plan').catch(options.onIdleError);
  });

  const lanes = openLanes(options.connection, options.onIdleError);
  const statistics = createStatistics();
  const names = createStatementNames();

  // The limit is the client's and not a setting of the session, which writes and migrations share.
  const cancel = async (client: pg.PoolClient): Promise<void> => {
    const messenger = new pg.Client({ ...options.connection, connectionTimeoutMillis: 5_000 });
    messenger.on('error', () => {});
    try {
      await messenger.connect();
      await messenger.query('select pg_cancel_backend($1)', [processOf(client)]);
    } finally {
      await messenger.end();
    }
  };
  /** Runs on one connection; `late` is told before a cancellation is sent, which might hit the statement after this one. */
  const runOn = async <R extends pg.QueryResultRow>(client: pg.PoolClient, statement: Statement, late: () => void): Promise<pg.QueryResult<R>> => {
    const named = names.named(statement);
    if (statement.limited !== true || options.searchTimeout === undefined) return client.query<R>(named);
    const timer = setTimeout(() => {
      late();
      cancel(client).catch(options.onIdleError);
    }, options.searchTimeout);
    try {
      return await client.query<R>(named);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    statistics,

    async query<R extends pg.QueryResultRow>(statement: Statement) {
      try {
        if (statement.replicable === true) {
          const answer = await lanes.query<R>(names.named(statement));
          if (answer !== undefined) return answer;
        }
        if (statement.limited !== true) return await pool.query<R>(names.named(statement));
        const client = await pool.connect();
        let broken = false;
        try {
          return await runOn<R>(client, statement, () => { broken = true; });
        } catch (error) {
          // A database error leaves the connection as it was; anything else may not.
          broken ||= !(error instanceof pg.DatabaseError);
          throw error;
        } finally {
          client.release(broken);
        }
      } catch (error) {
        throw asProblem(error);
      }
    },

    async transaction(work) {
      let connection: pg.PoolClient;
      try {
        connection = await pool.connect();
      } catch (error) {
        throw asProblem(error);
      }
      try {
        await connection.query('begin');
        const result = await work({ statistics, query: <R extends pg.QueryResultRow>(statement: Statement) => runOn<R>(connection, statement, () => {}) });
        await connection.query('commit');
        connection.release();
        return result;
      } catch (error) {
        // A connection that cannot roll back is in an unknown state; the pool must not hand it out again.
        const rolledBack = await connection.query('rollback').then(() => true, () => false);
        connection.release(!rolledBack);
        throw asProblem(error);
      }
    },

    close: async () => { await Promise.all([lanes.close(), pool.end()]); },
  };
}

/** The process that serves a connection; the driver's type leaves it out. */
function processOf(client: pg.PoolClient): number {
  return (client as pg.PoolClient & { readonly processID: number }).processID;
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
const outOfSpace = new Set(['53100', 'ENOSPC']);
const concurrent = new Set(['40001', '40P01']);
const cancelled = '57014';
const unavailable = /^(08|57P|53[023]|ECONN|ENOENT|EPIPE|ETIMEDOUT)/;

/** Translates what the caller can do something about; everything else stays a fault of ours. */
function asProblem(error: unknown): unknown {
  if (error instanceof Problem) return error;
  const code = failureCode(error);
  if (code !== undefined && outOfSpace.has(code)) return new Problem('store-full', {}, undefined, { cause: error });
  if (code !== undefined && concurrent.has(code)) return new Problem('concurrent-change', {}, undefined, { cause: error });
  if (code === cancelled) return new Problem('too-costly', {}, undefined, { cause: error });
  const message = isError(error) ? error.message : '';
  if ((code !== undefined && unavailable.test(code)) || /timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable/.test(message)) {
    return new Problem('store-unavailable', {}, undefined, { cause: error });
  }
  return error;
}
