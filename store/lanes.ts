/**
 * Lanes: connections on which quick statements follow each other without waiting for the answers of those before.
 *
 * What a short read costs is hardly the reading. Handing a statement to PostgreSQL wakes another process, and that took
 * three fifths of this process's time when each read had a connection to itself. In a lane all statements of one turn
 * of the event loop are handed over together. They are answered in their order, so only statements that are sure to be
 * quick may go here: a slow one would keep all behind it waiting.
 */
import pg from 'pg';
import type { Statement } from './database.ts';

/** Two processors may read at once; more lanes would hand over less at a time. */
const laneCount = 2;

export interface Lanes {
  query<R extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<R>>;
  close(): Promise<void>;
}

/** @param onIdleError called for a connection that broke; the next statement opens another */
export function openLanes(connection: pg.PoolConfig, onIdleError: (error: Error) => void): Lanes {
  const lanes = Array.from({ length: laneCount }, () => new Lane(connection, onIdleError));
  return {
    query: (statement) => lanes.reduce((best, lane) => lane.underWay < best.underWay ? lane : best).query(statement),
    close: async () => { await Promise.all(lanes.map((lane) => lane.close())); },
  };
}

class Lane {
  readonly #connection: pg.PoolConfig;
  readonly #onError: (error: Error) => void;
  #client: Promise<pg.Client> | undefined;
  #held = false;
  /** Statements that are not answered yet. */
  underWay = 0;

  constructor(connection: pg.PoolConfig, onError: (error: Error) => void) {
    this.#connection = connection;
    this.#onError = onError;
  }

  async query<R extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<R>> {
    this.underWay += 1;
    try {
      const client = await (this.#client ??= this.#open());
      this.#holdBack(client);
      return await client.query<R>(statement);
    } finally {
      this.underWay -= 1;
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.then((open) => open.end(), () => {});
  }

  async #open(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#connection, connectionTimeoutMillis: 5_000, application_name: 'priora', pipeline: true } as pg.ClientConfig);
    const forget = (): void => { this.#client = undefined; };
    client.on('error', (error) => {
      forget();
      this.#onError(error);
    });
    client.on('end', forget);
    try {
      await client.connect();
    } catch (error) {
      forget();
      throw error;
    }
    return client;
  }

  /** Nothing is sent before this turn of the event loop ends; then all of it at once. */
  #holdBack(client: pg.Client): void {
    if (this.#held) return;
    const { stream } = (client as unknown as { connection: { stream: NodeJS.WritableStream & { cork(): void; uncork(): void } } }).connection;
    this.#held = true;
    stream.cork();
    setImmediate(() => {
      this.#held = false;
      stream.uncork();
    });
  }
}
