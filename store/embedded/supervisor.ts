/**
 * Keeps one postmaster alive: takes over a running one, starts one where there is none, and starts it again when it
 * ends unasked. Restarts go on without end at a bounded pace: a disk that was full for an hour heals by itself.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { askServer } from './connection.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { endOrphanedSessions, findPostmaster, removeStaleFiles, requestFastShutdown, spawnPostmaster, type Launch, type Postmaster, type PostmasterExit } from './postmaster.ts';

/** Recovery of a large write-ahead log takes minutes; milliseconds. */
const readyLimit = 600_000;

/** A server that neither answers nor recovers for this long is not going to; milliseconds. */
const silenceLimit = 60_000;

/** Between two looks whether the server is ready, milliseconds. */
const lookInterval = 10;

/** Pause before the second and later restarts in a row: doubles from the first to the last, milliseconds. */
const pause = { first: 100, last: 5000 };

/** A postmaster that lived this long was well: the pauses start over. Milliseconds. */
const wellAfter = 30_000;

/** Called when the postmaster ended although nobody asked it to. */
export type OnExit = (exit: PostmasterExit & { readonly pid: number }) => void;

/** A postmaster that takes connections, and whether it was found running. */
export interface ReadyPostmaster {
  readonly postmaster: Postmaster;
  readonly adopted: boolean;
}

/**
 * Takes over the running postmaster or starts one; resolves when it takes connections. Call it under the owner lock.
 * @param stop makes it give up with an `AbortError`; the postmaster is shut down first
 * @throws {EmbeddedPostgresError} `did-not-become-ready`, with PostgreSQL's reason
 */
export async function bringUp(launch: Launch, stop: AbortSignal): Promise<ReadyPostmaster> {
  const deadline = performance.now() + silenceLimit;
  for (let attempt = 0; ; attempt += 1) {
    const running = await findPostmaster(launch.cluster);
    if (running === undefined && (await removeStaleFiles(launch.cluster, launch.connection))) launch.log('postgres-stale-files-removed', {});
    const postmaster = running ?? (await spawnPostmaster(launch));
    const outcome = await becomesReady(postmaster, launch, stop);
    if (outcome === 'ready') return { postmaster, adopted: running !== undefined };
    if (outcome === 'stopped') {
      await shutDown(postmaster, launch);
      stop.throwIfAborted();
    }
    // A silent one is left alone: it may be held by a debugger, and killing it is a person's decision.
    if (outcome === 'stopped' || outcome === 'silent') {
      throw new EmbeddedPostgresError('did-not-become-ready', `PostgreSQL (process ${postmaster.pid}) runs on ${launch.cluster} but does not answer`);
    }
    // One found running was shutting down. One started here may have met sessions of a killed one.
    const sessionsLeft = /shared memory block .* is still in use/.test(outcome.reason ?? '');
    const ended = sessionsLeft ? await endOrphanedSessions(launch.cluster) : 0;
    if (ended > 0) launch.log('postgres-sessions-ended', { ended });
    const passing = running !== undefined || sessionsLeft;
    if (!passing || performance.now() > deadline) {
      throw new EmbeddedPostgresError('did-not-become-ready', `PostgreSQL ended while starting on ${launch.cluster}: ${outcome.reason ?? 'it gave no reason'}`);
    }
    await delay(Math.min(pause.first * 2 ** attempt, pause.last / 5), undefined, { signal: stop });
  }
}

async function becomesReady(postmaster: Postmaster, launch: Launch, stop: AbortSignal): Promise<'ready' | 'stopped' | 'silent' | PostmasterExit> {
  let exit: PostmasterExit | undefined;
  void postmaster.exited.then((ended) => (exit = ended));
  const started = performance.now();
  let heard = started;
  let recovering = false;
  for (;;) {
    if (exit !== undefined) return exit;
    if (stop.aborted) return 'stopped';
    const answer = await askServer(launch.connection, launch.cluster);
    if (answer === 'ready') return 'ready';
    const now = performance.now();
    if (answer === 'busy') {
      heard = now;
      if (!recovering && now - started > 1000) {
        recovering = true;
        launch.log('postgres-recovering', { pid: postmaster.pid });
      }
    }
    if (now - heard > silenceLimit || now - started > readyLimit) return 'silent';
    await Promise.race([postmaster.exited, delay(lookInterval)]);
  }
}

async function shutDown(postmaster: Postmaster, launch: Launch): Promise<void> {
  await requestFastShutdown(postmaster.pid, launch);
  await postmaster.exited;
}

/** Watches a ready postmaster until it is told to stop. */
export class Supervisor {
  readonly #launch: Launch;
  readonly #onExit: OnExit;
  readonly #stop: AbortController;
  #current: Postmaster | undefined;
  #watching: Promise<void>;

  constructor(launch: Launch, first: Postmaster, onExit: OnExit) {
    this.#launch = launch;
    this.#onExit = onExit;
    this.#stop = new AbortController();
    this.#current = first;
    this.#watching = this.#watch(first);
  }

  /** Fast shutdown; resolves when the postmaster has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    if (this.#current !== undefined) await shutDown(this.#current, this.#launch);
    await this.#watching;
  }

  async #watch(first: Postmaster): Promise<void> {
    let postmaster: Postmaster | undefined = first;
    let restartsInARow = 0;
    while (postmaster !== undefined) {
      const since = performance.now();
      const exit: PostmasterExit = await postmaster.exited;
      this.#current = undefined;
      if (this.#stop.signal.aborted) return;
      this.#launch.log('postgres-exited', { pid: postmaster.pid, ...exit });
      this.#onExit({ pid: postmaster.pid, ...exit });
      if (performance.now() - since > wellAfter) restartsInARow = 0;
      ({ postmaster, restartsInARow } = await this.#restart(restartsInARow));
    }
  }

  async #restart(before: number): Promise<{ postmaster: Postmaster | undefined; restartsInARow: number }> {
    for (let restartsInARow = before; ; restartsInARow += 1) {
      const started = performance.now();
      if (restartsInARow > 0) {
        const wait = Math.min(pause.first * 2 ** (restartsInARow - 1), pause.last);
        await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
      if (this.#stop.signal.aborted) return { postmaster: undefined, restartsInARow };
      try {
        const { postmaster } = await bringUp(this.#launch, this.#stop.signal);
        this.#current = postmaster;
        this.#launch.log('postgres-restarted', { pid: postmaster.pid, milliseconds: Math.round(performance.now() - started) });
        if (this.#stop.signal.aborted) await shutDown(postmaster, this.#launch);
        return { postmaster, restartsInARow: restartsInARow + 1 };
      } catch (error) {
        if (this.#stop.signal.aborted) return { postmaster: undefined, restartsInARow };
        this.#launch.log('postgres-restart-failed', { reason: error instanceof Error ? error.message : String(error), attempt: restartsInARow + 1 });
      }
    }
  }
}
