/**
 * The embedded PostgreSQL: a real PostgreSQL, run by Priora on one folder, for machines without a database server.
 * What is in the folder:
 *
 *     cluster/            PostgreSQL's data
 *     cluster.*.init/     a cluster in the making, or the leftover of an interrupted first start
 *     run/                the private folder of the socket and of the owner lock
 *     socket-directory    where that folder is instead, when the data lies too deep for a socket's path
 *     native-VERSION/     a copy of the programs, where PostgreSQL's account cannot use the installed ones; where it
 *                         cannot pass through the folder's parents either, the copy is in `/var/cache/priora`
 *     password            on Windows only
 *
 * Not tested: macOS, and Windows, where the connection is loopback TCP with a password and PostgreSQL refuses an
 * administrator's account.
 */
import { chmod, readFile, realpath, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chooseAccount } from './account.ts';
import { findBinaries, usualPlaces } from './binaries.ts';
import { clusterMajor, createCluster, passwordFile } from './cluster.ts';
import { database, role, type EmbeddedConnection } from './connection.ts';
import { asEmbeddedPostgresError } from './errors.ts';
import type { Log } from './log.ts';
import { makeFolder } from './make-folder.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { readPidFile, type Launch } from './postmaster.ts';
import { programsFolder } from './programs-folder.ts';
import { chooseReach } from './reach.ts';
import { prepareSocketDirectory } from './socket-directory.ts';
import { bringUp, Supervisor, type OnExit } from './supervisor.ts';

/** A running PostgreSQL that this process owns. It keeps the process alive until it is stopped. */
export interface EmbeddedPostgres {
  /** For `pg.Pool`; stays the same when PostgreSQL is restarted. */
  readonly connection: EmbeddedConnection;
  /** True when an earlier Priora was killed and its PostgreSQL was found running and taken over. */
  readonly adopted: boolean;
  /** Fast shutdown: sessions end, everything is written. Resolves when PostgreSQL has ended; may be called twice. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The folder for all of it; made when absent. */
  readonly directory: string;
  /**
   * Takes what the launcher does, and PostgreSQL's own messages (`postgres-output`) except those of a server taken
   * over, whose pipe ended with the process that started it.
   */
  readonly log: Log;
  /** Called when PostgreSQL ended unasked; it is being restarted then. */
  readonly onExit?: OnExit;
  /** PostgreSQL settings to start with, for instance `{ shared_buffers: '512MB' }`; a server taken over keeps its own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Starts PostgreSQL on a folder, or takes over the one that a killed Priora left running there.
 * @throws {EmbeddedPostgresError} see its codes
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    return await start(options);
  } catch (error) {
    throw asEmbeddedPostgresError(error, options.directory);
  }
}

async function start({ directory: given, log, onExit = () => undefined, settings = {} }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const began = performance.now();
  const directory = await prepareDirectory(given);
  const cluster = join(directory, 'cluster');
  const account = await chooseAccount(cluster);
  const reach = await chooseReach(directory, account);
  const socketDirectory = await prepareSocketDirectory(directory, account);
  const lock = await takeOwnerLock(socketDirectory, directory);
  try {
    const major = await clusterMajor(cluster);
    const binaries = await findBinaries({ ...(await usualPlaces()), copies: () => programsFolder(directory, account, reach) }, directory, account, major, log);
    if (major === undefined) await createCluster(directory, cluster, binaries, { account, reach }, log);
    const connection = await chooseConnection(directory, cluster, socketDirectory);
    const launch: Launch = { binaries, cluster, account, reach, connection, settings, log };
    const { postmaster, adopted } = await bringUp(launch, new AbortController().signal);
    log(adopted ? 'postgres-adopted' : 'postgres-started', { pid: postmaster.pid, version: binaries.major, milliseconds: Math.round(performance.now() - began) });
    const supervisor = new Supervisor(launch, postmaster, onExit);
    let stopped: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      await supervisor.stop();
      await lock.release();
      log('postgres-stopped', { pid: postmaster.pid });
    };
    return { connection, adopted, stop: () => (stopped ??= stop()) };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** PostgreSQL's account must be able to pass through; what lies in it is private by itself. */
async function prepareDirectory(given: string): Promise<string> {
  const root = process.getuid?.() === 0;
  if (await makeFolder(given)) await chmod(given, root ? 0o711 : 0o700);
  const directory = await realpath(given);
  const { mode } = await stat(directory);
  if (root && (mode & 0o011) !== 0o011) await chmod(directory, (mode & 0o777) | 0o011);
  return directory;
}

/** A socket has a fixed number in its private folder; TCP takes the running server's port or a free one. */
async function chooseConnection(directory: string, cluster: string, socketDirectory: string): Promise<EmbeddedConnection> {
  const running = await readPidFile(cluster);
  if (process.platform === 'win32') {
    const password = await readFile(passwordFile(directory), 'utf8');
    return { host: '127.0.0.1', port: running?.port || (await freePort()), user: role, database, password };
  }
  return { host: socketDirectory, port: 5432, user: role, database };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
