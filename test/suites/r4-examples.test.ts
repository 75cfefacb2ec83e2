/**
 * The index against plain evaluation: for every search parameter of every example resource at hand, the values that are
 * extracted are those that fhirpath.js and a naive reading of its nodes give. Examples: the packages of R4 and of the
 * implementation guides (examples and definitions, which are resources too), and the shared test data.
 */
import { extractSearchValues } from '../../fhir/search-values/extract.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { searchParameterByUrl, searchParametersOf, type SearchParameter } from '../../fhir/search-parameters.ts';
import type { SearchValue } from '../../fhir/search-values/values.ts';
import { evaluateTyped, type Node } from '../fhir/fhirpath/oracle.ts';
import { sharedResources } from '../fhir/shared-resources.ts';
import { packageFiles, sharedPackages } from '../support/packages.ts';
import { documentedResult } from './documented.ts';
import { inWords, naiveValues } from './naive-values.ts';

/** A definition larger than this says nothing new and takes the oracle seconds. */
const largestDefinition = 100_000;
/** Definitions of one type from one package; examples are all taken. */
const mostDefinitions = 1000;

const packages = sharedPackages();

/** The distinct resources of a package, those in Bundles too. */
function resourcesOf(name: string): Node[] {
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
    if (!example && text.length > largestDefinition) continue;
    const resource = JSON.parse(text) as Node;
    const count = definitions.get(resource.resourceType) ?? 0;
    if (!example && count >= mostDefinitions) continue;
    if (!example) definitions.set(resource.resourceType, count + 1);
    add(resource);
  }
  return [...found.values()];
}

/** Every choice of one of each. */
const combinations = (lists: readonly string[][]): string[] => lists.reduce<string[]>((all, list) => all.flatMap((one) => list.map((next) => (one === '' ? next : `${one} $ ${next}`))), ['']);

function naively(parameter: SearchParameter, resource: Node): Set<string> {
  const nodes = evaluateTyped(parameter.expression, resource, resource);
  const { type } = parameter;
  if (type !== 'composite') return new Set(nodes.flatMap((node) => naiveValues(type, node)));
  return new Set(nodes.flatMap((node) => {
    const whole = typeof node.value === 'object' && 'resourceType' in (node.value as object);
    const lists = parameter.component!.map(({ definition, expression }) => {
      const { type: componentType } = searchParameterByUrl(definition)!;
      if (componentType === 'composite') throw new Error('a composite of composites');
      return evaluateTyped(expression, node.value, resource, whole ? undefined : node.path).flatMap((one) => naiveValues(componentType, one));
    });
    return lists.some((list) => list.length === 0) ? [] : combinations(lists);
  }));
}

function extracted(values: readonly SearchValue[]): Set<string> {
  return new Set(values.flatMap((value) => (value.type === 'composite' ? combinations(value.components.map(inWords)) : inWords(value))));
}

/** What the two say differently, as `Type parameter: theirs / ours`. */
function differences(resource: Node): string[] {
  const values = extractSearchValues(resource);
  return searchParametersOf(resource.resourceType).flatMap((parameter) => {
    const [expected, actual] = [naively(parameter, resource), extracted(values.filter((value) => value.parameter === parameter))];
    const same = expected.size === actual.size && [...expected].every((one) => actual.has(one));
    return same ? [] : [`${resource.resourceType} ${parameter.code}: ${[...expected].filter((one) => !actual.has(one)).join(', ')} / ${[...actual].filter((one) => !expected.has(one)).join(', ')}`];
  });
}

(packages.length > 0 ? describe : describe.skip)('r4-examples', () => {
  let cases = 0;
  const counted = (resources: readonly Node[]): readonly Node[] => {
    cases += resources.length;
    return resources;
  };
  /** The first of them: an error text must not be a megabyte. */
  const disagreements = (resources: readonly Node[]): string[] => [...new Set(resources.flatMap(differences))].slice(0, 20);

  test.each(packages.map((name) => [name]))('%s', (name) => { expect(disagreements(counted(resourcesOf(name)))).toEqual([]); }, 120_000);

  test('the shared examples', () => { expect(disagreements(counted(sharedResources()))).toEqual([]); }, 120_000);

  test('the documented figures are these', () => {
    expect(documentedResult('r4-examples')).toEqual({ cases, passed: cases, deviations: 0 });
  });
});
