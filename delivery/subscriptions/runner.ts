/**
 * Reading and sending as long as the server runs: when it is told that something was committed, when something that was
 * sent is answered, and from time to time by itself. Any number of servers may do it on one database.
 */
import { hasUnread } from '../../store/outbox/read.ts';
import { findDue, takeDue, type DueSubscription } from '../../store/subscriptions/due.ts';
import { createContents, type Contents } from './content.ts';
import { deliver } from './deliver.ts';
import { readerName, readStep } from './read-outbox.ts';
import { admitted, excluded, most } from './slots.ts';
import type { Surroundings } from './surroundings.ts';

/** Looked at in one step, of which there may be room for few: many of them may go to the same host. */
const candidates = 256;
/** Milliseconds: longer than a notification usually may take, so that what is in somebody's hands is not taken from them. */
const lease = 30_000;
/** For news that was lost, retries and heartbeats; milliseconds. */
const lookEvery = 2000;

export interface SubscriptionRunner {
  /** Something may be there to do. */
  wake(): void;
  /** Resolves when everything committed until now has been read, and nothing is left to do at this moment of the clock. */
  settled(): Promise<void>;
  /** Resolves when what has begun has ended. */
  stop(): Promise<void>;
}

export function runSubscriptions(surroundings: Surroundings): SubscriptionRunner {
  return new Runner(surroundings);
}

class Runner implements SubscriptionRunner {
  readonly #surroundings: Surroundings;
  readonly #contents: Contents;
  readonly #sending = new Map<Promise<void>, DueSubscription>();
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;
  #again = false;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#contents = createContents(surroundings);
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
      while (this.#looking || this.#sending.size > 0) await Promise.all([this.#looking, ...this.#sending.keys()]);
      // Whoever looks meanwhile, by the timer or because he was told, has moved the place before he is done.
    } while (!this.#isStopped && (await hasUnread(this.#surroundings.database, readerName) || this.#looking !== undefined || this.#sending.size > 0));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#looking;
    await Promise.all(this.#sending.keys());
  }

  get #isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #lookAgain(): Promise<void> {
    while (this.#again && !this.#isStopped) {
      this.#again = false;
      await this.#look().catch((error: unknown) => this.#surroundings.observer.fault('outbox', error));
    }
    this.#looking = undefined;
  }

  /** What was read is sent before more is read: a flood of changes does not keep waiting what is due already. */
  async #look(): Promise<void> {
    let more = true;
    while (more && !this.#isStopped) {
      more = await readStep(this.#surroundings);
      await this.#sendDue();
    }
  }

  async #sendDue(): Promise<void> {
    const { database, now } = this.#surroundings;
    while (this.#sending.size < most.slots && !this.#isStopped) {
      const held = [...this.#sending.values()];
      const found = await findDue(database, now(), excluded(held), candidates);
      const due = await takeDue(database, now(), new Date(now().getTime() + lease), admitted(found, held));
      for (const one of due) this.#send(one);
      // All that is due was among them: for the others there is no room, or somebody else has them.
      if (due.length === 0 || found.length < candidates) return;
    }
  }

  #send(due: DueSubscription): void {
    const { observer } = this.#surroundings;
    const sent: Promise<void> = deliver(due, this.#contents, this.#surroundings, this.#stopping.signal)
      .catch((error: unknown) => observer.fault('subscription', error))
      .finally(() => {
        this.#sending.delete(sent);
        this.wake();
      });
    this.#sending.set(sent, due);
  }
}
