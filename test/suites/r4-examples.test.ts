/**
 * The index against plain evaluation: for every search parameter of every example resource at hand, the values that are
 * extracted are those that fhirpath.js and a naive reading of its nodes give. Examples: the packages of R4 and of the
 * implementation guides (examples and definitions, which are resources too), and the shared test data.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { parseXml } from '../../fhir/xml/read.ts';
import { extractSearchValues } from '../../fhir/search-values/extract.ts';
import { searchParametersOf } from '../../fhir/search-parameters.ts';
import type { SearchValue } from '../../fhir/search-values/values.ts';
import type { Node } from '../fhir/fhirpath/oracle.ts';
import { sharedResources } from '../fhir/shared-resources.ts';
import { sharedPackages } from '../support/packages.ts';
import { documentedResult } from './documented.ts';
import { inWords } from './naive-values.ts';
import { combinations, naively } from './naive-index.ts';
import { packageResources } from './package-resources.ts';
import { suitePath } from './suite-file.ts';

const packages = sharedPackages();

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

/** The resources of `suites/fhir-test-cases` that are written in XML, as JSON; files that are no R4 resource are passed over. */
function xmlResources(): Node[] {
  const folder = suitePath('fhir-test-cases');
  if (folder === undefined) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xml') && !name.startsWith('r5')).toSorted().flatMap((name) => {
    try {
      return [JSON.parse(stringifyJson(parseXml(readFileSync(join(folder, name), 'utf8')))) as Node];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return [];
    }
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

  test.each(packages.map((name) => [name]))('%s', (name) => { expect(disagreements(counted(packageResources(name)))).toEqual([]); }, 900_000);

  test('the shared examples', () => { expect(disagreements(counted(sharedResources()))).toEqual([]); }, 900_000);

  test('the shared examples in XML', () => {
    const resources = xmlResources();
    expect(resources.length).toBeGreaterThan(150);
    expect(disagreements(counted(resources))).toEqual([]);
  }, 900_000);

  test('the documented figures are these', () => {
    expect(documentedResult('r4-examples')).toEqual({ cases, passed: cases, deviations: 0 });
  });
});
