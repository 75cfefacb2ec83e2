/** What is fuzzed: where its samples come from, how they are broken, and what must hold of every result. */
import { createHash } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import type { LedgerEntry, MappingIssue, Unmapped } from '../../mappers/ledger.ts';
import { randomFrom, type Random } from './random.ts';

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What came of one input, as far as every format has it. */
export interface Outcome {
  /** Nothing was made of it, or of a part of it. */
  readonly refused: boolean;
  readonly issues: readonly MappingIssue[];
  readonly bundles: readonly { readonly bundle: Bundle; readonly ledger: readonly LedgerEntry[]; readonly unmapped: readonly Unmapped[] }[];
}

export interface Subject {
  readonly name: string;
  readonly samples: readonly Sample[];
  mutate(bytes: Buffer, other: Buffer, random: Random): Buffer;
  /** Must not throw, whatever the bytes. */
  read(bytes: Buffer): Outcome;
}

/** The input that a seed makes: always the same. */
export function inputOf({ samples, mutate }: Pick<Subject, 'samples' | 'mutate'>, seed: number): Sample {
  const random = randomFrom(seed);
  const [one, other] = [random.pick(samples), random.pick(samples)];
  return { name: `${one.name} by seed ${seed}`, bytes: mutate(one.bytes, other.bytes, random) };
}

/** What is wrong with the result of an input; undefined where nothing is. */
export function complaintAbout(subject: Subject, bytes: Buffer): string | undefined {
  let outcome: Outcome;
  try {
    outcome = subject.read(bytes);
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack ?? error.message : String(error)}`;
  }
  const { refused, issues, bundles } = outcome;
  const errors = issues.filter(({ severity }) => severity === 'error');
  if (refused && errors.length === 0) return 'refused without an issue';
  const placeless = errors.find(({ source, segment, line }) => source === undefined && segment === undefined && line === undefined);
  if (placeless !== undefined) return `the issue ${placeless.code} has no position`;
  for (const { bundle, ledger } of bundles) {
    const dangling = danglingIn(bundle);
    if (dangling !== undefined) return `a reference to nothing: ${dangling}`;
    const untrue = ledger.find(({ path }) => !leadsSomewhere(bundle, path));
    if (untrue !== undefined) return `the ledger names ${untrue.path}, where nothing is`;
  }
  return undefined;
}

/** A hash of all that was made, by which two readings are compared. */
export function fingerprint(subject: Subject, bytes: Buffer): string {
  return createHash('sha256').update(JSON.stringify(subject.read(bytes))).digest('hex');
}

function danglingIn(bundle: Bundle): string | undefined {
  const known = new Set(bundle.entry?.map(({ fullUrl }) => fullUrl));
  const visit = (value: unknown): string | undefined => {
    if (typeof value !== 'object' || value === null) return undefined;
    const { reference } = value as { reference?: unknown };
    if (typeof reference === 'string' && reference.startsWith('urn:') && !known.has(reference)) return reference;
    for (const item of Object.values(value)) {
      const found = visit(item);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return visit(bundle.entry);
}

/** Whether a ledger's path leads to a value. A choice goes by its name in JSON or in FHIRPath; `where(url='…')` is the one filter there is. */
function leadsSomewhere(bundle: Bundle, path: string): boolean {
  let nodes: unknown[] = [bundle];
  for (const [, name, index, url] of path.slice('Bundle'.length).matchAll(/\.(\w+)(?:\[(\d+)\]|\(url='([^']*)'\))?/g)) {
    nodes = url === undefined ? nodes.flatMap((node) => childrenOf(node, name!, index)) : nodes.filter((node) => (node as { url?: unknown }).url === url);
  }
  return nodes.length > 0;
}

function childrenOf(node: unknown, name: string, index: string | undefined): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  const key = Object.hasOwn(node, name) ? name : Object.keys(node).find((each) => each.startsWith(name) && /^[A-Z]/.test(each.slice(name.length)));
  const value = key === undefined ? undefined : (node as Record<string, unknown>)[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return [value];
  return index === undefined ? value as unknown[] : value.slice(Number(index), Number(index) + 1) as unknown[];
}
