/**
 * Which entries of a document or message are reached from the first one by following references, and which references of
 * the first one lead nowhere.
 * Source: https://hl7.org/fhir/R4/documents.html#content
 */
import { readReference, referencesIn } from '../../fhir/references.ts';

type JsonObject = Readonly<Record<string, unknown>>;

interface Entry {
  readonly step: string;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject | undefined;
}

export interface Reach {
  /** References of the first entry that nothing in the Bundle answers. */
  readonly missing: readonly string[];
  /** References that several entries answer. */
  readonly ambiguous: readonly string[];
  /** Entries that nothing connects with the first. */
  readonly apart: readonly string[];
  /** Entries that refer to what is reached, and are not referred to. */
  readonly backwards: readonly string[];
}

export function unreachable(entries: readonly Entry[]): Reach {
  const byUrl = new Map<string, number[]>();
  for (const [index, { fullUrl }] of entries.entries()) if (fullUrl !== undefined) byUrl.set(fullUrl, [...byUrl.get(fullUrl) ?? [], index]);
  const missing: string[] = [];
  const ambiguous: string[] = [];
  const forward: number[][] = entries.map(({ resource, fullUrl, step }, from) => {
    if (resource === undefined) return [];
    const targets: number[] = [];
    for (const { value, expression } of referencesIn(resource, `${step}.resource`)) {
      if (value === '' || value.startsWith('#')) continue;
      const found = targetsOf(value, fullUrl, byUrl, entries);
      const place = expression.replace(/\.reference$/, '');
      if (found.length > 1) ambiguous.push(place);
      // What is somewhere else by its address need not be in here.
      if (found.length === 0 && from === 0 && isWithin(value)) missing.push(place);
      for (const one of found) targets.push(one);
    }
    return targets;
  });
  const reached = closure([0], (index) => forward[index]!);
  const backward: number[][] = entries.map(() => []);
  for (const [from, targets] of forward.entries()) for (const target of targets) backward[target]!.push(from);
  const referring = new Set<number>();
  // What refers to something reached belongs to it, as a Provenance does to its target.
  const around = closure([0], (index) => [...forward[index]!, ...backward[index]!]);
  for (const index of around) if (!reached.has(index)) referring.add(index);
  const stepsOf = (wanted: (index: number) => boolean): string[] => entries.flatMap(({ step, resource }, index) => resource !== undefined && wanted(index) ? [step] : []);
  return {
    missing, ambiguous,
    apart: stepsOf((index) => !around.has(index)),
    backwards: stepsOf((index) => referring.has(index) && entries[index]!.resource!['resourceType'] !== 'Provenance'),
  };
}

/** By the rules of resolution inside a Bundle alone (https://hl7.org/fhir/R4/bundle.html#references). */
function targetsOf(reference: string, from: string | undefined, byUrl: ReadonlyMap<string, readonly number[]>, entries: readonly Entry[]): readonly number[] {
  const exact = byUrl.get(reference);
  if (exact !== undefined) return exact;
  const parts = readReference(reference);
  if (parts === undefined) return [];
  const base = parts.base ?? readReference(from ?? '')?.base;
  if (base === undefined) return [];
  const found = byUrl.get(`${base}/${parts.type}/${parts.id}`) ?? [];
  return parts.version === undefined ? found : found.filter((index) => versionOf(entries[index]!.resource) === parts.version);
}

function versionOf(resource: JsonObject | undefined): unknown {
  const meta = resource?.['meta'];
  return typeof meta === 'object' && meta !== null ? (meta as JsonObject)['versionId'] : undefined;
}

function isWithin(reference: string): boolean {
  return reference.startsWith('urn:uuid:') || reference.startsWith('urn:oid:') || readReference(reference)?.base === undefined;
}

function closure(start: readonly number[], next: (index: number) => readonly number[]): ReadonlySet<number> {
  const found = new Set(start);
  // A set that grows while it is walked gives what was added, too.
  for (const index of found) for (const target of next(index)) found.add(target);
  return found;
}
