/**
 * One Priora per data folder. The lock is a listening socket: the kernel closes it with its process, so neither
 * `kill -9` nor a reboot leaves a lock that nobody holds, and it holds while PostgreSQL itself is down.
 *
 * A socket file outlives its process, and removing a dead one under a fixed name would race with a new owner. So every
 * start publishes a socket under a name of its own, already listening, and only then looks at the others:
 *   - one that refuses connections is dead, its name is never used again, and it is removed;
 *   - one that answers `owner` has the folder: this start gives up;
 *   - of two that are still candidates the smaller name goes on: the greater one gives up, and the smaller one waits
 *     until the greater one has given up or turned out to have become owner before the smaller one was published.
 * Of any two starts at least one sees the other, because both publish before they look; hence never two owners.
 *
 * Windows has no socket files but named pipes, which go with their process and exist once: the name is the lock.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { EmbeddedPostgresError, hasCode } from './errors.ts';

/** A held lock. */
export interface OwnerLock {
  /** Lets the next start have the folder. */
  release(): Promise<void>;
}

/**
 * Takes the lock.
 * @param socketDirectory the private folder, see `socket-directory.ts`
 * @param directory the data folder, for the message
 * @param patience milliseconds; an owner too busy to answer by then is an owner all the same, its socket is alive
 * @throws {EmbeddedPostgresError} `data-folder-in-use`, naming the owner
 */
export async function takeOwnerLock(socketDirectory: string, directory: string, patience = 5000): Promise<OwnerLock> {
  const refuse = (ownerPid: number): EmbeddedPostgresError =>
    new EmbeddedPostgresError('data-folder-in-use', `Another Priora (process ${ownerPid}) is using ${directory}: stop it, or choose another data folder`, { ownerPid });
  if (process.platform === 'win32') return takePipe(directory, patience, refuse);
  for (;;) {
    const candidate = new Candidate(socketDirectory, patience);
    try {
      if (!(await candidate.publish())) continue;
      const ownerPid = await candidate.lookAround();
      if (ownerPid !== undefined) throw refuse(ownerPid);
      await candidate.removeUnpublished();
      return { release: () => candidate.withdraw() };
    } catch (error) {
      await candidate.withdraw();
      throw error;
    }
  }
}

/** One start's socket and what it tells to others. */
class Candidate {
  readonly #folder: string;
  readonly #patience: number;
  readonly #id = `${randomBytes(4).toString('hex')}-${process.pid}`;
  readonly #server: Server;
  readonly #listeners = new Set<Socket>();
  #isOwner = false;

  constructor(folder: string, patience: number) {
    this.#folder = folder;
    this.#patience = patience;
    this.#server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#listeners.delete(socket));
      this.#listeners.add(socket);
      socket.write(this.#isOwner ? 'owner\n' : 'candidate\n');
    });
  }

  /** @returns false when an owner took the unpublished socket for a dead one: try again under a new name */
  async publish(): Promise<boolean> {
    const unpublished = join(this.#folder, `claim-${this.#id}`);
    await listen(this.#server, unpublished);
    try {
      // Only a listening socket gets a name that others look for: one between bind and listen would look dead.
      await rename(unpublished, this.#path);
      return true;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
      await this.withdraw();
      return false;
    }
  }

  /** @returns the process that has, or will have, the folder; undefined when it is this one */
  async lookAround(): Promise<number | undefined> {
    for (const name of await readdir(this.#folder)) {
      if (!name.startsWith('owner-') || name === `owner-${this.#id}`) continue;
      const other = name.slice('owner-'.length);
      const says = await ask(join(this.#folder, name), other > this.#id, this.#patience);
      if (says === 'dead') await rm(join(this.#folder, name), { force: true });
      else if (says !== 'withdrawn') return Number(other.slice(other.indexOf('-') + 1));
    }
    this.#isOwner = true;
    for (const socket of this.#listeners) socket.write('owner\n');
    return undefined;
  }

  /** Clears what a start left that was killed between listening and publishing. */
  async removeUnpublished(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (name.startsWith('claim-') && (await ask(join(this.#folder, name), false, this.#patience)) === 'dead') await rm(join(this.#folder, name), { force: true });
    }
  }

  async withdraw(): Promise<void> {
    if (!this.#server.listening) return;
    await rm(this.#path, { force: true });
    for (const socket of this.#listeners) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #path(): string {
    return join(this.#folder, `owner-${this.#id}`);
  }
}

type Answer = 'owner' | 'candidate' | 'withdrawn' | 'dead';

/**
 * Asks the start behind a socket.
 * @param toTheEnd wait for a candidate to become owner or to withdraw
 */
function ask(path: string, toTheEnd: boolean, patience: number): Promise<Answer> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(path);
    const finish = (final: Answer): void => {
      resolve(final);
      socket.destroy();
    };
    socket.setTimeout(patience, () => finish('owner'));
    socket.once('error', (error) => finish(hasCode(error, 'ECONNREFUSED', 'ENOENT') ? 'dead' : hasCode(error, 'ECONNRESET', 'EPIPE') ? 'withdrawn' : 'owner'));
    socket.once('close', () => finish('withdrawn'));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('owner\n')) finish('owner');
      else if (!toTheEnd && text.includes('\n')) finish('candidate');
    });
  });
}

async function takePipe(directory: string, patience: number, refuse: (ownerPid: number) => EmbeddedPostgresError): Promise<OwnerLock> {
  const pipe = `\\\\.\\pipe\\priora-${createHash('sha256').update(directory.toLowerCase()).digest('hex')}`;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`${process.pid}\n`);
  });
  try {
    await listen(server, pipe);
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE', 'EACCES')) throw error;
    throw refuse(await pidBehind(pipe, patience));
  }
  return {
    release: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pidBehind(pipe: string, patience: number): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(pipe);
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    socket.setTimeout(patience, () => socket.destroy());
    socket.once('error', () => socket.destroy());
    socket.once('close', () => resolve(Number(text)));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
