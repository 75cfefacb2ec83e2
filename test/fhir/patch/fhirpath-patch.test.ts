/** FHIRPath Patch beyond the public cases (https://hl7.org/fhir/R4/fhirpatch.html). */
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import { applyFhirPathPatch } from '../../../fhir/patch/fhirpath-patch.ts';
import type { Problem } from '../../../fhir/problems.ts';
import { shapeIssues } from '../../../fhir/shape.ts';
import { frozen } from './frozen.ts';

type Json = Record<string, unknown>;

const patient = (): Json => ({
  resourceType: 'Patient', id: '1', active: true,
  identifier: [{ system: 'urn:a', value: '1' }, { system: 'urn:b', value: '2' }],
  name: [{ use: 'official', family: 'Doe', given: ['Joan', 'J'], _given: [null, { extension: [{ url: 'http://initial', valueBoolean: true }] }] }, { use: 'usual', text: 'J' }],
  birthDate: '2000-01-01', _birthDate: { extension: [{ url: 'http://time', valueDateTime: '2000-01-01T10:00:00Z' }] },
  deceasedBoolean: false, contained: [{ resourceType: 'Organization', id: 'o', name: 'O' }],
});

/** An operation in short: `path`, and the other parts by their name, each a parameter part without it. */
function operation(type: string, path: string, parts: Readonly<Record<string, Json>> = {}): Json {
  return { name: 'operation', part: [{ name: 'type', valueCode: type }, { name: 'path', valueString: path }, ...Object.entries(parts).map(([name, part]) => ({ name, ...part }))] };
}

const add = (path: string, name: string, value: Json): Json => operation('add', path, { name: { valueString: name }, value });
const insert = (path: string, index: number, value: Json): Json => operation('insert', path, { index: { valueInteger: index }, value });
const replace = (path: string, value: Json): Json => operation('replace', path, { value });
const remove = (path: string): Json => operation('delete', path);
const move = (path: string, source: number, destination: number): Json => operation('move', path, { source: { valueInteger: source }, destination: { valueInteger: destination } });

function patched(operations: readonly Json[], resource: Json = patient()): Json {
  const before = stringifyJson(resource);
  const result = applyFhirPathPatch(frozen(resource), frozen({ resourceType: 'Parameters', parameter: operations })) as Json;
  expect(stringifyJson(resource)).toBe(before);
  expect(shapeIssues(result)).toEqual([]);
  return result;
}

function refusal(parameters: unknown, resource: Json = patient()): Problem {
  try {
    applyFhirPathPatch(resource, parameters);
  } catch (problem) {
    return problem as Problem;
  }
  throw new Error('accepted');
}
const refused = (...operations: Json[]): Problem => refusal({ resourceType: 'Parameters', parameter: operations });

