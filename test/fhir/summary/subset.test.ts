/** Parts of resources: `_summary` and `_elements` (https://hl7.org/fhir/R4/search.html#summary). */
import { elementsOf } from '../../../fhir/element-types.ts';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import type { Problem } from '../../../fhir/problems.ts';
import { resourceTypes } from '../../../fhir/resource-types.ts';
import { shapeIssues } from '../../../fhir/shape.ts';
import { readSubset, type Subset } from '../../../fhir/summary/request.ts';
import { subsetOf, subsetText } from '../../../fhir/summary/subset.ts';
import { filledResource } from '../filled-resources.ts';
import { corePackageIsHere, coreResources } from '../package-resources.ts';
import { sharedDataIsHere, sharedResources } from '../shared-resources.ts';

const tag = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
const subset = (query: string): Subset => readSubset(new URLSearchParams(query))!;

describe('refused', () => {
  test.each([
    '_summary=yes', '_summary=True', '_summary=__proto__', '_summary=true,text', '_summary=true&_summary=text', '_elements=name&_summary=text', '_elements=nothing', '_elements=name,,gender', '_elements=name.family',
    '_elements=Patient.name.family', '_elements=Nothing.name', '_elements=Patient.', '_elements=name;gender', '_elements=constructor',
  ])('%s', (query) => {
    expect(() => readSubset(new URLSearchParams(query))).toThrow(expect.objectContaining({ code: 'invalid-search-value' }) as Problem);
  });

  test('without a word of what was sent', () => {
    for (const query of ['_summary=Joan Doe', '_elements=Joan Doe']) {
      expect.assertions(2);
      try {
        readSubset(new URLSearchParams(query));
      } catch (error) {
        expect((error as Problem).message).not.toContain('Joan');
      }
    }
  });
});

test('whole resources are wanted without the parameters, with empty ones, and with false', () => {
  for (const query of ['', 'name=x', '_summary=', '_elements=', '_summary=false', '_elements=&_summary=']) expect(readSubset(new URLSearchParams(query))).toBeUndefined();
  expect(readSubset(new URLSearchParams('_summary=false&_elements=name'))).toEqual({ kind: 'elements', names: new Set(['name']) });
  expect(readSubset(new URLSearchParams('_elements=name, gender&_elements=Patient.deceased[x]'))).toEqual({ kind: 'elements', names: new Set(['name', 'gender', 'Patient.deceased']) });
});

const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };
const observation = {
  resourceType: 'Observation', id: '1', meta: { versionId: '2', tag: [{ code: 'mine' }] }, language: 'en', text, contained: [{ resourceType: 'Patient', id: 'p' }],
  extension: [{ url: 'http://x', valueCode: 'x' }], modifierExtension: [{ url: 'http://y', valueCode: 'y' }], status: 'final', _status: { id: 's' },
  code: { extension: [{ url: 'http://x', valueCode: 'x' }], coding: [{ system: 'http://loinc.org', code: '1' }] }, subject: { reference: '#p' }, effectiveDateTime: '2020',
  valueQuantity: { value: 1, unit: 'kg' }, _issued: { extension: [{ url: 'http://z', valueCode: 'unknown' }] }, note: [{ text: 'n' }],
  referenceRange: [{ text: 'r' }], component: [{ code: { text: 'c' }, valueString: 'v', dataAbsentReason: { text: 'd' }, modifierExtension: [{ url: 'http://m', valueCode: 'm' }] }],
};
const part = (query: string, resource: unknown = observation): Record<string, unknown> => subsetOf(resource, subset(query)) as Record<string, unknown>;

