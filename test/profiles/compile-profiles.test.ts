/** What profiles add to types: how many, which values, which types, which codes, which constraints. */
import { packagesAreHere } from '../support/definitions.ts';
import { base, now, optionsFor, profile, sentences, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;
const core = 'http://hl7.org/fhir/StructureDefinition/';

const patient = { resourceType: 'Patient' };
const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
const coding = (system: string, code: string): JsonObject => ({ system, code });

here('A profile', () => {
  test.each<[string, JsonObject, string[], string[], JsonObject?]>([
    // How many
    ['demands one', { path: 'Patient.identifier', min: 1 }, ['element-missing Patient'], ['There must be at least 1 identifier; there is none.'], patient],
    ['demands two', { path: 'Patient.identifier', min: 2 }, ['element-too-few Patient'], ['There must be at least 2 identifier; there are fewer.'], { ...patient, identifier: [{ value: 'a' }] }],
    ['demands two, there is none', { path: 'Patient.identifier', min: 2 }, ['element-missing Patient'], ['There must be at least 2 identifier; there is none.'], patient],
    ['allows one', { path: 'Patient.identifier', max: '1' }, ['element-too-many Patient.identifier'], ['There must be at most 1 identifier; there are more.'], { ...patient, identifier: [{ value: 'a' }, { value: 'b' }] }],
    ['allows none', { path: 'Patient.birthDate', max: '0' }, ['element-prohibited Patient.birthDate'], ['birthDate is not allowed here.'], { ...patient, birthDate: '2000' }],
    ['allows none, there is an extension', { path: 'Patient.birthDate', max: '0' }, ['element-prohibited Patient.birthDate'], [], { ...patient, _birthDate: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] } }],
    ['demands one in a type', { path: 'Patient.name.family', min: 1 }, ['element-missing Patient.name[1]'], [], { ...patient, name: [{ family: 'a' }, { text: 'b' }] }],
    ['demands one in a structure', { path: 'Patient.contact.name', min: 1 }, ['element-missing Patient.contact[0]'], [], { ...patient, contact: [{ telecom: [{ value: 'a', system: 'phone' }] }] }],
    ['demands what an extension stands in for', { path: 'Patient.birthDate', min: 1 }, [], [], { ...patient, _birthDate: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] } }],
    // Which values
    ['fixes a code', { path: 'Patient.gender', fixedCode: 'male' }, ['value-fixed Patient.gender'], ['gender must be exactly male.'], { ...patient, gender: 'female' }],
    ['fixes a value, and there is none', { path: 'Patient.gender', fixedCode: 'male' }, [], [], patient],
    ['fixes a value, and an extension is there', { path: 'Patient.gender', fixedCode: 'male' }, ['value-fixed Patient.gender'], [], { ...patient, _gender: { extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }] } }],
    ['fixes a truth', { path: 'Patient.active', fixedBoolean: true }, ['value-fixed Patient.active'], [], { ...patient, active: false }],
    ['fixes a structure', { path: 'Observation.code', fixedCodeableConcept: { text: 'x' } }, ['value-fixed Observation.code'], [], { ...observation, code: { text: 'x', coding: [{ system: 'http://a', code: 'a' }] } }],
    ['fixes each of a list', { path: 'Patient.name.given', fixedString: 'a' }, ['value-fixed Patient.name[0].given[1]'], [], { ...patient, name: [{ given: ['a', 'b'] }] }],
    ['has a pattern that a value has more than', { path: 'Observation.code', patternCodeableConcept: { coding: [coding('http://a', '1')] } }, [], [], { ...observation, code: { text: 'x', coding: [coding('http://b', '2'), { ...coding('http://a', '1'), display: 'd' }] } }],
    ['has a pattern of which no item has all', { path: 'Observation.code', patternCodeableConcept: { coding: [coding('http://a', '1')] } }, ['value-pattern Observation.code'], [], { ...observation, code: { coding: [coding('http://a', '2'), coding('http://b', '1')] } }],
    ['has a pattern of two items', { path: 'Observation.code', patternCodeableConcept: { coding: [coding('http://a', '1'), coding('http://a', '2')] } }, ['value-pattern Observation.code'], [], { ...observation, code: { coding: [coding('http://a', '1')] } }],
    ['has a pattern of a number', { path: 'Observation.value[x]', patternQuantity: { value: 1 }, type: [{ code: 'Quantity' }] }, ['value-pattern Observation.value'], [], { ...observation, valueQuantity: { value: 2 } }],
    ['has a least date', { path: 'Patient.birthDate', minValueDate: '2000-05' }, ['value-too-small Patient.birthDate'], ['birthDate must not be less than 2000-05.'], { ...patient, birthDate: '2000-04-30' }],
    ['has a least date, of which less is said', { path: 'Patient.birthDate', minValueDate: '2000-05' }, [], [], { ...patient, birthDate: '2000' }],
    ['has a greatest integer', { path: 'Patient.multipleBirth[x]', maxValueInteger: 3, type: [{ code: 'integer' }] }, ['value-too-large Patient.multipleBirth'], [], { ...patient, multipleBirthInteger: 4 }],
    ['has a least quantity', { path: 'Observation.value[x]', type: [{ code: 'Quantity' }], minValueQuantity: { value: 3, code: 'kg', system: 'http://unitsofmeasure.org' } }, ['value-too-small Observation.value'], [], { ...observation, valueQuantity: { value: 2, code: 'kg', system: 'http://unitsofmeasure.org' } }],
    ['has a least quantity, in another unit', { path: 'Observation.value[x]', type: [{ code: 'Quantity' }], minValueQuantity: { value: 3, code: 'kg', system: 'http://unitsofmeasure.org' } }, [], [], { ...observation, valueQuantity: { value: 2, code: 'g', system: 'http://unitsofmeasure.org' } }],
    ['has a greatest length', { path: 'Patient.name.family', maxLength: 3 }, ['value-too-long Patient.name[0].family'], ['family must not be longer than 3 characters.'], { ...patient, name: [{ family: 'abcd' }] }],
    // Which types
    ['narrows a choice', { path: 'Observation.value[x]', type: [{ code: 'Quantity' }, { code: 'string' }] }, ['type-not-allowed Observation.value'], ['value[x] must be of one of these types: Quantity, string.'], { ...observation, valueInteger: 1 }],
    ['demands a choice', { path: 'Observation.value[x]', min: 1 }, ['element-missing Observation'], [], observation],
    ['allows no choice', { path: 'Observation.value[x]', max: '0' }, ['element-prohibited Observation.value'], [], { ...observation, valueString: 'a' }],
    ['goes into a choice', { path: 'Observation.value[x]', type: [{ code: 'Quantity' }] }, ['element-missing Observation.value'], [], { ...observation, valueQuantity: { value: 1 } }],
    ['narrows a reference', { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${core}Patient`] }] }, ['reference-type Observation.subject'], ['subject must refer to one of these: Patient.'], { ...observation, subject: { reference: 'Group/1' } }],
    // Which codes
    ['binds more strongly', { path: 'Patient.maritalStatus', binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender' } }, ['binding-extensible Patient.maritalStatus', 'binding-required Patient.maritalStatus'], [], { ...patient, maritalStatus: { coding: [{ system: 'http://a', code: 'x' }] } }],
    ['binds to what nobody has', { path: 'Observation.bodySite', binding: { strength: 'required', valueSet: 'http://example.org/ValueSet/none' } }, [], [], { ...observation, bodySite: { coding: [{ system: 'http://a', code: 'x' }] } }],
    // Which constraints
    ['has a constraint', { path: 'Patient', constraint: [{ key: 'own-1', severity: 'error', human: 'Has a name', expression: 'name.exists()' }] }, ['constraint-failed own-1 Patient'], ['The constraint own-1 does not hold: Has a name'], patient],
    ['has a constraint that warns', { path: 'Patient', constraint: [{ key: 'own-1', severity: 'warning', human: 'Has a name', expression: 'name.exists()' }] }, ['constraint-failed own-1 Patient'], [], patient],
    ['has a constraint on values of a list', { path: 'Patient.name.given', constraint: [{ key: 'own-1', severity: 'error', human: 'Short', expression: '$this.length() < 3' }] }, ['constraint-failed own-1 Patient.name[0].given[1]'], [], { ...patient, name: [{ given: ['a', 'abc'] }] }],
    ['has a constraint that sees the resource', { path: 'Patient.name', constraint: [{ key: 'own-1', severity: 'error', human: 'h', expression: '%resource.active = true' }] }, ['constraint-failed own-1 Patient.name[0]'], [], { ...patient, name: [{ family: 'a' }] }],
    ['has a constraint that makes no sense', { path: 'Patient', constraint: [{ key: 'own-1', severity: 'error', human: 'h', expression: 'name.(' }] }, ['constraint-not-evaluated own-1 Patient'], [], patient],
  ])('%s', async (title, element, expected, words, resource = patient) => {
    const type = String(element['path']).split('.')[0]!;
    const more: JsonObject[] = title === 'goes into a choice' ? [{ path: 'Observation.value[x].unit', min: 1 }] : [];
    const validate = await validatorFor([profile('P', type, [element, ...more])]);
    const result = validate(resource, optionsFor(['P']));
    expect(told(result).toSorted()).toEqual(expected.toSorted());
    if (words.length > 0) expect(sentences(result)).toEqual(words);
    for (const issue of result.issues) if (issue.code !== 'binding-extensible') expect(issue.profile).toBe(`${base}P|1.0.0`);
  });

  test('that claims no more than its type tells nothing', async () => {
    const validate = await validatorFor([profile('P', 'Patient', [])]);
    expect(validate({ ...patient, meta: { profile: [`${base}P`] } }, { now })).toMatchObject({ issues: [], questions: [], checked: [`${core}Patient|4.0.1`, `${base}P|1.0.0`] });
  });

  test('of another type than the resource', async () => {
    const validate = await validatorFor([profile('P', 'Observation', [])]);
    expect(told(validate(patient, optionsFor(['P'])))).toEqual(['profile-type Patient']);
  });

  test('that is claimed is checked, unless that is not wanted', async () => {
    const validate = await validatorFor([profile('P', 'Patient', [{ path: 'Patient.name', min: 1 }])]);
    const claiming = { ...patient, meta: { profile: [`${base}P`] } };
    expect(told(validate(claiming, { now }))).toEqual(['element-missing Patient']);
    expect(told(validate(claiming, { now, claimed: false }))).toEqual([]);
    expect(told(validate({ ...patient, meta: { profile: [`${base}P|2.0.0`] } }, { now }))).toEqual(['profile-unknown Patient.meta.profile[0]']);
  });

  test('that nobody knows is a warning, or an error', async () => {
    const validate = await validatorFor([]);
    const claiming = { ...patient, meta: { profile: ['http://example.org/secret'] } };
    expect(validate(claiming, { now }).issues).toEqual([{ code: 'profile-unknown', details: {}, severity: 'warning', expression: 'Patient.meta.profile[0]' }]);
    expect(told(validate(claiming, { now, unknownProfile: 'error' }), 'error')).toEqual(['profile-unknown Patient.meta.profile[0]']);
    expect(told(validate(patient, optionsFor(['none'])), 'error')).toEqual(['profile-unknown Patient']);
  });

  test('of a data type applies where an element names it', async () => {
    const short = profile('Short', 'HumanName', [{ path: 'HumanName.family', min: 1 }], { kind: 'complex-type' });
    const long = profile('Long', 'HumanName', [{ path: 'HumanName.text', min: 1 }], { kind: 'complex-type' });
    const one = await validatorFor([short, profile('P', 'Patient', [{ path: 'Patient.name', type: [{ code: 'HumanName', profile: [`${base}Short`] }] }])]);
    expect(told(one({ ...patient, name: [{ family: 'a' }, { text: 'b' }] }, optionsFor(['P'])))).toEqual(['element-missing Patient.name[1]']);
    const either = await validatorFor([short, long, profile('P', 'Patient', [{ path: 'Patient.name', type: [{ code: 'HumanName', profile: [`${base}Short`, `${base}Long`] }] }])]);
    expect(told(either({ ...patient, name: [{ family: 'a' }, { text: 'b' }, { use: 'usual', given: ['c'] }] }, optionsFor(['P'])))).toEqual(['profile-none Patient.name[2]', 'element-missing Patient.name[2]']);
  });

  test('of a resource applies to the entry of a Bundle that it is named for', async () => {
    const named = profile('Named', 'Patient', [{ path: 'Patient.name', min: 1 }]);
    const bundle = profile('B', 'Bundle', [{ path: 'Bundle.entry.resource', type: [{ code: 'Patient', profile: [`${base}Named`] }] }]);
    const validate = await validatorFor([named, bundle]);
    const entry = (resource: JsonObject, at: number): JsonObject => ({ fullUrl: `http://a.org/${String(resource['resourceType'])}/${at}`, resource: { id: String(at), ...resource } });
    expect(told(validate({ resourceType: 'Bundle', type: 'collection', entry: [entry({ resourceType: 'Patient', name: [{ family: 'a' }] }, 0), entry(patient, 1), entry(observation, 2)] }, optionsFor(['B']))))
      .toEqual(['element-missing Bundle.entry[1].resource', 'type-not-allowed Bundle.entry[2].resource']);
  });
});
