/** The one door to PostgreSQL: a pool, transactions, and failures translated into the catalogue of problems. */
import pg from 'pg';
import { Problem } from '../fhir/problems.ts';
import { failureCode, isError } from './failures.ts';
import { openLanes } from './lanes.ts';
import { onePlan, searchSession } from './search/session.ts';
import { createStatistics, type Statistics, type StatisticsCache } from './search/statistics.ts';
import type { Statement } from './statement.ts';
import { createStatementNames } from './statement-names.ts';

export type { Statement };

/** Anything that takes a query: the pool, or one connection inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(query: Statement): Promise<pg.QueryResult<R>>;
  /** What searches are planned by. */
  readonly statistics?: Statistics;
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
  const limit = `statement_timeout = ${options.searchTimeout ?? 0}`;
  const poolWith = (name: string, settings: string): pg.Pool => {
    const pool = new pg.Pool({
      ...options.connection, max: options.size, connectionTimeoutMillis: 5_000, application_name: name,
      // The pool waits for it; its type does not say so.
      onConnect: ((client: pg.PoolClient) => client.query(settings)) as unknown as (client: pg.ClientBase) => void,
    });
    pool.on('error', options.onIdleError);
    // A connection that breaks while it is lent out says so twice: to the query, and as an event that must be heard.
    pool.on('connect', (client) => { client.on('error', () => {}); });
    return pool;
  };
  const pool = poolWith('priora', onePlan);
  // Searches have settings of their own, and a limit that would be none for writes and migrations.
  const searches = poolWith('priora searches', `${searchSession}; set ${limit}`);

  const lanes = openLanes(options.connection, options.onIdleError);
  const statistics = createStatistics();
  const names = createStatementNames();

  return {
    statistics,

    async query<R extends pg.QueryResultRow>(statement: Statement) {
      try {
        if (statement.replicable === true) {
          const answer = await lanes.query<R>(names.named(statement));
          if (answer !== undefined) return answer;
        }
        return await (statement.limited === true ? searches : pool).query<R>(names.named(statement));
      } catch (error) {
        throw statement.writes === true && isError(error) && error.message === 'Connection terminated unexpectedly' ? asUnknown(error) : asProblem(error);
      }
    },

    async transaction(work) {
      let connection: pg.PoolClient;
      let committing = false;
      try {
        connection = await pool.connect();
      } catch (error) {
        throw asProblem(error);
      }
      try {
        await connection.query('begin');
        let limited = false;
        const run = async <R extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<R>> => {
          // From its first search on, all that a transaction does has the limit of searches.
          if (statement.limited === true && !limited) {
            limited = true;
            await connection.query(`set local ${limit}`);
          }
          return connection.query<R>(names.named(statement));
        };
        // One after the other, also where the work asks for several things at once.
        let before: Promise<unknown> = Promise.resolve();
        const result = await work({
          statistics,
          query<R extends pg.QueryResultRow>(statement: Statement) {
            const answer = before.then(() => run<R>(statement));
            before = answer.catch(() => {});
            return answer;
          },
        });
        committing = true;
        await connection.query('commit');
        connection.release();
        return result;
      } catch (error) {
        // A connection that cannot roll back is in an unknown state; the pool must not hand it out again.
        const rolledBack = await connection.query('rollback').then(() => true, () => false);
        connection.release(!rolledBack);
        throw committing ? asUnknown(error) : asProblem(error);
      }
    },

    close: async () => { await Promise.all([lanes.close(), searches.end(), pool.end()]); },
  };
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
const outOfSpace = new Set(['53100', 'ENOSPC']);
const concurrent = new Set(['40001', '40P01']);
const cancelled = '57014';
const unavailable = /^(08|57P|53[023]|ECONN|ENOENT|EPIPE|ETIMEDOUT)/;

/** Of what was under way when the connection broke, nobody can say whether it was done. */
function asUnknown(error: unknown): unknown {
  const problem = asProblem(error);
  return problem instanceof Problem && problem.code === 'store-unavailable' ? new Problem('outcome-unknown', {}, undefined, { cause: error }) : problem;
}

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
