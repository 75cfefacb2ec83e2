/** Snapshots are made from differentials as HL7's publisher makes them. */
import { Problem } from '../../fhir/problems.ts';
import type { JsonObject } from '../../profiles/distill/json-parts.ts';
import { regenerated, withSnapshot } from '../../profiles/snapshot/generate.ts';
import { sharedPackage, sharedPackagesAreHere } from '../support/fhir-packages.ts';
import { compareSnapshots } from './snapshot-comparison.ts';
import { explainedDifferences } from './snapshot-differences.ts';

const sd = 'http://hl7.org/fhir/StructureDefinition/';

function typeOf(name: string, ...elements: readonly (readonly [path: string, element?: object])[]): JsonObject {
  return { resourceType: 'StructureDefinition', url: sd + name, version: '4.0.1', kind: 'complex-type', type: name, derivation: 'specialization', snapshot: { element: [{ id: name, path: name, min: 0, max: '*' }, ...elements.map(([path, element]) => ({ id: path, path, min: 0, max: '1', ...element }))] } };
}

const types: readonly JsonObject[] = [
  typeOf('Element', ['Element.id'], ['Element.extension', { max: '*', type: [{ code: 'Extension' }] }]),
  typeOf('Extension', ['Extension.id'], ['Extension.extension', { max: '*', type: [{ code: 'Extension' }] }], ['Extension.url', { min: 1, type: [{ code: 'uri' }] }], ['Extension.value[x]', { type: [{ code: 'string' }, { code: 'Coding' }] }]),
  typeOf('Coding', ['Coding.system', { type: [{ code: 'uri' }] }], ['Coding.code', { type: [{ code: 'code' }] }]),
  typeOf('Thing', ['Thing.extension', { max: '*', type: [{ code: 'Extension' }] }], ['Thing.code', { max: '*', type: [{ code: 'Coding' }], binding: { strength: 'example', valueSet: 'http://v' } }], ['Thing.value[x]', { type: [{ code: 'string' }, { code: 'Coding' }, { code: 'Quantity' }] }],
    ['Thing.part', { max: '*', type: [{ code: 'BackboneElement' }] }], ['Thing.part.name', { type: [{ code: 'string' }] }], ['Thing.part.part', { max: '*', contentReference: '#Thing.part' }]),
];

function profile(url: string, elements: readonly object[], more: object = {}): JsonObject {
  return { resourceType: 'StructureDefinition', url, kind: 'complex-type', type: 'Thing', derivation: 'constraint', baseDefinition: `${sd}Thing`, differential: { element: elements }, ...more };
}

function finder(...others: readonly JsonObject[]): (canonical: string) => JsonObject | undefined {
  return (canonical) => [...types, ...others].find(({ url }) => url === canonical);
}

/** Id to element, of what was made. */
function made(elements: readonly object[], ...others: readonly JsonObject[]): Map<string, Record<string, unknown>> {
  const definition = withSnapshot(profile('http://p', elements), finder(...others));
  return new Map((definition['snapshot'] as { element: { id: string }[] }).element.map((element) => [element.id, element as Record<string, unknown>]));
}

function reasonOf(action: () => unknown): string {
  try {
    action();
    return 'it was made';
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return `${error.issues[0].details['definition']}: ${error.issues[0].details['reason']}`;
  }
}

