/**
 * Which must-support elements are seen in resources? By the metadata that the Inferno PAS kit makes of the profiles of
 * PAS 2.2.1 (Apache-2.0, used in place from ../shared): elements, extensions, slices and their fixed values, each of which
 * must be seen once in any of the resources. Written from that metadata, not from the kit's code.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { parse } from 'yaml';

interface Element { readonly ':path': string; readonly ':fixed_value'?: unknown; readonly ':original_path'?: string }
interface Discriminator { readonly ':type': string; readonly ':path'?: string; readonly ':code'?: string; readonly ':system'?: string; readonly ':values'?: readonly { readonly ':path': string; readonly ':value': unknown }[] }
interface Slice { readonly ':slice_id': string; readonly ':slice_name'?: string; readonly ':path': string; readonly ':discriminator': Discriminator }
export interface Profile {
  readonly ':resource': string;
  readonly ':profile_url': string;
  readonly ':must_supports': {
    readonly ':extensions': readonly { readonly ':id': string; readonly ':path': string; readonly ':url': string; readonly ':modifier_extension'?: boolean }[];
    readonly ':slices': readonly Slice[];
    readonly ':elements': readonly Element[];
  };
}

/** Undefined where the metadata is not beside the repository. */
export function profileNamed(name: string): Profile | undefined {
  const file = join(process.cwd(), '..', 'shared', 'requirements', 'inferno-pas-metadata-2.2.1', `${name}.yml`);
  return existsSync(file) ? parse(readFileSync(file, 'utf8')) as Profile : undefined;
}

type Node = Record<string, unknown>;

/** What of a profile none of the resources has: ids of extensions and slices, paths of elements. */
export function unseen(profile: Profile, resources: readonly Resource[]): string[] {
  const { ':extensions': extensions, ':slices': slices, ':elements': elements } = profile[':must_supports'];
  const seen = (test: (resource: Resource) => boolean): boolean => resources.some(test);
  return [
    ...extensions.filter(({ ':path': path, ':url': url }) => !seen((resource) => walk([resource], path, slices).some((each) => (each as Node)['url'] === url))).map(({ ':id': id }) => id),
    ...slices.filter((slice) => !seen((resource) => nodesOf([resource], slice[':path']).some((node) => isOf(node, slice)))).map(({ ':slice_id': id }) => id),
    ...elements.filter(({ ':path': path, ':fixed_value': fixed }) => !seen((resource) => walk([resource], path, slices).some((node) => fixed === undefined ? isThere(node) : node === fixed))).map(({ ':path': path }) => path),
  ];
}

const isThere = (node: unknown): boolean => node !== undefined && node !== null && node !== '';

/** Follows a path such as `careTeam:OverallClaimMember.extension:careTeamClaimScope.value[x]`. */
function walk(from: readonly unknown[], path: string, slices: readonly Slice[]): unknown[] {
  let nodes = [...from];
  let walked = '';
  for (const step of path.split('.')) {
    const [name, sliceName] = step.split(':') as [string, string?];
    walked = walked === '' ? name : `${walked}.${name}`;
    nodes = nodesOf(nodes, name);
    if (sliceName === undefined) continue;
    if (name === 'extension') {
      nodes = nodes.filter((node) => String((node as Node)['url']).endsWith(`-${sliceName}`) || (node as Node)['url'] === sliceName);
    } else {
      const slice = slices.find(({ ':path': at, ':slice_name': named, ':slice_id': id }) => at === walked && (named === sliceName || id.endsWith(`:${sliceName}`)));
      // A choice names its type: `timing[x]:timingPeriod`.
      if (slice && !name.endsWith('[x]')) nodes = nodes.filter((node) => isOf(node, slice));
    }
  }
  return nodes;
}

function nodesOf(from: readonly unknown[], path: string): unknown[] {
  let nodes = [...from];
  for (const name of path.split('.')) {
    nodes = nodes.flatMap((node) => {
      if (typeof node !== 'object' || node === null) return [];
      const held = node as Node;
      const value = name.endsWith('[x]') ? Object.entries(held).filter(([key]) => new RegExp(`^${name.slice(0, -3)}[A-Z]`).test(key)).map(([, each]) => each) : held[name];
      return Array.isArray(value) ? value.flat() : value === undefined ? [] : [value];
    });
  }
  return nodes;
}

function isOf(node: unknown, { ':discriminator': { ':type': type, ':path': path = '', ':code': code, ':system': system, ':values': values }, ':slice_id': id }: Slice): boolean {
  const at = path === '' ? [node] : nodesOf([node], path);
  switch (type) {
    case 'patternCodeableConcept': return at.some((each) => nodesOf([each], 'coding').some((coding) => (coding as Node)['code'] === code && (system === undefined || (coding as Node)['system'] === system)));
    case 'patternIdentifier': return at.some((each) => (each as Node)['system'] === system);
    case 'type': {
      if (code === 'Integer') return typeof node === 'number';
      if (code === 'Date') return typeof node === 'string';
      if (code === 'Period' || code === 'Reference' || code === 'CodeableConcept' || code === 'Timing' || code === 'Quantity') return typeof node === 'object';
      return at.some((each) => (each as Node)['resourceType'] === code) || id.endsWith(`:${code}`);
    }
    case 'value': return (values ?? []).every(({ ':path': where, ':value': wanted }) => {
      const scope = /^extension\.where\(url='([^']+)'\)\.(\w+)$/.exec(where);
      const found = scope ? nodesOf([node], 'extension').filter((each) => (each as Node)['url'] === scope[1]).map((each) => (each as Node)[scope[2]!]) : nodesOf([node], where);
      return found.includes(wanted);
    });
    default: return isThere(node);
  }
}
