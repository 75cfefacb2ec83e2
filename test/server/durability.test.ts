/**
 * What was acknowledged is there, whatever happens to the process or the disk: kill -9 under load, a second start on
 * the same folder, a full disk. Real processes, real PostgreSQL, real folders.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, statfs, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoBundle, hcpcsService } from '../../server/demo/requests.ts';
import { send, type TestAnswer } from '../support/house.ts';
import { isRunning, startedProcess, startProcess, type ServerProcess } from '../support/server-process.ts';

let folder: string;
let running: ServerProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-durability-'));
  await chmod(folder, 0o711);
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.end('SIGKILL')));
  running = [];
  // A killed server leaves its PostgreSQL running; the next start on the folder adopts it, and here nobody will.
  execFileSync('bash', ['-c', `for pid in $(head -qn1 ${folder}/*/postgres/cluster/postmaster.pid 2>/dev/null); do kill -INT $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done; done; umount ${folder}/disk 2>/dev/null || true`]);
  await rm(folder, { recursive: true, force: true });
});

async function start(data: string): Promise<ServerProcess> {
  const server = await startedProcess({ PRIORA_DATA_DIR: join(folder, data), PRIORA_LOG_LEVEL: 'warn' });
  running.push(server);
  return server;
}

const request = (run: string): unknown => demoBundle({
  member: 'demo-daniel-reyes', run, at: '2026-03-02T09:00:00.000Z', service: hcpcsService('E1390'), category: '12', placeOfService: '12', diagnosis: 'J44.9', saturation: 93,
});

const submit = (server: ServerProcess, run: string): Promise<TestAnswer> => send('POST', `${server.origin}/fhir/Claim/$submit`, request(run));

test('kill -9 under load loses nothing that was acknowledged, and the same bytes get the same answer afterwards', async () => {
  const server = await start('data');
  const acknowledged = new Map<string, string>();
  let stop = false;
  const clients = Array.from({ length: 4 }, async (_, client) => {
    for (let number = 0; !stop; number += 1) {
      const run = `K${client}-${number}`;
      const answer = await submit(server, run).catch(() => undefined);
      if (answer?.status === 200) acknowledged.set(run, answer.text);
      if (acknowledged.size >= 40) stop = true;
      if (answer === undefined) break;
    }
  });
  while (acknowledged.size < 25) await new Promise((resolve) => { setImmediate(resolve); });
  await server.end('SIGKILL');
  stop = true;
  await Promise.all(clients);

  const again = await start('data');
  for (const [run, text] of acknowledged) {
    const repeated = await submit(again, run);
    expect(repeated.headers.get('priora-delivery-outcome')).toBe('repeated');
    expect(repeated.text).toBe(text);
  }
}, 120_000);

test('a second start on the same folder is refused in one line that names the owner, and harms nothing', async () => {
  const first = await start('data');
  expect((await submit(first, 'S1')).status).toBe(200);
  const second = await startProcess({ PRIORA_DATA_DIR: join(folder, 'data'), PRIORA_LOG_LEVEL: 'silent' });
  expect(isRunning(second)).toBe(false);
  if (isRunning(second)) return;
  expect(second.code).toBe(1);
  expect(second.output.trim().split('\n')).toHaveLength(1);
  expect(second.output).toContain(String(first.child.pid));
  expect((await submit(first, 'S2')).status).toBe(200);
}, 120_000);

test('SIGTERM ends with code 0 and leaves no PostgreSQL behind', async () => {
  const server = await start('data');
  expect((await submit(server, 'T1')).status).toBe(200);
  expect(await server.end('SIGTERM')).toBe(0);
  expect(existsSync(join(folder, 'data', 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
}, 120_000);

const canMount = process.getuid?.() === 0 && process.platform === 'linux';
(canMount ? test : test.skip)('a full disk refuses writes in words, serves reads, and heals when space is freed (needs root to mount a small disk)', async () => {
  await mkdir(join(folder, 'disk'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m,mode=711', 'tmpfs', join(folder, 'disk')]);
  const server = await start('disk');
  const before = await submit(server, 'F0');
  expect(before.status).toBe(200);
  const { bavail, bsize } = await statfs(join(folder, 'disk'));
  await writeFile(join(folder, 'disk', 'ballast'), Buffer.alloc(bavail * bsize, 1)).catch(() => {});

  let refused: TestAnswer | undefined;
  for (let number = 0; number < 400 && refused === undefined; number += 1) {
    const answer = await submit(server, `F1-${number}`);
    if (answer.status !== 200) refused = answer;
  }
  expect(refused).toBeDefined();
  expect([503, 507]).toContain(refused!.status);
  expect(refused!.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });

  await rm(join(folder, 'disk', 'ballast'));
  let healed = false;
  const deadline = performance.now() + 60_000;
  while (!healed && performance.now() < deadline) healed = (await submit(server, 'F2')).status === 200;
  expect(healed).toBe(true);
  // What was acknowledged before the disk was full is answered as before.
  expect((await submit(server, 'F0')).text).toBe(before.text);
}, 180_000);
