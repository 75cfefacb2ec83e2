/**
 * What has been loaded: the charts' facts beside the ids that the server gave. Answers are judged by it; the server is
 * asked for nothing that it is then believed.
 */
import { chartOf, type Chart, type Facts } from './chart.ts';

export interface LoadedPatient {
  readonly index: number;
  /** `Type/id` of each entry of the chart, the Patient's first. */
  readonly addresses: readonly string[];
  readonly facts: Facts;
}

export interface World {
  readonly seed: number;
  /** Whom reads, updates and searches are about. */
  readonly subjects: readonly LoadedPatient[];
  /** Those to whom created resources are added: kept out of the subjects, so that their answers stay as they are. */
  readonly hosts: readonly LoadedPatient[];
  readonly resources: number;
  /** Patients that have a diagnosis, at least. */
  readonly diagnosed: ReadonlyMap<string, number>;
  /** Times of all findings of a code, at least. */
  readonly found: ReadonlyMap<string, readonly string[]>;
}

const hostCount = 20;

export const idOf = (address: string): string => address.slice(address.indexOf('/') + 1);

/** @param ids what the server gave the entries of each chart, in their order; charts not loaded have none */
export function worldOf(seed: number, ids: readonly (readonly string[] | undefined)[]): World {
  const patients: LoadedPatient[] = [];
  const diagnosed = new Map<string, number>();
  const found = new Map<string, string[]>();
  for (const [index, given] of ids.entries()) {
    if (!given) continue;
    const { entries, facts } = chartOf(seed, index);
    patients.push({ index, addresses: entries.map((entry, place) => `${entry.resource.resourceType}/${given[place]}`), facts });
    for (const diagnosis of facts.diagnoses) diagnosed.set(diagnosis, (diagnosed.get(diagnosis) ?? 0) + 1);
    for (const [code, times] of facts.findings) {
      const all = found.get(code);
      if (all) all.push(...times);
      else found.set(code, [...times]);
    }
  }
  if (patients.length < 2 * hostCount) throw new Error(`load at least ${2 * hostCount} patients`);
  return { seed, subjects: patients.slice(hostCount), hosts: patients.slice(0, hostCount), resources: patients.reduce((sum, one) => sum + one.addresses.length, 0), diagnosed, found };
}

/** The resource at a place of a chart as the server must have it: with its id, and its references resolved. */
export function storedAs(chart: Chart, place: number, addresses: readonly string[]): { readonly resourceType: string; readonly id: string; readonly [element: string]: unknown } {
  const places = new Map(chart.entries.map(({ uuid }, index) => [`urn:uuid:${uuid}`, index]));
  const { resourceType, ...content } = chart.entries[place]!.resource;
  const resolved = JSON.stringify(content, (name, value: unknown) => (name === 'reference' && typeof value === 'string' && places.has(value) ? addresses[places.get(value)!] : value));
  return { resourceType, id: idOf(addresses[place]!), ...JSON.parse(resolved) as object };
}
