/**
 * `$submit` end to end against the embedded database: the official PAS referral Bundle, stored, decided, answered.
 *
 *   npm run bench -- submit [--bundle FILE] [--seconds 10] [--clients 1,16]
 *
 * First over HTTP, server in a process of its own, closed loop. Then in this process, one after another, where the
 * time goes: parse, check, decide, write; and beside the write a bare insert of the same rows by the same number of
 * connections, in the same run. Every request is new (identifiers differ), so none is answered from memory.
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { readRequest } from '../operations/prior-authorization/request/read-request.ts';
import { readJson } from '../server/http/media-types.ts';
import { readConfiguration } from '../server/configuration.ts';
import { startServer } from '../server/main.ts';
import { serverContext } from '../server/publish-definitions.ts';
import { land } from '../store/landing.ts';
import type { Change } from '../store/write/changes.ts';
import { commit } from '../store/write/commit.ts';
import { bundleMaker } from './submit/bundle-maker.ts';
import { closedLoop } from './submit/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { loadMembers } from './submit/members.ts';
import { startServerProcess } from './submit/server-process.ts';
import { recordStatements, replay } from './submit/bare-insert.ts';
import { distribution } from './measure/distribution.ts';

/** Rounds that are not counted: compilation, caches, first pages. */
const warmUp = 50;

const usual = '../shared/pas-examples/ig-pas-2.2.1/Bundle-ReferralAuthorizationBundleExample.json';

export async function run(words: readonly string[]): Promise<void> {
  const option = (name: string, fallback: string): string => words[words.indexOf(`--${name}`) + 1] && words.includes(`--${name}`) ? words[words.indexOf(`--${name}`) + 1]! : fallback;
  const make = bundleMaker(readFileSync(option('bundle', usual), 'utf8'));
  const seconds = Number(option('seconds', '10'));
  const folder = await mkdtemp(join(tmpdir(), 'priora-bench-'));
  await chmod(folder, 0o711);
  try {
    await overHttp(join(folder, 'http'), make, option('clients', '1,16').split(',').map(Number), seconds);
    await inParts(join(folder, 'parts'), make, seconds);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const print = (line: object): void => { process.stdout.write(`${JSON.stringify({ bench: 'submit', ...line, ...machine() })}\n`); };

async function overHttp(dataDirectory: string, make: () => Buffer, clients: readonly number[], seconds: number): Promise<void> {
  const server = await startServerProcess(dataDirectory);
  try {
    await loadMembers(`${server.origin}/fhir`);
    const url = `${server.origin}/fhir/Claim/$submit`;
    await closedLoop({ url, clients: 4, seconds: Math.min(5, seconds), make });
    for (const count of clients) {
      const result = await closedLoop({ url, clients: count, seconds, make });
      print({ case: `http, ${count} client${count === 1 ? '' : 's'}`, ...result });
    }
  } finally {
    await server.stop();
  }
}

async function inParts(dataDirectory: string, make: () => Buffer, seconds: number): Promise<void> {
  const configuration = readConfiguration({ PORT: '0', PRIORA_DATA_DIR: dataDirectory, PRIORA_DEMO: '1', PRIORA_LOG_LEVEL: 'silent' });
  const server = await startServer(configuration, { log: pino({ level: 'silent' }) });
  const { house } = server;
  await loadMembers(house.baseUrl());
  const times: Record<'land' | 'parse' | 'check' | 'plan' | 'write' | 'bare', number[]> = { land: [], parse: [], check: [], plan: [], write: [], bare: [] };
  try {
    const until = performance.now() + seconds * 1000;
    for (let index = 0; performance.now() < until; index += 1) {
      const context = { ...serverContext(house, `bench-${index}`), now: () => new Date() };
      const bytes = make();
      const time = async <T>(name: keyof typeof times, work: () => T | Promise<T>): Promise<T> => {
        const start = performance.now();
        const result = await work();
        if (index >= warmUp) times[name].push(performance.now() - start);
        return result;
      };
      const landed = await time('land', () => land(house.database, { channel: 'fhir', sender: 'bench', mediaType: 'application/fhir+json', body: bytes }, context));
      const body = await time('parse', () => readJson(bytes));
      await time('check', () => readRequest(body));
      const plan = await time('plan', () => house.priorAuthorization.plan({ rail: 'fhir', body, landing: landed, receivedAt: landed.receivedAt }, context));
      if (plan.kind !== 'authorized') throw new Error('the bench Bundle was rejected');
      const changes: Change[] = [...plan.changes, { kind: 'answer', landing: landed, status: 200, mediaType: 'application/fhir+json', body: JSON.stringify(plan.response) }];
      // Every other round writes the same kind of rows bare: the statements are made beforehand, only their execution is timed.
      if (index % 2 === 0) {
        await time('write', () => commit(house.database, changes, context));
      } else {
        const statements = await recordStatements(house.database, (database) => commit(database, changes, context));
        await time('bare', () => replay(house.database, statements));
      }
    }
    const medians = Object.fromEntries(Object.entries(times).map(([name, values]) => [name, distribution(values)]));
    print({
      case: 'parts, 1 client, milliseconds', ...medians,
      decide_p50: round(medians['plan']!.p50 - medians['check']!.p50),
      write_over_bare_p50: round(medians['write']!.p50 / medians['bare']!.p50),
    });
  } finally {
    await server.stop();
  }
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
