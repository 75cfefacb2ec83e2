/**
 * Several processes that serve HTTP on one port (PRIORA_WORKERS). This one, the primary process, serves no request: it owns
 * the embedded PostgreSQL, brings the schema up to date, runs background jobs, and keeps the workers alive: one that
 * ends is replaced, at a bounded pace where it keeps ending. What a worker had acknowledged is in the store.
 */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Configuration } from '../configuration.ts';
import { createLog } from '../log.ts';
import { startServer, type RunningServer } from '../main.ts';
import { answerMeasurements } from './measurements.ts';

export interface RunningCluster {
  /** `http://HOST:PORT` */
  readonly address: string;
  readonly rulePacks: number;
  readonly log: Logger;
  /** Workers finish what they have begun, then everything ends. */
  stop(): Promise<void>;
}

/** One line for a person: the reasons are the workers' own. */
export class WorkersEndedError extends Error {
  override readonly name = 'WorkersEndedError';
}

/** Between the end of a worker and its successor: doubles from the first to the last while workers keep ending, milliseconds. */
const pause = { first: 50, last: 5000 };

/** A worker that served for so long was well, milliseconds. */
const wellAfter = 30_000;

/** What has begun may take so long to finish when the server is told to stop, milliseconds. */
const drainLimit = 60_000;

/** @throws what {@link startServer} throws; {@link WorkersEndedError} */
export async function startCluster(configuration: Configuration): Promise<RunningCluster> {
  const log = createLog(configuration.logLevel);
  const background = await startServer(configuration, { part: 'background', log });
  const workers = new Workers(background, log);
  try {
    const address = await workers.start(configuration.workers);
    log.info({ address, workers: configuration.workers }, 'workers serve');
    return {
      address, rulePacks: background.rulePacks, log,
      async stop() {
        await workers.stop();
        await background.stop();
      },
    };
  } catch (error) {
    await workers.stop();
    await background.stop();
    throw error;
  }
}

class Workers {
  readonly #background: RunningServer;
  readonly #log: Logger;
  readonly #alive = new Map<number, { worker: Worker; since: number }>();
  readonly #stopping = new AbortController();
  #endsInARow = 0;

  constructor(background: RunningServer, log: Logger) {
    this.#background = background;
    this.#log = log;
  }

  /** Starts so many and resolves with the address when all of them serve. */
  async start(count: number): Promise<string> {
    const addresses = await Promise.all(Array.from({ length: count }, () => this.#fork()));
    return addresses[0]!;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const ended = [...this.#alive.values()].map(({ worker }) => new Promise<void>((resolve) => {
      worker.once('exit', () => resolve());
      worker.process.kill('SIGTERM');
    }));
    const limit = new AbortController();
    await Promise.race([Promise.all(ended), delay(drainLimit, undefined, { signal: limit.signal }).catch(() => {})]);
    limit.abort();
    for (const { worker } of this.#alive.values()) worker.process.kill('SIGKILL');
  }

  /** Resolves with its address when the worker serves. */
  #fork(): Promise<string> {
    const worker = cluster.fork({ ...environmentOf(this.#background), PRIORA_JOBS: '0' });
    this.#alive.set(worker.id, { worker, since: performance.now() });
    answerMeasurements(worker, () => [...this.#alive.values()].map((one) => one.worker), () => this.#background.house.metrics.registry);
    return new Promise((resolve, reject) => {
      worker.once('listening', ({ address, port }) => resolve(`http://${address?.includes(':') ? `[${address}]` : address}:${port}`));
      worker.once('exit', (code, signal) => {
        reject(new WorkersEndedError('the workers ended before they served; each has said why'));
        this.#ended(worker, code, signal);
      });
    });
  }

  #ended(worker: Worker, code: number | null, signal: string | null): void {
    const since = this.#alive.get(worker.id)?.since ?? 0;
    this.#alive.delete(worker.id);
    if (this.#stopping.signal.aborted) return;
    this.#endsInARow = performance.now() - since > wellAfter ? 0 : this.#endsInARow + 1;
    const wait = Math.min(pause.first * 2 ** Math.max(0, this.#endsInARow - 1), pause.last);
    this.#log.error({ worker: worker.id, code, signal, wait }, 'a worker ended and is replaced');
    delay(wait, undefined, { signal: this.#stopping.signal }).then(() => this.#fork()).catch(() => {
      // Stopping; or the successor ended too, and its own end is being dealt with.
    });
  }
}

/** What a worker needs to know beyond the environment of this process: where the store is. */
function environmentOf({ house }: RunningServer): Record<string, string> {
  const { connection, configuration } = house;
  if (configuration.databaseUrl !== undefined) return {};
  const { host = '', port, user, database, password } = connection;
  const credentials = `${encodeURIComponent(String(user))}${typeof password === 'string' ? `:${encodeURIComponent(password)}` : ''}`;
  return { DATABASE_URL: `postgres://${credentials}@localhost:${port}/${database}?host=${encodeURIComponent(host)}` };
}