describe('a patch of the wrong form', () => {
  test.each<[string, Json]>([
    ['another parameter', { name: 'thing', part: [] }],
    ['no parts', { name: 'operation' }],
    ['no type', { name: 'operation', part: [{ name: 'path', valueString: 'Patient.active' }] }],
    ['an unknown type', operation('remove', 'Patient.active')],
    ['no path', { name: 'operation', part: [{ name: 'type', valueCode: 'delete' }] }],
    ['a part twice', { name: 'operation', part: [{ name: 'type', valueCode: 'delete' }, { name: 'path', valueString: 'Patient.active' }, { name: 'path', valueString: 'Patient.id' }] }],
    ['a part without a name', { name: 'operation', part: [{ valueCode: 'delete' }] }],
    ['add without a name', operation('add', 'Patient', { value: { valueCode: 'male' } })],
    ['add without a value', operation('add', 'Patient', { name: { valueString: 'gender' } })],
    ['a value that holds none', operation('add', 'Patient', { name: { valueString: 'gender' }, value: {} })],
    ['insert without an index', operation('insert', 'Patient.name', { value: { valueHumanName: { text: 'x' } } })],
    ['insert below zero', insert('Patient.name', -1, { valueHumanName: { text: 'x' } })],
    ['move without a destination', operation('move', 'Patient.name', { source: { valueInteger: 0 } })],
    ['a path that is no FHIRPath', remove('Patient.name[')],
    ['a path of nothing but spaces', remove(' ')],
    ['a path that resolves', remove('Patient.managingOrganization.resolve().name')],
    ['a path that traces', remove("Patient.name.trace('x')[0]")],
    ['a path with a variable that nobody defined', remove('%elsewhere.active')],
    ['a path that asks a terminology', remove("Patient.name.where(use.memberOf('http://hl7.org/fhir/ValueSet/name-use'))")],
    ['a path that asks for the time', remove('Patient.name.where(now() > @2000)')],
    ['criteria within criteria without end', remove(`Patient.name${'.where($this'.repeat(160)}${')'.repeat(160)}`)],
    ['a path without end', remove(`Patient.name[0].where(text = '${'x'.repeat(2000)}')`)],
  ])('%s', (_what, parameter) => expect(refused(parameter)).toMatchObject({ code: 'invalid-patch', status: 400 }));

  test.each([[null], [[]], [{ resourceType: 'Patient' }], [{ resourceType: 'Parameters', parameter: {} }]])('no Parameters: %j', (parameters) => expect(refusal(parameters)).toMatchObject({ code: 'invalid-patch' }));

  test('more than 1000 operations', () => expect(refused(...Array.from({ length: 1001 }, () => remove('Patient.photo')))).toMatchObject({ code: 'invalid-patch' }));

  test('more operations than a large resource can be looked at', () => {
    const large = { resourceType: 'Patient', name: Array.from({ length: 30_000 }, () => ({ text: 'x' })) };
    expect(refusal({ resourceType: 'Parameters', parameter: Array.from({ length: 900 }, () => remove('Patient.photo')) }, large)).toMatchObject({ code: 'invalid-patch', message: expect.stringContaining('too many operations') as string });
  });
});

describe('a patch that does not fit', () => {
  test.each<[string, Json]>([
    ['add to nothing', add('Patient.contact', 'gender', { valueCode: 'male' })],
    ['add to several', add('Patient.name', 'family', { valueString: 'x' })],
    ['add what is there and does not repeat', add('Patient', 'active', { valueBoolean: false })],
    ['add a second type of a choice', add('Patient', 'deceased', { valueDateTime: '2020' })],
    ['add what is there with an extension alone', add('Patient.name[0]', 'nothing', { valueString: 'x' })],
    ['add an unknown element', add('Patient', 'nickname', { valueString: 'x' })],
    ['add an element every object has', add('Patient', 'constructor', { valueString: 'x' })],
    ['add __proto__', add('Patient', '__proto__', { valueString: 'x' })],
    ['add of another type', add('Patient', 'maritalStatus', { valueString: 'married' })],
    ['add an object where a primitive is', add('Patient', 'gender', { valueCodeableConcept: { text: 'x' } })],
    ['add a text where a boolean is', replace('Patient.active', { valueString: 'true' })],
    ['add a decimal where an integer is', add('Patient', 'multipleBirth', { valueDecimal: 1 })],
    ['add a type that a choice has not', add('Patient', 'deceased', { valueString: 'x' })],
    ['add parts where a choice of types is', add('Patient', 'deceased', { part: [{ name: 'x', valueString: 'x' }] })],
    ['add parts of which one does not fit', add('Patient', 'contact', { part: [{ name: 'gender', valueBoolean: true }] })],
    ['add the same part twice where it does not repeat', add('Patient', 'contact', { part: [{ name: 'gender', valueCode: 'male' }, { name: 'gender', valueCode: 'female' }] })],
    ['add a resource where none may be', add('Patient', 'generalPractitioner', { resource: { resourceType: 'Practitioner' } })],
    ['add to a value that is computed', add("Patient.name[0].family.upper()", 'extension', { valueString: 'x' })],
    ['insert beyond the end', insert('Patient.name', 3, { valueHumanName: { text: 'x' } })],
    ['insert where nothing repeats', insert('Patient.active', 0, { valueBoolean: true })],
    ['insert into part of a list', insert("Patient.name.where(use = 'official')", 0, { valueHumanName: { text: 'x' } })],
    ['insert behind the beginning of a list that is not there', insert('Patient.contact', 1, { part: [{ name: 'gender', valueCode: 'male' }] })],
    ['insert into an element that is not there and does not repeat', insert('Patient.gender', 0, { valueCode: 'male' })],
    ['delete several', remove('Patient.name')],
    ['delete the resource', remove('Patient')],
    ['replace nothing', replace('Patient.gender', { valueCode: 'male' })],
    ['replace several', replace('Patient.name', { valueHumanName: { text: 'x' } })],
    ['replace the resource', replace('Patient', { resource: { resourceType: 'Patient' } })],
    ['move beyond the end', move('Patient.name', 0, 2)],
    ['move from beyond the end', move('Patient.name', 2, 0)],
    ['move within nothing', move('Patient.contact', 0, 0)],
    ['a path that fails on this resource', remove('Patient.name.where(given = family.single() or given.single() = 1).single()')],
    ['a path that takes too long', remove(`Patient.name${'.select(%resource.descendants())'.repeat(6)}`)],
  ])('%s', (_what, parameter) => expect(refused(parameter)).toMatchObject({ code: 'patch-not-applicable', status: 422 }));

  test('insert into the lists of several elements', () => {
    const resource = { resourceType: 'Patient', contact: ['1', '2'].map((value) => ({ telecom: [{ value }] })) };
    expect(refusal({ resourceType: 'Parameters', parameter: [insert('Patient.contact.telecom', 0, { valueContactPoint: { value: '3' } })] }, resource)).toMatchObject({ code: 'patch-not-applicable' });
  });

  test('tells which operation it is, and nothing of the resource or the patch', () => {
    for (const path of ["Patient.name.where(family = 'Doe')", "Patient.name.where(family.single('Doe') ='Doe')"]) {
      const { message } = refused(remove('Patient.photo'), replace(path, { valueString: 'Joan' }));
      expect(message).toMatch(/^Operation 1 of the patch /);
      expect(message).not.toMatch(/Doe|Joan|2000/);
    }
  });
});

