/** Codes against the systems that they name, whatever the element is bound to; units, identifiers, canonicals, types of references. */
import { packagesAreHere } from '../support/definitions.ts';
import type { Validate } from '../../profiles/validation.ts';
import { now, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;

const animals: JsonObject = {
  resourceType: 'CodeSystem', url: 'http://example.org/animals', version: '2', status: 'active', content: 'complete', caseSensitive: true,
  concept: [{ code: 'dog', display: 'Dog', designation: [{ language: 'de', value: 'Hund' }], concept: [{ code: 'pug' }] }],
};
const cut: JsonObject = { ...animals, url: 'http://example.org/cut', concept: [{ code: 'long', display: 'Fifty characters and no more are kept of each name that is longer'.slice(0, 50) }] };
const part: JsonObject = { ...animals, url: 'http://example.org/part', content: 'fragment' };
const choice: JsonObject = { resourceType: 'ValueSet', url: 'http://example.org/choice', status: 'active', compose: { include: [{ system: 'http://example.org/animals' }] } };
const observation = (more: JsonObject): JsonObject => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, ...more });
const coded = (coding: JsonObject): JsonObject => observation({ code: { coding: [coding] } });
const at = 'Observation.code.coding[0]';

here('A coding', () => {
  let validate: Validate;
  beforeAll(async () => { validate = await validatorFor([animals, cut, part, choice]); });

  test.each<[string, JsonObject, string[]]>([
    ['with a code that its system does not have', { system: animals['url'], code: 'cow' }, [`code-unknown ${at}.code`]],
    ['with a code in another case, where case counts', { system: animals['url'], code: 'Dog' }, [`code-unknown ${at}.code`]],
    ['with a display of another code', { system: animals['url'], code: 'dog', display: 'Cat' }, [`code-display ${at}.display`]],
    ['of a value set', { system: choice['url'], code: 'dog' }, [`code-system-value-set ${at}.system`]],
    ['of a system that is relative', { system: 'animals', code: 'dog' }, [`code-system-relative ${at}.system`]],
    ['of a relative system, without a code', { system: 'animals', display: 'Dog' }, [`code-system-relative ${at}.system`]],
    ['of SNOMED CT by a name that it has not', { system: 'https://snomed.info/sct', code: '1' }, [`code-system-slip ${at}.system`]],
    ['of LOINC with a slash', { system: 'http://loinc.org/', code: '1' }, [`code-system-slip ${at}.system`]],
    ['without a system', { code: 'dog' }, [`code-without-system ${at}`]],
    ['that is no unit', { system: 'http://unitsofmeasure.org', code: 'mmHg!' }, [`unit-unknown ${at}.code`]],
    ['without a system, and a reason for it', { _system: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] }, code: 'dog' }, []],
    ['as the system has it', { system: animals['url'], version: '2', code: 'dog', display: 'Dog' }, []],
    ['below another', { system: animals['url'], code: 'pug', display: 'anything: nobody says how it is called' }, []],
    ['with a display in another case', { system: animals['url'], code: 'dog', display: 'DOG' }, []],
    ['with a display in another language', { system: animals['url'], code: 'dog', display: 'hund' }, []],
    ['of another version than the one that is here', { system: animals['url'], version: '3', code: 'cow' }, []],
    ['of a fragment', { system: part['url'], code: 'cow', display: 'Cow' }, []],
    ['of a system that nobody knows', { system: 'http://example.org/nowhere', code: 'cow', display: 'Cow' }, []],
    ['whose name was cut off where it is defined', { system: cut['url'], code: 'long', display: 'Fifty characters and no more are kept of each name that is longer' }, []],
  ])('%s', (_, coding, expected) => {
    expect(told(validate(coded(coding), { now }))).toEqual(expected);
  });

  test('of a kind that a caller only warns of', () => {
    const severities = (coding: JsonObject): unknown[] => validate(coded(coding), { now, inWords: 'warning' }).issues.map(({ severity }) => severity);
    expect(severities({ system: animals['url'], code: 'cow' })).toEqual(['warning']);
    expect(severities({ system: animals['url'], code: 'dog', display: 'Cat' })).toEqual(['warning']);
    expect(severities({ system: 'http://unitsofmeasure.org', code: 'mmHg!' })).toEqual(['warning']);
  });

  test('is told without what was sent', () => {
    expect(JSON.stringify(validate(coded({ system: animals['url'], code: 'Jane Roe', display: 'of Springfield' }), { now }))).not.toMatch(/Roe|Springfield/);
  });
});

