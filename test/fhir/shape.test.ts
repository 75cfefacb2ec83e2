import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { elementTypes, elementsOf } from '../../fhir/element-types.ts';
import { Decimal, parseJson } from '../../fhir/json.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { sharedResources, type SharedResource } from './shared-resources.ts';

type Json = Record<string, unknown>;

const patient = (more: Json): Json => ({ resourceType: 'Patient', ...more });
const observation = (more: Json): Json => ({ resourceType: 'Observation', status: 'final', code: { text: 'test' }, ...more });
const issuesOf = (resource: unknown): string[] => shapeIssues(resource as object).map(({ expression, reason }) => `${expression}: ${reason}`);

describe('refused shapes', () => {
  test.each<[string, unknown, string]>([
    ['no resource', 'x', 'Resource: must be an object'],
    ['null', null, 'Resource: must not be null'],
    ['an array', [], 'Resource: must not be an array'],
    ['no resourceType', { id: 'x' }, 'Resource: must be a resource with a resourceType of FHIR R4'],
    ['an abstract resourceType', { resourceType: 'DomainResource' }, 'Resource: must be a resource with a resourceType of FHIR R4'],
    ['a data type as resourceType', { resourceType: 'HumanName', family: 'x' }, 'Resource: must be a resource with a resourceType of FHIR R4'],
    ['a resourceType every object inherits', { resourceType: 'constructor' }, 'Resource: must be a resource with a resourceType of FHIR R4'],
    ['a resourceType that is no string', { resourceType: ['Patient'] }, 'Resource: must be a resource with a resourceType of FHIR R4'],
    ['one value of a repeating element', patient({ name: { family: 'Doe' } }), 'Patient.name: must be an array'],
    ['one value of a repeating primitive', patient({ name: [{ given: 'Joan' }] }), 'Patient.name[0].given: must be an array'],
    ['an array of a single element', patient({ maritalStatus: [{ text: 'x' }] }), 'Patient.maritalStatus: must not be an array'],
    ['an array of a single primitive', patient({ gender: ['female'] }), 'Patient.gender: must not be an array'],
    ['an array in an array', patient({ name: [[{ family: 'Doe' }]] }), 'Patient.name[0]: must not be an array'],
    ['an empty array', patient({ name: [] }), 'Patient.name: must not be empty'],
    ['an empty object', patient({ name: [{ family: 'Doe' }, {}] }), 'Patient.name[1]: must not be empty'],
    ['an empty string', patient({ name: [{ family: '' }] }), 'Patient.name[0].family: must not be empty'],
    ['null for an object', patient({ maritalStatus: null }), 'Patient.maritalStatus: must not be null'],
    ['null for an array', patient({ name: null }), 'Patient.name: must not be null'],
    ['null for a primitive', patient({ gender: null }), 'Patient.gender: must not be null'],
    ['null in an array of objects', patient({ name: [null] }), 'Patient.name[0]: must not be null'],
    ['a string for an object', patient({ maritalStatus: 'M' }), 'Patient.maritalStatus: must be an object'],
    ['a number for an object', patient({ maritalStatus: 5 }), 'Patient.maritalStatus: must be an object'],
    ['a decimal for an object', patient({ maritalStatus: new Decimal('5.0') }), 'Patient.maritalStatus: must be an object'],
    ['an object for a primitive', patient({ gender: { code: 'x' } }), 'Patient.gender: must be a code: a string without spaces at its ends or two in a row'],
    ['an unknown element', patient({ birthdate: '2000' }), 'Patient: must not have birthdate, which is no element of Patient'],
    ['an unknown element of a nested structure', patient({ contact: [{ nme: 1 }] }), 'Patient.contact[0]: must not have nme, which is no element of Patient.contact'],
    ['the element of another type', patient({ status: 'active' }), 'Patient: must not have status, which is no element of Patient'],
    ['resourceType on a data type', patient({ name: [{ resourceType: 'HumanName', family: 'x' }] }), 'Patient.name[0]: must not have resourceType, which is no element of HumanName'],
    ['an unknown name that could be data', patient({ 'Doe, Joan 123-45-6789': 1 }), 'Patient: must not have a property whose name is that of no element of Patient'],
    ['comments of DSTU2', patient({ fhir_comments: ['x'] }), 'Patient: must not have fhir_comments, which FHIR R4 does not know'],
    ['constructor', patient({ constructor: {} }), 'Patient: must not have constructor, which is no element of Patient'],
    ['toString', patient({ name: [{ toString: 'x' }] }), 'Patient.name[0]: must not have toString, which is no element of HumanName'],
    ['__proto__', JSON.parse('{"resourceType":"Patient","__proto__":{"gender":"x"}}'), 'Patient: must not have __proto__, which is no element of Patient'],
    ['two types of a choice', observation({ valueString: 'a', valueInteger: 1 }), 'Observation.value: must be of one type only'],
    ['two types of a choice, one by its extension', observation({ valueString: 'a', _valueInteger: { id: 'x' } }), 'Observation.value: must be of one type only'],
    ['a choice without its type', observation({ value: 'a' }), 'Observation: must not have value, which is no element of Observation'],
    ['a type the choice has not', observation({ valueCode: 'a' }), 'Observation: must not have valueCode, which is no element of Observation'],
    ['the wrong JSON type in a choice', observation({ valueQuantity: 1 }), 'Observation.value: must be an object'],
    ['a sibling that is no object', patient({ _birthDate: 'x' }), 'Patient.birthDate: must be an object'],
    ['a sibling of a single element that is an array', patient({ _birthDate: [{ id: 'x' }] }), 'Patient.birthDate: must not be an array'],
    ['a sibling that is empty', patient({ _birthDate: {} }), 'Patient.birthDate: must not be empty'],
    ['a sibling with a value', patient({ _birthDate: { value: '2000' } }), 'Patient.birthDate: must not have value, which is no element of Element'],
    ['a sibling of an object', patient({ _name: [{ id: 'x' }] }), 'Patient: must not have _name, which is no element of Patient'],
    ['a sibling of an attribute', { ...patient({}), extension: [{ url: 'http://example.org', _url: { id: 'x' }, valueBoolean: true }] }, 'Patient.extension[0]: must not have _url, which is no element of Extension'],
    ['a sibling that is shorter', patient({ name: [{ given: ['A', 'B'], _given: [{ id: 'x' }] }] }), 'Patient.name[0].given: must be an array as long as that of its extensions'],
    ['a sibling that is longer', patient({ name: [{ given: ['A'], _given: [null, { id: 'x' }] }] }), 'Patient.name[0].given: must be an array as long as that of its extensions'],
    ['a sibling that is no array', patient({ name: [{ given: ['A'], _given: { id: 'x' } }] }), 'Patient.name[0].given: must be an array'],
    ['null without a sibling', patient({ name: [{ given: ['A', null] }] }), 'Patient.name[0].given[1]: must not be null'],
    ['null in both arrays', patient({ name: [{ given: ['A', null], _given: [{ id: 'x' }, null] }] }), 'Patient.name[0].given[1]: must not be null'],
    ['null in a sibling alone', patient({ name: [{ _given: [null, { id: 'x' }] }] }), 'Patient.name[0].given[0]: must not be null'],
    ['an extension that is no array', patient({ extension: { url: 'http://example.org' } }), 'Patient.extension: must be an array'],
    ['an extension of an extension with a wrong value', patient({ extension: [{ url: 'a', extension: [{ url: 'b', valueBoolean: 'true' }] }] }), 'Patient.extension[0].extension[0].value: must be true or false'],
    ['a div that is no string', patient({ text: { status: 'empty', div: {} } }), 'Patient.text.div: must be XHTML in a string'],
    ['a contained string', patient({ contained: ['x'] }), 'Patient.contained[0]: must be an object'],
    ['a contained resource of no type', patient({ contained: [{ id: 'x' }] }), 'Patient.contained[0]: must be a resource with a resourceType of FHIR R4'],
    ['a contained resource with a mistake', patient({ contained: [observation({ note: {} })] }), 'Patient.contained[0].note: must be an array'],
    ['a Bundle entry with a mistake', { resourceType: 'Bundle', type: 'batch', entry: [{ fullUrl: 'a' }, { resource: patient({ name: 'x' }) }] }, 'Bundle.entry[1].resource.name: must be an array'],
    ['a Bundle entry of no type', { resourceType: 'Bundle', type: 'batch', entry: [{ resource: { resourceType: 'Patent' } }] }, 'Bundle.entry[0].resource: must be a resource with a resourceType of FHIR R4'],
    ['a parameter with a mistake', { resourceType: 'Parameters', parameter: [{ name: 'a', part: [{ name: 'b', resource: patient({ name: 'x' }) }] }] }, 'Parameters.parameter[0].part[0].resource.name: must be an array'],
    ['an outcome with a mistake', { resourceType: 'Bundle', type: 'batch-response', entry: [{ response: { status: '200', outcome: 'x' } }] }, 'Bundle.entry[0].response.outcome: must be an object'],
    ['a mistake behind a reference to another structure', { resourceType: 'QuestionnaireResponse', status: 'completed', item: [{ linkId: '1', item: [{ linkId: 2 }] }] }, 'QuestionnaireResponse.item[0].item[0].linkId: must be a string without control characters'],
  ])('%s', (_name, resource, issue) => {
    expect(issuesOf(resource)).toContain(issue);
    expect(issuesOf(resource)).toHaveLength(1);
  });
});

