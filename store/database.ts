/** The one door to PostgreSQL: a pool, transactions, and failures translated into the catalogue of problems. */
import { types } from 'node:util';
import pg from 'pg';
import { Problem } from '../fhir/problems.ts';

/** Anything that takes a query: the pool, or one connection inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(query: Statement): Promise<pg.QueryResult<R>>;
}

/** Text with numbered parameters; a name makes PostgreSQL keep the plan (only for queries whose best plan never varies). */
export interface Statement {
  readonly text: string;
  readonly values?: unknown[];
  readonly name?: string;
}

export interface Database extends Queryable {
  /** Runs `work` in one transaction on one connection; rolls back when it throws. */
  transaction<T>(work: (connection: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly connection: pg.PoolConfig;
  /** Connections at most. */
  readonly size: number;
  /** Called for a connection that broke while idle; the pool replaces it by itself. */
  readonly onIdleError: (error: Error) => void;
}

export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({ ...options.connection, max: options.size, connectionTimeoutMillis: 5_000, application_name: 'priora' });
  pool.on('error', options.onIdleError);
  // A connection that breaks while it is lent out says so twice: to the query, and as an event that must be heard.
  pool.on('connect', (client) => { client.on('error', () => {}); });

  return {
    async query<R extends pg.QueryResultRow>(statement: Statement) {
      try {
        return await pool.query<R>(statement);
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
        const result = await work(connection);
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

    close: () => pool.end(),
  };
}

/** SQLSTATE of a database error, or the system's code (ECONNREFUSED and the like). */
export function failureCode(error: unknown): string | undefined {
  return isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Which constraint refused a row, where one did. */
export function violatedConstraint(error: unknown): string | undefined {
  return isError(error) && 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
}

/** Errors of Node's own modules come from another realm where tests run, and are no `instanceof Error` there. */
function isError(error: unknown): error is Error {
  return types.isNativeError(error);
}

// https://www.postgresql.org/docs/15/errcodes-appendix.html
const outOfSpace = new Set(['53100', 'ENOSPC']);
const concurrent = new Set(['40001', '40P01']);
const unavailable = /^(08|57P|53[023]|ECONN|ENOENT|EPIPE|ETIMEDOUT)/;

/** Translates what the caller can do something about; everything else stays a fault of ours. */
function asProblem(error: unknown): unknown {
  if (error instanceof Problem) return error;
  const code = failureCode(error);
  if (code !== undefined && outOfSpace.has(code)) return new Problem('store-full', {}, undefined, { cause: error });
  if (code !== undefined && concurrent.has(code)) return new Problem('concurrent-change', {}, undefined, { cause: error });
  const message = isError(error) ? error.message : '';
  if ((code !== undefined && unavailable.test(code)) || /timeout exceeded when trying to connect|Connection terminated|connection error and is not queryable/.test(message)) {
    return new Problem('store-unavailable', {}, undefined, { cause: error });
  }
  return error;
}
