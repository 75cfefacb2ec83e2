/**
 * How fast C-CDA documents become Bundles: one document of about 100 kB, again and again, by steps (text, tree, all of
 * it with ledger and unmapped report), and every document of the corpora once after a warm-up. One JSON line per case;
 * times are wall clock in milliseconds, but for `processorMedian`: what the process used of the processors, collection of
 * garbage included, which tells more on a machine that others use. The documents are those of `../shared/corpora/ccda`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readClinicalDocument } from '../mappers/ccda/index.ts';
import { decodeXml } from '../mappers/ccda/xml/decode.ts';
import { parseTree } from '../mappers/ccda/xml/parse.ts';
import { mappedShare } from '../mappers/ledger.ts';
import { optionsOf } from './options.ts';

const folder = join(process.cwd(), '..', 'shared', 'corpora', 'ccda');
const aim = 100_000;

interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function run(words: readonly string[]): boolean {
  const options = optionsOf(words, ['seconds']);
  const seconds = options.number('seconds', 3);
  const samples = documents();
  if (samples.length === 0) throw new RangeError('needs ../shared/corpora/ccda');
  const ccd = samples.toSorted((a, b) => Math.abs(a.bytes.length - aim) - Math.abs(b.bytes.length - aim))[0]!;
  const about = { document: ccd.name, bytes: ccd.bytes.length };
  print({ case: 'tree', ...about, ...timesOf(() => parseTree(decodeXml(ccd.bytes)), seconds) });
  const { bundle, ledger, unmapped } = readClinicalDocument(ccd.bytes);
  print({ case: 'document', ...about, entries: bundle.entry?.length, ledger: ledger.length, unmapped: unmapped.length, ...timesOf(() => readClinicalDocument(ccd.bytes), seconds) });
  return corpus(samples);
}

/** Every document once, the code being warm. */
function corpus(samples: readonly Sample[]): boolean {
  const times: number[] = [];
  let mapped = 0;
  let sent = 0;
  let refused = 0;
  let bytes = 0;
  for (const sample of samples) readClinicalDocument(sample.bytes);
  for (const sample of samples) {
    const start = performance.now();
    const mapping = readClinicalDocument(sample.bytes);
    times.push(performance.now() - start);
    const share = mappedShare(mapping);
    mapped += share.mapped;
    sent += share.sent;
    bytes += sample.bytes.length;
    if (mapping.acknowledgement.outcome === 'refused') refused++;
  }
  print({ case: 'corpus', documents: samples.length, refused, bytes, mappedShare: rounded(mapped / sent), ...statisticsOf(times) });
  return refused === 0;
}

function documents(): Sample[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names.filter((name) => /\.(?:xml|ccda)$/i.test(name)).toSorted().map((name) => ({ name, bytes: readFileSync(join(folder, name)) })).filter(({ bytes }) => bytes.includes('<ClinicalDocument xmlns') || /<ClinicalDocument\s[^>]*urn:hl7-org:v3/.test(bytes.subarray(0, 4000).toString()));
}

function timesOf(work: () => unknown, seconds: number): object {
  for (let at = 0; at < 50; at++) work();
  const times: number[] = [];
  const processor: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const before = process.cpuUsage();
    const start = performance.now();
    work();
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1000);
  }
  return { runs: times.length, ...statisticsOf(times), processorMedian: statisticsOf(processor).median };
}

function statisticsOf(times: number[]): { readonly median: number; readonly p95: number; readonly longest: number } {
  times.sort((a, b) => a - b);
  const at = (share: number): number => rounded(times[Math.min(times.length - 1, Math.floor(times.length * share))]!);
  return { median: at(0.5), p95: at(0.95), longest: at(1) };
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify({ bench: 'ccda', ...line })}\n`);
}
