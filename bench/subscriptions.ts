/**
 * Notifications of decisions: how long after a decision they arrive, and what they cost `$submit`.
 *
 *   npm run bench -- subscriptions [--subscriptions 10000] [--told 1] [--decisions 1000] [--seconds 60] [--bundle FILE]
 *
 * Decisions come at an even rate, so many a minute, first without any subscription and then with all of them, of which
 * `told` are for the organization that asks. A subscriber in this process counts what arrives.
 */
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backport } from '../delivery/subscriptions/backport.ts';
import { distribution, type Distribution } from './measure/distribution.ts';
import { machine } from './measure/machine.ts';
import { bundleMaker } from './submit/bundle-maker.ts';
import { loadMembers } from './submit/members.ts';
import { startServerProcess } from './submit/server-process.ts';

const usual = '../shared/pas-examples/ig-pas-2.2.1/Bundle-ReferralAuthorizationBundleExample.json';
const topic = 'http://hl7.org/fhir/us/davinci-pas/SubscriptionTopic/PASSubscriptionTopic';
const atOnce = 500;
/** Milliseconds without a notification, after which none is waited for any more. */
const patience = 15_000;

/** @returns false when an event did not arrive */
export async function run(words: readonly string[]): Promise<boolean> {
  const option = (name: string, fallback: string): string => (words.includes(`--${name}`) ? words[words.indexOf(`--${name}`) + 1] : undefined) ?? fallback;
  const [subscriptions, told, decisions, seconds] = [option('subscriptions', '10000'), option('told', '1'), option('decisions', '1000'), option('seconds', '60')].map(Number) as [number, number, number, number];
  const text = readFileSync(option('bundle', usual), 'utf8');
  const make = bundleMaker(text);
  const folder = await mkdtemp(join(tmpdir(), 'priora-bench-'));
  await chmod(folder, 0o711);
  const subscriber = await openSubscriber();
  try {
    const server = await startServerProcess(join(folder, 'data'));
    try {
      const fhir = `${server.origin}/fhir`;
      await loadMembers(fhir);
      await submitEvenly(fhir, make, decisions, 5);
      const print = (line: object): void => { process.stdout.write(`${JSON.stringify({ bench: 'subscriptions', subscriptions, told, decisionsPerMinute: decisions, ...line, ...machine() })}\n`); };
      print({ case: '$submit, nobody listens', ...await submitEvenly(fhir, make, decisions, seconds) });
      const started = performance.now();
      await subscribe(fhir, subscriber.url, subscriptions, told, requesterOf(text));
      await subscriber.until(() => subscriber.handshakes() >= subscriptions);
      print({ case: 'handshakes', count: subscriber.handshakes(), perSecond: Math.round(subscriber.handshakes() / (performance.now() - started) * 1000) });
      const latencies = await submitEvenly(fhir, make, decisions, seconds);
      print({ case: '$submit, all listen', ...latencies });
      const expected = latencies.count * told;
      await subscriber.until(() => subscriber.delays().length >= expected);
      print({ case: 'decision to notification', expected, ...distribution(subscriber.delays()) });
      return subscriber.delays().length >= expected;
    } finally {
      await server.stop();
    }
  } finally {
    subscriber.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function requesterOf(text: string): string {
  const { entry } = JSON.parse(text) as { entry: { fullUrl: string; resource: { resourceType: string; provider?: { reference: string }; organization?: { reference: string }; identifier?: { value: string }[] } }[] };
  const find = (reference: string | undefined): (typeof entry)[number]['resource'] | undefined => (reference === undefined ? undefined : entry.find(({ fullUrl }) => fullUrl.endsWith(reference))?.resource);
  const asks = find(entry.find(({ resource }) => resource.resourceType === 'Claim')?.resource.provider?.reference);
  const value = (asks?.resourceType === 'Organization' ? asks : find(asks?.organization?.reference))?.identifier?.[0]?.value;
  if (value === undefined) throw new RangeError('the Bundle does not say which organization asks');
  return value;
}

/** Requests at their times, whether those before were answered or not. */
async function submitEvenly(fhir: string, make: () => Buffer, perMinute: number, seconds: number): Promise<Distribution & { wrong: number }> {
  const count = Math.max(1, Math.round(perMinute * seconds / 60));
  const start = performance.now();
  let wrong = 0;
  const times = await Promise.all(Array.from({ length: count }, async (_, index) => {
    await new Promise((resolve) => { setTimeout(resolve, start + index * 60_000 / perMinute - performance.now()); });
    const sent = performance.now();
    const response = await fetch(`${fhir}/Claim/$submit`, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: new Uint8Array(make()) });
    const answer = await response.text();
    if (!response.ok || !answer.includes('"ClaimResponse"')) wrong += 1;
    return performance.now() - sent;
  }));
  return { ...distribution(times), wrong };
}

async function subscribe(fhir: string, endpoint: string, count: number, told: number, requester: string): Promise<void> {
  const subscriptions = Array.from({ length: count }, (_, index) => ({
    resourceType: 'Subscription', status: 'requested', reason: 'bench', criteria: topic,
    _criteria: { extension: [{ url: backport.filterCriteria, valueString: `org-identifier=${index < told ? requester : `other-${index}`}` }] },
    channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json', _payload: { extension: [{ url: backport.payloadContent, valueCode: 'full-resource' }] } },
  }));
  for (let from = 0; from < count; from += atOnce) {
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: subscriptions.slice(from, from + atOnce).map((resource) => ({ resource, request: { method: 'POST', url: 'Subscription' } })) };
    const response = await fetch(fhir, { method: 'POST', headers: { 'content-type': 'application/fhir+json' }, body: JSON.stringify(bundle) });
    if (!response.ok) throw new Error(`the subscriptions were not taken: ${response.status} ${await response.text()}`);
  }
}

interface Subscriber {
  readonly url: string;
  readonly handshakes: () => number;
  /** Milliseconds from each event to its arrival. */
  readonly delays: () => readonly number[];
  /** Waits for it, as long as anything arrives. */
  readonly until: (done: () => boolean) => Promise<void>;
  readonly close: () => void;
}

async function openSubscriber(): Promise<Subscriber> {
  const delays: number[] = [];
  let handshakes = 0;
  let last = performance.now();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      last = performance.now();
      if (text.includes('"valueCode":"handshake"')) handshakes += 1;
      for (const [, instant] of text.matchAll(/"name":"timestamp","valueInstant":"([^"]+)"/g)) delays.push(Date.now() - new Date(instant!).getTime());
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, handshakes: () => handshakes, delays: () => delays,
    async until(done) {
      last = performance.now();
      while (!done() && performance.now() - last < patience) await new Promise((resolve) => { setTimeout(resolve, 50); });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
