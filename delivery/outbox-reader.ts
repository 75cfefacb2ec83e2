/**
 * Reading the outbox as long as the server runs: when it is told that something was committed, and from time to time by
 * itself. Any number of servers may do it on one database; what a step may do meanwhile is for the step to lock.
 */
import type { Database } from '../store/database.ts';
import { hasUnread } from '../store/outbox/read.ts';

export interface OutboxReader {
  /** Something may be there to do. */
  wake(): void;
  /** Resolves when everything committed until now has been read, and nothing that came of it is under way. */
  settled(): Promise<void>;
  /** Resolves when what has begun has ended. */
  stop(): Promise<void>;
}

export interface Reading {
  readonly database: Database;
  /** The row of `outbox_reader` that a step moves. */
  readonly name: string;
  /** For news that was lost; milliseconds. */
  readonly lookEvery: number;
  /** One at a time. @param stopping aborted when no further step begins. @returns true where there may be more to read */
  step(stopping: AbortSignal): Promise<boolean>;
  /** What steps have begun and goes on after them. */
  underWay?(): readonly Promise<void>[];
  /** A step that failed is tried again with the next news. */
  fault(error: unknown): void;
}

export function readOutboxOn(reading: Reading): OutboxReader {
  return new Reader(reading);
}

class Reader implements OutboxReader {
  readonly #reading: Reading;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#timer = setInterval(() => this.wake(), reading.lookEvery);
    this.#timer.unref();
    // Once whoever starts it has it in hand: his step may wake it.
    queueMicrotask(() => this.wake());
  }

  wake(): void {
    this.#again = true;
    if (!this.#isStopped) this.#looking ??= this.#lookAgain();
  }

  async settled(): Promise<void> {
    const { database, name } = this.#reading;
    do {
      this.wake();
      while (this.#isBusy) await Promise.all([this.#looking, ...this.#underWay]);
      // Whoever looks meanwhile, by the timer or because he was told, has moved the place before he is done.
    } while (!this.#isStopped && (await hasUnread(database, name) || this.#isBusy));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#looking;
    await Promise.all(this.#underWay);
  }

  get #underWay(): readonly Promise<void>[] {
    return this.#reading.underWay?.() ?? [];
  }

  get #isBusy(): boolean {
    return this.#looking !== undefined || this.#underWay.length > 0;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #lookAgain(): Promise<void> {
    while (this.#again && !this.#isStopped) {
      this.#again = false;
      try {
        let more = true;
        while (more && !this.#isStopped) more = await this.#reading.step(this.#stopping.signal);
      } catch (error) {
        this.#reading.fault(error);
      }
    }
    this.#looking = undefined;
  }
}
