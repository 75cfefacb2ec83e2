/** Writing later answers as long as the server runs: when it is told that something was committed, and from time to time by itself. */
import { hasUnread } from '../../store/outbox/read.ts';
import { readerName, readStep } from './read-outbox.ts';
import type { AnswerSurroundings } from './surroundings.ts';

/** For news that was lost; milliseconds. */
const lookEvery = 5000;

export interface AnswerRunner {
  /** Something may be there to do. */
  wake(): void;
  /** Resolves when everything committed until now has been read. */
  settled(): Promise<void>;
  /** Resolves when what has begun has ended. */
  stop(): Promise<void>;
}

export function runLaterAnswers(surroundings: AnswerSurroundings): AnswerRunner {
  return new Runner(surroundings);
}

class Runner implements AnswerRunner {
  readonly #surroundings: AnswerSurroundings;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(surroundings: AnswerSurroundings) {
    this.#surroundings = surroundings;
    this.#timer = setInterval(() => this.wake(), lookEvery);
    this.#timer.unref();
    this.wake();
  }

  wake(): void {
    this.#again = true;
    if (!this.#isStopped) this.#looking ??= this.#lookAgain();
  }

  async settled(): Promise<void> {
    do {
      this.wake();
      while (this.#looking) await this.#looking;
      // Whoever looks meanwhile, by the timer or because he was told, has moved the place before he is done.
    } while (!this.#isStopped && (await hasUnread(this.#surroundings.database, readerName) || this.#looking !== undefined));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#looking;
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #lookAgain(): Promise<void> {
    while (this.#again && !this.#isStopped) {
      this.#again = false;
      try {
        let more = true;
        while (more && !this.#isStopped) more = await readStep(this.#surroundings);
      } catch (error) {
        this.#surroundings.observer.fault(error);
      }
    }
    this.#looking = undefined;
  }
}
