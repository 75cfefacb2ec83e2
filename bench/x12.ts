/**
 * X12: the tokenizer beside `x12-parser` 1.3.0, and 837 to FHIR, over a made-up file of professional claims that is read
 * in chunks as from a socket. Each case has a process of its own, so that its peak of memory is its own. One JSON line
 * a case: megabytes of X12 a second, by the clock and at best by processor time, and the peak resident memory of the process with Node.js in it.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, createReadStream, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X12parser } from 'x12-parser';
import { mapInterchange } from '../mappers/x12/index.ts';
import { TokenStream } from '../mappers/x12/token-stream.ts';
import { machine } from './measure/machine.ts';
import { optionsOf } from './options.ts';
import { claimFile } from './x12/claims.ts';

const CHUNK = 64 * 1024;

function* chunksOf(file: string): Generator<Uint8Array> {
  const handle = openSync(file, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const size = readSync(handle, chunk);
      if (size === 0) return;
      yield chunk.subarray(0, size);
    }
  } finally {
    closeSync(handle);
  }
}

/** Counts of what was read, so that nothing is left out as unused and both readers are seen to read the same. */
type Counts = Readonly<Record<string, number>>;

function tokens(file: string, isSplit: boolean): Counts {
  let segments = 0;
  let elements = 0;
  const stream = new TokenStream({
    begin: () => void (segments += 1),
    segment: (segment) => {
      segments += 1;
      if (isSplit) elements += segment.size;
      return true;
    },
    issue: ({ code }) => { throw new Error(code); },
  });
  for (const chunk of chunksOf(file)) stream.push(chunk);
  stream.end();
  return { segments, ...(isSplit && { elements }) };
}

async function peer(file: string): Promise<Counts> {
  let segments = 0;
  const parser = new X12parser();
  // An empty one ends the file.
  parser.on('data', (segment: Record<string, string>) => { if (segment['name'] !== '') segments += 1; });
  createReadStream(file, { highWaterMark: CHUNK, encoding: 'latin1' }).pipe(parser);
  await once(parser, 'end');
  return { segments };
}

function claims(file: string, withAccount: boolean): Counts {
  const counts = { claims: 0, resources: 0, ledger: 0, unmapped: 0 };
  for (const unit of mapInterchange(chunksOf(file))) {
    if (unit.kind !== 'claim') throw new Error(unit.issues[0]?.text ?? unit.kind);
    counts.claims += 1;
    counts.resources += unit.bundle.entry?.length ?? 0;
    if (!withAccount) continue;
    counts.ledger += unit.ledger.length;
    counts.unmapped += unit.unmapped.length;
  }
  return counts;
}

const CASES: Readonly<Record<string, (file: string) => Counts | Promise<Counts>>> = {
  'tokens, elements split': (file) => tokens(file, true),
  'tokens, segments only': (file) => tokens(file, false),
  'x12-parser 1.3.0': peer,
  '837 to FHIR': (file) => claims(file, false),
  '837 to FHIR with ledger and unmapped report': (file) => claims(file, true),
};

async function measure(name: string, file: string, rounds: number): Promise<void> {
  const megabytes = statSync(file).size / 1e6;
  const rates: number[] = [];
  // On a machine that others use, too, the least of processor time tells the work and not the neighbours.
  let leastSeconds = Number.POSITIVE_INFINITY;
  let counts: Counts = {};
  // The first round warms up; it counts towards memory only.
  for (let round = 0; round <= rounds; round += 1) {
    const from = process.hrtime.bigint();
    const used = process.cpuUsage();
    counts = await CASES[name]!(file);
    if (round === 0) continue;
    rates.push(megabytes / (Number(process.hrtime.bigint() - from) / 1e9));
    const { user, system } = process.cpuUsage(used);
    leastSeconds = Math.min(leastSeconds, (user + system) / 1e6);
  }
  rates.sort((a, b) => a - b);
  const round = (value: number): number => Math.round(value * 10) / 10;
  process.stdout.write(`${JSON.stringify({ bench: 'x12', case: name, megabytes: round(megabytes), megabytesPerSecond: round(rates[Math.floor(rates.length / 2)]!), slowest: round(rates[0]!), fastest: round(rates.at(-1)!), megabytesPerProcessorSecond: round(megabytes / leastSeconds), peakMegabytes: round(process.resourceUsage().maxRSS / 1024), ...counts, ...machine() })}\n`);
}

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['megabytes', 'claims', 'rounds', 'case', 'file']);
  const rounds = options.number('rounds', 3);
  const [chosen, made] = [options.optional('case'), options.optional('file')];
  if (chosen !== undefined && made !== undefined) return measure(chosen, made, rounds);
  const folder = mkdtempSync(join(tmpdir(), 'priora-bench-x12-'));
  try {
    const file = join(folder, 'claims.x12');
    writeClaims(file, options.number('megabytes', 20) * 1e6, options.number('claims', 100));
    for (const name of chosen === undefined ? Object.keys(CASES) : [chosen]) {
      // This file alone: the other benches and their libraries would count as memory.
      const script = `const { importSource } = await import('./scripts/bundle.mjs'); const { run } = await importSource('bench/x12.ts'); await run(process.argv.slice(1));`;
      execFileSync(process.execPath, ['--input-type=module', '-e', script, '--', '--case', name, '--file', file, '--rounds', String(rounds)], { stdio: 'inherit' });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** As many sets as the size asks for. */
function writeClaims(file: string, bytes: number, claimsPerSet: number): void {
  const [, sample = ''] = claimFile({ sets: 1, claimsPerSet });
  writeFileSync(file, '');
  const handle = openSync(file, 'a');
  for (const text of claimFile({ sets: Math.max(1, Math.round(bytes / sample.length)), claimsPerSet })) writeSync(handle, text);
  closeSync(handle);
}
