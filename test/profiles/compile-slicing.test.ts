/** Slices: which items go to which, by every kind of discriminator, and what holds of them. */
import { packagesAreHere } from '../support/definitions.ts';
import type { Validate } from '../../profiles/validation.ts';
import { base, extension, now, optionsFor, profile, told, validatorFor, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;
const core = 'http://hl7.org/fhir/StructureDefinition/';

const slicing = (path: string, discriminator: readonly (readonly [type: string, path: string])[], more: JsonObject = {}): JsonObject =>
  ({ path, slicing: { discriminator: discriminator.map(([type, at]) => ({ type, path: at })), rules: 'open', ...more } });
const slice = (path: string, sliceName: string, more: JsonObject = {}): JsonObject => ({ id: `${path}:${sliceName}`, path, sliceName, ...more });
const below = (path: string, sliceName: string, rest: string, more: JsonObject): JsonObject => ({ id: `${path}:${sliceName}.${rest}`, path: `${path}.${rest}`, ...more });

const identifier = 'Patient.identifier';
const id = (system: string, value?: string): JsonObject => ({ system, ...(value !== undefined && { value }) });
const patient = (...identifiers: readonly JsonObject[]): JsonObject => ({ resourceType: 'Patient', ...(identifiers.length > 0 && { identifier: identifiers }) });

/** Slices `a` and `b` by system; values are demanded in `a`. */
const bySystem = (more: JsonObject = {}, ofA: JsonObject = {}): readonly JsonObject[] => [
  slicing(identifier, [['value', 'system']], more),
  slice(identifier, 'a', ofA), below(identifier, 'a', 'system', { fixedUri: 'http://a', min: 1 }), below(identifier, 'a', 'value', { min: 1 }),
  slice(identifier, 'b'), below(identifier, 'b', 'system', { fixedUri: 'http://b', min: 1 }),
];

here('Slices', () => {
  test.each<[string, readonly JsonObject[], JsonObject, string[]]>([
    ['what holds of a slice', bySystem(), patient(id('http://b'), id('http://a')), ['element-missing Patient.identifier[1]']],
    ['one too few', bySystem({}, { min: 1 }), patient(id('http://b')), ['slice-missing Patient']],
    ['none of a list that is not there', bySystem({}, { min: 1 }), patient(), ['slice-missing Patient']],
    ['one too many', bySystem({}, { max: '1' }), patient(id('http://a', '1'), id('http://a', '2')), ['slice-too-many Patient.identifier']],
    ['one that is not allowed', bySystem({}, { max: '0' }), patient(id('http://a', '1')), ['slice-prohibited Patient.identifier']],
    ['another, where slices are open', bySystem(), patient(id('http://c')), []],
    ['another, where slices are closed', bySystem({ rules: 'closed' }), patient(id('http://a', '1'), id('http://c')), ['slice-unmatched Patient.identifier[1]']],
    ['another at the end', bySystem({ rules: 'openAtEnd' }), patient(id('http://a', '1'), id('http://c')), []],
    ['another before the end', bySystem({ rules: 'openAtEnd' }), patient(id('http://c'), id('http://a', '1')), ['slice-end Patient.identifier[1]']],
    ['in another order', bySystem({ ordered: true }), patient(id('http://b'), id('http://a', '1')), ['slice-order Patient.identifier[1]']],
    ['in order', bySystem({ ordered: true }), patient(id('http://a', '1'), id('http://b')), []],
    ['one that meets two slices', [
      slicing(identifier, [['value', 'type.coding.code']]),
      slice(identifier, 'a'), below(identifier, 'a', 'type.coding.code', { fixedCode: 'a', min: 1 }),
      slice(identifier, 'b'), below(identifier, 'b', 'type.coding.code', { fixedCode: 'b', min: 1 }),
    ], patient({ type: { coding: ['b', 'a'].map((code) => ({ system: 'http://example.org/types', code })) } }), ['slice-ambiguous Patient.identifier[0]', 'value-fixed Patient.identifier[0].type.coding[0].code', 'binding-extensible Patient.identifier[0].type']],
    ['one that meets two of three slices', [
      slicing(identifier, [['value', 'use']]),
      slice(identifier, 'a'), below(identifier, 'a', 'use', { fixedCode: 'old', min: 1 }),
      slice(identifier, 'b'), below(identifier, 'b', 'use', { fixedCode: 'usual', min: 1 }),
      slice(identifier, 'c'), below(identifier, 'c', 'use', { min: 1 }),
    ], patient({ system: 'http://a', value: '1', use: 'usual' }), ['slice-ambiguous Patient.identifier[0]']],
    ['a re-slice', [
      ...bySystem(),
      { ...slice(identifier, 'a/old', { min: 1, max: '1' }) }, below(identifier, 'a/old', 'use', { fixedCode: 'old', min: 1 }), below(identifier, 'a/old', 'period', { min: 1 }),
    ].map((element) => element['sliceName'] === 'a' ? { ...element, slicing: { discriminator: [{ type: 'value', path: 'use' }], rules: 'open' } } : element),
    patient(id('http://a', '1'), { ...id('http://a', '2'), use: 'old' }, { ...id('http://b'), use: 'old' }), ['element-missing Patient.identifier[1]']],
    ['a re-slice that is not there', [
      ...bySystem(), slice(identifier, 'a/old', { min: 1 }), below(identifier, 'a/old', 'use', { fixedCode: 'old', min: 1 }),
    ].map((element) => element['sliceName'] === 'a' ? { ...element, slicing: { discriminator: [{ type: 'value', path: 'use' }], rules: 'open' } } : element),
    patient(id('http://a', '1'), { ...id('http://b'), use: 'old' }), ['slice-missing Patient']],
  ])('%s', async (_, elements, resource, expected) => {
    const validate = await validatorFor([profile('P', 'Patient', elements)]);
    expect(told(validate(resource, optionsFor(['P']))).toSorted()).toEqual(expected.toSorted());
  });
});

here('Discriminators', () => {
  const component = 'Observation.component';
  const observation = (...components: readonly JsonObject[]): JsonObject => ({ resourceType: 'Observation', status: 'final', code: { text: 'x' }, component: components.map((one) => ({ code: { text: 'x' }, ...one })) });
  const coded = (code: string): JsonObject => ({ code: { coding: [{ system: 'http://a', code }] } });
  const flag = extension('flag', [{ path: 'Extension.value[x]', min: 1, type: [{ code: 'boolean' }] }]);
  const flagged = (value: boolean): JsonObject => ({ extension: [{ url: `${base}flag`, valueBoolean: value }] });

  /** A slice `s` of components in which an interpretation is demanded. */
  const sliced = (discriminators: readonly (readonly [string, string])[], ...what: readonly JsonObject[]): readonly JsonObject[] =>
    [slicing(component, discriminators), slice(component, 's'), ...what, below(component, 's', 'interpretation', { min: 1 })];

  test.each<[string, readonly JsonObject[], JsonObject, JsonObject]>([
    ['a value deep in a type', sliced([['value', 'code.coding.code']], below(component, 's', 'code.coding.code', { fixedCode: 'in', min: 1 })), coded('in'), coded('out')],
    ['a pattern', sliced([['pattern', 'code']], below(component, 's', 'code', { patternCodeableConcept: { coding: [{ system: 'http://a', code: 'in' }] } })), coded('in'), coded('out')],
    ['a pattern by `value`', sliced([['value', 'code']], below(component, 's', 'code', { patternCodeableConcept: { coding: [{ system: 'http://a', code: 'in' }] } })), coded('in'), coded('out')],
    ['a binding', sliced([['value', 'dataAbsentReason']], below(component, 's', 'dataAbsentReason', { min: 1, binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/marital-status' } })),
      { dataAbsentReason: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'M' }] } }, { dataAbsentReason: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] } }],
    ['that something is there', sliced([['exists', 'value']], below(component, 's', 'value[x]', { min: 1 })), { valueString: 'a' }, {}],
    ['that something is not there', sliced([['exists', 'value']], below(component, 's', 'value[x]', { max: '0' })), {}, { valueString: 'a' }],
    ['a type', sliced([['type', 'value']], below(component, 's', 'value[x]', { min: 1, type: [{ code: 'Quantity' }] })), { valueQuantity: { value: 1 } }, { valueString: 'a' }],
    ['a value of one type', sliced([['value', 'value.ofType(string)']], below(component, 's', 'value[x]', { min: 1, type: [{ code: 'string' }], fixedString: 'in' })), { valueString: 'in' }, { valueString: 'out' }],
    ['a value of one type, as PAS writes it', sliced([['value', 'value as string']], below(component, 's', 'value[x]', { min: 1, type: [{ code: 'string' }], fixedString: 'in' })), { valueString: 'in' }, { valueString: 'out' }],
    ['that a value of one type is there', sliced([['exists', 'value.ofType(string)']], below(component, 's', 'value[x]', { min: 1, type: [{ code: 'string' }, { code: 'integer' }] })), { valueString: 'a' }, { valueInteger: 1 }],
    ['several at once', sliced([['value', 'code.text'], ['exists', 'value']], below(component, 's', 'code.text', { min: 1, fixedString: 'in' }), below(component, 's', 'value[x]', { min: 1 })), { code: { text: 'in' }, valueString: 'a' }, { code: { text: 'in' } }],
    ['an extension', sliced([['value', `extension('${base}flag').value`]],
      { id: `${component}:s.extension`, path: `${component}.extension`, slicing: { discriminator: [{ type: 'value', path: 'url' }], rules: 'open' } },
      { id: `${component}:s.extension:flag`, path: `${component}.extension`, sliceName: 'flag', min: 1, max: '1', type: [{ code: 'Extension', profile: [`${base}flag`] }] },
      { id: `${component}:s.extension:flag.value[x]`, path: `${component}.extension.value[x]`, type: [{ code: 'boolean' }], fixedBoolean: true },
    ), flagged(true), flagged(false)],
  ])('%s', async (_, elements, inside, outside) => {
    const validate = await validatorFor([flag, profile('P', 'Observation', elements)]);
    expect(told(validate(observation(outside, inside), optionsFor(['P'])), 'error')).toEqual(['element-missing Observation.component[1]']);
  });

  const member = 'Observation.hasMember';
  const contained: JsonObject = {
    resourceType: 'Observation', status: 'final', code: { text: 'x' },
    contained: [
      { resourceType: 'Observation', id: 'final', status: 'final', code: { text: 'x' } }, { resourceType: 'Observation', id: 'amended', status: 'amended', code: { text: 'x' } },
      { resourceType: 'MolecularSequence', id: 'sequence', coordinateSystem: 0 },
    ],
    hasMember: [{ reference: '#final' }, { reference: '#amended' }, { reference: '#sequence' }],
  };
  const amended = profile('Amended', 'Observation', [{ path: 'Observation.status', fixedCode: 'amended' }]);
  test.each<[string, readonly JsonObject[], string]>([
    ['the profile of what is referred to', [slicing(member, [['profile', 'resolve()']]), slice(member, 's', { type: [{ code: 'Reference', targetProfile: [`${base}Amended`] }] }), below(member, 's', 'display', { min: 1 })], '[1]'],
    ['a value in what is referred to', [slicing(member, [['value', 'resolve().status']]), slice(member, 's', { type: [{ code: 'Reference', targetProfile: [`${base}Amended`] }] }), below(member, 's', 'display', { min: 1 })], '[1]'],
    ['the type of what is referred to', [slicing(member, [['type', 'resolve()']]), slice(member, 's', { type: [{ code: 'Reference', targetProfile: [`${core}MolecularSequence`] }] }), below(member, 's', 'display', { min: 1 })], '[2]'],
  ])('%s', async (_, elements, at) => {
    const validate = await validatorFor([amended, profile('P', 'Observation', elements)]);
    expect(told(validate(contained, optionsFor(['P'])))).toEqual([`element-missing Observation.hasMember${at}`]);
  });

  test('the type of resources in entries', async () => {
    const entry = 'Bundle.entry';
    const validate = await validatorFor([profile('P', 'Bundle', [
      slicing(entry, [['type', 'resource']]), slice(entry, 'patient', { min: 1, max: '1' }), below(entry, 'patient', 'resource', { min: 1, type: [{ code: 'Patient' }] }),
    ])]);
    const of = (...types: readonly string[]): JsonObject => ({ resourceType: 'Bundle', type: 'transaction', entry: types.map((resourceType) => ({ resource: { resourceType, ...(resourceType === 'Organization' && { name: 'a' }) }, request: { method: 'POST', url: resourceType } })) });
    expect(told(validate(of('Organization'), optionsFor(['P'])))).toEqual(['slice-missing Bundle']);
    expect(told(validate(of('Patient', 'Organization', 'Patient'), optionsFor(['P'])))).toEqual(['slice-too-many Bundle.entry']);
    expect(told(validate(of('Organization', 'Patient'), optionsFor(['P'])))).toEqual([]);
  });

  test('types of a choice', async () => {
    const validate = await validatorFor([profile('P', 'Observation', [
      slicing('Observation.value[x]', [['type', '$this']]),
      { ...slice('Observation.value[x]', 'valueQuantity', { type: [{ code: 'Quantity' }] }) }, below('Observation.value[x]', 'valueQuantity', 'unit', { min: 1 }),
    ])]);
    const plain = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    expect(told(validate({ ...plain, valueQuantity: { value: 1 } }, optionsFor(['P'])))).toEqual(['element-missing Observation.value']);
    expect(told(validate({ ...plain, valueString: 'a' }, optionsFor(['P'])))).toEqual([]);
  });

  test('the care team of PAS, whose discriminator other validators refuse', async () => {
    const validate: Validate = await validatorFor([], ['hl7.fhir.us.davinci-pas-2.2.1', 'hl7.fhir.us.core-7.0.0', 'hl7.fhir.us.davinci-crd-2.0.1']);
    const scope = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-careTeamClaimScope';
    const claim = (...careTeam: readonly JsonObject[]): JsonObject => ({ resourceType: 'Claim', meta: { profile: ['http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim'] }, careTeam });
    const told1 = (resource: JsonObject): string[] => told(validate(resource, { now }), 'error').filter((line) => line.includes('careTeam'));
    const of = (overall: boolean): JsonObject => ({ sequence: 1, extension: [{ url: scope, valueBoolean: overall }], provider: { reference: 'Practitioner/1' } });
    expect(told1(claim({ ...of(true), provider: undefined }))).toContain('element-missing Claim.careTeam[0]');
    expect(told1(claim({ ...of(true), extension: undefined }))).toContain('slice-missing Claim.careTeam[0]');
    expect(told1(claim(of(true), of(false))).filter((line) => !line.startsWith('reference-type'))).toEqual([]);
  });
});
