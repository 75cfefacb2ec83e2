/** Extraction never throws, whatever is in the resource; and whose record a resource is part of. */
import * as fc from 'fast-check';
import { Decimal } from '../../../fhir/json.ts';
import { resourceTypes } from '../../../fhir/resource-types.ts';
import { normalizedString } from '../../../fhir/search-values/strings.ts';
import { extractSearchValues } from '../../../fhir/search-values/extract.ts';
import { ownersOf } from '../../../fhir/search-values/owners.ts';
import { madeResource } from '../made-resources.ts';

type Resource = { readonly resourceType: string };

/** A copy in which about one node in seven is something else. */
function mangled(node: unknown, choices: Iterator<number>, strange: Iterator<unknown>): unknown {
  if (choices.next().value === 0) return strange.next().value;
  if (Array.isArray(node)) return node.map((item) => mangled(item, choices, strange));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, name === 'resourceType' ? value : mangled(value, choices, strange)]));
}

const strange = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, '', 'x', 0, -1, Number.NaN, true, [], {}, [null], [[]], new Decimal('1.50'), '#', '/', 'Patient/', '|', '__proto__', { __proto__: null }, '\u0000', '\ud800'),
  fc.anything({ maxDepth: 3 }),
);

describe('malformed resources', () => {
  test.each([[null], [undefined], ['Patient'], [{}], [{ resourceType: 'Nothing' }], [{ resourceType: 'constructor' }], [{ resourceType: ['Patient'] }], [{ resourceType: 'Resource', id: 'x' }]])('%j has no values and no owner', (resource) => {
    expect(extractSearchValues(resource as unknown as Resource)).toEqual([]);
    expect(ownersOf(resource as unknown as Resource)).toEqual([]);
  });

  test('a canonical that is only a version names nothing', () => {
    expect(extractSearchValues({ resourceType: 'CapabilityStatement', implementationGuide: ['|1.0', '|'] } as Resource).filter((value) => value.type === 'reference')).toEqual([]);
  });

  test('nothing is thrown, and every part has the type it says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...resourceTypes), fc.nat(60), fc.infiniteStream(fc.nat(6)), fc.infiniteStream(strange), (type, variant, choices, stranger) => {
        const made = madeResource(type, variant);
        const resource = { ...made, ...Object.fromEntries(Object.entries(made).map(([name, value]) => [name, name === 'resourceType' ? value : mangled(value, choices, stranger)])) };
        for (const value of extractSearchValues(resource)) expect(wellFormed(value)).toBe(true);
        for (const owner of ownersOf(resource)) expect(typeof owner).toBe('string');
      }),
      { numRuns: 300 },
    );
  });

  test('every resource type with every element has values', () => {
    for (const type of resourceTypes) expect(extractSearchValues(madeResource(type, 0)).length).toBeGreaterThan(0);
  });
});

const numeric = new Set(['low', 'high', 'latitude', 'longitude']);

function wellFormed(value: Readonly<Record<string, unknown>> | ReturnType<typeof extractSearchValues>[number]): boolean {
  return Object.entries(value).every(([name, part]) => {
    if (part === undefined || name === 'parameter') return true;
    if (name === 'components') return (part as Record<string, unknown>[]).every(wellFormed);
    if (name === 'identifier' || name === 'identifierTypes') return typeof part === 'object';
    if (numeric.has(name) || (name === 'value' && (value.type === 'number' || value.type === 'quantity'))) return typeof part === 'number' && !Number.isNaN(part);
    return typeof part === 'string' && part !== '';
  });
}

describe('owners', () => {
  const patient = { reference: 'Patient/1' };
  test.each([
    ['a Patient is its own', { resourceType: 'Patient', id: '1', link: [{ other: { reference: 'Patient/2' } }] }, ['1']],
    ['a Patient without id', { resourceType: 'Patient' }, []],
    ['a Patient with a strange id', { resourceType: 'Patient', id: 5 }, []],
    ['a claim', { resourceType: 'Claim', patient }, ['1']],
    ['once for two reasons', { resourceType: 'Claim', patient, payee: { party: patient } }, ['1']],
    ['several', { resourceType: 'Group', member: [{ entity: patient }, { entity: { reference: 'Patient/2' } }, { entity: { reference: 'Device/3' } }] }, ['1', '2']],
    ['a version', { resourceType: 'Claim', patient: { reference: 'Patient/1/_history/4' } }, ['1']],
    ['of another server', { resourceType: 'Claim', patient: { reference: 'http://example.org/fhir/Patient/1' } }, []],
    ['contained', { resourceType: 'Claim', patient: { reference: '#1' } }, []],
    ['known by number only', { resourceType: 'Claim', patient: { type: 'Patient', identifier: { value: '1' } } }, []],
    ['of nobody', { resourceType: 'Observation', subject: { reference: 'Group/1' } }, []],
    ['not of any patient', { resourceType: 'Organization', id: '1' }, []],
    ['malformed', { resourceType: 'Claim', patient: ['Patient/1', { reference: ['Patient/1'] }, null] }, []],
  ])('%s', (_, resource, owners) => {
    expect(ownersOf(resource as Resource)).toEqual(owners);
  });
});

test('a text of millions of words is made ready for search like any other', () => {
  const words = 'Ab '.repeat(5_000_000).trim();
  expect(normalizedString(words).length).toBe(words.length);
});
