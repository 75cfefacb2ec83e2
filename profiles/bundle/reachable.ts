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

/** Entries that one address means. Many may have it, and many refer to it: each group is gone through once. */
type Group = readonly number[];

export function unreachable(entries: readonly Entry[]): Reach {
  const find = finder(entries);
  const missing: string[] = [];
  const ambiguous: string[] = [];
  const referrers = new Map<Group, number[]>();
  const forward: Group[][] = entries.map(({ resource, fullUrl, step }, from) => {
    if (resource === undefined) return [];
    const targets: Group[] = [];
    for (const { value, expression } of referencesIn(resource, `${step}.resource`)) {
      if (value === '' || value.startsWith('#')) continue;
      const found = find(value, fullUrl);
      const place = expression.replace(/\.reference$/, '');
      if (found.length > 1) ambiguous.push(place);
      // What is somewhere else by its address need not be in here.
      if (found.length === 0 && from === 0 && isWithin(value)) missing.push(place);
      if (found.length === 0) continue;
      targets.push(found);
      const known = referrers.get(found);
      if (known === undefined) referrers.set(found, [from]);
      else known.push(from);
    }
    return targets;
  });
  const reached = closure((index) => forward[index]!);
  const backward: Group[][] = entries.map(() => []);
  for (const [targets, from] of referrers) for (const target of targets) backward[target]!.push(from);
  const referring = new Set<number>();
  // What refers to something reached belongs to it, as a Provenance does to its target.
  const around = closure((index) => [...forward[index]!, ...backward[index]!]);
  for (const index of around) if (!reached.has(index)) referring.add(index);
  const stepsOf = (wanted: (index: number) => boolean): string[] => entries.flatMap(({ step, resource }, index) => resource !== undefined && wanted(index) ? [step] : []);
  return {
    missing, ambiguous,
    apart: stepsOf((index) => !around.has(index)),
    backwards: stepsOf((index) => referring.has(index) && entries[index]!.resource!['resourceType'] !== 'Provenance'),
  };
}

const nobody: Group = [];

/**
 * What a reference means, by the rules of resolution inside a Bundle alone (https://hl7.org/fhir/R4/bundle.html#references).
 * The same group is the same array.
 */
function finder(entries: readonly Entry[]): (reference: string, from: string | undefined) => Group {
  const byUrl = new Map<string, number[]>();
  const byVersion = new Map<string, number[]>();
  const put = (groups: Map<string, number[]>, key: string, index: number): void => {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [index]);
    else group.push(index);
  };
  for (const [index, { fullUrl, resource }] of entries.entries()) {
    if (fullUrl === undefined) continue;
    put(byUrl, fullUrl, index);
    const version = versionOf(resource);
    if (typeof version === 'string') put(byVersion, `${fullUrl}/_history/${version}`, index);
  }
  return (reference, from) => {
    const exact = byUrl.get(reference);
    if (exact !== undefined) return exact;
    const parts = readReference(reference);
    const base = parts?.base ?? readReference(from ?? '')?.base;
    if (parts === undefined || base === undefined) return nobody;
    const url = `${base}/${parts.type}/${parts.id}`;
    return (parts.version === undefined ? byUrl.get(url) : byVersion.get(`${url}/_history/${parts.version}`)) ?? nobody;
  };
}

function versionOf(resource: JsonObject | undefined): unknown {
  const meta = resource?.['meta'];
  return typeof meta === 'object' && meta !== null ? (meta as JsonObject)['versionId'] : undefined;
}

function isWithin(reference: string): boolean {
  return reference.startsWith('urn:uuid:') || reference.startsWith('urn:oid:') || readReference(reference)?.base === undefined;
}

/** Everything that the first entry leads to. */
function closure(next: (index: number) => readonly Group[]): ReadonlySet<number> {
  const found = new Set([0]);
  const seen = new Set<Group>();
  // A set that grows while it is walked gives what was added, too.
  for (const index of found) {
    for (const group of next(index)) {
      if (seen.has(group)) continue;
      seen.add(group);
      for (const target of group) found.add(target);
    }
  }
  return found;
}
