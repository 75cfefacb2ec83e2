/**
 * Boots the real thing for a test file: its own database (a copy of the migrated template), the real server on a free
 * port, a clock that stands still unless moved. `npm test` prepares the template.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { readConfiguration } from '../../server/configuration.ts';
import { startServer, type RunningServer } from '../../server/main.ts';
import { templateName, withDatabase } from './prepare.ts';

export interface TestHouse {
  readonly server: RunningServer;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** `http://127.0.0.1:PORT/fhir` */
  readonly fhir: string;
  readonly databaseUrl: string;
  /** The folder of the object store. */
  readonly objects: string;
  /** A connection of the test's own, to look behind the server. */
  readonly sql: pg.Pool;
  readonly clock: TestClock;
  /** Lines that the server has logged. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface TestClock {
  /** What the clock says: set, it jumps, and no time has passed. */
  now: Date;
  /** Lets time pass. */
  advance(milliseconds: number): void;
}

export interface TestHouseOptions {
  readonly demo?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly startAt?: string;
}

/** A database of its own, and how to drop it. */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const template = process.env['PRIORA_TEST_TEMPLATE_URL'];
  if (template === undefined) throw new Error('run tests with "npm test -- FILE", which prepares the database');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: withDatabase(template, 'postgres') });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await administer(`create database ${name} template ${templateName}`);
  // PostgreSQL waits some seconds for sessions that are just leaving: a pool has ended before its last connection has.
  const drop = (): Promise<void> => administer(`drop database if exists ${name}`).catch(() => administer(`drop database if exists ${name} with (force)`));
  return { url: withDatabase(template, name), drop };
}

export async function openHouse(options: TestHouseOptions = {}): Promise<TestHouse> {
  const { url, drop } = await createDatabase();
  let elapsed = 0;
  const clock: TestClock = {
    now: new Date(options.startAt ?? '2026-03-02T09:00:00.000Z'),
    advance(milliseconds) {
      clock.now = new Date(clock.now.getTime() + milliseconds);
      elapsed += milliseconds;
    },
  };
  const lines: string[] = [];
  const objects = await mkdtemp(join(tmpdir(), 'priora-objects-'));
  // What a test stores says what the test is about and need not be valid; tests of validation set their own strictness.
  const configuration = readConfiguration({ PRIORA_VALIDATION: 'warn', PRIORA_ENROLLMENT_SENDERS: '*', PORT: '0', DATABASE_URL: url, PRIORA_DEMO: options.demo === true ? '1' : '0', PRIORA_DATABASE_CONNECTIONS: '8', PRIORA_OBJECTS: `file:${objects}`, ...options.environment });
  const server = await startServer(configuration, {
    clock: { now: () => new Date(clock.now), monotonic: () => elapsed, random: (count) => randomBytes(count) },
    log: pino({ level: 'trace', base: null }, { write: (line: string) => { lines.push(line); } }),
  });
  const sql = new pg.Pool({ connectionString: url, max: 2 });
  return {
    server, origin: server.address, fhir: `${server.address}/fhir`, databaseUrl: url, objects, sql, clock, log: lines,
    async close() {
      await sql.end();
      await server.stop();
      await drop();
      await rm(objects, { recursive: true, force: true });
    },
  };
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; throws when it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read answers of every shape
  readonly json: any;
}

/** One request over a real socket. */
export async function send(method: string, url: string, body?: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/fhir+json' }), ...headers },
    ...(body !== undefined && { body: raw ? body as string : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, get json() { return JSON.parse(text) as unknown; } };
}