describe('accepted shapes', () => {
  test.each<[string, unknown]>([
    ['a resource with nothing in it', { resourceType: 'Patient' }],
    ['null filled by an extension', patient({ name: [{ given: ['A', null], _given: [null, { id: 'x' }] }] })],
    ['extensions without any value', patient({ name: [{ _given: [{ id: 'x' }] }], _birthDate: { extension: [{ url: 'a', valueBoolean: true }] } })],
    ['a value and its extension', patient({ birthDate: '2000', _birthDate: { id: 'x' } })],
    ['a choice and its extension, in either order', patient({ _deceasedBoolean: { id: 'x' }, deceasedBoolean: true })],
    ['an element that happens to be called resourceType', { resourceType: 'ExampleScenario', status: 'draft', instance: [{ resourceId: 'a', resourceType: 'Patient' }] }],
    ['properties that are undefined', patient({ name: undefined, birthDate: undefined })],
    ['nested resources', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Parameters', parameter: [{ name: 'a', resource: patient({ contained: [observation({})] }) }] } }] }],
    ['decimals that remember their digits', parseJson('{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}}')],
  ])('%s', (_name, resource) => {
    expect(issuesOf(resource)).toEqual([]);
  });
});

/** One element of each primitive type, and values it takes and refuses. */
const primitives: readonly [type: string, holder: (value: unknown) => Json, taken: readonly unknown[], refused: readonly unknown[]][] = [
  ['boolean', (value) => patient({ active: value }), [true, false], ['true', 0, {}, null]],
  ['integer', (value) => observation({ valueInteger: value }), [0, -1, 2_147_483_647, -2_147_483_648], ['1', 1.5, 2_147_483_648, -2_147_483_649, new Decimal('1.0'), new Decimal('1E2'), new Decimal('-0'), Number.NaN, true]],
  ['positiveInt', (value) => patient({ telecom: [{ rank: value }] }), [1, 2_147_483_647], [0, -1, 1.5, '1', 2_147_483_648]],
  ['unsignedInt', (value) => ({ resourceType: 'Bundle', type: 'searchset', total: value }), [0, 1], [-1, 0.5, '0']],
  ['decimal', (value) => observation({ valueQuantity: { value } }), [0, -1.5, new Decimal('1.00'), new Decimal('1E2'), 1e300], ['1', true, {}, Number.NaN, Number.POSITIVE_INFINITY, new Decimal('1e400'), new Number(1)]],
  ['string', (value) => observation({ valueString: value }), ['a', ' a\t\r\nb ', 'ä漢😀', '\u007f'], [1, true, '\u0000', 'a\u0001', 'a\u001fb', '', {}]],
  ['code', (value) => patient({ gender: value }), ['female', 'a b'], ['', ' a', 'a ', 'a  b', 'a\tb ', 'a\u0000', 1]],
  ['id', (value) => patient({ id: value }), ['a', 'A-1.b', 'x'.repeat(64)], ['', 'a_b', 'a/b', 'x'.repeat(65), 'ä', 'a\n', 1]],
  ['uri', (value) => patient({ implicitRules: value }), ['urn:uuid:x', 'http://example.org/ä', 'bare-id'], ['', 'a b', ' a', 'a\n', 'a\u0000', 'a\u00a0', 1]],
  ['canonical', (value) => patient({ meta: { profile: [value] } }), ['http://example.org/p|1.0#x'], ['', 'a b', 1]],
  ['oid', (value) => ({ ...patient({}), extension: [{ url: 'x', valueOid: value }] }), ['urn:oid:1.2.840.113883'], ['1.2.3', 'urn:oid:3.1', 'urn:oid:1.02', 'urn:oid:1', 5]],
  ['uuid', (value) => ({ ...patient({}), extension: [{ url: 'x', valueUuid: value }] }), ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'], ['c757873d-ec9a-4326-a141-556f43239520', 'urn:uuid:c757873dec9a4326a141556f43239520', 5]],
  ['date', (value) => patient({ birthDate: value }), ['2000', '2000-02', '2000-02-29', '2024-12-31'], ['', '20', '0000', '2000-13', '2000-00', '2001-02-29', '1900-02-29', '2000-04-31', '2000-1-1', '2000-01-01T00:00:00Z', '01/02/2000', '2000-01-01\n', 2000]],
  ['dateTime', (value) => observation({ effectiveDateTime: value }),
    ['2000', '2000-02', '2000-02-29', '2000-02-29T23:59:60Z', '2000-02-29T00:00:00+14:00', '2000-02-29T00:00:00.123456-05:30'],
    ['2000-02-29T10:00Z', '2000-02-29T10:00:00', '2000-02-29T24:00:00Z', '2000-02-29T10:60:00Z', '2000-02-30T10:00:00Z', '2000-02-29 10:00:00Z', '2000-02-29T10:00:00+15:00', '2000-02-29T10:00:00z', '2000-02-29T10:00:00.Z', '2000-02T10:00:00Z', 20_000_229]],
  ['instant', (value) => observation({ issued: value }), ['2000-02-29T10:00:00Z', '2000-02-29T10:00:00.000+01:00'], ['2000', '2000-02-29', '2000-02-29T10:00:00', 1]],
  ['time', (value) => observation({ valueTime: value }), ['00:00:00', '23:59:59.999'], ['24:00:00', '10:00', '10:00:00Z', '1:00:00', 10]],
  ['base64Binary', (value) => ({ resourceType: 'Binary', contentType: 'text/plain', data: value }), ['AA==', 'AAA=', 'AAAA', 'AA\n==', ' AAAA AAAA '], ['', ' ', 'A', 'AAA', 'A===', 'AA=A', '=AAA', 'AA_-', '[data]', 1]],
];

describe.each(primitives)('%s', (_type, holder, taken, refused) => {
  test.each(taken.map((value) => [value]))('takes %j', (value) => {
    expect(issuesOf(holder(value))).toEqual([]);
  });
  test.each(refused.map((value) => [value]))('refuses %j', (value) => {
    expect(issuesOf(holder(value))).toHaveLength(1);
  });
});

/** What is read letter by letter, as a pattern of the whole says it; letters that are near to right are put in, left out and changed. */
describe('texts that are nearly right', () => {
  const nearly = (texts: readonly string[], letters: readonly string[]): fc.Arbitrary<string> => fc.tuple(fc.constantFrom(...texts), fc.array(fc.tuple(fc.nat(70), fc.nat(2), fc.constantFrom(...letters)), { maxLength: 3 }))
    .map(([text, changes]) => changes.reduce((changed, [where, how, letter]) => {
      const at = where % (changed.length + 1);
      return changed.slice(0, at) + (how === 0 ? '' : letter) + changed.slice(how === 1 ? at : at + 1);
    }, text));
  const isTaken = (resource: Json): boolean => issuesOf(resource).length === 0;

  test('instants', () => {
    const instant = /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;
    const isDay = (day: string): boolean => Number(day.slice(0, 4)) > 0 && new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
    const texts = nearly(['2000-02-29T23:59:60Z', '2000-02-29T10:00:00.123+14:00', '1999-12-31T13:59:59.0-13:59', '2000-01-01T00:00:00+00:00'], ['0', '1', '2', '3', '4', '5', '6', '9', '.', ':', '+', '-', 'T', 'Z', 'z', ' ', '\n', '٣']);
    fc.assert(fc.property(texts, (issued) => {
      expect({ issued, taken: isTaken(observation({ issued })) }).toEqual({ issued, taken: issued.length <= 64 && isDay(instant.exec(issued)?.[1] ?? '') });
    }), { numRuns: 5000 });
  });

  const letters = ['a', 'Z', '0', '!', '~', '<', '|', ' ', '\t', '\n', '\u0000', '\u001f', '\u007f', '\u0085', '\u00a0', '\u2028', 'ä', '漢'];

  test('codes', () => {
    fc.assert(fc.property(nearly(['', 'female', 'a code of more letters'], letters), (gender) => {
      // oxlint-disable-next-line no-control-regex -- what no code may have
      expect({ gender, taken: isTaken(patient({ gender })) }).toEqual({ gender, taken: gender !== '' && !/^\s|\s\s|\s$|[\0-\x08\x0b\x0c\x0e-\x1f]/.test(gender) });
    }), { numRuns: 5000 });
  });

  test('addresses', () => {
    fc.assert(fc.property(nearly(['', 'urn:a', 'http://example.org/fhir'], letters), (implicitRules) => {
      // oxlint-disable-next-line no-control-regex -- what no address may have
      expect({ implicitRules, taken: isTaken(patient({ implicitRules })) }).toEqual({ implicitRules, taken: implicitRules !== '' && !/[\s\0-\x20]/.test(implicitRules) });
    }), { numRuns: 5000 });
  });
});

describe('the answer', () => {
  test('stops at the limit, wherever the mistakes are', () => {
    const entry = Array.from({ length: 30 }, () => ({ resource: patient({ name: 'x', telecom: [1, 2, 3], birthdate: 1, gender: null }) }));
    const bundle = { resourceType: 'Bundle', type: 'batch', entry };
    expect(shapeIssues(bundle)).toHaveLength(20);
    for (const limit of [1, 2, 3, 4, 5, 6, 7, 50]) expect(shapeIssues(bundle, undefined, limit)).toHaveLength(limit);
    expect(shapeIssues(bundle, undefined, 1000)).toHaveLength(30 * 6);
  });

  test('holds no more than the limit where one element has several mistakes', () => {
    expect(shapeIssues(observation({ valueString: 'a', valueQuantity: 1 }), undefined, 1)).toHaveLength(1);
    expect(shapeIssues(observation({ valueString: 'a', valueQuantity: 1 }))).toHaveLength(2);
    expect(shapeIssues(patient({ name: [{ given: ['A'], _given: ['x', 'y'] }] }), undefined, 1)).toHaveLength(1);
  });

  test('reads no further once the limit is reached', () => {
    const unread = (first: Json): Json => Object.defineProperty(first, 'gender', { enumerable: true, get: () => { throw new Error('read'); } });
    expect(() => shapeIssues(unread(patient({ id: 'x' })))).toThrow('read');
    for (const mistake of [{ birthdate: 'x' }, { birthDate: 'x' }, { name: 'x' }]) expect(shapeIssues(unread(patient(mistake)), undefined, 1)).toHaveLength(1);
    expect(shapeIssues({ resourceType: 'Bundle', type: 'batch', entry: [{ resource: 'x' }, { resource: unread(patient({})) }] }, undefined, 1)).toHaveLength(1);
  });

  test('starts every path with the one it was given', () => {
    expect(shapeIssues(patient({ name: ['x'] }), 'Bundle.entry[3].resource')).toEqual([{ expression: 'Bundle.entry[3].resource.name[0]', reason: 'must be an object' }]);
  });

  test('never tells a value that was sent', () => {
    const secret = '\u0000 078-05-1120 ';
    const mistakes = patient({ id: secret, birthDate: secret, gender: secret, name: [secret], implicitRules: secret, [secret]: secret, active: secret, telecom: secret, _gender: secret, contained: [{ resourceType: secret }] });
    const issues = shapeIssues(mistakes, undefined, 100);
    expect(issues).toHaveLength(10);
    expect(JSON.stringify(issues)).not.toContain('078');
  });

  test('comes in time for long values', () => {
    const long = 5_000_000;
    const texts = ['a', ' ', '=', 'a ', '0.', '\\'].map((piece) => piece.repeat(long / piece.length));
    for (const value of texts) {
      const resource = { ...observation({ valueString: value, implicitRules: value, status: value, issued: value, effectiveDateTime: value, id: value }), contained: [{ resourceType: 'Binary', contentType: 'x', data: value }], extension: [{ url: 'a', valueOid: `urn:oid:1.${value}` }] };
      expect(() => shapeIssues(resource)).not.toThrow();
    }
  });
});

test('takes any JSON without throwing', () => {
  const names = ['resourceType', 'name', 'given', '_given', 'entry', 'resource', 'contained', 'extension', 'valueString', 'valueQuantity', '_valueString', 'id', 'meta', '__proto__', 'parameter', 'part'];
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof({ maxDepth: 6 }, fc.constantFrom<unknown>(null, '', 'Patient', 'Bundle', 'x', 0, 1.5, true, new Decimal('1.50')), fc.array(tie('json'), { maxLength: 3 }), tie('object')),
    object: fc.dictionary(fc.constantFrom(...names), tie('json'), { maxKeys: 6 }),
  }));
  const types = fc.constantFrom('Patient', 'Observation', 'Bundle', 'Parameters', 'x');
  fc.assert(fc.property(json, types, (value, resourceType) => {
    for (const candidate of [value, { ...(value as object), resourceType }]) {
      const issues = shapeIssues(candidate as object, 'X');
      for (const issue of issues) expect(issue.expression).toMatch(/^X(?:\.[A-Za-z]+(?:\[\d+\])?)*$/);
    }
  }), { numRuns: 2000 });
  fc.assert(fc.property(fc.jsonValue(), (value) => Array.isArray(shapeIssues(value as object))), { numRuns: 1000 });
});

