/**
 * Where a measurement happens: a private folder with a PostgreSQL of its own with its usual settings, and servers in
 * processes of their own. PostgreSQL is started here and not by the server, so that its processor time can be told apart.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../store/embedded/index.ts';
import type { Trees } from '../measure/processes.ts';

export interface ServerProcess {
  /** The FHIR base. */
  readonly fhir: string;
  readonly trees: Trees;
  stop(): Promise<void>;
}

export interface Stage {
  readonly folder: string;
  /** Address of a database of this name, made when it is not there. */
  database(name: string): Promise<string>;
  /** Runs statements in a database. */
  administer(name: string, statement: string): Promise<void>;
  /** Priora on the database `priora`. */
  readonly startPriora: () => Promise<ServerProcess>;
  /** The same with the demo's plan, members, rules and forms. */
  readonly startDemo: () => Promise<ServerProcess>;
  /** The bare floor on the database `floor`. */
  readonly startFloor: () => Promise<ServerProcess>;
  readonly postgresVersion: string;
  readonly close: () => Promise<void>;
}

const signals = ['SIGINT', 'SIGTERM'] as const;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param kept a folder to keep; without it a new one is made, and removed at the end */
export async function openStage(kept?: string): Promise<Stage> {
  const folder = kept === undefined ? await mkdtemp(join(tmpdir(), 'priora-bench-')) : resolve(kept);
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o711);
  let postmaster = 0;
  const postgres = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), log: (_, detail) => { if (typeof detail?.['pid'] === 'number') postmaster = detail['pid']; } });
  const { host, port, user, database: first } = postgres.connection;
  const addressOf = (name: string): string => `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`;
  const administer = async (name: string, statement: string): Promise<pg.QueryResult> => {
    const client = new pg.Client({ connectionString: addressOf(name) });
    await client.connect();
    try {
      return await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const running = new Set<ServerProcess>();
  const start = async (name: string, words: readonly string[], environment: Readonly<Record<string, string>>, announced: RegExp): Promise<ServerProcess> => {
    const { child, fhir } = await startProcess(words, environment, announced);
    const server: ServerProcess = {
      fhir, trees: { [name]: child.pid!, postgres: postmaster },
      async stop() {
        running.delete(server);
        await endOf(child);
      },
    };
    running.add(server);
    return server;
  };
  const database = async (name: string): Promise<string> => {
    const { rowCount } = await administer(first, `select from pg_database where datname = '${name}'`);
    if (rowCount === 0) await administer(first, `create database ${name} template template0 encoding 'UTF8'`);
    return addressOf(name);
  };
  const startPriora = async (demo: '0' | '1'): Promise<ServerProcess> => start('server', [join(root, 'bin', 'priora.mjs'), 'start'], {
    PORT: '0', HOST: '127.0.0.1', DATABASE_URL: await database('priora'), PRIORA_DEMO: demo, PRIORA_DATA_DIR: join(folder, 'data'), PRIORA_LOG_LEVEL: process.env['PRIORA_LOG_LEVEL'] ?? 'warn',
  }, /FHIR base\s+(http:\/\/\S+\/fhir)/);
  const { rows } = await administer(first, 'show server_version');
  const close = async (): Promise<void> => {
    for (const signal of signals) process.off(signal, interrupted);
    await Promise.all([...running].map((server) => server.stop()));
    await postgres.stop();
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  };
  // Who ends a bench means its server and its database, too.
  const interrupted = (): void => { void close().finally(() => process.exit(130)); };
  for (const signal of signals) process.once(signal, interrupted);
  return {
    folder, database, close, postgresVersion: (rows as { server_version: string }[])[0]!.server_version,
    async administer(name, statement) { await administer(name, statement); },
    startPriora: () => startPriora('0'),
    startDemo: () => startPriora('1'),
    async startFloor() {
      return start('server', [join(root, 'scripts', 'bench.mjs'), 'floor-server'], { BENCH_FLOOR_DATABASE: await database('floor') }, /floor at (http:\/\/\S+\/fhir)/);
    },
  };
}

/** Starts a process and waits until it says its address. @throws {Error} with what it printed, when it ends before */
async function startProcess(words: readonly string[], environment: Readonly<Record<string, string>>, announced: RegExp): Promise<{ child: ChildProcess; fhir: string }> {
  const child = spawn(process.execPath, words, { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const fhir = await new Promise<string>((found, failed) => {
    const hear = (chunk: Buffer): void => {
      text = (text + chunk.toString('utf8')).slice(-20_000);
      const address = announced.exec(text)?.[1];
      if (address !== undefined) found(address);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => failed(new Error(`the server ended with ${code}: ${text}`)));
  });
  return { child, fhir };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => { child.on('exit', () => done()); });
  child.kill('SIGTERM');
  await ended;
}
