/**
 * The compiled search expressions against an independent FHIRPath engine (fhirpath.js): the same nodes, for every
 * search parameter of every resource type. Compared as sets: the compiler does not make unions distinct.
 */
import * as fc from 'fast-check';
import { compileFhirPath } from '../../../fhir/fhirpath/compiler.ts';
import type { Visit } from '../../../fhir/fhirpath/visit.ts';
import { resourceTypes } from '../../../fhir/resource-types.ts';
import { searchParametersOf } from '../../../fhir/search-parameters.ts';
import { madeResource } from '../made-resources.ts';
import { evaluate, type Node } from './oracle.ts';
import { sharedDataIsHere, sharedResources } from '../shared-resources.ts';

const oracle = (expression: string, resource: Node): Set<string> => new Set(evaluate(expression, resource).map((node) => JSON.stringify(node)));

const compiled = new Map<string, Visit<unknown[]> | undefined>();
function ours(expression: string, resource: Node): Set<string> {
  const key = `${resource.resourceType} ${expression}`;
  if (!compiled.has(key)) compiled.set(key, compileFhirPath<unknown[]>(expression, resource.resourceType, () => (node, { out }) => void out.push(node)));
  const out: unknown[] = [];
  compiled.get(key)?.(resource, { resource, out });
  return new Set(out.map((node) => JSON.stringify(node)));
}

/** The parameters of the resource's type for which the two disagree. */
function differences(resource: Node): string[] {
  return searchParametersOf(resource.resourceType)
    .filter(({ expression }) => {
      const [expected, actual] = [oracle(expression, resource), ours(expression, resource)];
      return expected.size !== actual.size || [...expected].some((node) => !actual.has(node));
    })
    .map((parameter) => `${resource.resourceType} ${parameter.code}`);
}

describe('compiled search expressions select what fhirpath.js selects', () => {
  test.each(resourceTypes.map((type) => [type]))('in a %s with every element', (type) => {
    for (let variant = 0; variant < 6; variant++) expect(differences(madeResource(type, variant))).toEqual([]);
  });

  test('and made resources leave no expression without a node', () => {
    // The made codes name two of the five relations of a RelatedArtifact, and no extension.
    const notMade = /'(derived-from|predecessor|successor)'|extension/;
    const silent: string[] = [];
    for (const type of resourceTypes) {
      const variants = Array.from({ length: 14 }, (_, variant) => madeResource(type, variant));
      for (const { code, expression } of searchParametersOf(type)) {
        if (!notMade.test(expression) && variants.every((one) => ours(expression, one).size === 0)) silent.push(`${type} ${code}`);
      }
    }
    expect(silent).toEqual([]);
  });

  (sharedDataIsHere ? test : test.skip)('in the shared example resources', () => {
    const all = new Set<string>();
    const resources = sharedResources();
    expect(resources.length).toBeGreaterThan(1000);
    for (const resource of resources) for (const difference of differences(resource)) all.add(difference);
    expect([...all]).toEqual([]);
  });

  test('in resources with elements missing, repeated or out of order', () => {
    const resource = fc.tuple(fc.constantFrom(...resourceTypes), fc.nat(60), fc.infiniteStream(fc.nat(9))).map(([type, variant, choices]) => shaken(madeResource(type, variant), choices) as Node);
    fc.assert(fc.property(resource, (one) => expect(differences(one)).toEqual([])), { numRuns: 150 });
  });
});

/** A copy with some properties gone, some single values made arrays, some arrays turned around. */
function shaken(node: unknown, choices: Iterator<number>): unknown {
  if (Array.isArray(node)) {
    const items = node.map((item) => shaken(item, choices));
    return choices.next().value === 0 ? items.toReversed() : items;
  }
  if (typeof node !== 'object' || node === null) return node;
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(node)) {
    if (name !== 'resourceType' && choices.next().value === 0) continue;
    const inner = shaken(value, choices);
    copy[name] = typeof inner === 'object' && !Array.isArray(inner) && choices.next().value === 1 ? [inner, inner] : inner;
  }
  return copy;
}
