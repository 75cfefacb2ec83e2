/**
 * Which elements that a StructureDefinition marks as must-support are seen in resources? By the snapshots of a guide
 * itself, for versions of PAS whose marks nobody has made metadata of (compare must-support.ts for 2.2.1).
 */
import type { ElementDefinition, Resource, StructureDefinition } from '@medplum/fhirtypes';
import type { FhirPackage } from '../../profiles/packages/package-reader.ts';

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';

/** Ids of the marked elements of a profile that none of the resources has. @param name the last part of the profile's address */
export function unseenOf({ resources: definitions }: FhirPackage, name: string, resources: readonly Resource[]): string[] {
  const definition = definitions.find(({ url }) => url === `${structure}/${name}`) as StructureDefinition | undefined;
  const elements = definition?.snapshot?.element;
  if (!elements) throw new Error(`${name} is no profile with a snapshot of this guide`);
  return elements.filter(({ mustSupport }) => mustSupport === true).filter((element) => nodesAt(element.id!, elements, resources).length === 0).map(({ id }) => id!);
}

type Node = Readonly<Record<string, unknown>>;

function nodesAt(id: string, elements: readonly ElementDefinition[], resources: readonly unknown[]): unknown[] {
  const steps = id.split('.');
  let nodes = [...resources];
  for (const [index, step] of steps.entries()) {
    if (index === 0) continue;
    const [name, slice] = step.split(':') as [string, string?];
    nodes = nodes.flatMap((node) => childrenOf(node, name));
    if (slice === undefined || name.endsWith('[x]')) continue;
    const path = steps.slice(0, index + 1).join('.');
    nodes = nodes.filter((node) => isOf(node, path, elements));
  }
  return nodes;
}

function childrenOf(node: unknown, name: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  const found = name.endsWith('[x]') ? Object.entries(node).filter(([key]) => new RegExp(`^${name.slice(0, -3)}[A-Z]`).test(key)).map(([, value]) => value as unknown) : [(node as Node)[name]];
  return found.flat().filter((value) => value !== undefined && value !== null && value !== '');
}

/** An extension is told by its address, an entry by the type of its resource, an identifier by its system. */
function isOf(node: unknown, path: string, elements: readonly ElementDefinition[]): boolean {
  const { type, patternIdentifier } = elements.find(({ id }) => id === path)!;
  const resource = elements.find(({ id }) => id === `${path}.resource`);
  if (patternIdentifier) return (node as Node)['system'] === patternIdentifier.system;
  if (resource) return resource.type!.some(({ code }) => ((node as Node)['resource'] as Resource | undefined)?.resourceType === code);
  if (type?.[0]?.code === 'Extension') return (node as Node)['url'] === type[0].profile?.[0];
  throw new Error(`how a slice is told is not known here: ${path}`);
}