describe('_summary', () => {
  test('true: what is marked as summary all the way down, with what is mandatory and what changes the meaning', () => {
    expect(part('_summary=true')).toEqual({
      resourceType: 'Observation', id: '1', meta: { versionId: '2', tag: [{ code: 'mine' }, tag] }, modifierExtension: observation.modifierExtension, status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '1' }] }, subject: { reference: '#p' }, effectiveDateTime: '2020', valueQuantity: { value: 1, unit: 'kg' },
      _issued: { extension: [{ url: 'http://z', valueCode: 'unknown' }] }, component: [{ code: { text: 'c' }, valueString: 'v', modifierExtension: [{ url: 'http://m', valueCode: 'm' }] }],
    });
    expect(part('_summary=true', { resourceType: 'DocumentReference', status: 'current', content: [{ attachment: { contentType: 'text/plain', data: 'AA==' } }] })['content']).toEqual([{ attachment: { contentType: 'text/plain' } }]);
  });

  test('text: the narrative, id, meta and what is mandatory at the top, whole', () => {
    expect(part('_summary=text')).toEqual({ resourceType: 'Observation', id: '1', meta: { versionId: '2', tag: [{ code: 'mine' }, tag] }, text, status: 'final', _status: { id: 's' }, code: observation.code });
  });

  test('data: all but the narrative', () => {
    const { text: _, meta, ...rest } = observation;
    expect(part('_summary=data')).toEqual({ ...rest, meta: { ...meta, tag: [{ code: 'mine' }, tag] } });
  });

  test('count: no resource of a Bundle, and its total', () => {
    const outcome = { resource: { resourceType: 'OperationOutcome' }, search: { mode: 'outcome' } };
    const bundle = { resourceType: 'Bundle', type: 'searchset', total: 3, link: [{ relation: 'self', url: 'x' }], entry: [{ resource: observation, search: { mode: 'match' } }] };
    expect(part('_summary=count', bundle)).toEqual({ resourceType: 'Bundle', type: 'searchset', total: 3, link: [{ relation: 'self', url: 'x' }] });
    expect(part('_summary=count', { ...bundle, entry: [...bundle.entry, outcome] })['entry']).toEqual([outcome]);
  });
});

describe('_elements', () => {
  test('what is named, with what is mandatory and what changes the meaning', () => {
    expect(part('_elements=subject')).toEqual({
      resourceType: 'Observation', id: '1', meta: { versionId: '2', tag: [{ code: 'mine' }, tag] }, modifierExtension: observation.modifierExtension, status: 'final', _status: { id: 's' }, code: observation.code, subject: { reference: '#p' },
    });
    expect(part('_elements=birthDate', { resourceType: 'Patient', active: true, deceasedBoolean: true, link: [{ type: 'refer', other: {} }], gender: 'male', birthDate: '2000', _birthDate: { id: 'b' } }))
      .toEqual({ resourceType: 'Patient', meta: { tag: [tag] }, active: true, deceasedBoolean: true, link: [{ type: 'refer', other: {} }], birthDate: '2000', _birthDate: { id: 'b' } });
  });

  test.each(['value', 'value[x]', 'valueQuantity', 'Observation.value', 'Observation.value[x]', 'Observation.valueQuantity', 'subject,Patient.name,value'])('%s names a choice of types', (names) => {
    expect(part(`_elements=${encodeURIComponent(names)}`)['valueQuantity']).toEqual({ value: 1, unit: 'kg' });
  });

  test.each(['Patient.text', 'valueString', 'Condition.subject'])('%s is of something else', (names) => {
    expect(Object.keys(part(`_elements=${names}`)).toSorted()).toEqual(['_status', 'code', 'id', 'meta', 'modifierExtension', 'resourceType', 'status']);
  });
});

describe('Bundles', () => {
  test.each(['searchset', 'history'])('in a %s the resources are cut, and not what is said about the request', (type) => {
    const outcome = { resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'informational', diagnostics: 'd' }] }, search: { mode: 'outcome' } };
    const entry = [{ fullUrl: 'u', resource: { resourceType: 'Patient', id: '1', text }, search: { mode: 'match' } }, { request: { method: 'DELETE', url: 'Patient/2' } }, outcome];
    expect(part('_summary=data', { resourceType: 'Bundle', id: 'b', type, entry })).toEqual({
      resourceType: 'Bundle', id: 'b', type, entry: [{ fullUrl: 'u', resource: { resourceType: 'Patient', id: '1', meta: { tag: [tag] } }, search: { mode: 'match' } }, { request: { method: 'DELETE', url: 'Patient/2' } }, outcome],
    });
  });

  test('one that is stored is a resource like any', () => {
    const bundle = { resourceType: 'Bundle', type: 'document', identifier: { value: 'i' }, entry: [{ resource: { resourceType: 'Patient', text } }] };
    expect(part('_elements=identifier', bundle)).toEqual({ resourceType: 'Bundle', meta: { tag: [tag] }, type: 'document', identifier: { value: 'i' } });
  });
});

