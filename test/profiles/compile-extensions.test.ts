/** Extensions by their own definitions, and where they may stand; references within a Bundle and to what is elsewhere. */
import { packagesAreHere } from '../support/definitions.ts';
import { base, extension, now, optionsFor, profile, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;
const core = 'http://hl7.org/fhir/StructureDefinition/';

const on = (...expressions: readonly string[]): JsonObject => ({ context: expressions.map((expression) => ({ type: 'element', expression })) });
const flag = (context: JsonObject = {}): JsonObject => extension('flag', [{ path: 'Extension.value[x]', min: 1, type: [{ code: 'boolean' }] }], context);
const flagged: JsonObject = { extension: [{ url: `${base}flag`, valueBoolean: true }] };

here('An extension', () => {
  test.each<[string, readonly JsonObject[], JsonObject, string[]]>([
    ['without the value that its definition demands', [flag()], { extension: [{ url: `${base}flag`, extension: [{ url: 'a', valueBoolean: true }] }] }, ['element-missing Patient.extension[0]']],
    ['with another type of value', [flag()], { extension: [{ url: `${base}flag`, valueString: 'a' }] }, ['type-not-allowed Patient.extension[0].value']],
    ['where it may stand', [flag(on('Patient'))], flagged, []],
    ['where it may not stand', [flag(on('Observation'))], flagged, ['extension-context Patient.extension[0]']],
    ['on an element by its path', [flag(on('Patient.name'))], { name: [{ family: 'a', ...flagged }] }, []],
    ['on an element by its type', [flag(on('HumanName'))], { name: [{ family: 'a', ...flagged }] }, []],
    ['on another element', [flag(on('Patient.address'))], { name: [{ family: 'a', ...flagged }] }, ['extension-context Patient.name[0].extension[0]']],
    ['on a primitive by its path', [flag(on('Patient.birthDate'))], { birthDate: '2000', _birthDate: flagged }, []],
    ['on a primitive by its type', [flag(on('date'))], { birthDate: '2000', _birthDate: flagged }, []],
    ['on another primitive', [flag(on('Patient.gender'))], { birthDate: '2000', _birthDate: flagged }, ['extension-context Patient.birthDate.extension[0]']],
    ['on any element', [flag(on('Element'))], flagged, []],
    ['on a type that the resource specializes', [flag(on('DomainResource'))], flagged, []],
    ['in another extension', [flag({ context: [{ type: 'extension', expression: `${base}outer` }] })], { extension: [{ url: `${base}outer`, ...flagged }] }, []],
    ['in another extension, by the path of that', [flag(on('Patient.extension'))], { extension: [{ url: `${base}outer`, ...flagged }] }, []],
    ['not in that extension', [flag({ context: [{ type: 'extension', expression: `${base}other` }] })], { extension: [{ url: `${base}outer`, ...flagged }] }, ['extension-context Patient.extension[0].extension[0]']],
    ['where FHIRPath selects', [flag({ context: [{ type: 'fhirpath', expression: "Patient.name.where(use = 'official')" }] })], { name: [{ use: 'official', ...flagged }] }, []],
    ['where FHIRPath does not select', [flag({ context: [{ type: 'fhirpath', expression: "Patient.name.where(use = 'official')" }] })], { name: [{ use: 'usual', ...flagged }] }, ['extension-context Patient.name[0].extension[0]']],
    ['that is no modifier among modifiers', [flag()], { modifierExtension: flagged['extension'] }, ['extension-modifier Patient.modifierExtension[0]']],
    ['by a url with a version', [flag()], { extension: [{ url: `${base}flag|1.0.0`, valueBoolean: true }] }, ['extension-url-version Patient.extension[0].url', 'value-fixed Patient.extension[0].url']],
    ['that nobody knows', [], flagged, ['extension-unknown Patient.extension[0]']],
    ['that changes the meaning and that nobody knows', [], { modifierExtension: flagged['extension'] }, ['extension-unknown-modifier Patient.modifierExtension[0]']],
  ])('%s', async (_, own, more, expected) => {
    const validate = await validatorFor(own);
    expect(told(validate({ resourceType: 'Patient', ...more }, { now }), 'information').filter((line) => !(line === 'extension-unknown Patient.extension[0]' && JSON.stringify(more).includes('outer')))).toEqual(expected);
  });

  test('that nobody knows is a hint, or what the caller says', async () => {
    const validate = await validatorFor([]);
    const patient = { resourceType: 'Patient', ...flagged };
    expect(validate(patient, { now }).issues.map(({ severity }) => severity)).toEqual(['information']);
    expect(validate(patient, { now, unknownExtension: 'error' }).issues.map(({ severity }) => severity)).toEqual(['error']);
    expect(JSON.stringify(validate(patient, { now }).issues)).not.toContain('flag');
  });

  test('that changes the meaning and that nobody knows is an error, or what the caller says', async () => {
    const validate = await validatorFor([]);
    const patient = { resourceType: 'Patient', modifierExtension: flagged['extension'] };
    const severities = (more: JsonObject): unknown[] => validate(patient, { now, ...more }).issues.map(({ severity }) => severity);
    expect(severities({})).toEqual(['error']);
    expect(severities({ unknownExtension: 'information' })).toEqual(['error']);
    expect(severities({ unknownModifier: 'information' })).toEqual(['information']);
  });

  test('that changes the meaning, and whose definition is here, is right', async () => {
    const validate = await validatorFor([extension('negated', [{ path: 'Extension', isModifier: true }, { path: 'Extension.value[x]', min: 1, type: [{ code: 'boolean' }] }])]);
    expect(told(validate({ resourceType: 'Patient', modifierExtension: [{ url: `${base}negated`, valueBoolean: true }] }, { now }), 'information')).toEqual([]);
  });

  test('of parts is checked part by part', async () => {
    const parts = extension('parts', [
      { path: 'Extension.extension', slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'closed' } },
      { id: 'Extension.extension:one', path: 'Extension.extension', sliceName: 'one', min: 1, max: '1' },
      { id: 'Extension.extension:one.url', path: 'Extension.extension.url', fixedUri: 'one' },
      { id: 'Extension.extension:one.value[x]', path: 'Extension.extension.value[x]', min: 1, type: [{ code: 'string' }] },
      { path: 'Extension.value[x]', max: '0' },
    ]);
    const validate = await validatorFor([parts]);
    const of = (...extensions: readonly JsonObject[]): string[] => told(validate({ resourceType: 'Patient', extension: [{ url: `${base}parts`, extension: extensions }] }, { now }));
    expect(of({ url: 'one', valueString: 'a' })).toEqual([]);
    expect(of({ url: 'one', valueBoolean: true })).toEqual(['type-not-allowed Patient.extension[0].extension[0].value', 'element-missing Patient.extension[0].extension[0]'].filter((line) => line.startsWith('type')));
    expect(of({ url: 'two', valueString: 'a' })).toEqual(['slice-unmatched Patient.extension[0].extension[0]', 'slice-missing Patient.extension[0]']);
  });
});