here('Other values', () => {
  let validate: Validate;
  beforeAll(async () => { validate = await validatorFor([animals, choice]); });

  test.each<[string, JsonObject, string[]]>([
    ['a quantity in a unit that is none', observation({ valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'mmHg!' } }), ['unit-unknown Observation.value.code']],
    ['a quantity in a unit of another system', observation({ valueQuantity: { value: 1, system: 'http://example.org/units', code: 'mmHg!' } }), []],
    ['a quantity with an annotation of several words', observation({ valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: '{specific gravity}' } }), []],
    ['an identifier in a relative system', observation({ identifier: [{ system: 'mrn', value: '1' }] }), ['identifier-system Observation.identifier[0].system']],
    ['an identifier that should be a URI', observation({ identifier: [{ system: 'urn:ietf:rfc:3986', value: '1.2.3' }] }), ['identifier-system Observation.identifier[0].value']],
    ['an identifier that is a URI', observation({ identifier: [{ system: 'urn:ietf:rfc:3986', value: 'urn:oid:1.2.3' }] }), []],
    ['an identifier in an absolute system', observation({ identifier: [{ system: 'urn:oid:1.2.3', value: '1' }] }), []],
    ['an OID that is no URN', observation({ identifier: [{ system: 'oid:1.2.3', value: '1' }] }), ['uri-form Observation.identifier[0].system']],
    ['a UUID that is no URN', observation({ implicitRules: 'uuid:8e0b3c3e-5b6e-4f6c-9d3a-0b6a2d2f1c11' }), ['uri-form Observation.implicitRules']],
    ['a canonical that is relative', { resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: 'Questionnaire/1' }, ['uri-form QuestionnaireResponse.questionnaire']],
    ['two elements with one id', observation({ code: { id: 'a', text: 'x' }, component: [{ id: 'a', code: { text: 'x' } }] }), ['element-id-twice Observation.component[0].id']],
    ['an element and what stands beside a value, with one id', observation({ code: { id: 'a', text: 'x' }, _status: { id: 'a' } }), ['element-id-twice Observation.status.id']],
    ['one id in two resources', observation({ contained: [{ resourceType: 'Patient', id: 'p', name: [{ id: 'a', text: 'x' }] }], subject: { id: 'a', reference: '#p' } }), []],
    ['a reference that is neither absolute nor a type with an id', observation({ subject: { reference: 'somebody' } }), ['reference-form Observation.subject.reference']],
    ['a reference without an id', observation({ subject: { reference: 'Patient/_history/1' } }), ['reference-form Observation.subject.reference']],
    ['a reference by a search for no type', observation({ subject: { reference: 'Somebody?identifier=1' } }), ['reference-form Observation.subject.reference']],
    ['a reference by a search', observation({ subject: { reference: 'Patient?identifier=1' } }), []],
    ['an absolute reference', observation({ subject: { reference: 'https://example.org/somebody' } }), []],
    ['a code that is in SNOMED CT a vital sign: the LOINC code is missing, too', observation({ code: { coding: [{ system: 'http://snomed.info/sct', code: '386725007' }] }, category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }], subject: { reference: 'Patient/1' }, effectiveDateTime: '2026-01-01', valueQuantity: { value: 37, unit: 'C', system: 'http://unitsofmeasure.org', code: 'Cel' } }), ['slice-missing Observation.code']],
    ['a type of reference that is none', observation({ subject: { type: 'Somebody', reference: 'Patient/1' } }), ['reference-type-unknown Observation.subject.type']],
    ['a type of FHIR that is no resource', observation({ subject: { type: 'HumanName', display: 'x' } }), ['reference-type-unknown Observation.subject.type']],
    ['a type that the element does not allow', observation({ subject: { type: 'Claim', identifier: { value: '1' } } }), ['reference-type-other Observation.subject.type']],
    ['a type other than that of the address', observation({ subject: { type: 'Group', reference: 'Patient/1' } }), ['reference-type-other Observation.subject.type']],
    ['a type other than that of what is contained', observation({ contained: [{ resourceType: 'Patient', id: 'p' }], subject: { type: 'Group', reference: '#p' } }), ['reference-type-other Observation.subject.type']],
    ['the type of the address', observation({ subject: { type: 'Patient', reference: 'http://example.org/fhir/Patient/1' } }), []],
    ['the type of an address that tells none', observation({ subject: { type: 'Patient', reference: 'urn:uuid:8e0b3c3e-5b6e-4f6c-9d3a-0b6a2d2f1c11' } }), []],
    ['the type by its address', observation({ subject: { type: 'http://hl7.org/fhir/StructureDefinition/Patient', reference: 'Patient/1' } }), []],
    ['a logical model', observation({ subject: { type: 'http://example.org/StructureDefinition/Model', display: 'x' } }), []],
    ['a profile that is a value set', { resourceType: 'Patient', meta: { profile: [choice['url']] } }, ['canonical-target Patient.meta.profile[0]']],
    ['a value set that is a code system', { resourceType: 'Questionnaire', status: 'draft', item: [{ linkId: '1', type: 'choice', answerValueSet: animals['url'] }] }, ['canonical-target Questionnaire.item[0].answerValueSet']],
    ['a value set that is one', { resourceType: 'Questionnaire', status: 'draft', item: [{ linkId: '1', type: 'choice', answerValueSet: choice['url'] }] }, []],
    ['a value set that is contained', { resourceType: 'Questionnaire', status: 'draft', contained: [{ ...choice, id: 'v' }], item: [{ linkId: '1', type: 'choice', answerValueSet: '#v' }] }, []],
    ['a value set of which nobody knows', { resourceType: 'Questionnaire', status: 'draft', item: [{ linkId: '1', type: 'choice', answerValueSet: 'http://example.org/nowhere' }] }, []],
  ])('%s', (_, resource, expected) => {
    expect(told(validate(resource, { now }), 'error')).toEqual(expected);
  });
});