test('an outcome is never cut', () => {
  const outcome = { resourceType: 'OperationOutcome', text, issue: [{ severity: 'error', code: 'invalid', diagnostics: 'd' }] };
  for (const query of ['_summary=true', '_summary=text', '_summary=data', '_elements=text']) expect(part(query, outcome)).toBe(outcome);
});

test('the tag is there once', () => {
  expect(part('_summary=data', part('_summary=data'))['meta']).toEqual({ versionId: '2', tag: [{ code: 'mine' }, tag] });
});

test('from text to text, decimals keep their digits', () => {
  expect(subsetText('{"resourceType":"Observation","status":"final","code":{"text":"c"},"valueQuantity":{"value":1.50}}', subset('_elements=value')))
    .toBe('{"resourceType":"Observation","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]},"status":"final","code":{"text":"c"},"valueQuantity":{"value":1.50}}');
});

describe('of every type', () => {
  const queries = ['_summary=true', '_summary=text', '_summary=data', '_elements=id'];

  test.each(resourceTypes.filter((type) => type !== 'OperationOutcome').map((type) => [type]))('%s', (type) => {
    for (const query of queries) {
      const resource = { ...filledResource(type, 0, 3), ...(type === 'Bundle' && { type: 'document' }) };
      const before = stringifyJson(resource);
      const cut = part(query, resource);
      expect(shapeIssues(cut)).toEqual([]);
      expect(stringifyJson(resource)).toBe(before);
      const expected = query === '_summary=data' ? elementsOf(type).map(({ name }) => name).filter((name) => name !== 'text') : [];
      for (const name of expected.filter((one) => Object.hasOwn(resource, one))) expect(cut).toHaveProperty(name);
    }
  });

  (sharedDataIsHere ? test : test.skip)('the shared examples stay well-formed, whole but for what was left out', () => {
    for (const resource of sharedResources().filter((one) => shapeIssues(one).length === 0)) {
      for (const query of queries) expect(shapeIssues(part(query, resource))).toEqual([]);
    }
  });

  (corePackageIsHere ? test : test.skip)('the marks are those of the definitions', () => {
    interface Definition { readonly type: string; readonly kind: string; readonly derivation?: string; readonly snapshot: { readonly element: readonly { readonly path: string; readonly isSummary?: boolean; readonly min: number; readonly isModifier?: boolean }[] } }
    const definitions = coreResources(/^StructureDefinition-(?:Patient|Observation|Claim|Coverage|Task|Bundle|Questionnaire)\.json$/).map(([, json]) => parseJson(json) as Definition);
    expect(definitions).toHaveLength(7);
    for (const { type, snapshot } of definitions) {
      const resource = { ...filledResource(type, 0, 1), ...(type === 'Bundle' && { type: 'document' }) };
      const top = snapshot.element.filter(({ path }) => path.split('.').length === 2).map((element) => ({ ...element, name: element.path.split('.')[1]!.replace('[x]', '') }));
      const namesIn = (object: object): string[] => [...new Set(Object.keys(object).map((key) => top.find(({ name }) => key.replace(/^_/, '') === name || elementsOf(type).some((one) => one.name === name && one.types.some(({ property }) => property === key.replace(/^_/, ''))))?.name).filter((name) => name !== undefined))].toSorted();
      expect(namesIn(part('_elements=id', resource))).toEqual(top.filter(({ name, min, isModifier }) => ['id', 'meta'].includes(name) || min > 0 || isModifier === true).map(({ name }) => name).filter((name) => namesIn(resource).includes(name)).toSorted());
      expect(namesIn(part('_summary=text', resource))).toEqual(top.filter(({ name, min }) => ['id', 'meta', 'text'].includes(name) || min > 0).map(({ name }) => name).filter((name) => namesIn(resource).includes(name)).toSorted());
    }
  });
});
