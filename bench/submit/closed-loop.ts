/** A closed loop of clients: each sends its next request when the last is answered. Latencies as a client sees them. */
import { Agent, request } from 'node:http';
import { distribution, type Distribution } from '../measure/distribution.ts';

export interface LoopOptions {
  readonly url: string;
  readonly clients: number;
  readonly seconds: number;
  readonly make: () => Buffer;
}

export interface LoopResult extends Distribution {
  readonly perSecond: number;
  /** Answers that were no certified ClaimResponse. */
  readonly wrong: number;
}

export async function closedLoop({ url, clients, seconds, make }: LoopOptions): Promise<LoopResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const times: number[] = [];
  let wrong = 0;
  const start = performance.now();
  const until = start + seconds * 1000;
  await Promise.all(Array.from({ length: clients }, async () => {
    while (performance.now() < until) {
      const body = make();
      const sent = performance.now();
      const answer = await post(url, agent, body);
      times.push(performance.now() - sent);
      if (answer.status !== 200 || !answer.text.includes('"code":"A1"')) wrong += 1;
    }
  }));
  const elapsed = (performance.now() - start) / 1000;
  agent.destroy();
  return { perSecond: Math.round(times.length / elapsed * 10) / 10, wrong, ...distribution(times) };
}

function post(url: string, agent: Agent, body: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/fhir+json', 'content-length': body.length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
