/**
 * The database dies under load: its postmaster is killed, the server starts it again, and what was acknowledged is
 * there, once. A ledger client keeps the account: it notes every acknowledgement, sends again what had none, sends
 * some of it twice and some of it late.
 */
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import { send, type TestAnswer } from '../support/house.ts';
import { claimOf, claimResponseOf, pendingRequest } from '../support/pas-requests.ts';
import { startedProcess, type ServerProcess } from '../support/server-process.ts';

const clock = { now: new Date('2026-03-02T09:00:00.000Z'), advance: (): void => {} };
const clients = 4;
const each = 12;

let folder: string;
let server: ServerProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'priora-restart-'));
  await chmod(folder, 0o711);
  server = await startedProcess({ PRIORA_DATA_DIR: join(folder, 'data'), PRIORA_LOG_LEVEL: 'error' });
});
afterEach(async () => {
  await server.end('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

const postmaster = (): number => Number(/^\d+/.exec(readFileSync(join(folder, 'data', 'postgres', 'cluster', 'postmaster.pid'), 'utf8'))![0]);
const submit = (bundle: Bundle): Promise<TestAnswer> => send('POST', `${server.origin}/fhir/Claim/$submit`, bundle);

/** Until it is answered: senders do not give up on 503, or where nobody answers. */
async function untilAnswered(bundle: Bundle): Promise<TestAnswer> {
  for (;;) {
    const answer = await submit(bundle).catch(() => undefined);
    if (answer?.status === 200) return answer;
    if (answer && answer.status !== 503) throw new Error(`answered ${answer.status}: ${answer.text}`);
  }
}

test.each(['SIGKILL', 'SIGQUIT', 'SIGINT'] as const)('the postmaster ends by %s: nothing lost, nothing doubled, and nobody has to restart anything', async (signal) => {
  const ledger = new Map<string, string>();
  const requests = Array.from({ length: clients * each }, () => pendingRequest({ clock }));
  const first = postmaster();
  let killed = false;
  await Promise.all(Array.from({ length: clients }, async (_, client) => {
    for (const bundle of requests.slice(client * each, (client + 1) * each)) {
      if (ledger.size >= clients * each / 3 && !killed) {
        killed = true;
        process.kill(first, signal);
      }
      ledger.set(claimOf(bundle).identifier![0]!.value!, (await untilAnswered(bundle)).text);
    }
  }));
  expect(postmaster()).not.toBe(first);
  expect(ledger.size).toBe(requests.length);
  // Late and in another order: the answer is the one that was given.
  for (const bundle of requests.toReversed()) {
    const again = await untilAnswered(bundle);
    expect(again.headers.get('priora-delivery-outcome')).toBe('repeated');
    expect(again.text).toBe(ledger.get(claimOf(bundle).identifier![0]!.value!));
  }
  const ids = new Set([...ledger.values()].map((text) => claimResponseOf(JSON.parse(text) as Bundle).id));
  expect(ids.size).toBe(requests.length);
  const { json } = await send('GET', `${server.origin}/fhir/ClaimResponse?patient=demo-daniel-reyes&_summary=count`);
  const before = (await send('GET', `${server.origin}/fhir/ClaimResponse?patient=demo-daniel-reyes&created=lt2026-01-01&_summary=count`)).json.total as number;
  expect([json.total - before, before]).toEqual([requests.length, 0]);
}, 180_000);