describe('add', () => {
  test('one type of a choice goes by its name in JSON', () => {
    const alive = { ...patient() };
    delete alive['deceasedBoolean'];
    for (const name of ['deceased', 'deceased[x]', 'deceasedDateTime']) expect(patched([add('Patient', name, { valueDateTime: '2020-01-01' })], alive)).toMatchObject({ deceasedDateTime: '2020-01-01' });
    expect(refusal({ resourceType: 'Parameters', parameter: [add('Patient', 'deceasedBoolean', { valueDateTime: '2020' })] }, alive)).toMatchObject({ code: 'patch-not-applicable' });
  });

  test('a structure without a type of its own is given in parts, lists and choices in them', () => {
    const parts = [
      { name: 'relationship', valueCodeableConcept: { text: 'friend' } }, { name: 'relationship', valueCodeableConcept: { text: 'carer' } },
      { name: 'name', part: [{ name: 'given', valueString: 'A' }, { name: 'given', valueString: 'B', _valueString: { id: 'b' } }] },
      { name: 'extension', part: [{ name: 'url', valueUri: 'http://x' }, { name: 'value', valueDecimal: 1 }] },
    ];
    expect(patched([add('Patient', 'contact', { part: parts })])).toMatchObject({
      contact: [{ relationship: [{ text: 'friend' }, { text: 'carer' }], name: { given: ['A', 'B'], _given: [null, { id: 'b' }] }, extension: [{ url: 'http://x', valueDecimal: 1 }] }],
    });
  });

  test('a primitive brings its id and extensions, or these alone', () => {
    expect(patched([add('Patient', 'gender', { valueCode: 'male', _valueCode: { id: 'g' } })])).toMatchObject({ gender: 'male', _gender: { id: 'g' } });
    const unknown = patched([add('Patient', 'gender', { _valueCode: { extension: [{ url: 'http://x', valueCode: 'unknown' }] } })]);
    expect(unknown).toHaveProperty('_gender');
    expect(unknown).not.toHaveProperty('gender');
  });

  test('at the end of a list of primitives, beside their extensions', () => {
    expect(patched([add('Patient.name[0]', 'given', { valueString: 'K' }), add('Patient.name[1]', 'given', { valueString: 'L', _valueString: { id: 'l' } })])).toMatchObject({
      name: [{ given: ['Joan', 'J', 'K'], _given: [null, { extension: [{ url: 'http://initial' }] }, null] }, { given: ['L'], _given: [{ id: 'l' }] }],
    });
  });

  test('an extension of a primitive, which has none yet or some', () => {
    const value = { part: [{ name: 'url', valueUri: 'http://x' }, { name: 'value', valueString: 'x' }] };
    expect(patched([add('Patient.active', 'extension', value), add('Patient.birthDate', 'extension', value), add('Patient.name[0].given[0]', 'extension', value)])).toMatchObject({
      active: true, _active: { extension: [{ url: 'http://x', valueString: 'x' }] }, _birthDate: { extension: [{ url: 'http://time' }, { url: 'http://x' }] }, name: [{ _given: [{ extension: [{ url: 'http://x' }] }, { extension: [{ url: 'http://initial' }] }] }, {}],
    });
  });

  test('within a contained resource, and a resource of its own', () => {
    expect(patched([add("Patient.contained.where(id = 'o')", 'active', { valueBoolean: true }), add('Patient', 'contained', { resource: { resourceType: 'Practitioner', id: 'p' } })]))
      .toMatchObject({ contained: [{ resourceType: 'Organization', name: 'O', active: true }, { resourceType: 'Practitioner', id: 'p' }] });
  });

  test('what is added twice is changed once', () => {
    const name = { valueHumanName: { text: 'x' } };
    expect(patched([add('Patient', 'name', name), add('Patient', 'name', name), replace('Patient.name[3].text', { valueString: 'y' })])).toMatchObject({ name: [{}, {}, { text: 'x' }, { text: 'y' }] });
  });
});