here('What a caller decides', () => {
  let validate: Validate;
  beforeAll(async () => { validate = await validatorFor([]); });

  test.each<[string, string, boolean]>([
    ['a script', 'Jane <script>alert(1)</script>', true], ['a picture', '<img src="x" onerror="y"/>', true], ['an end', 'x</div>', true], ['a tag of somebody\'s own', '<my-tag>', true],
    ['a comparison', 'a < b and c > d', false], ['an arrow', '<- here ->', false], ['an address', 'Jane <jane@example.org>', false], ['no end', '<b', false],
  ])('strings that look like markup: %s', (_, text, expected) => {
    const patient = { resourceType: 'Patient', name: [{ text }] };
    expect(told(validate(patient, { now, markup: 'error' }), 'error')).toEqual(expected ? ['markup-in-string Patient.name[0].text'] : []);
    expect(validate(patient, { now }).issues.map(({ severity }) => severity)).toEqual(expected ? ['information'] : []);
  });

  test('a long string of signs takes no time', () => {
    expect(told(validate({ resourceType: 'Patient', name: [{ text: '<a '.repeat(300_000) }] }, { now, markup: 'error' }), 'error')).toEqual([]);
  });

  test('contained resources are passed over, and so is whether they are referred to', () => {
    const patient = { resourceType: 'Patient', contained: [{ resourceType: 'Organization', id: 'not an id', foo: 1 }] };
    expect(told(validate(patient, { now }), 'error')).not.toEqual([]);
    expect(told(validate(patient, { now, contained: false }), 'error')).toEqual([]);
  });

  test('the form of references is told only', () => {
    expect(validate(observation({ subject: { reference: 'somebody' } }), { now, inWords: 'warning' }).issues.map(({ severity }) => severity)).toEqual(['warning']);
  });
});
