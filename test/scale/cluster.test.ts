/** Several processes on one port: one may be killed under load, and nothing that was acknowledged is lost. Real processes. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '../support/house.ts';
import { isRunning, startedProcess, startProcess, type ServerProcess } from '../support/server-process.ts';

let folder: string;
let server: ServerProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-cluster-'));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  await server?.end('SIGKILL');
  server = undefined;
  execFileSync('bash', ['-c', `for pid in $(head -qn1 ${folder}/*/postgres/cluster/postmaster.pid 2>/dev/null); do kill -INT $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done; done; true`]);
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<ServerProcess> {
  server = await startedProcess({ PRIORA_DATA_DIR: join(folder, 'data'), PRIORA_WORKERS: '2', PRIORA_LOG_LEVEL: 'info' });
  return server;
}

/** Processes of Node.js that the server's process has started. */
function workersOf({ child }: ServerProcess): number[] {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('priora.mjs'));
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('kill -9 of one worker under load: what was acknowledged is there, the service goes on, and the worker is replaced', async () => {
  const { origin } = await start();
  const before = workersOf(server!);
  expect(before).toHaveLength(2);
  const acknowledged: string[] = [];
  let failed = 0;
  const over = new AbortController();
  const clients = Array.from({ length: 8 }, async (_, client) => {
    for (let number = 0; !over.signal.aborted; number += 1) {
      const id = `w${client}-${number}`;
      const answer = await send('PUT', `${origin}/fhir/Patient/${id}`, { resourceType: 'Patient', id }).catch(() => undefined);
      if (answer?.status === 201) acknowledged.push(id);
      else failed += 1;
    }
  });
  const until = async (count: number): Promise<void> => { while (acknowledged.length < count) await new Promise((resolve) => { setImmediate(resolve); }); };
  await until(100);
  process.kill(before[0]!, 'SIGKILL');
  await until(acknowledged.length + 200);
  over.abort();
  await Promise.all(clients);

  // Of the requests under way in that process only its own were lost, and nobody was told that they had succeeded.
  expect(failed).toBeLessThanOrEqual(8);
  for (const id of acknowledged) expect((await send('GET', `${origin}/fhir/Patient/${id}`)).status).toBe(200);
  while (workersOf(server!).length < 2) await send('GET', `${origin}/readyz`);
  expect(workersOf(server!)).not.toContain(before[0]);
}, 120_000);

test('one address has the measurements of all, and each line of the log says whose it is', async () => {
  const { origin } = await start();
  const count = 40;
  // Each request has a connection of its own: they go round.
  for (let number = 0; number < count; number += 1) expect((await send('GET', `${origin}/fhir/Patient?_count=1`, undefined, { connection: 'close' })).status).toBe(200);
  const { text } = await send('GET', `${origin}/metrics`);
  const counted = /^priora_http_request_seconds_count\{[^}]*route="\/fhir\/:type"[^}]*\} (\d+)/m.exec(text)?.[1];
  expect(Number(counted)).toBe(count);
  expect(await server!.end('SIGTERM')).toBe(0);
  const requests = server!.output().split('\n').filter((line) => line.includes('"msg":"request"')).map((line) => JSON.parse(line) as { worker?: number });
  expect(new Set(requests.map(({ worker }) => worker))).toEqual(new Set([1, 2]));
}, 120_000);

test('SIGTERM: what has begun is finished, then all processes end, with code 0 and without PostgreSQL', async () => {
  const { origin } = await start();
  const workers = workersOf(server!);
  const answers = Array.from({ length: 20 }, (_, number) => send('PUT', `${origin}/fhir/Patient/t${number}`, { resourceType: 'Patient', id: `t${number}` }).then(({ status }) => status, () => 0));
  expect((await Promise.all(answers.slice(0, 1)))[0]).toBe(201);
  expect(await server!.end('SIGTERM')).toBe(0);
  for (const status of await Promise.all(answers)) expect([201, 503, 0]).toContain(status);
  expect(workers.filter(isAlive)).toEqual([]);
  expect(() => readFileSync(join(folder, 'data', 'postgres', 'cluster', 'postmaster.pid'))).toThrow('ENOENT');
}, 120_000);

test('a primary process that is killed leaves no worker behind, and the next start finds everything', async () => {
  const { origin } = await start();
  const workers = workersOf(server!);
  expect((await send('PUT', `${origin}/fhir/Patient/k1`, { resourceType: 'Patient', id: 'k1' })).status).toBe(201);
  await server!.end('SIGKILL');
  while (workers.some(isAlive)) await new Promise((resolve) => { setImmediate(resolve); });
  const again = await start();
  expect((await send('GET', `${again.origin}/fhir/Patient/k1`)).status).toBe(200);
}, 120_000);

test('a port that is taken ends the start in words, and leaves nothing running', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => { taken.listen(0, '127.0.0.1', resolve); });
  const { port } = taken.address() as AddressInfo;
  const started = await startProcess({ PORT: String(port), PRIORA_DATA_DIR: join(folder, 'data'), PRIORA_WORKERS: '2', PRIORA_LOG_LEVEL: 'silent' });
  taken.close();
  expect(isRunning(started)).toBe(false);
  if (isRunning(started)) return;
  expect(started.code).toBe(1);
  for (const line of started.output.trim().split('\n')) expect(line).toMatch(/^priora: (PORT: the port is taken|the workers ended before they served)/);
  expect(() => readFileSync(join(folder, 'data', 'postgres', 'cluster', 'postmaster.pid'))).toThrow('ENOENT');
}, 60_000);

test('a start that cannot succeed ends in one line, not in a circle', async () => {
  const started = await startProcess({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', PRIORA_WORKERS: '2', PRIORA_LOG_LEVEL: 'silent' });
  expect(isRunning(started)).toBe(false);
  if (!isRunning(started)) expect([started.code, started.output.trim().split('\n').length]).toEqual([1, 1]);
}, 60_000);