here('A reference', () => {
  const named = profile('Named', 'Patient', [{ path: 'Patient.name', min: 1 }]);
  const about = (more: JsonObject = {}): JsonObject => profile('P', 'Observation', [{ path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${base}Named`], ...more }] }]);
  const observation = (reference: string, contained: readonly JsonObject[] = []): JsonObject =>
    ({ resourceType: 'Observation', id: 'o', status: 'final', code: { text: 'x' }, subject: { reference }, ...(contained.length > 0 && { contained }), meta: { profile: [`${base}P`] } });
  const bundle = (...resources: readonly JsonObject[]): JsonObject =>
    ({ resourceType: 'Bundle', type: 'collection', entry: resources.map((resource) => ({ fullUrl: `http://a.org/fhir/${String(resource['resourceType'])}/${String(resource['id'])}`, resource })) });

  test('to what is contained and does not conform', async () => {
    const validate = await validatorFor([named, about()]);
    expect(told(validate(observation('#p', [{ resourceType: 'Patient', id: 'p' }]), { now }))).toEqual(['reference-target Observation.subject']);
    expect(told(validate(observation('#p', [{ resourceType: 'Patient', id: 'p', name: [{ family: 'a' }] }]), { now }))).toEqual([]);
  });

  test('to another entry that does not conform, relative and absolute', async () => {
    const validate = await validatorFor([named, about()]);
    for (const reference of ['Patient/p', 'http://a.org/fhir/Patient/p']) {
      expect(told(validate(bundle(observation(reference), { resourceType: 'Patient', id: 'p' }), { now }))).toEqual(['reference-target Bundle.entry[0].resource.subject']);
      expect(validate(bundle(observation(reference), { resourceType: 'Patient', id: 'p', name: [{ family: 'a' }] }), { now })).toMatchObject({ issues: [], questions: [] });
    }
  });

  test('to what is elsewhere is a question', async () => {
    const validate = await validatorFor([named, about()]);
    const { questions } = validate(observation('Patient/p'), { now });
    expect(questions).toContainEqual({ kind: 'reference', reference: 'Patient/p', types: ['Patient'], profiles: [`${base}Named|1.0.0`], expression: 'Observation.subject', profile: `${base}P|1.0.0` });
  });

  test.each<[string, string, JsonObject, string[]]>([
    ['contained', 'what is contained', observation('#p', [{ resourceType: 'Patient', id: 'p', name: [{ family: 'a' }] }]), []],
    ['contained', 'what is elsewhere', observation('Patient/p'), ['reference-aggregation Observation.subject']],
    ['bundled', 'another entry', bundle(observation('Patient/p'), { resourceType: 'Patient', id: 'p', name: [{ family: 'a' }] }), []],
    ['bundled', 'what is elsewhere', bundle(observation('Patient/q')), ['reference-aggregation Bundle.entry[0].resource.subject']],
    ['referenced', 'what is contained', observation('#p', [{ resourceType: 'Patient', id: 'p', name: [{ family: 'a' }] }]), ['reference-aggregation Observation.subject']],
  ])('that has to be %s, to %s', async (mode, _, resource, expected) => {
    const validate = await validatorFor([named, about({ aggregation: [mode] })]);
    expect(told(validate(resource, { now }))).toEqual(expected);
  });

  test('from one to another and back ends', async () => {
    const linked = profile('Linked', 'Patient', [{ path: 'Patient.gender', fixedCode: 'other' }, { path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [`${base}Linked`] }] }]);
    const validate = await validatorFor([linked]);
    const patient = (id: string, other: string, gender: string): JsonObject => ({ resourceType: 'Patient', id, gender, meta: { profile: [`${base}Linked`] }, link: [{ type: 'seealso', other: { reference: `Patient/${other}` } }] });
    expect(told(validate(bundle(patient('a', 'b', 'other'), patient('b', 'a', 'other')), { now }))).toEqual([]);
    expect(told(validate(bundle(patient('a', 'b', 'other'), patient('b', 'a', 'male')), { now })).toSorted()).toEqual(['reference-target Bundle.entry[0].resource.link[0].other', 'value-fixed Bundle.entry[1].resource.gender']);
  });

  test('through ten thousand resources ends', async () => {
    const linked = profile('Linked', 'Patient', [{ path: 'Patient.link.other', type: [{ code: 'Reference', targetProfile: [`${base}Linked`] }] }]);
    const validate = await validatorFor([linked]);
    const chain = Array.from({ length: 10_000 }, (_, at): JsonObject => ({ resourceType: 'Patient', id: String(at), meta: { profile: [`${base}Linked`] }, link: [{ type: 'seealso', other: { reference: `Patient/${at + 1}` } }] }));
    expect(told(validate(bundle(...chain), { now }), 'error')).toEqual([]);
  });

  test('to a profile that nobody knows is not told', async () => {
    const validate = await validatorFor([profile('P', 'Observation', [{ path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${core}nobody-knows`] }] }])]);
    expect(told(validate(observation('Patient/1'), optionsFor()))).toEqual([]);
  });
});

here('An extension of which several versions are here', () => {
  const version = (number: string, type: string): JsonObject => ({ ...extension('flag', [{ path: 'Extension.value[x]', min: 1, type: [{ code: type }] }]), version: number });
  const using = (name: string, number: string): JsonObject => profile(name, 'Patient', [
    { path: 'Patient.extension', slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' } },
    { id: 'Patient.extension:flag', path: 'Patient.extension', sliceName: 'flag', type: [{ code: 'Extension', profile: [`${base}flag|${number}`] }] },
  ]);
  const own = [version('1.0.0', 'boolean'), version('2.0.0', 'string'), using('Old', '1.0.0'), using('New', '2.0.0')];
  const patient = (claimed: readonly string[], value: JsonObject): JsonObject => ({ resourceType: 'Patient', ...(claimed.length > 0 && { meta: { profile: claimed.map((name) => base + name) } }), extension: [{ url: `${base}flag`, ...value }] });
  const wrong = ['type-not-allowed Patient.extension[0].value'];

  test.each<[string, JsonObject, readonly string[], string[]]>([
    ['the older one, that the claimed profile names', patient(['Old'], { valueBoolean: true }), [], []],
    ['a value of the newer one, where the claimed profile names the older', patient(['Old'], { valueString: 'x' }), [], wrong],
    ['the newer one, that the claimed profile names', patient(['New'], { valueString: 'x' }), [], []],
    ['a value of the older one, where the claimed profile names the newer', patient(['New'], { valueBoolean: true }), [], wrong],
    ['the older one, that the profile in question names', patient([], { valueBoolean: true }), ['Old'], []],
    ['the newest, where nobody names one', patient([], { valueString: 'x' }), [], []],
    ['another than the newest, where nobody names one', patient([], { valueBoolean: true }), [], wrong],
  ])('%s', async (_, resource, profiles, expected) => {
    const validate = await validatorFor(own);
    expect(told(validate(resource, optionsFor(profiles)))).toEqual(expected);
  });

  test('US Core 3.1.1 beside 7.0.0: six categories of race are one too many for the one, and not for the other', async () => {
    const validate = await validatorFor([], ['hl7.fhir.us.core-3.1.1', 'hl7.fhir.us.core-7.0.0']);
    const category = (code: string): JsonObject => ({ url: 'ombCategory', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code } });
    const race = { url: `${core.replace('hl7.org/fhir/', 'hl7.org/fhir/us/core/')}us-core-race`, extension: [...['1002-5', '2028-9', '2054-5', '2076-8', '2106-3', '2106-3'].map(category), { url: 'text', valueString: 'x' }] };
    const of = (number: string): string[] => told(validate({
      resourceType: 'Patient', meta: { profile: [`http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|${number}`] }, extension: [race], identifier: [{ system: 'http://example.org/mrn', value: '1' }], name: [{ family: 'x' }], gender: 'female',
    }, { now }), 'error');
    expect(of('3.1.1')).toEqual(['slice-too-many Patient.extension[0].extension']);
    expect(of('7.0.0')).toEqual([]);
  });
});