describe('insert', () => {
  test('into a list that is not there yet, where it would begin', () => {
    expect(patched([insert('Patient.telecom', 0, { valueContactPoint: { value: '1' } }), insert('Patient.telecom', 1, { valueContactPoint: { value: '2' } }), insert("Patient.name.where(use = 'usual').given", 0, { valueString: 'g' })]))
      .toMatchObject({ telecom: [{ value: '1' }, { value: '2' }], name: [{}, { given: ['g'] }] });
  });

  test('between primitives, whose extensions stay with them', () => {
    expect(patched([insert('Patient.name[0].given', 1, { valueString: 'X' })])).toMatchObject({ name: [{ given: ['Joan', 'X', 'J'], _given: [null, null, { extension: [{ url: 'http://initial' }] }] }, {}] });
  });
});

describe('delete', () => {
  test('what is not there', () => expect(patched([remove('Patient.photo'), remove("Patient.name.where(use = 'old')")])).toEqual(patient()));

  test('a primitive with its extensions, and its extensions alone', () => {
    const without = patched([remove('Patient.birthDate'), remove('Patient.name[0].given[1].extension')]);
    expect(without).not.toHaveProperty('birthDate');
    expect(without).not.toHaveProperty('_birthDate');
    expect((without['name'] as Json[])[0]).toEqual({ use: 'official', family: 'Doe', given: ['Joan', 'J'] });
    expect((patched([remove("Patient.birthDate.extension('http://time')")]))).toMatchObject({ birthDate: '2000-01-01' });
  });

  test('an element of a list of primitives with its place in both lists', () => {
    expect(patched([remove('Patient.name[0].given[0]')])).toMatchObject({ name: [{ given: ['J'], _given: [{ extension: [{ url: 'http://initial' }] }] }, {}] });
  });

  test('the last of something takes along what it leaves empty', () => {
    expect((patched([remove('Patient.name[1].use'), remove('Patient.name[1].text')]))['name']).toHaveLength(1);
  });

  test('a choice of types by its name in FHIRPath', () => expect(patched([remove('Patient.deceased')])).not.toHaveProperty('deceasedBoolean'));
});

