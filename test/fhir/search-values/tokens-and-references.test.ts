/** Tokens, references and uris of each data type. */
import { valuesOf } from './values-of.ts';

const bundle = (resource: unknown) => ({ resourceType: 'Bundle', entry: [{ resource }, { resource: { resourceType: 'Composition', id: 'second' } }] });

describe('tokens', () => {
  test.each([
    ['a Coding without anything', { resourceType: 'Encounter', class: {} }, 'class'],
    ['a Coding that is text', { resourceType: 'Encounter', class: 'AMB' }, 'class'],
    ['a CodeableConcept that is a number', { resourceType: 'Claim', priority: 5 }, 'priority'],
    ['a CodeableConcept with no parts', { resourceType: 'Claim', priority: { coding: [{}, null, 'x', []], text: '' } }, 'priority'],
    ['a code that is a number', { resourceType: 'Claim', status: 5 }, 'status'],
    ['a code that is empty', { resourceType: 'Claim', status: '' }, 'status'],
    ['a boolean in writing', { resourceType: 'Patient', active: 'true' }, 'active'],
    ['an Identifier of wrong types', { resourceType: 'Claim', identifier: { system: 1, value: {} } }, 'identifier'],
    ['a ContactPoint without value', { resourceType: 'Patient', telecom: [{ system: 'phone' }] }, 'telecom'],
  ])('%s is none', (_, resource, code) => {
    expect(valuesOf(resource, code)).toEqual([]);
  });

  test.each([
    ['Coding', { resourceType: 'Encounter', class: { system: 's', code: 'AMB', display: 'Ambulatory' } }, 'class', [{ system: 's', code: 'AMB', text: 'Ambulatory' }]],
    ['Coding without system', { resourceType: 'Encounter', class: { code: 'AMB' } }, 'class', [{ code: 'AMB' }]],
    ['Coding without code', { resourceType: 'Encounter', class: { system: 's' } }, 'class', [{ system: 's' }]],
    [
      'CodeableConcept',
      { resourceType: 'Claim', priority: { coding: [{ system: 's', code: 'a', display: 'A' }, { system: 't', code: 'b' }], text: 'Words' } },
      'priority',
      [{ system: 's', code: 'a', text: 'A' }, { system: 't', code: 'b' }, { text: 'Words' }],
    ],
    ['CodeableConcept whose text is a display', { resourceType: 'Claim', priority: { coding: [{ code: 'a', display: 'A' }], text: 'A' } }, 'priority', [{ code: 'a', text: 'A' }]],
    ['CodeableConcept of text', { resourceType: 'Claim', priority: { text: 'Words' } }, 'priority', [{ text: 'Words' }]],
    [
      'Identifier',
      { resourceType: 'Claim', identifier: [{ system: 's', value: '1', type: { coding: [{ system: 'v2', code: 'MR' }, { display: 'x' }], text: 'Record' } }, { value: '2' }] },
      'identifier',
      [{ system: 's', code: '1', text: 'Record', identifierTypes: [{ system: 'v2', code: 'MR' }] }, { code: '2' }],
    ],
    ['ContactPoint', { resourceType: 'Patient', telecom: [{ system: 'phone', value: '5' }, { value: '6' }] }, 'telecom', [{ code: '5' }, { system: 'phone', code: '5' }, { code: '6' }]],
    ['ContactPoint chosen by system', { resourceType: 'Patient', telecom: [{ system: 'email', value: 'e' }, { system: 'phone', value: '5' }] }, 'email', [{ code: 'e' }, { system: 'email', code: 'e' }]],
    ['code', { resourceType: 'Claim', status: 'active' }, 'status', [{ code: 'active' }]],
    ['boolean', { resourceType: 'Patient', active: false }, 'active', [{ code: 'false' }]],
    ['id', { resourceType: 'Patient', id: 'p' }, '_id', [{ code: 'p' }]],
    ['string', { resourceType: 'ValueSet', version: '1.0' }, 'version', [{ code: '1.0' }]],
    ['alive', { resourceType: 'Patient' }, 'deceased', [{ code: 'false' }]],
    ['alive in so many words', { resourceType: 'Patient', deceasedBoolean: false }, 'deceased', [{ code: 'false' }]],
    ['dead', { resourceType: 'Patient', deceasedBoolean: true }, 'deceased', [{ code: 'true' }]],
    ['dead since', { resourceType: 'Patient', deceasedDateTime: '2020' }, 'deceased', [{ code: 'true' }]],
    ['extension', { resourceType: 'Patient', extension: [{ url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race', extension: [{ url: 'ombCategory', valueCoding: { system: 's', code: '2106-3' } }] }] }, 'race', [{ code: '2106-3' }]],
  ])('%s', (_, resource, code, expected) => {
    expect(valuesOf(resource, code)).toEqual(expected);
  });
});

describe('references', () => {
  test.each([
    ['#contained'], [''], ['Patient'], ['Patient/'], ['Patient/a b'], ['Nobody/1'], ['some/path/Patient/1'], ['Patient?identifier=1'], [5], [null], [{}], [['Patient/1']],
  ])('%j is none', (reference) => {
    expect(valuesOf({ resourceType: 'Claim', patient: { reference } }, 'patient')).toEqual([]);
  });

  test.each([
    [{ reference: 'Patient/1' }, { targetType: 'Patient', targetId: '1' }],
    [{ reference: 'Patient/1/_history/2' }, { targetType: 'Patient', targetId: '1', version: '2' }],
    [{ reference: 'http://example.org/fhir/Patient/1' }, { targetType: 'Patient', targetId: '1', url: 'http://example.org/fhir/Patient/1' }],
    [{ reference: 'http://example.org/fhir/Patient/1/_history/2' }, { targetType: 'Patient', targetId: '1', version: '2', url: 'http://example.org/fhir/Patient/1' }],
    [{ reference: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' }, { url: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520' }],
    [{ reference: 'https://example.org/people?id=1' }, { url: 'https://example.org/people?id=1' }],
    [{ identifier: { system: 's', value: 'v' } }, { identifier: { system: 's', code: 'v' } }],
    [{ type: 'Patient', identifier: { value: 'v' } }, { targetType: 'Patient', identifier: { code: 'v' } }],
    [{ reference: 'Patient/1', identifier: { system: 's', value: 'v' } }, { targetType: 'Patient', targetId: '1', identifier: { system: 's', code: 'v' } }],
    [{ reference: '#x', identifier: { system: 's', value: 'v' } }, { identifier: { system: 's', code: 'v' } }],
  ])('%j', (patient, expected) => {
    expect(valuesOf({ resourceType: 'Claim', patient }, 'patient')).toEqual([expected]);
  });

  test('canonicals have a version, uris have not', () => {
    expect(valuesOf({ resourceType: 'QuestionnaireResponse', questionnaire: 'http://example.org/q|2.0' }, 'questionnaire')).toEqual([{ url: 'http://example.org/q', version: '2.0' }]);
    expect(valuesOf({ resourceType: 'QuestionnaireResponse', questionnaire: '#contained' }, 'questionnaire')).toEqual([]);
    expect(valuesOf({ resourceType: 'ConceptMap', sourceUri: 'http://example.org/v|2' }, 'source-uri')).toEqual([{ url: 'http://example.org/v|2' }]);
  });

  test('the composition of a document is found by type and id', () => {
    expect(valuesOf(bundle({ resourceType: 'Composition', id: 'c' }), 'composition')).toEqual([{ targetType: 'Composition', targetId: 'c' }]);
    expect(valuesOf(bundle({ resourceType: 'Composition', id: 'c' }), 'message')).toEqual([]);
    expect(valuesOf(bundle({ resourceType: 'Patient', id: 'p' }), 'composition')).toEqual([]);
  });

  test('only of the type a parameter asks for', () => {
    const task = { resourceType: 'Appointment', participant: [{ actor: { reference: 'Patient/1' } }, { actor: { reference: 'Location/2' } }] };
    expect(valuesOf(task, 'patient')).toEqual([{ targetType: 'Patient', targetId: '1' }]);
    expect(valuesOf(task, 'actor')).toHaveLength(2);
  });
});

test.each([
  [{ resourceType: 'ValueSet', url: 'http://example.org/V' }, [{ value: 'http://example.org/V' }]],
  [{ resourceType: 'ValueSet', url: '' }, []],
  [{ resourceType: 'ValueSet', url: { value: 'x' } }, []],
])('the uri of %j', (resource, expected) => {
  expect(valuesOf(resource, 'url')).toEqual(expected);
});
