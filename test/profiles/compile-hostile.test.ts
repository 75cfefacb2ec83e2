/** Definitions and resources that mean harm, or make no sense: nothing of them runs, and all of it ends. */
import fc from 'fast-check';
import type { Definitions } from '../../profiles/definitions.ts';
import type { ElementRow, StructureTable } from '../../profiles/tables/structure-table.ts';
import type { ValidationResult } from '../../profiles/validation.ts';
import { createValidator } from '../../profiles/validator.ts';
import { definitionsFor, examplesOf, packagesAreHere } from '../support/definitions.ts';
import { base, now, told, type JsonObject } from './own-profiles.ts';

const here = packagesAreHere ? describe : describe.skip;

const row = (path: string, more: object = {}): ElementRow => ({ id: path, path, min: 0, max: '*', ...more });
const table = (elements: readonly ElementRow[], more: object = {}): StructureTable =>
  ({ url: `${base}P`, version: '1', from: 'posted', kind: 'resource', type: 'Patient', derivation: 'constraint', elements, ...more });

/** A validator of a profile that nobody has looked at before it is compiled. */
async function validateBy(profile: StructureTable): Promise<(resource: unknown) => ValidationResult> {
  const core = await definitionsFor([]);
  const definitions: Definitions = {
    structure: (canonical) => canonical.startsWith(profile.url) ? profile : core.structure(canonical),
    type: (name) => core.type(name), valueSet: (canonical) => core.valueSet(canonical), codeSystem: (url) => core.codeSystem(url),
  };
  const validate = createValidator(definitions);
  return (resource) => validate(resource, { now, profiles: [profile.url] });
}

async function validatorOf(profile: StructureTable): Promise<(resource: unknown) => string[]> {
  const validate = await validateBy(profile);
  return (resource) => told(validate(resource));
}

async function issuesOf(profile: StructureTable): Promise<ValidationResult['issues']> {
  return (await validateBy(profile))(patient).issues;
}

const run = 'globalThis.harm = true';
const breakouts = [`"];${run};["`, `'];${run};['`, `\`;${run};\``, `\${${run}}`, `\n${run}\n`, `*/${run}/*`, `\u2028${run}\u2028`, `1;${run}`];
const patient = { resourceType: 'Patient', active: true, identifier: [{ system: 'http://a', value: 'b' }], name: [{ family: 'a' }], birthDate: '2000' };

here('Of a definition', () => {
  afterEach(() => { expect('harm' in globalThis).toBe(false); });

  test.each(breakouts)('nothing runs: %j', async (text) => {
    const hostile = { type: text, value: text, sibling: text };
    const shapes: readonly (readonly ElementRow[])[] = [
      [row('Patient'), row(`Patient.${text}`)],
      [row('Patient'), row('Patient.birthDate', { min: text, max: text })],
      [row('Patient'), row('Patient.birthDate', { maxLength: text, minLength: text, fixed: hostile, pattern: hostile, minValue: { type: 'date', value: text }, maxValue: { type: 'decimal', value: text } })],
      [row('Patient', { constraints: [{ key: text, severity: 'error', expression: text, human: text }] })],
      [row('Patient'), row('Patient.identifier', { types: [{ code: text, profiles: [text], targets: [text] }], binding: { strength: 'required', valueSet: text, max: text, additional: [{ purpose: 'required', valueSet: text }] } })],
      [row('Patient'), row('Patient.identifier', { contentReference: text })],
      [row('Patient'), row('Patient.identifier', { slicing: { discriminators: [{ type: 'value', path: text }, { type: text, path: 'system' }], rules: text } }), row('Patient.identifier', { id: `Patient.identifier:${text}`, slice: text, min: text, max: text }), row('Patient.identifier.system', { fixed: { type: 'uri', value: text } })],
    ];
    for (const elements of shapes) {
      const check = await validatorOf(table(elements));
      expect(() => check(patient)).not.toThrow();
    }
  });

  test.each<[string, StructureTable]>([
    ['without rows', table([])],
    ['of a type that there is not', table([row('Foo')], { type: 'Patient', elements: [row('Patient.name')] })],
    ['whose rows are no tree', table([row('Patient'), row('Patient.a.b')])],
    ['with an element by the name of what objects inherit', table([row('Patient'), row('Patient.__proto__')])],
    ['with more slices than anybody needs', table([row('Patient'), row('Patient.identifier', { slicing: { discriminators: [{ type: 'value', path: 'system' }], rules: 'open' } }), ...Array.from({ length: 5000 }, (_, at) => row('Patient.identifier', { id: `Patient.identifier:s${at}`, slice: `s${at}` }))])],
  ])('%s is told as unusable', async (_, profile) => {
    expect((await validatorOf(profile))(patient)).toEqual(['profile-unusable Patient']);
  });

  test('of more slices than anybody needs it is told that they are too many', async () => {
    const slices = Array.from({ length: 1001 }, (_, at) => row('Patient.identifier', { id: `Patient.identifier:s${at}`, slice: `s${at}` }));
    const [only] = await issuesOf(table([row('Patient'), row('Patient.identifier', { slicing: { discriminators: [{ type: 'value', path: 'system' }], rules: 'open' } }), ...slices]));
    expect(only).toMatchObject({ code: 'profile-unusable', details: { reason: 'an element of it has more than 1000 slices' } });
  });

  test('a profile of a type that is not known', async () => {
    expect((await validatorOf(table([row('Foo')], { type: 'Foo' })))(patient)).toEqual(['profile-type Patient']);
  });

  test('a profile that names itself for its own elements ends', async () => {
    const self = table([row('Patient'), row('Patient.contained', { types: [{ code: 'Patient', profiles: [`${base}P`] }] }), row('Patient.name', { min: 1 })]);
    const resource = { ...patient, name: undefined, contained: [{ resourceType: 'Patient', id: 'a' }], link: [{ type: 'seealso', other: { reference: '#a' } }] };
    expect((await validatorOf(self))(resource)).toEqual(['element-missing Patient.contained[0]', 'element-missing Patient'].toSorted().toReversed());
  });

  test('a type profile that names itself ends', async () => {
    const self = table([row('Extension'), row('Extension.extension', { types: [{ code: 'Extension', profiles: [`${base}P`] }] }), row('Extension.id', { min: 1 })], { type: 'Extension', kind: 'complex-type' });
    const check = await validatorOf(self);
    let extension: JsonObject = { url: `${base}P`, valueString: 'a' };
    for (let depth = 0; depth < 40; depth++) extension = { url: `${base}P`, extension: [extension] };
    expect(check({ resourceType: 'Patient', extension: [extension] })).toHaveLength(42);
  });
});