const folders = ['pas-examples/ig-pas-2.2.1', 'suites/synthea-chart-500', 'suites/fhir-candle/data'].map((folder) => resolve(process.cwd(), join('../shared', folder)));
const here = folders.every((folder) => existsSync(folder));

/** Published, and wrong: URIs written with a space after "http:". */
const wrongURIs = (resource: SharedResource): boolean => JSON.stringify(resource).includes('"http: /');

(here ? describe : describe.skip)(`published examples${here ? '' : ' (skipped: ../shared is absent)'}`, () => {
  const resources = here ? sharedResources(folders) : [];
  const right = resources.filter((resource) => !wrongURIs(resource));

  test('have the right shape', () => {
    expect(right.length).toBeGreaterThan(500);
    expect(right.flatMap((resource) => issuesOf(resource).map((issue) => `${String(resource['id'])} ${issue}`))).toEqual([]);
  });

  test('that are wrong are few, and found', () => {
    const wrong = resources.filter(wrongURIs);
    expect(wrong.map(({ resourceType }) => resourceType)).toEqual(['Bundle', 'Claim']);
    for (const resource of wrong) for (const issue of issuesOf(resource)) expect(issue).toContain('must be a URI');
  });

  test('with one mistake made at random are found out', () => {
    const small = right.filter((resource) => JSON.stringify(resource).length < 200_000);
    fc.assert(fc.property(fc.constantFrom(...small), fc.nat(), fc.nat(), (resource, where, how) => {
      const changed = structuredClone(resource) as unknown as Json;
      const places = [...placesOf(changed, resource.resourceType)];
      const place = places[where % places.length]!;
      const mistakes = mistakesAt(place);
      const mistake = mistakes[how % mistakes.length]!;
      mistake.make();
      expect({ mistake: mistake.name, at: `${place.type}.${place.name}`, found: shapeIssues(changed).length > 0 }).toMatchObject({ found: true });
    }), { numRuns: 3000 });
  });
});

