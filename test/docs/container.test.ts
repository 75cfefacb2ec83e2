/**
 * The container, as far as it can be tried without a container engine: the files are well-formed, what is copied is
 * there, and the image's command runs on what the image would hold, in the image's environment.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { configurationReference } from '../../server/configuration.ts';
import { createDatabase } from '../support/house.ts';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly network_mode?: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
}

const compose = parse(readFileSync('compose.yaml', 'utf8')) as { services: Readonly<Record<string, Service>> };
const settings = new Map(configurationReference().map((setting) => [setting.name, setting]));

/** Instructions of the Dockerfile, continued lines joined. */
const instructions = readFileSync('Dockerfile', 'utf8').replaceAll(/\\\n\s*/g, ' ').split('\n')
  .filter((line) => line !== '' && !line.startsWith('#')).map((line) => /^([A-Z]+)\s+(.*)$/.exec(line)!.slice(1) as [string, string]);
const stageBegins = instructions.findLastIndex(([name]) => name === 'FROM');
const image = instructions.slice(stageBegins);
const valueOf = (name: string): string => image.find(([candidate]) => candidate === name)![1];
const variables = Object.fromEntries(image.filter(([name]) => name === 'ENV').flatMap(([, text]) => text.split(/\s+/).map((pair) => pair.split('=') as [string, string])));

/** What `COPY . .` takes of this folder. The patterns of .dockerignore are plain names or `*.ext`, all of the first level. */
function copied(): string[] {
  const ignored = readFileSync('.dockerignore', 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const patterns = ignored.map((line) => new RegExp(`^${line.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`));
  return readdirSync('.', { withFileTypes: true }).filter((entry) => !patterns.some((pattern) => pattern.test(entry.name)))
    .flatMap((entry) => entry.isDirectory() ? readdirSync(entry.name, { recursive: true, encoding: 'utf8' }).map((below) => join(entry.name, below)) : [entry.name])
    .filter((path) => statSync(path).isFile());
}

test('compose: the server is not published, uses the host\'s loopback, and waits for a database that is well', () => {
  const { priora, postgres } = compose.services as { priora: Service; postgres: Service };
  expect(priora).toMatchObject({ build: '.', network_mode: 'host', depends_on: { postgres: { condition: 'service_healthy' } } });
  expect(priora.ports).toBeUndefined();
  expect(priora.environment).not.toHaveProperty('HOST');
  expect(postgres.image).toBe('postgres:17');
  expect(postgres.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
});

test('compose and Dockerfile set nothing that the server does not read', () => {
  const named = [...Object.keys(compose.services['priora']!.environment), ...Object.keys(variables)].filter((name) => name !== 'NODE_ENV');
  expect(named.filter((name) => !settings.has(name))).toEqual([]);
  expect(compose.services['priora']!.environment['PORT']).toBe(`\${PORT:-${settings.get('PORT')!.default}}`);
});

test('the image runs under an account that has a name, and says how it is', () => {
  expect(valueOf('USER')).toMatch(/^[a-z]+$/);
  expect(valueOf('USER')).not.toBe('root');
  expect(valueOf('HEALTHCHECK')).toContain('/readyz');
});

test('every path that is copied is there, and the secrets and leftovers of a checkout are not among them', () => {
  const sources = instructions.filter(([name, text]) => name === 'COPY' && !text.startsWith('--from')).flatMap(([, text]) => text.split(/\s+/).slice(0, -1));
  expect(sources.filter((source) => !existsSync(source))).toEqual([]);
  const files = copied();
  expect(files).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'bin/priora.mjs', 'server/main.ts', 'store/migrations/0001_resources.sql', 'review/policies/schema.json', 'LICENSE']));
  expect(files.filter((file) => /^(node_modules|data|\.git|\.cache|test)\b|\.env/.test(file))).toEqual([]);
});

test('the image\'s command serves, is well by its own health check, and ends cleanly', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'priora-image-'));
  const database = await createDatabase();
  let server: ChildProcess | undefined;
  try {
    for (const file of copied()) {
      mkdirSync(dirname(join(copy, file)), { recursive: true });
      cpSync(file, join(copy, file));
    }
    symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
    const [program, ...words] = JSON.parse(valueOf('CMD')) as [string, ...string[]];
    expect(program).toBe('node');
    const environment = { PATH: process.env['PATH']!, ...variables, PORT: '0', DATABASE_URL: database.url };
    const started = spawn(process.execPath, words, { cwd: copy, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    server = started;
    const ended = new Promise<number | null>((done) => { started.on('exit', done); });
    const address = await new Promise<string>((found, lost) => {
      let output = '';
      started.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const origin = /FHIR base\s+(http:\/\/[\d.]+:\d+)\/fhir/.exec(output)?.[1];
        if (origin !== undefined) found(origin);
      });
      started.on('exit', (code) => { lost(new Error(`the command ended with ${code}`)); });
    });
    const health = JSON.parse(valueOf('HEALTHCHECK').replace(/^.*?CMD\s+/, '')) as [string, ...string[]];
    const check = (port: string): Promise<number | null> => new Promise((done) => {
      spawn(process.execPath, health.slice(1), { env: { ...environment, PORT: port }, stdio: 'ignore' }).on('exit', done);
    });
    expect(await check(new URL(address).port)).toBe(0);
    expect(await check('1')).toBe(1);
    started.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    server?.kill('SIGKILL');
    await database.drop();
    rmSync(copy, { recursive: true, force: true });
  }
});