here('Of a resource', () => {
  test('as deep as the parser lets it be is checked to its end', async () => {
    const validate = createValidator(await definitionsFor([]));
    let item: JsonObject = { linkId: 'x', type: 'foo' };
    for (let depth = 0; depth < 48; depth++) item = { linkId: String(depth), type: 'group', item: [item] };
    const { issues } = validate({ resourceType: 'Questionnaire', status: 'draft', item: [item] }, { now });
    expect(issues.filter(({ severity }) => severity === 'error').map(({ code }) => code)).toEqual(['binding-required']);
  });

  test('ten thousand references to ten thousand contained resources are looked up', async () => {
    const validate = createValidator(await definitionsFor([]));
    const ids = Array.from({ length: 10_000 }, (_, at) => `p${at}`);
    const list = { resourceType: 'List', status: 'current', mode: 'working', contained: ids.map((id) => ({ resourceType: 'Patient', id })), entry: ids.map((id) => ({ item: { reference: `#${id}` } })) };
    expect(told(validate(list, { now }), 'error')).toEqual([]);
  });

  test('questions and hints do not use up the limit of errors', async () => {
    const validate = createValidator(await definitionsFor([]));
    const list = { resourceType: 'List', extension: Array.from({ length: 500 }, () => ({ url: 'http://example.org/unknown', valueString: 'a' })), status: 'current', mode: 'working', entry: [...Array.from({ length: 500 }, () => ({ item: { reference: 'Patient/1' } })), { item: { reference: 7 } }] };
    expect(told(validate(list, { now, limit: 20 }), 'error')).toEqual(['primitive-format List.entry[500].item.reference']);
  });

  test('anything in place of anything is told, and nothing is thrown', async () => {
    const guide = 'hl7.fhir.us.davinci-pas-2.2.1';
    const validate = createValidator(await definitionsFor([guide, 'hl7.fhir.us.core-7.0.0']));
    const examples = [...(await examplesOf(guide)).values()];
    const odd = fc.constantFrom<unknown>(
      null, undefined, 0, -1, 1.5, true, '', ' ', 'x', '#', '#x', 'http://[', [], {}, [[]], [null], [{}], { toString: 1, valueOf: 1 }, [{ toString: 1, valueOf: 1 }], { resourceType: 'Patient' }, { resourceType: { toString: 1 } },
      { reference: { toString: 1 } }, { url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race' }, { coding: {} }, { coding: [null] }, { start: 1, end: {} }, { extension: {} }, { extension: [null, 1] }, { contained: 1 }, 'a'.repeat(10_000),
    );
    fc.assert(fc.property(fc.nat(), fc.nat(), odd, (which, at, value) => {
      const resource = structuredClone(examples[which % examples.length]);
      const places = placesOf(resource);
      const { holder, name } = places[at % places.length]!;
      holder[name] = value;
      expect(validate(resource, { now }).issues.length).toBeGreaterThanOrEqual(0);
    }), { numRuns: 3000 });
  });
});

type Holder = Record<string, unknown>;

/** Every property of every object and list. */
function placesOf(value: unknown): { readonly holder: Holder; readonly name: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((name) => [{ holder: value as Holder, name }, ...placesOf((value as Holder)[name])]);
}
