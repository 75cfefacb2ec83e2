/**
 * MLLP: how many messages a second are asked and answered, over so many connections, each of which waits for its answer.
 * `ack`: everything before landing (framing, header, acknowledgement). `landing`: the same, and the message is durable in
 * PostgreSQL before. `landed`: the real server, in enhanced mode with an accept acknowledgement alone, mapped and
 * committed before the next of the same connection is taken.
 * `taken`: the real server in original mode: the answer says what became of the message. `taken-small`: the same of a
 * plain update (A08) of 1 kB; beside the messages stand the resources that they made, by which the figure can be set
 * beside the engine's transactions (`npm run bench -- transactions`). `taken-known`: the same update about 300 patients over and
 * over, as a hospital sends it: but for the message itself and its Provenance there is nothing to write.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closedLoop } from './measure/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { openSender } from './mllp/client.ts';
import { mapMessage } from '../mappers/hl7v2/map.ts';
import { parseMessage } from '../mappers/hl7v2/syntax/parse.ts';
import { admission, update } from './mllp/messages.ts';
import { optionsOf, type Options } from './options.ts';
import { freePort, startServerProcess } from './submit/server-process.ts';

interface Stage {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

interface Case {
  readonly start: (options: Options) => Promise<Stage>;
  /** MSH-15 and MSH-16. */
  readonly accept: string;
  readonly application: string;
  /** MSA-1 of the answer. */
  readonly expected: string;
  readonly small: boolean;
  /** How many the messages are about; otherwise each is about another patient. */
  readonly people?: number;
}

const cases = {
  ack: { start: startAckServer, accept: '', application: '', expected: 'AA', small: false },
  landing: { start: startLandingServer, accept: '', application: '', expected: 'AA', small: false },
  landed: { start: startPriora, accept: 'AL', application: 'NE', expected: 'CA', small: false },
  taken: { start: startPriora, accept: '', application: '', expected: 'AA', small: false },
  'taken-small': { start: startPriora, accept: '', application: '', expected: 'AA', small: true },
  'taken-known': { start: startPriora, accept: '', application: '', expected: 'AA', small: true, people: 300 },
} as const satisfies Record<string, Case>;

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['case', 'bytes', 'connections', 'seconds', 'warmup', 'workers']);
  const chosen = options.text('case', Object.keys(cases).join(',')).split(',');
  for (const name of chosen) {
    if (!(name in cases)) throw new RangeError(`--case takes ${Object.keys(cases).join(', ')}`);
    await measure(name as keyof typeof cases, options);
  }
}

async function measure(name: keyof typeof cases, options: Options): Promise<void> {
  const { start, accept, application, expected, small, people }: Case = cases[name];
  const wanted = { accept, application, results: 'texts' } as const;
  const size = options.number('bytes', 8000);
  const make = (number: number): Buffer => (small ? update(number, wanted, people === undefined ? number : number % people) : admission(number, size, wanted));
  const resources = start === startPriora && people === undefined ? madeByEach(make) : 0;
  const stage = await start(options);
  try {
    for (const connections of options.numbers('connections', [1, 16])) {
      const senders = await Promise.all(Array.from({ length: connections }, () => openSender(stage.port)));
      const figures = await closedLoop({
        clients: connections, warmUpSeconds: options.number('warmup', 2), seconds: options.number('seconds', 8), trees: { client: process.pid, server: stage.pid },
        async operate(client) {
          const message = make(nextNumber());
          const code = await senders[client]!.ask(message);
          if (code !== expected) throw new Error(`answered ${code}`);
          return { bytes: message.length, ...(resources > 0 && { resources }) };
        },
      });
      for (const sender of senders) sender.close();
      console.log(JSON.stringify({ bench: 'mllp', case: name, bytes: make(0).length, ...(resources > 0 && { resources }), connections, ...figures, ...machine() }));
    }
  } finally {
    await stage.stop();
  }
}

/**
 * Resources that a message makes beside those that others before it have made (the doctor, the payer), and its
 * Provenance: what is written for it once the server has been running for a while.
 */
function madeByEach(make: (number: number) => Buffer): number {
  const urlsOf = (number: number): string[] => mapMessage(parseMessage(make(number)).message!).bundle.entry!.map(({ fullUrl }) => fullUrl!);
  const before = new Set(urlsOf(1));
  return urlsOf(2).filter((url) => !before.has(url)).length + 1;
}

let number = 0;

/** No control id twice: the server would give the answer that it gave before. */
function nextNumber(): number {
  number += 1;
  return number;
}

async function startLandingServer(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'priora-bench-mllp-'));
  const stage = await startAckServer({}, { BENCH_MLLP_FOLDER: folder });
  return {
    ...stage,
    async stop() {
      await stage.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startAckServer(_: unknown, environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../scripts/bench.mjs', import.meta.url)), 'mllp-ack-server'], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(child.stdout, 'data') as [Buffer];
  const exited = once(child, 'exit');
  return {
    port: Number(/mllp at (\d+)/.exec(chunk.toString())?.[1]), pid: child.pid!,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function startPriora(options: Options): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'priora-bench-mllp-'));
  const port = await freePort();
  const server = await startServerProcess(folder, { PRIORA_MLLP_PORT: String(port), PRIORA_WORKERS: options.text('workers', '1') });
  return {
    port, pid: server.pid,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
