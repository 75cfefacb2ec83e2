/** The resources of the shared packages: all examples, and definitions, which are resources too. */
import { isResourceType } from '../../fhir/resource-types.ts';
import type { Node } from '../fhir/fhirpath/oracle.ts';
import { packageFiles } from '../support/packages.ts';

/** A definition larger than this says nothing new and takes the oracle seconds. */
const largestDefinition = 100_000;
/** Definitions of one type from one package; examples are all taken. */
const mostDefinitions = 1000;

/** The distinct resources of a package, those in Bundles too. */
export function packageResources(name: string, { definitions: wanted = true }: { definitions?: boolean } = {}): Node[] {
  const found = new Map<string, Node>();
  const definitions = new Map<string, number>();
  const add = (resource: Node): void => {
    if (!isResourceType(resource.resourceType)) return;
    found.set(JSON.stringify(resource), resource);
    for (const entry of Array.isArray(resource['entry']) ? resource['entry'] as { resource?: Node }[] : []) if (entry.resource) add(entry.resource);
  };
  for (const { path, text } of packageFiles(name)) {
    if (!/^package\/(examples?\/)?[^/]+\.json$/.test(path)) continue;
    const example = path.startsWith('package/example');
    if (!example && (!wanted || text.length > largestDefinition)) continue;
    const resource = JSON.parse(text) as Node;
    const count = definitions.get(resource.resourceType) ?? 0;
    if (!example && count >= mostDefinitions) continue;
    if (!example) definitions.set(resource.resourceType, count + 1);
    add(resource);
  }
  return [...found.values()];
}