interface Place {
  readonly holder: Json;
  /** The type of the holder. */
  readonly type: string;
  readonly name: string;
}

/** Every property with an object or a list in it, and every primitive, with the type of what holds it. */
function* placesOf(holder: Json, type: string): Generator<Place> {
  for (const [name, value] of Object.entries(holder)) {
    if (name === 'resourceType') continue;
    yield { holder, type, name };
    const valueType = name.startsWith('_') ? 'Element' : typeOfProperty(type, name);
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item !== 'object' || item === null) continue;
      yield* placesOf(item as Json, valueType === 'Resource' ? String((item as Json)['resourceType']) : valueType);
    }
  }
}

function typeOfProperty(type: string, name: string): string {
  for (const element of elementsOf(type)) {
    for (const declared of elementTypes(type, element.name)) if (declared.property === name) return declared.type;
  }
  throw new Error(`${type} has no ${name}`);
}

function mistakesAt({ holder, type, name }: Place): { name: string; make(): void }[] {
  const value = holder[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const put = (wrong: unknown) => () => { holder[name] = wrong; };
  return [
    { name: 'null', make: put(null) },
    { name: 'an empty list', make: put([]) },
    { name: 'an empty object', make: put({}) },
    { name: 'an unknown property beside it', make: () => { holder['notAnElement'] = 'x'; } },
    { name: 'a list in a list', make: put([[first]]) },
    Array.isArray(value)
      ? { name: 'brackets dropped', make: put(first) }
      : { name: 'brackets added', make: put([value]) },
    ...(typeof first === 'object' && first !== null
      ? [
          { name: 'a string for an object', make: put(Array.isArray(value) ? ['x'] : 'x') },
          { name: 'resourceType on a data type', make: () => { if (typeOfProperty(type, name.replace(/^_/, '')) === 'Resource') (first as Json)['resourceType'] = 'Element'; else (first as Json)['resourceType'] = 'Patient'; } },
        ]
      : [{ name: 'an object for a primitive', make: put(Array.isArray(value) ? [{ id: 'x' }] : { id: 'x' }) }]),
  ];
}
