/**
 * What the tests of the embedded PostgreSQL share: temporary folders that PostgreSQL's account can reach, a bundle of
 * the launcher for processes that are to be killed, and waiting on conditions with a deadline.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import { Client } from 'pg';
import { readPidFile } from '../../../store/embedded/postmaster.ts';
import type { EmbeddedConnection } from '../../../store/embedded/connection.ts';

export const isRoot = process.getuid?.() === 0;

/** User and group number of `daemon` on Linux and macOS: not root, not `nobody`, and known, which initdb insists on. */
export const daemon = 1;

/** Node's own tests of sockets, signals and users only make sense where these exist. */
export const describeOnUnix = process.platform === 'win32' ? describe.skip : describe;

const made: string[] = [];

/** A folder that any user may pass through. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pe-'));
  await chmod(folder, 0o711);
  made.push(folder);
  return folder;
}

/** Ends the PostgreSQL of every folder that a failed test left running. */
export async function endLeftovers(): Promise<void> {
  for (const folder of made) {
    for (const directory of [folder, join(folder, 'data'), join(folder, 'disk', 'data'), join(folder, 'dätä 1', 'postgres')]) {
      const left = await readPidFile(join(directory, 'cluster')).catch(() => undefined);
      if (left === undefined || !isAlive(left.pid)) continue;
      process.kill(left.pid, 'SIGQUIT');
      await until(() => !isAlive(left.pid), 'the leftover PostgreSQL to end');
    }
  }
}

/** Removes the temporary folders and what runs in them. */
export async function cleanUp(): Promise<void> {
  await endLeftovers();
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Looks again and again until the condition holds; fails at the deadline. The pause leaves the processors to PostgreSQL. */
export async function until<T>(condition: () => T | Promise<T>, what: string, milliseconds = 30_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await delay(3);
  }
}

/** Runs statements on one connection of their own. */
export async function query<Row extends object>(connection: EmbeddedConnection, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ ...connection });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** True when a statement can be run right now. */
export function answers(connection: EmbeddedConnection): Promise<boolean> {
  return query(connection, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

/** The code by which a start was refused. */
export async function refusal(start: Promise<{ stop(): Promise<void> }>): Promise<{ code?: unknown; message: string; ownerPid?: unknown }> {
  const outcome = await start.then(
    async (database) => {
      await database.stop();
      return new Error('it started');
    },
    (error: unknown) => error,
  );
  if (outcome instanceof Error) return outcome;
  throw new TypeError('something else than an error was thrown');
}

const bundleFolder = join(process.cwd(), '.cache', 'test-embedded-postgres', String(process.pid));

/** A program that starts the embedded PostgreSQL, writes rows when told to, and says each thing it did as a line. */
const program = `
import { startEmbeddedPostgres } from './launcher.mjs';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
const say = (what, more = {}) => process.stdout.write(JSON.stringify({ what, ...more }) + '\\n');
try {
  const database = await startEmbeddedPostgres({ directory: process.argv[2], log: (event) => say('event', { event }) });
  say('started', { pid: process.pid, connection: database.connection, adopted: database.adopted });
  createInterface({ input: process.stdin }).on('line', async (line) => {
    if (line === 'stop') {
      await database.stop();
      say('stopped');
      process.exit(0);
    }
    if (line === 'write') {
      const client = new Client(database.connection);
      await client.connect();
      await client.query('CREATE TABLE IF NOT EXISTS kept (id integer PRIMARY KEY)');
      for (let id = 1; ; id += 1) {
        await client.query('INSERT INTO kept VALUES ($1)', [id]);
        say('acknowledged', { id });
      }
    }
  });
} catch (error) {
  say('refused', { code: error.code, ownerPid: error.ownerPid, message: error.message });
  process.exit(1);
}
`;

/** Bundles the launcher and the program; once for each test file. */
export async function prepareProgram(): Promise<void> {
  await mkdir(bundleFolder, { recursive: true });
  await build({
    entryPoints: [join(process.cwd(), 'store', 'embedded', 'index.ts')],
    outfile: join(bundleFolder, 'launcher.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  await writeFile(join(bundleFolder, 'program.mjs'), program);
}

export async function removeProgram(): Promise<void> {
  await rm(bundleFolder, { recursive: true, force: true });
}

/** One line of the program. */
export interface Said {
  readonly what: 'event' | 'started' | 'refused' | 'stopped' | 'acknowledged';
  readonly event?: string;
  readonly pid?: number;
  readonly connection?: EmbeddedConnection;
  readonly adopted?: boolean;
  readonly code?: string;
  readonly ownerPid?: number;
  readonly message?: string;
  readonly id?: number;
}

/** The program, running. */
export interface Running {
  readonly child: ChildProcess;
  readonly said: readonly Said[];
  readonly ended: Promise<unknown>;
  tell(command: 'write' | 'stop'): void;
  /** Waits for a line. */
  hear(matches: (line: Said) => boolean): Promise<Said>;
}

/** Runs the program on a folder, as another user or with another environment where one is given. */
export function runProgram(directory: string, more: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {}): Running {
  const child = spawn(process.execPath, [join(bundleFolder, 'program.mjs'), directory], { ...more, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
  const said: Said[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => said.push(JSON.parse(line) as Said));
  const ended = once(child, 'exit');
  // A killed program closes its end while it is being told something.
  child.stdin.on('error', () => undefined);
  return {
    child,
    said,
    ended,
    tell: (command) => child.stdin.write(`${command}\n`),
    hear: (matches) => until(() => said.find(matches), 'a line of the program'),
  };
}
