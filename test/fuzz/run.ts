/**
 * `npm run fuzz`: seeds without end, or for `--seconds` (600), of one `--format` or of all, from `--seed` (that of the
 * day). One JSON line a minute and format; a finding is a line with its seed, by which `--seed N --once` repeats it.
 */
import { parseArgs } from 'node:util';
import { complaintAbout, inputOf, type Subject } from './subject.ts';
import { subjects } from './subjects/index.ts';

/** Memory that is still in use after a collection may grow by so much in one run: caches fill once. */
const mostGrowth = 64 * 1024 * 1024;
/** An input of some kilobytes that takes longer than this has found something whose time grows too fast. */
const slowest = 5000;

export function fuzz(parameters: readonly string[]): number {
  const { values } = parseArgs({ args: [...parameters], options: { seconds: { type: 'string', default: '600' }, format: { type: 'string' }, seed: { type: 'string' }, once: { type: 'boolean', default: false } } });
  const chosen = subjects.filter(({ name }) => values.format === undefined || name === values.format);
  if (chosen.length === 0) {
    process.stderr.write(`There is no such format: ${subjects.map(({ name }) => name).join(', ')}\n`);
    return 2;
  }
  const first = values.seed === undefined ? Math.floor(Date.now() / 86_400_000) * 10_000_000 : Number(values.seed);
  const findings = chosen.map((subject) => run(subject, first, values.once ? 0 : Number(values.seconds) / chosen.length));
  return findings.some((found) => found > 0) ? 1 : 0;
}

function run(subject: Subject, first: number, seconds: number): number {
  const started = performance.now();
  const say = (line: object): void => void process.stdout.write(`${JSON.stringify({ fuzz: subject.name, ...line })}\n`);
  let findings = 0;
  let seed = first;
  let settled: number | undefined;
  let told = started;
  do {
    const { name, bytes } = inputOf(subject, seed);
    // Of the processor: what else the machine does is no fault of an input.
    const before = process.cpuUsage();
    const complaint = complaintAbout(subject, bytes);
    const used = process.cpuUsage(before);
    const took = (used.user + used.system) / 1000;
    if (complaint !== undefined || took > slowest) {
      findings += 1;
      say({ seed, sample: name, bytes: bytes.length, complaint: complaint ?? `took ${Math.round(took)} ms` });
    }
    seed += 1;
    // Caches are full by then.
    if (seed - first === 500) settled = heapInUse();
    if (performance.now() - told > 60_000) {
      told = performance.now();
      say({ inputs: seed - first, findings, heap_mb: Math.round(heapInUse() / 2 ** 20) });
    }
  } while (performance.now() - started < seconds * 1000);
  const grown = settled === undefined ? 0 : heapInUse() - settled;
  if (grown > mostGrowth) {
    findings += 1;
    say({ complaint: `memory grew by ${Math.round(grown / 2 ** 20)} MB` });
  }
  say({ inputs: seed - first, seconds: Math.round((performance.now() - started) / 1000), findings, grown_mb: Math.round(grown / 2 ** 20) });
  return findings;
}

function heapInUse(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}
