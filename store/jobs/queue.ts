/**
 * The queue of jobs: graphile-worker's tables, in a schema of their own beside ours. A job is put into it by the
 * statement that makes it necessary (store/write/job-rows.ts), and taken out of it by a server (server/jobs/).
 */
import { run, runMigrations, Logger, type Runner, type TaskList } from 'graphile-worker';
import pg from 'pg';

export type { TaskList };

/** Brings the queue's schema up to date. Safe to call by several servers at once. */
export async function migrateQueue(connection: pg.PoolConfig): Promise<void> {
  const pool = heard(new pg.Pool({ ...connection, max: 2, application_name: 'priora migration' }), () => {});
  try {
    // Servers that start together would make the same schema at the same instant. The lock ends with its connection.
    const holder = await pool.connect();
    try {
      await holder.query('select pg_advisory_lock($1)', [lock]);
      await runMigrations({ pgPool: pool, logger: silent });
    } finally {
      holder.release(true);
    }
  } finally {
    await pool.end();
  }
}

/** An arbitrary number that stands for "migrating the queue" among PostgreSQL's advisory locks. */
const lock = 7_746_721_002;

/** A connection that breaks says so as an event that must be heard, whether it is lent out or not. */
function heard(pool: pg.Pool, onError: (error: Error) => void): pg.Pool {
  pool.on('error', onError);
  pool.on('connect', (client) => { client.on('error', () => {}); });
  return pool;
}

const silent = new Logger(() => () => {});

export interface Queue {
  /** Resolves when running tasks have ended; they are told by their `abortSignal`. */
  stop(): Promise<void>;
}

export interface QueueOptions {
  readonly connection: pg.PoolConfig;
  readonly tasks: TaskList;
  /** What is done at its time, once for all servers (https://worker.graphile.org/docs/cron). */
  readonly crontab: string;
  /** Told of what goes wrong, by the name of the event and the job's number; never with its payload. */
  readonly onError: (event: string, error: Error) => void;
}

/** Takes jobs and runs them until it is stopped. */
export async function runQueue({ connection, tasks, crontab, onError }: QueueOptions): Promise<Queue> {
  const pool = heard(new pg.Pool({ ...connection, max: 3, application_name: 'priora jobs' }), (error) => onError('connection', error));
  const runner: Runner = await run({ pgPool: pool, taskList: tasks, crontab, concurrency: 1, noHandleSignals: true, logger: silent, pollInterval: 2000, gracefulShutdownAbortTimeout: 1 });
  runner.events.on('job:error', ({ error }) => onError('job', error instanceof Error ? error : new Error('unknown')));
  // What the runner rejects with when it ends by itself is reported by its events; nobody awaits it.
  runner.promise.catch(() => {});
  let stopped: Promise<void> | undefined;
  return {
    stop: () => (stopped ??= (async () => {
      await runner.stop().catch(() => {});
      await pool.end();
    })()),
  };
}
