/**
 * One MLLP connection: frames are worked on one after another, in the order they came, and answered in that order, since
 * what a sender says later rests on what it said before. While enough of them wait nothing more is read, so that a fast
 * sender is held back by its own socket. Every wait has an end.
 */
import type { Socket } from 'node:net';
import type { Frame } from './frames.ts';
import { frameOf, Framer } from './frames.ts';
import type { Places } from './places.ts';
import type { MllpSettings } from './settings.ts';

/** Why a connection ended; a label, never what was sent. */
export type Ending = 'closed' | 'noise' | 'frame-timeout' | 'idle' | 'write-timeout' | 'memory' | 'stopping' | 'failed';

/** Bytes outside of frames after which a partner is taken to speak another protocol. */
const MOST_NOISE = 4096;

export interface ConnectionParts {
  readonly socket: Socket;
  readonly settings: MllpSettings;
  /** Works on a frame; each of the texts it gives goes back as a frame, as soon as it is given. */
  readonly receive: (frame: Frame) => AsyncIterable<Uint8Array>;
  /** Among the frames that are worked on. */
  readonly places: Places;
  /** Bytes held by unfinished frames, over all connections. */
  readonly memory: { held: number };
  readonly onEnd: (ending: Ending) => void;
}

export class Connection {
  /** Resolves when it is closed and everybody was told. */
  readonly ended: Promise<void>;
  readonly #parts: ConnectionParts;
  readonly #framer: Framer;
  readonly #waiting: Frame[] = [];
  #isWorking = false;
  #isStopping = false;
  #otherSideEnded = false;
  #counted = 0;
  #ending: Ending = 'closed';
  #frameTimer: NodeJS.Timeout | undefined;
  readonly #idleTimer: NodeJS.Timeout;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#framer = new Framer(parts.settings.messageLimit);
    const { socket } = parts;
    socket.on('data', (chunk: Buffer) => { this.#take(chunk); });
    socket.on('end', () => {
      this.#otherSideEnded = true;
      this.#settle();
    });
    // A reset tells nothing that its 'close' does not.
    socket.on('error', () => { this.#ending = this.#ending === 'closed' ? 'failed' : this.#ending; });
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.#closed();
        resolve();
      });
    });
    this.#idleTimer = setTimeout(() => { this.#whenIdle(); }, parts.settings.idleTimeout);
  }

  /** Reads nothing more, answers what was read, and ends. */
  stop(): void {
    this.#isStopping = true;
    if (this.#ending === 'closed') this.#ending = 'stopping';
    this.#parts.socket.pause();
    this.#settle();
  }

  /** Ends now, whatever is open. */
  destroy(ending: Ending): void {
    if (this.#ending === 'closed' || this.#ending === 'stopping') this.#ending = ending;
    this.#parts.socket.destroy();
  }

  #take(chunk: Buffer): void {
    if (this.#isStopping) return;
    const wasInside = this.#framer.isInside;
    const frames = this.#framer.push(chunk);
    this.#countMemory();
    if (this.#framer.noise > MOST_NOISE) {
      this.destroy('noise');
      return;
    }
    this.#waiting.push(...frames.filter((frame) => frame.kind === 'oversized' || frame.bytes.length > 0));
    if (this.#parts.memory.held > this.#parts.settings.memory && this.#framer.isInside) {
      this.destroy('memory');
      return;
    }
    if (!this.#framer.isInside || frames.length > 0 || !wasInside) this.#restartFrameTimer();
    this.#idleTimer.refresh();
    this.#holdBack();
    void this.#work();
  }

  /** The time a frame has runs from its first byte, and pieces of it do not lengthen it. */
  #restartFrameTimer(): void {
    clearTimeout(this.#frameTimer);
    if (this.#framer.isInside) this.#frameTimer = setTimeout(() => { this.destroy('frame-timeout'); }, this.#parts.settings.frameTimeout);
  }

  #whenIdle(): void {
    // Silent, but not idle: an answer is being made.
    if (this.#isWorking || this.#waiting.length > 0) this.#idleTimer.refresh();
    else this.destroy('idle');
  }

  #holdBack(): void {
    const { socket, settings } = this.#parts;
    const isFull = this.#waiting.length >= settings.queue;
    if (isFull && !socket.isPaused()) {
      // What is not read cannot arrive in time.
      clearTimeout(this.#frameTimer);
      socket.pause();
    } else if (!isFull && socket.isPaused() && !this.#isStopping) {
      socket.resume();
      this.#restartFrameTimer();
    }
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    const { receive, places, socket } = this.#parts;
    try {
      for (let frame = this.#waiting.shift(); frame !== undefined && !socket.destroyed; frame = this.#waiting.shift()) {
        const written: Promise<void>[] = [];
        const give = await places.take(frame.kind === 'content' ? frame.bytes.length : 0);
        try {
          for await (const answer of receive(frame)) written.push(this.#write(frameOf(answer)));
        } finally {
          give();
        }
        // Not while the place is held: a partner that takes no answers keeps nobody else from working.
        await Promise.all(written);
        this.#holdBack();
      }
    } catch {
      // Whoever receives has told of it. Without an answer the sender will send again.
      this.destroy('failed');
    } finally {
      this.#isWorking = false;
    }
    this.#settle();
  }

  /** Resolves when the bytes have left this process; a partner that takes none is let go. */
  #write(bytes: Buffer): Promise<void> {
    const { socket, settings } = this.#parts;
    if (socket.destroyed || !socket.writable) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => { this.destroy('write-timeout'); }, settings.frameTimeout);
      const done = (): void => {
        clearTimeout(timer);
        socket.off('close', done);
        resolve();
      };
      socket.once('close', done);
      socket.write(bytes, done);
    });
  }

  /** Ends the connection when nothing is left to do and nothing more will come. */
  #settle(): void {
    if (this.#isWorking || this.#waiting.length > 0) return;
    if (!this.#isStopping && !this.#otherSideEnded) return;
    const { socket } = this.#parts;
    clearTimeout(this.#frameTimer);
    if (socket.destroyed) return;
    socket.end();
    // What still comes is read and forgotten: a socket that is closed over unread bytes is reset, and the last answers
    // with it. The listener does not wait for ever (drainTimeout).
    this.#isStopping = true;
    socket.resume();
  }

  #countMemory(): void {
    this.#parts.memory.held += this.#framer.held - this.#counted;
    this.#counted = this.#framer.held;
  }

  #closed(): void {
    clearTimeout(this.#frameTimer);
    clearTimeout(this.#idleTimer);
    this.#waiting.length = 0;
    this.#parts.memory.held -= this.#counted;
    this.#counted = 0;
    this.#parts.onEnd(this.#ending);
  }
}
