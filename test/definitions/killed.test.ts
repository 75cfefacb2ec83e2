/** A server that is killed while it indexes again: the next one goes on and finishes. Real processes. */
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '../support/house.ts';
import { startedProcess, type ServerProcess } from '../support/server-process.ts';

let folder: string;
let server: ServerProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-killed-'));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  await server?.end('SIGKILL');
  execFileSync('bash', ['-c', `for pid in $(head -qn1 ${folder}/*/postgres/cluster/postmaster.pid 2>/dev/null); do kill -INT $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done; done; true`]);
  await rm(folder, { recursive: true, force: true });
});

const start = async (): Promise<ServerProcess> => startedProcess({ PRIORA_DATA_DIR: join(folder, 'data'), PRIORA_LOG_LEVEL: 'warn' });

interface Status {
  readonly state: string;
  readonly done: number;
  readonly total: number;
}

async function status(): Promise<Status> {
  const { json } = await send('GET', `${server!.origin}/fhir/$reindex-status`);
  const part: { name: string; valueCode?: string; valueDecimal?: number }[] = json.parameter[0].part;
  return Object.fromEntries(part.map(({ name, valueCode, valueDecimal }) => [name, valueCode ?? valueDecimal])) as unknown as Status;
}

test('kill -9 in the middle of indexing again: the next start goes on from there, and all is found', async () => {
  server = await start();
  const count = 3000;
  for (let first = 0; first < count; first += 500) {
    const entry = Array.from({ length: 500 }, (_, number) => ({
      resource: { resourceType: 'Basic', id: `b${first + number}`, code: { coding: [{ code: 'x' }] }, extension: [{ url: 'urn:example:mark', valueCode: 'here' }] },
      request: { method: 'PUT', url: `Basic/b${first + number}` },
    }));
    expect((await send('POST', `${server.origin}/fhir`, { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
  }
  const definition = { resourceType: 'SearchParameter', id: 'mark', url: 'urn:example:mark', name: 'Mark', status: 'active', description: 'Mark', code: 'mark', base: ['Basic'], type: 'token', expression: "Basic.extension('urn:example:mark').value.as(code)" };
  expect((await send('PUT', `${server.origin}/fhir/SearchParameter/mark`, definition)).status).toBe(201);
  let before = await status();
  while (before.done === 0) before = await status();
  await server.end('SIGKILL');
  expect(before.state).toBe('running');
  expect(before.done).toBeLessThan(count);

  server = await start();
  let after = await status();
  expect(after.done).toBeGreaterThanOrEqual(before.done);
  while (after.state !== 'done') after = await status();
  let found = await send('GET', `${server.origin}/fhir/Basic?mark=here&_total=accurate&_count=0`);
  while (found.status === 503) found = await send('GET', `${server.origin}/fhir/Basic?mark=here&_total=accurate&_count=0`);
  expect(found.json.total).toBe(count);
}, 120_000);