describe('Refused is a differential', () => {
  test('without a base, or with one that is not known', () => {
    expect(reasonOf(() => withSnapshot(profile('http://p', [], { baseDefinition: undefined }), finder()))).toBe('http://p: what it is based on is not known');
    expect(reasonOf(() => withSnapshot(profile('http://p', [], { baseDefinition: 'http://nowhere' }), finder()))).toBe('http://p: what it is based on is not known');
  });

  test('based on itself, directly or over others', () => {
    const a = profile('http://a', [], { baseDefinition: 'http://b' });
    const b = profile('http://b', [], { baseDefinition: 'http://a' });
    expect(reasonOf(() => withSnapshot(a, finder(a, b)))).toBe('http://a: what it is based on goes in a circle');
    const own = profile('http://own', [], { baseDefinition: 'http://own' });
    expect(reasonOf(() => withSnapshot(own, finder(own)))).toBe('http://own: what it is based on goes in a circle');
  });

  test('about an element that is not there', () => {
    expect(reasonOf(() => made([{ path: 'Thing' }, { path: 'Thing.nothing' }]))).toBe('http://p: there is no element Thing.nothing to constrain');
    expect(reasonOf(() => made([{ path: 'Thing.code.nothing.x' }]))).toBe('http://p: there is no element Thing.code.nothing.x to constrain');
  });

  test('with thousands of elements, or that unfolds to tens of thousands', () => {
    expect(reasonOf(() => made(Array.from({ length: 5001 }, () => ({ path: 'Thing' }))))).toBe('http://p: its differential has more than 5000 elements');
    const slices = Array.from({ length: 4000 }, (_, n) => [{ id: `Thing.part:s${n}`, path: 'Thing.part', sliceName: `s${n}` }]).flat();
    const nested = ['Thing.part.part', 'Thing.part.part.part', 'Thing.part.part.part.name'].map((path) => ({ path }));
    expect(reasonOf(() => made([...nested, ...slices]))).toBe('http://p: its snapshot has more than 20000 elements');
  });
});

describe('A snapshot', () => {
  test('that is there is left alone', () => {
    const definition = { ...profile('http://p', []), snapshot: { element: [{ path: 'Thing' }] } };
    expect(withSnapshot(definition, finder())).toBe(definition);
    expect(regenerated(definition, finder())).not.toBe(definition);
  });

  test('is the base with what the differential says', () => {
    const elements = made([{ path: 'Thing' }, { path: 'Thing.code', min: 1, max: '2', binding: { strength: 'required' } }]);
    expect(elements.get('Thing.code')).toMatchObject({ min: 1, max: '2', type: [{ code: 'Coding' }], binding: { strength: 'required', valueSet: 'http://v' } });
    expect([...elements.keys()]).toEqual(['Thing', 'Thing.extension', 'Thing.code', 'Thing.value[x]', 'Thing.part', 'Thing.part.name', 'Thing.part.part']);
  });

  test('stands on bases that have none either', () => {
    const middle = profile('http://middle', [{ path: 'Thing.code', min: 1 }]);
    const definition = withSnapshot(profile('http://p', [{ path: 'Thing.code', max: '3' }], { baseDefinition: 'http://middle' }), finder(middle));
    expect(definition['snapshot']).toMatchObject({ element: expect.arrayContaining([expect.objectContaining({ id: 'Thing.code', min: 1, max: '3' })]) as unknown });
  });

  test('adds constraints, each key once', () => {
    const base = profile('http://b', [{ path: 'Thing.code', constraint: [{ key: 'a', human: '1' }] }]);
    const definition = withSnapshot(profile('http://p', [{ path: 'Thing.code', constraint: [{ key: 'a', human: '1' }, { key: 'b' }] }], { baseDefinition: 'http://b' }), finder(base));
    const code = (definition['snapshot'] as { element: JsonObject[] }).element.find(({ id }) => id === 'Thing.code')!;
    expect(code['constraint']).toEqual([{ key: 'a', human: '1' }, { key: 'b' }]);
  });

  test('has another pattern in place of the one before', () => {
    const base = profile('http://b', [{ path: 'Thing.part.name', patternString: 'a' }]);
    const definition = withSnapshot(profile('http://p', [{ path: 'Thing.part.name', patternCode: 'b' }], { baseDefinition: 'http://b' }), finder(base));
    const name = (definition['snapshot'] as { element: JsonObject[] }).element.find(({ id }) => id === 'Thing.part.name')!;
    expect(name).toMatchObject({ patternCode: 'b' });
    expect(name['patternString']).toBeUndefined();
  });
});

