/**
 * Lanes: connections on which quick statements follow each other without waiting for the answers of those before.
 *
 * What a short read costs is hardly the reading. Handing a statement to PostgreSQL wakes another process, and that took
 * three fifths of this process's time when each read had a connection to itself. In a lane all statements of one turn
 * of the event loop are handed over together. They are answered in their order, so one that turns out to be slow would
 * keep all behind it waiting: it is cancelled after a moment, and it and its like go elsewhere from then on.
 */
import pg from 'pg';
import { failureCode } from './failures.ts';
import { laneSession } from './search/session.ts';
import type { Statement } from './statement.ts';

/** Two processors may read at once; more lanes would hand over less at a time. */
const laneCount = 2;
/** What others have to wait for a slow statement, at most, in milliseconds. */
const longest = 200;
/** Texts of slow statements that are remembered. */
const mostRemembered = 1000;

/** What PostgreSQL says when it ends a connection, or takes none (classes 08, 57P and 53 of its error codes). */
const connectionEnds = /^(08|57P|53[023])/;

export interface Lanes {
  /** Only for what reads. Undefined: it could not be answered here (too slow for a lane, or the lane broke). */
  query<R extends pg.QueryResultRow>(statement: Statement): Promise<pg.QueryResult<R> | undefined>;
  close(): Promise<void>;
}

/** @param onError called for a connection that broke; the next statement opens another */
export function openLanes(connection: pg.PoolConfig, onError: (error: Error) => void): Lanes {
  const lanes = Array.from({ length: laneCount }, () => new Lane(connection, onError));
  const slow = new Set<string>();
  return {
    async query<R extends pg.QueryResultRow>(statement: Statement) {
      if (slow.has(statement.text)) return undefined;
      try {
        return await lanes.reduce((best, lane) => lane.underWay < best.underWay ? lane : best).query<R>(statement);
      } catch (error) {
        // A connection broke, or none could be had: it may go better elsewhere, and nothing was changed.
        if (!(error instanceof pg.DatabaseError) || connectionEnds.test(failureCode(error) ?? '')) return undefined;
        if (failureCode(error) !== '57014') throw error;
        if (slow.size >= mostRemembered) slow.clear();
        slow.add(statement.text);
        return undefined;
      }
    },
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
    const client = new pg.Client({ ...this.#connection, connectionTimeoutMillis: 5_000, application_name: 'priora', pipeline: true });
    const forget = (): void => { this.#client = undefined; };
    client.on('error', (error) => {
      forget();
      this.#onError(error);
    });
    client.on('end', forget);
    try {
      await client.connect();
      await client.query(`${laneSession}; set statement_timeout = ${longest}`);
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
