/** Resources against the definitions of their types, without profiles. */
import { parseJson } from '../../fhir/json.ts';
import { packagesAreHere } from '../support/definitions.ts';
import type { Validate } from '../../profiles/validation.ts';
import { now, sentences, told, validatorFor } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const claim = {
  resourceType: 'Claim', status: 'active', type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] }, use: 'claim', patient: { reference: 'Patient/1' }, created: '2026-01-01',
  provider: { reference: 'Organization/1' }, priority: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/processpriority', code: 'normal' }] }, insurance: [{ sequence: 1, focal: true, coverage: { reference: 'Coverage/1' } }],
};

here('By the definition of its type', () => {
  let validate: Validate;
  beforeAll(async () => { validate = await validatorFor([]); });

  test.each<[string, unknown, string[]]>([
    // What is no resource
    ['null', null, ['element-form Resource']],
    ['a list', [], ['element-form Resource']],
    ['an object without type', {}, ['element-form Resource']],
    ['a type that is none', { resourceType: 'Foo' }, ['element-form Resource']],
    ['an abstract type', { resourceType: 'DomainResource' }, ['element-form Resource']],
    ['a data type', { resourceType: 'HumanName', family: 'x' }, ['element-form Resource']],
    ['a type by the name of what objects inherit', { resourceType: 'constructor' }, ['element-form Resource']],
    // Properties
    ['an element that is none', { ...observation, foo: 1 }, ['element-unknown Observation']],
    ['an element of what objects inherit', parseJson('{"resourceType":"Patient","__proto__":{"a":1},"constructor":1}'), ['element-unknown Patient', 'element-unknown Patient']],
    ['an element that is none, deep', { ...claim, item: [{ sequence: 1, productOrService: { text: 'a' }, detail: [{ sequence: 1, productOrService: { text: 'a' }, foo: 1 }] }] }, ['element-unknown Claim.item[0].detail[0]']],
    ['an object in place of a list', { resourceType: 'Patient', name: { family: 'x' } }, ['element-form Patient.name']],
    ['a list in place of an object', { ...observation, code: [{ text: 'x' }] }, ['element-form Observation.code']],
    ['a list in place of a value', { resourceType: 'Patient', gender: ['male'] }, ['element-form Patient.gender']],
    ['an empty list', { resourceType: 'Patient', name: [] }, ['element-form Patient.name']],
    ['an empty object', { resourceType: 'Patient', name: [{}] }, ['element-form Patient.name[0]']],
    ['an object with an id alone', { resourceType: 'Patient', name: [{ id: 'a' }] }, ['element-form Patient.name[0]']],
    ['null', { resourceType: 'Patient', active: null }, ['element-form Patient.active']],
    ['null in a list', { resourceType: 'Patient', name: [{ given: ['a', null] }] }, ['element-form Patient.name[0].given[1]']],
    ['a decimal as an object', parseJson('{"resourceType":"Patient","name":[1.50]}'), ['element-form Patient.name[0]']],
    // What stands beside primitives
    ['null in a list with an extension in its place', { resourceType: 'Patient', name: [{ given: ['a', null], _given: [null, { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] }] }] }, []],
    ['a list beside that is shorter', { resourceType: 'Patient', name: [{ given: ['a', 'b'], _given: [{ id: 'x' }] }] }, ['element-form Patient.name[0].given']],
    ['an extension in place of a mandatory value', { ...observation, status: undefined, _status: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] } }, []],
    ['an id in place of a value', { resourceType: 'Patient', _birthDate: { id: 'x' } }, ['element-form Patient.birthDate']],
    ['an id beside a value', { resourceType: 'Patient', birthDate: '2000', _birthDate: { id: 'x' } }, []],
    ['something else beside a value', { resourceType: 'Patient', birthDate: '2000', _birthDate: { foo: 1 } }, ['element-unknown Patient.birthDate']],
    ['something beside an object', { ...observation, _code: { id: 'x' } }, ['element-unknown Observation']],
    // Cardinality
    ['nothing where something must be', { resourceType: 'Observation' }, ['element-missing Observation', 'element-missing Observation']],
    ['nothing where something must be, deep', { ...claim, insurance: [{ sequence: 1 }] }, ['element-missing Claim.insurance[0]', 'element-missing Claim.insurance[0]']],
    // Choices
    ['two types of a choice', { ...observation, valueString: 'a', valueInteger: 1 }, ['element-form Observation.value']],
    ['a choice and what stands beside it', { ...observation, valueString: 'a', _valueString: { id: 'x' } }, []],
    ['a choice and what stands beside another', { ...observation, valueString: 'a', _valueInteger: { id: 'x' } }, ['element-form Observation.value', 'element-form Observation.value']],
    ['a type that is not among the choices', { ...observation, valueAddress: { city: 'x' } }, ['element-unknown Observation']],
    // Primitives
    ['a number as text', { ...observation, valueInteger: '1' }, ['primitive-format Observation.value']],
    ['an object that has no number to give', { ...observation, valueInteger: { toString: 1, valueOf: 1 } }, ['primitive-format Observation.value']],
    ['the same where it counts from one', { ...claim, insurance: [{ ...claim.insurance[0], sequence: { toString: 1, valueOf: 1 } }] }, ['primitive-format Claim.insurance[0].sequence']],
    ['a number with a fraction', { ...observation, valueInteger: 1.5 }, ['primitive-format Observation.value']],
    ['a number beyond 32 bits', { ...observation, valueInteger: 2147483648 }, ['primitive-format Observation.value']],
    ['zero where it counts from one', { ...claim, insurance: [{ ...claim.insurance[0], sequence: 0 }] }, ['primitive-format Claim.insurance[0].sequence']],
    ['a date that there is not', { resourceType: 'Patient', birthDate: '2001-02-29' }, ['primitive-format Patient.birthDate']],
    ['a time without a zone', { ...observation, effectiveDateTime: '2026-01-01T10:00:00' }, ['primitive-format Observation.effective']],
    ['an empty text', { resourceType: 'Patient', name: [{ family: '' }] }, ['element-form Patient.name[0].family']],
    ['a control character', { resourceType: 'Patient', name: [{ family: 'a\u0000' }] }, ['primitive-format Patient.name[0].family']],
    ['truth as text', { resourceType: 'Patient', active: 'true' }, ['primitive-format Patient.active']],
    ['an id with a slash', { resourceType: 'Patient', id: 'a/b' }, ['primitive-format Patient.id']],
    // Bindings
    ['a code that is not in the value set', { resourceType: 'Patient', gender: 'f' }, ['binding-required Patient.gender']],
    ['a code that is not in an extensible one', { resourceType: 'Patient', maritalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'Z' }] } }, ['binding-extensible Patient.maritalStatus', 'code-unknown Patient.maritalStatus.coding[0].code']],
    ['words alone in an extensible one', { resourceType: 'Patient', maritalStatus: { text: 'happy' } }, ['binding-extensible Patient.maritalStatus']],
    ['one code of several that is in it', { resourceType: 'Patient', maritalStatus: { coding: [{ system: 'http://example.org', code: 'Z' }, { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M' }] } }, []],
    // Constraints
    ['a constraint of the resource', { ...observation, dataAbsentReason: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] }, valueString: 'a' }, ['constraint-failed obs-6 Observation']],
    ['a constraint of an element', { resourceType: 'Patient', contact: [{ gender: 'male' }] }, ['constraint-failed pat-1 Patient.contact[0]']],
    ['two contained resources with one id', { resourceType: 'List', status: 'current', mode: 'working', contained: [{ resourceType: 'Patient', id: 'p' }, { resourceType: 'Group', id: 'q', type: 'person', actual: true }, { resourceType: 'Patient', id: 'p' }], entry: [{ item: { reference: '#p' } }, { item: { reference: '#q' } }] }, ['element-form List.contained[2].id']],
    ['a constraint of a type', { resourceType: 'Patient', name: [{ period: { start: '2026-02-01', end: '2026-01-01' } }] }, ['constraint-failed per-1 Patient.name[0].period']],
    ['an extension with both value and parts', { resourceType: 'Patient', extension: [{ url: 'http://example.org/e', valueString: 'a', extension: [{ url: 'b', valueString: 'c' }] }] }, ['constraint-failed ext-1 Patient.extension[0]']],
    ['an extension with neither', { resourceType: 'Patient', extension: [{ url: 'http://example.org/e' }] }, ['constraint-failed ext-1 Patient.extension[0]']],
    ['an extension without url', { resourceType: 'Patient', extension: [{ valueString: 'a' }] }, ['element-missing Patient.extension[0]']],
    ['an extension with a relative url', { resourceType: 'Patient', extension: [{ url: 'foo', valueString: 'a' }] }, ['extension-url Patient.extension[0].url']],
    ['an offset from several events', { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/1' }, occurrenceTiming: { repeat: { when: ['ACM', 'ACV'], offset: 30 } } }, []],
    ['an offset from meals that say no time', { resourceType: 'ServiceRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/1' }, occurrenceTiming: { repeat: { when: ['CM', 'CV'], offset: 30 } } }, ['constraint-failed tim-9 ServiceRequest.occurrence.repeat']],
    ['the type of an id, as R4 itself has it', { resourceType: 'StructureDefinition', url: 'http://example.org/sd', name: 'A', status: 'draft', kind: 'logical', abstract: false, type: 'http://example.org/sd', baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Element', derivation: 'specialization', differential: { element: [{ id: 'sd', path: 'sd' }, { id: 'sd.a', path: 'sd.a', min: 0, max: '1', definition: 'x', type: [{ extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type', valueUrl: 'string' }], code: 'http://hl7.org/fhirpath/System.String' }] }] } }, ['binding-extensible StructureDefinition.differential.element[1].type[0].code', 'binding-extensible StructureDefinition.type']],
    ['a narrative without text', { resourceType: 'Patient', text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"> <p> </p></div>' } }, ['constraint-failed txt-1 Patient.text.div', 'constraint-failed txt-2 Patient.text.div']],
    ['a narrative without a namespace', { resourceType: 'Patient', text: { status: 'generated', div: '<div>x</div>' } }, ['constraint-failed txt-1 Patient.text.div', 'constraint-failed txt-2 Patient.text.div']],
    ['a narrative that runs something', { resourceType: 'Patient', text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml"><script>1</script></div>' } }, ['constraint-failed txt-1 Patient.text.div', 'constraint-failed txt-2 Patient.text.div']],
    // Contained resources
    ['a contained resource by its own type', { ...observation, contained: [{ resourceType: 'Patient', id: 'p', gender: 'f' }], subject: { reference: '#p' } }, ['binding-required Observation.contained[0].gender']],
    ['a contained resource that nothing refers to', { ...observation, contained: [{ resourceType: 'Patient', id: 'p' }] }, ['constraint-failed dom-3 Observation']],
    ['one of two contained resources that nothing refers to', { ...observation, contained: [{ resourceType: 'Patient', id: 'p' }, { resourceType: 'Patient', id: 'q' }], subject: { reference: '#p' } }, ['constraint-failed dom-3 Observation']],
    ['a contained resource that refers to what contains it', { ...observation, contained: [{ resourceType: 'Provenance', id: 'p', target: [{ reference: '#' }], recorded: '2026-01-01T00:00:00Z', agent: [{ who: { display: 'x' } }] }] }, []],
    ['a contained resource that contains another', { ...observation, contained: [{ resourceType: 'Patient', id: 'p', contained: [{ resourceType: 'Organization', id: 'o', name: 'a' }] }], subject: { reference: '#p' } }, ['constraint-failed dom-2 Observation', 'constraint-failed dom-3 Observation.contained[0]']],
    // References
    ['a reference to nothing contained', { ...observation, subject: { reference: '#p' } }, ['constraint-failed ref-1 Observation.subject', 'reference-contained Observation.subject']],
    ['a reference to another type', { ...observation, subject: { reference: 'Claim/1' } }, ['reference-type Observation.subject']],
    ['a reference to another type, contained', { ...observation, contained: [{ resourceType: 'Organization', id: 'o', name: 'a' }], subject: { reference: '#o' } }, ['reference-type Observation.subject']],
    ['an attachment of another size', { resourceType: 'Patient', photo: [{ contentType: 'image/png', data: 'AAAA', size: 4 }] }, ['attachment-size Patient.photo[0].size']],
    // Content that refers to other content
    ['an item in an item', { resourceType: 'Questionnaire', status: 'draft', item: [{ linkId: '1', type: 'group', item: [{ linkId: '2', type: 'foo' }] }] }, ['binding-required Questionnaire.item[0].item[0].type']],
    // Resources in resources
    ['an entry', { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', resource: { resourceType: 'Patient', gender: 'f' } }] }, ['binding-required Bundle.entry[0].resource.gender']],
    ['a reference that another entry answers with another type', {
      resourceType: 'Bundle', type: 'collection', entry: [
        { fullUrl: 'http://a.org/Observation/1', resource: { ...observation, id: '1', subject: { reference: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0' } } },
        { fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', resource: { resourceType: 'Organization', name: 'x' } },
      ],
    }, ['reference-type Bundle.entry[0].resource.subject']],
    // What the specification says in words
    ['a search parameter that selects nothing', { resourceType: 'SearchParameter', url: 'http://example.org/s', name: 'S', status: 'draft', description: 'x', code: 's', type: 'string', base: ['Patient'], expression: 'Patient.name | Organization.name' }, ['search-expression SearchParameter.expression']],
    ['a search parameter of two types', { resourceType: 'SearchParameter', url: 'http://example.org/s', name: 'S', status: 'draft', description: 'x', code: 's', type: 'string', base: ['Patient', 'Organization'], expression: 'Patient.name | Organization.name' }, []],
    ['a vital sign without the unit of its profile', { ...observation, code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] }, category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }], subject: { reference: 'Patient/1' }, effectiveDateTime: '2026-01-01', valueQuantity: { value: 36, system: 'http://unitsofmeasure.org', code: 'Cel' } }, ['element-missing Observation.value']],
    ['nothing wrong', claim, []],
  ])('%s', (_, resource, expected) => {
    expect(told(validate(resource, { now })).toSorted()).toEqual(expected.toSorted());
  });

  test('two things that are wrong in one place are both told, and each once', () => {
    const twice = { system: 'oid:1.2', code: 'x' };
    const found = told(validate({ ...observation, code: { coding: [twice, { ...twice, foo: 1, bar: 2 }] } }, { now }));
    expect(found).toEqual(['uri-form Observation.code.coding[0].system', 'uri-form Observation.code.coding[1].system', 'element-unknown Observation.code.coding[1]', 'element-unknown Observation.code.coding[1]']);
    const sameAgain = { ...observation, contained: [{ resourceType: 'Patient', id: 'p', name: [{ family: 'a' }] }], subject: { reference: '#p', 'Jane Roe': 1, 'John Doe': 2 } };
    expect(told(validate(sameAgain, { now }))).toEqual(['element-unknown Observation.subject']);
  });

  test.each([
    ['a system with a space', { system: 'http://example.org/a b', code: 'x' }, ['primitive-format Observation.code.coding[0].system']],
    ['a system that is no URN', { system: 'uuid:0c3151bd', code: 'x' }, ['uri-form Observation.code.coding[0].system']],
    ['a system that is right', { system: 'http://example.org/a', code: 'x' }, []],
    ['a display with a tag', { system: 'http://example.org/a', code: 'x', display: 'a <b>c</b>' }, ['markup-in-string Observation.code.coding[0].display']],
    ['a display with a comparison', { system: 'http://example.org/a', code: 'x', display: 'a < b' }, []],
  ])('%s is told as often as it is met', (_, coding, expected) => {
    for (let time = 0; time < 3; time++) expect(told(validate({ ...observation, code: { coding: [{ ...coding }] } }, { now, markup: 'error' }))).toEqual(expected);
  });

  test('what is wrong with a narrative is told with its place, and without its text', () => {
    const found = validate({ resourceType: 'Patient', text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x\n<script>Roe</script></div>' } }, { now }).issues.filter(({ code }) => code === 'narrative-wrong');
    expect(found).toEqual([{ code: 'narrative-wrong', details: { reason: 'must not have the element script', line: 2, column: 9 }, severity: 'information', expression: 'Patient.text.div' }]);
  });

  test('best practice is told when asked for', () => {
    expect(told(validate(observation, { now }))).toEqual([]);
    expect(told(validate(observation, { now, bestPractice: 'warning' }), 'warning')).toEqual(['constraint-failed dom-6 Observation']);
    expect(told(validate(observation, { now, bestPractice: 'error' }), 'error')).toEqual(['constraint-failed dom-6 Observation']);
  });

  test('it says what to do, and nothing of what was sent', () => {
    expect(sentences(validate({ resourceType: 'Observation', code: { text: 'Smith' }, valueInteger: 'Smith', Smith: 1, 'John Smith': 2 }, { now }))).toEqual([
      'The value must be an integer of 32 bits.', 'Smith is no element of Observation.', 'A property with another name than elements have is no element of Observation.', 'There must be at least 1 status; there is none.',
    ]);
  });

  test('what is elsewhere is asked for', () => {
    const { questions } = validate({ ...observation, subject: { reference: 'Patient/1' } }, { now });
    expect(questions).toEqual([{ kind: 'reference', reference: 'Patient/1', types: ['Patient', 'Group', 'Device', 'Location'], profiles: [], expression: 'Observation.subject', profile: 'http://hl7.org/fhir/StructureDefinition/Observation|4.0.1' }]);
  });

  test('a code of a system that is not here is asked for, and is no error', () => {
    const { issues, questions } = validate({ resourceType: 'Condition', subject: { reference: 'Patient/1' }, clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] }, bodySite: [{ coding: [{ system: 'http://snomed.info/sct', code: '1' }] }] }, { now });
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(questions.map(({ kind }) => kind)).toContain('reference');
  });

  test('it stops at the limit', () => {
    const many = { resourceType: 'Patient', name: Array.from({ length: 5000 }, () => ({ use: 'foo' })) };
    const { issues } = validate(many, { now, limit: 20 });
    expect(issues.length).toBeGreaterThanOrEqual(20);
    expect(issues.length).toBeLessThan(40);
  });
});