describe('Where a differential walks into', () => {
  test('a type, its elements are unfolded', () => {
    expect(made([{ path: 'Thing.code.system', min: 1 }]).get('Thing.code.system')).toMatchObject({ min: 1, path: 'Thing.code.system', type: [{ code: 'uri' }] });
  });

  test('content that is elsewhere, that is unfolded, again and again', () => {
    const elements = made([{ path: 'Thing.part.part.part.name', min: 1 }]);
    expect(elements.get('Thing.part.part.part.name')).toMatchObject({ min: 1 });
    expect(elements.get('Thing.part.part')).not.toHaveProperty('contentReference');
    expect(elements.get('Thing.part.part.part.part')).toHaveProperty('contentReference', '#Thing.part');
    expect(elements.get('Thing.part.name')).toMatchObject({ min: 0 });
  });

  test('content that is elsewhere while it states the type too', () => {
    expect(made([{ path: 'Thing.part.part', type: [{ code: 'BackboneElement' }] }, { path: 'Thing.part.part.name', min: 1 }]).get('Thing.part.part.name')).toMatchObject({ min: 1 });
  });

  test('an extension, the elements of its profile', () => {
    const extension = profile('http://ext', [{ path: 'Extension.url', fixedUri: 'http://ext' }, { path: 'Extension', max: '1', constraint: [{ key: 'own' }] }], { type: 'Extension', baseDefinition: `${sd}Extension` });
    const elements = made([
      { id: 'Thing.extension:e', path: 'Thing.extension', sliceName: 'e', type: [{ code: 'Extension', profile: ['http://ext'] }] },
      { id: 'Thing.extension:e.value[x]', path: 'Thing.extension.value[x]', min: 1 },
    ], extension);
    expect(elements.get('Thing.extension:e.url')).toMatchObject({ fixedUri: 'http://ext' });
    expect(elements.get('Thing.extension:e')).toMatchObject({ max: '1', constraint: [{ key: 'own' }] });
    expect(elements.get('Thing.extension')).toMatchObject({ slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' } });
  });

  test('its own kind, that ends', () => {
    const self = profile('http://self', [{ path: 'Extension.extension', sliceName: 's', type: [{ code: 'Extension', profile: ['http://self'] }] }, { path: 'Extension.extension.url', min: 1 }], { type: 'Extension', baseDefinition: `${sd}Extension` });
    expect(withSnapshot(self, finder(self))).toHaveProperty('snapshot');
  });
});

describe('A slice', () => {
  test('need not be there, stands behind those before it, and is told apart without ids', () => {
    const elements = made([
      { path: 'Thing.code', min: 1, slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' } },
      { path: 'Thing.code', sliceName: 'a', max: '1' }, { path: 'Thing.code.system', fixedUri: 'http://a' },
      { path: 'Thing.code', sliceName: 'b' }, { path: 'Thing.code.system', fixedUri: 'http://b' },
    ]);
    expect([...elements.keys()].filter((id) => id.startsWith('Thing.code'))).toEqual(['Thing.code', 'Thing.code:a', 'Thing.code:a.system', 'Thing.code:a.code', 'Thing.code:b', 'Thing.code:b.system', 'Thing.code:b.code']);
    expect(elements.get('Thing.code:a')).toMatchObject({ min: 0, max: '1', sliceName: 'a', path: 'Thing.code' });
    expect(elements.get('Thing.code:b.system')).toMatchObject({ fixedUri: 'http://b' });
  });

  test('of a slice stands behind it and begins as it is', () => {
    const base = profile('http://b', [{ id: 'Thing.code', path: 'Thing.code', slicing: { rules: 'open' } }, { id: 'Thing.code:a', path: 'Thing.code', sliceName: 'a', max: '7' }, { id: 'Thing.code:b', path: 'Thing.code', sliceName: 'b' }]);
    const definition = withSnapshot(profile('http://p', [{ id: 'Thing.code:a/c', path: 'Thing.code', sliceName: 'a/c', min: 1 }], { baseDefinition: 'http://b' }), finder(base));
    const codes = (definition['snapshot'] as { element: JsonObject[] }).element.filter(({ path }) => path === 'Thing.code');
    expect(codes.map(({ id }) => id)).toEqual(['Thing.code', 'Thing.code:a', 'Thing.code:a/c', 'Thing.code:b']);
    expect(codes[2]).toMatchObject({ max: '7', min: 1 });
  });

  test('within a slice', () => {
    const elements = made([
      { id: 'Thing.part:a', path: 'Thing.part', sliceName: 'a' }, { id: 'Thing.part:a.part', path: 'Thing.part.part', slicing: { rules: 'open' } },
      { id: 'Thing.part:a.part:x', path: 'Thing.part.part', sliceName: 'x' }, { id: 'Thing.part:a.part:x.name', path: 'Thing.part.part.name', min: 1 },
    ]);
    expect(elements.get('Thing.part:a.part:x.name')).toMatchObject({ min: 1 });
    expect(elements.has('Thing.part.part:x')).toBe(false);
  });
});

describe('A type of a choice', () => {
  test.each([['by its short name', { path: 'Thing.valueCoding', max: '1' }], ['as a slice', { id: 'Thing.value[x]:valueCoding', path: 'Thing.value[x]', sliceName: 'valueCoding' }], ['as a slice with a short path', { id: 'Thing.value[x]:valueCoding', path: 'Thing.valueCoding', sliceName: 'valueCoding' }]])('named %s is a slice by type', (_, element) => {
    const elements = made([element]);
    expect(elements.get('Thing.value[x]:valueCoding')).toMatchObject({ path: 'Thing.value[x]', sliceName: 'valueCoding', type: [{ code: 'Coding' }] });
    expect(elements.get('Thing.value[x]')).toMatchObject({ slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'open' } });
  });

  test('that has to be there leaves no other', () => {
    expect(made([{ path: 'Thing.valueCoding', min: 1 }]).get('Thing.value[x]')).toMatchObject({ min: 1, type: [{ code: 'Coding' }], slicing: { rules: 'closed' } });
  });

  test('is not sliced again where only one is left', () => {
    const elements = made([{ path: 'Thing.value[x]', type: [{ code: 'Coding' }] }, { path: 'Thing.value[x].system', min: 1 }]);
    expect(elements.get('Thing.value[x].system')).toMatchObject({ min: 1 });
  });
});

(sharedPackagesAreHere ? describe : describe.skip)('Snapshots of the packages in ../shared/igs (skipped where that is absent)', () => {
  test('made anew from their differentials say the same, but for those that are explained', async () => {
    const names = [
      'hl7.fhir.r4.core-4.0.1', 'hl7.fhir.us.core-3.1.1', 'hl7.fhir.us.core-4.0.0', 'hl7.fhir.us.core-5.0.1', 'hl7.fhir.us.core-6.1.0', 'hl7.fhir.us.core-7.0.0', 'hl7.fhir.us.core-8.0.0',
      'hl7.fhir.us.davinci-crd-2.0.1', 'hl7.fhir.us.davinci-dtr-2.0.1', 'hl7.fhir.us.davinci-pas-2.0.1', 'hl7.fhir.us.davinci-pas-2.2.1', 'hl7.fhir.us.davinci-pdex-2.0.0',
      ...['cdex-2.1.0', 'crd-2.2.1', 'dtr-2.2.0', 'hrex-1.2.0'].map((name) => `unofficial-sushi/hl7.fhir.us.davinci-${name}.UNOFFICIAL`), 'unofficial-sushi/hl7.fhir.uv.subscriptions-backport.r4-1.1.0.UNOFFICIAL',
    ];
    const compared = compareSnapshots(await Promise.all(names.map(sharedPackage)));
    expect(compared).toHaveLength(1026);
    const different = compared.filter(({ differences }) => differences.length > 0).map(({ profile: name }) => name);
    expect(different.toSorted()).toEqual(Object.values(explainedDifferences).flat().toSorted());
  }, 120_000);
});
