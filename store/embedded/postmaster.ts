/**
 * The postmaster: PostgreSQL's main process, either started here or found running. It is a process of its own session,
 * so a Ctrl-C at the console reaches Priora alone, which then stops it in order; and it outlives a killed Priora, whose
 * successor takes it over.
 */
import { spawn } from 'node:child_process';
import { readFile, readdir, readlink, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Binaries } from './binaries.ts';
import { clusterSetting, type EmbeddedConnection } from './connection.ts';
import { hasCode } from './errors.ts';
import type { Log } from './log.ts';
import type { Reach } from './reach.ts';
import { commandLine } from './settings.ts';
import { plainEnvironment, runToEnd, type Account } from './short-process.ts';

/** How a postmaster ended; `reason` is its last fatal line, where it is a child of this process. */
export interface PostmasterExit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason?: string;
}

/** A live postmaster. */
export interface Postmaster {
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<PostmasterExit>;
}

/** What `postmaster.pid` says. Source: PostgreSQL, `src/include/utils/pidfile.h`. */
export interface PidFile {
  readonly pid: number;
  /** Zero while the postmaster has not written it yet. */
  readonly port: number;
}

/** What a postmaster is started from. */
export interface Launch {
  readonly binaries: Binaries;
  readonly cluster: string;
  readonly account: Account | undefined;
  readonly reach: Reach;
  readonly connection: EmbeddedConnection;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: Log;
}

/** How often a process that is no child is looked at, in milliseconds. */
const lookInterval = 100;

/** Starts one; resolves when the process exists, which is before it takes connections. */
export function spawnPostmaster({ binaries, cluster, account, reach, connection, settings, log }: Launch): Promise<Postmaster> {
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.postgres, commandLine(cluster, connection, reach, settings), {
      ...account,
      cwd: cluster,
      env: plainEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const output = readLines((line) => log('postgres-output', { line }));
    child.stderr.setEncoding('utf8').on('data', output.take).on('error', () => undefined);
    const closed = new Promise((settle) => child.once('close', settle));
    const ended = new Promise<Omit<PostmasterExit, 'reason'>>((settle) => {
      child.once('exit', (exitCode, signal) => {
        settle({ exitCode, signal });
      });
    });
    const exited = (async (): Promise<PostmasterExit> => {
      const exit = await ended;
      // Its last words may still be in the pipe, which stays open while backends of a killed postmaster live.
      await Promise.race([closed, delay(lookInterval)]);
      const reason = output.lastFatal();
      return reason === undefined ? exit : { ...exit, reason };
    })();
    child.once('error', reject);
    child.once('spawn', () => {
      resolve({ pid: child.pid!, exited });
    });
  });
}

/** Gives out whole lines and remembers the last one that tells why a server ends. */
function readLines(give: (line: string) => void): { take: (chunk: string) => void; lastFatal: () => string | undefined } {
  let rest = '';
  let last: string | undefined;
  let fatal: string | undefined;
  const take = (chunk: string): void => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      // Answers to connections that came too early, the launcher's own for the most part.
      if (line.startsWith('FATAL:  the database system is ')) continue;
      last = line;
      if (/^(FATAL|PANIC):/.test(line)) fatal = line;
      if (line.includes('ready to accept connections')) fatal = undefined;
      give(line);
    }
  };
  return { take, lastFatal: () => fatal ?? last };
}

/** Reads `postmaster.pid`; undefined where there is none or it was left half written. */
export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  });
  const lines = text.split('\n');
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!Number.isInteger(pid) || pid === 0) return undefined;
  return { pid, port: Number.parseInt(lines[3] ?? '', 10) || 0 };
}

/** The postmaster that runs on the cluster although this process did not start it. */
export async function findPostmaster(cluster: string): Promise<(Postmaster & PidFile) | undefined> {
  const file = await readPidFile(cluster);
  if (file === undefined || !(await runsOn(file.pid, cluster))) return undefined;
  return { ...file, exited: watch(file.pid, cluster) };
}

/**
 * Removes what a postmaster left that is gone. PostgreSQL does this itself unless the number has meanwhile been given to
 * another process of the same user, which after a reboot is not rare. Call it under the owner lock.
 */
export async function removeStaleFiles(cluster: string, connection: EmbeddedConnection): Promise<boolean> {
  const stale = (await readPidFile(cluster)) !== undefined;
  const socket = join(connection.host, `.s.PGSQL.${connection.port}`);
  const sockets = process.platform === 'win32' ? [] : [`${socket}.lock`, socket];
  for (const path of [join(cluster, 'postmaster.pid'), ...sockets]) await rm(path, { force: true });
  return stale;
}

/**
 * Ends sessions that outlive a killed postmaster: one that computes notices only when it next waits, and until then no
 * new server may start. Nothing is lost, the new server recovers. Linux only; elsewhere the launcher waits for them.
 * Call it under the owner lock, when no postmaster runs.
 */
export async function endOrphanedSessions(cluster: string): Promise<number> {
  let ended = 0;
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const folder = await readlink(`/proc/${name}/cwd`).catch(() => undefined);
    if (folder !== cluster) continue;
    // A session's command line is its title, "postgres: role database [local] SELECT".
    const title = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (title.startsWith('postgres: ') && sendSignal(Number(name), 'SIGQUIT')) ended += 1;
  }
  return ended;
}

/** Asks for a fast shutdown: sessions are ended, everything is written, no recovery is needed later. */
export async function requestFastShutdown(pid: number, { binaries, cluster }: Launch): Promise<void> {
  if (process.platform === 'win32') {
    await runToEnd(binaries.pgCtl, ['stop', '-m', 'fast', '-W', '-D', cluster], undefined);
    return;
  }
  if (await runsOn(pid, cluster)) sendSignal(pid, 'SIGINT');
}

async function watch(pid: number, cluster: string): Promise<PostmasterExit> {
  while (await runsOn(pid, cluster)) await delay(lookInterval);
  return { exitCode: null, signal: null };
}

/**
 * True while the process lives and is a postmaster of this cluster: a number alone says nothing, it may have been given
 * to another process.
 */
async function runsOn(pid: number, cluster: string): Promise<boolean> {
  if (!sendSignal(pid, 0)) return false;
  if (process.platform === 'win32') return true;
  if (process.platform !== 'linux') {
    const { output } = await runToEnd('ps', ['-ww', '-o', 'stat=,command=', '-p', String(pid)], undefined);
    return output.includes(cluster) && !output.trimStart().startsWith('Z');
  }
  try {
    const [status, words, folder] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile(`/proc/${pid}/cmdline`, 'utf8').then((line) => line.split('\0')),
      // Not readable for processes of others in a container without the right to trace.
      readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    ]);
    const zombie = status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
    const program = basename(words[0] ?? '');
    return !zombie && /^(postgres|postmaster)/.test(program) && (folder === cluster || words.includes(cluster) || words.includes(`${clusterSetting}=${cluster}`));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return false;
    throw error;
  }
}

/** @returns false when there is no such process */
function sendSignal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    if (hasCode(error, 'EPERM')) return true;
    throw error;
  }
}