describe('replace', () => {
  test('one type of a choice by another', () => {
    const replaced = patched([replace('Patient.deceased', { valueDateTime: '2020' })]);
    expect(replaced).toMatchObject({ deceasedDateTime: '2020' });
    expect(replaced).not.toHaveProperty('deceasedBoolean');
    expect(patched([replace('Patient.deceased.ofType(boolean)', { valueBoolean: true })])).toMatchObject({ deceasedBoolean: true });
  });

  test('a primitive: its extensions go, unless new ones come', () => {
    expect(patched([replace('Patient.birthDate', { valueDate: '2001' })])).not.toHaveProperty('_birthDate');
    expect(patched([replace('Patient.birthDate', { valueDate: '2001', _valueDate: { id: 'x' } })])).toMatchObject({ birthDate: '2001', _birthDate: { id: 'x' } });
    expect(patched([replace('Patient.name[0].given[1]', { valueString: 'X' })])).toMatchObject({ name: [{ given: ['Joan', 'X'] }, {}] });
  });

  test('with a type that the wanted one specializes, or that is written alike', () => {
    const condition = { resourceType: 'Condition', subject: { reference: 'Patient/1' }, onsetAge: { value: 1 } };
    expect(patched([replace('Condition.onset', { valueAge: { value: 2 } })], condition)).toMatchObject({ onsetAge: { value: 2 } });
    expect(patched([add('Patient', 'gender', { valueString: 'male' })])).toMatchObject({ gender: 'male' });
  });

  test('by any criteria that stay within the resource', () => {
    expect(patched([replace("Patient.identifier.where(system = 'urn:b').value", { valueString: '3' })])).toMatchObject({ identifier: [{ value: '1' }, { value: '3' }] });
    expect(patched([replace("Patient.identifier.where(system in ('urn:a' | 'urn:b')).where(value ~ '2').value", { valueString: '3' })])).toMatchObject({ identifier: [{ value: '1' }, { value: '3' }] });
    expect(patched([replace('name.last().text', { valueString: 'K' })])).toMatchObject({ name: [{}, { text: 'K' }] });
  });

  test('the narrative, whose name is a word of FHIRPath', () => {
    const resource = { ...patient(), text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">a</div>' } };
    for (const path of ['Patient.text.div', 'Patient.text.`div`', "Patient.text.where(status != 'x.div').div"]) expect(patched([replace(path, { valueString: '<div xmlns="http://www.w3.org/1999/xhtml">b</div>' })], resource)).toMatchObject({ text: { div: expect.stringContaining('>b<') as string } });
  });
});

test('move takes extensions of primitives along', () => {
  expect(patched([move('Patient.name[0].given', 1, 0)])).toMatchObject({ name: [{ given: ['J', 'Joan'], _given: [{ extension: [{ url: 'http://initial' }] }, null] }, {}] });
});

test('decimals keep their digits, and are compared by their value', () => {
  const resource = parseJson('{"resourceType":"Observation","status":"final","code":{"text":"c"},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.50}},{"code":{"text":"b"},"valueQuantity":{"value":0.10000000000000000001}}]}') as Json;
  const patch = parseJson('{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"Observation.component.where(value.value = 1.5).value"},{"name":"name","valueString":"unit"},{"name":"value","valueString":"kg"}]},{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"Observation"},{"name":"name","valueString":"value"},{"name":"value","valueQuantity":{"value":2.00}}]}]}');
  expect(stringifyJson(applyFhirPathPatch(frozen(resource), patch))).toBe('{"resourceType":"Observation","status":"final","code":{"text":"c"},"component":[{"code":{"text":"a"},"valueQuantity":{"value":1.50,"unit":"kg"}},{"code":{"text":"b"},"valueQuantity":{"value":0.10000000000000000001}}],"valueQuantity":{"value":2.00}}');
});

test('only a resource of R4 is patched', () => {
  for (const resource of [null, 1, [], {}, { resourceType: 'Nothing' }]) expect(() => applyFhirPathPatch(resource, { resourceType: 'Parameters' })).toThrow(RangeError);
});
