/** $everything: all of a record and nothing of another's, in pages that fit together. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { statementsOf } from '../support/statements.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  const bundle = (resources: object[]): object => ({ resourceType: 'Bundle', type: 'transaction', entry: (resources as { resourceType: string; id: string }[]).map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } })) });
  const answer = await send('POST', house.fhir, bundle([
    { resourceType: 'Organization', id: 'network' },
    { resourceType: 'Organization', id: 'clinic', partOf: { reference: 'Organization/network' } },
    { resourceType: 'Practitioner', id: 'doctor' },
    { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: 'Practitioner/doctor' }, organization: { reference: 'Organization/clinic' } },
    { resourceType: 'Practitioner', id: 'unrelated' },
    { resourceType: 'Location', id: 'ward', managingOrganization: { reference: 'Organization/clinic' } },
    { resourceType: 'Medication', id: 'drug' },
    { resourceType: 'Binary', id: 'letter', contentType: 'text/plain', data: 'SGVsbG8=' },
    { resourceType: 'Patient', id: 'anna', name: [{ family: 'say "reference":"Practitioner/unrelated" aloud' }], managingOrganization: { reference: `${house.fhir}/Organization/clinic` }, birthDate: '1950-01-01' },
    { resourceType: 'Patient', id: 'bert' },
    { resourceType: 'Patient', id: 'zoe', link: [{ other: { reference: 'Patient/bert' }, type: 'seealso' }] },
    { resourceType: 'Encounter', id: 'visit', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/anna' }, location: [{ location: { reference: 'Location/ward' } }], period: { start: '2025-03-01', end: '2025-03-03' }, diagnosis: [{ condition: { reference: 'Condition/pain' } }] },
    { resourceType: 'Encounter', id: 'other-visit', status: 'finished', class: { code: 'AMB' }, subject: { reference: 'Patient/bert' } },
    { resourceType: 'Condition', id: 'pain', subject: { reference: 'Patient/anna' } },
    { resourceType: 'Observation', id: 'pulse', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/anna' }, encounter: { reference: 'Encounter/visit' }, performer: [{ reference: 'PractitionerRole/role' }], effectiveDateTime: '2025-03-02', valueQuantity: { value: 70 } },
    { resourceType: 'Observation', id: 'old', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/anna' }, effectiveDateTime: '2019' },
    { resourceType: 'Observation', id: 'undated', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/anna' } },
    // About Bert, by Anna: in both compartments.
    { resourceType: 'Observation', id: 'shared', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/bert' }, performer: [{ reference: 'Patient/anna' }], encounter: { reference: 'Encounter/other-visit' }, effectiveDateTime: '2025-06-01' },
    { resourceType: 'Observation', id: 'berts', status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/bert' }, effectiveDateTime: '2025-06-01' },
    { resourceType: 'MedicationRequest', id: 'order', status: 'active', intent: 'order', subject: { reference: 'Patient/anna' }, encounter: { reference: 'Encounter/visit' }, medicationReference: { reference: 'Medication/drug' }, authoredOn: '2025-03-02' },
    { resourceType: 'DocumentReference', id: 'document', status: 'current', subject: { reference: 'Patient/anna' }, content: [{ attachment: { url: 'Binary/letter' } }], date: '2025-03-02T10:00:00Z' },
    { resourceType: 'Group', id: 'study', type: 'person', actual: true, member: [{ entity: { reference: 'Patient/anna' } }, { entity: { reference: 'Patient/bert' } }] },
    { resourceType: 'Coverage', id: 'plan', status: 'active', beneficiary: { reference: 'Patient/anna' }, payor: [{ reference: 'Organization/network' }] },
  ]));
  expect([answer.status, answer.status === 200 ? '' : answer.text]).toEqual([200, '']);
});
afterAll(async () => { await house.close(); });

const annas = ['Condition/pain', 'Coverage/plan', 'DocumentReference/document', 'Encounter/visit', 'Group/study', 'MedicationRequest/order', 'Observation/old', 'Observation/pulse', 'Observation/shared', 'Observation/undated', 'Patient/anna'];
const support = ['Binary/letter', 'Location/ward', 'Medication/drug', 'Organization/clinic', 'Organization/network', 'Practitioner/doctor', 'PractitionerRole/role'];

const names = (answer: TestAnswer, mode: string): string[] => ((answer.json.entry ?? []) as { resource: { resourceType: string; id: string }; search: { mode: string } }[]).filter(({ search }) => search.mode === mode).map(({ resource }) => `${resource.resourceType}/${resource.id}`).toSorted();
const next = (answer: TestAnswer): string | undefined => (answer.json.link as { relation: string; url: string }[]).find(({ relation }) => relation === 'next')?.url;

async function pages(url: string): Promise<TestAnswer[]> {
  const all: TestAnswer[] = [];
  for (let address: string | undefined = url; address !== undefined; address = next(all.at(-1)!)) {
    all.push(await send('GET', address));
    expect([address, all.at(-1)!.status]).toEqual([address, 200]);
    expect(all.length).toBeLessThan(50);
  }
  return all;
}

describe('refused', () => {
  test.each([
    ['a type that there is not', 'Patient/anna/$everything?_type=Patient,Nothing'],
    ['an empty type', 'Patient/anna/$everything?_type='],
    ['a date that there is not', 'Patient/anna/$everything?start=2025-13-01'],
    ['an end before the start', 'Patient/anna/$everything?start=2025-02&end=2025-01'],
    ['since never', 'Patient/anna/$everything?_since=yesterday'],
    ['none at a time', 'Patient/anna/$everything?_count=0'],
    ['two counts', 'Patient/anna/$everything?_count=1&_count=2'],
    ['a parameter that there is not', 'Patient/anna/$everything?name=x'],
    ['dates of an encounter', 'Encounter/visit/$everything?start=2025-01-01'],
    ['a cursor that is none', 'Patient/anna/$everything?_cursor=abc'],
  ])('%s', async (_name, path) => {
    const answer = await send('GET', `${house.fhir}/${path}`);
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
  });

  test('a record that is not there, or not there any more', async () => {
    expect((await send('GET', `${house.fhir}/Patient/nobody/$everything`)).status).toBe(404);
    await send('PUT', `${house.fhir}/Patient/gone`, { resourceType: 'Patient', id: 'gone' });
    await send('DELETE', `${house.fhir}/Patient/gone`);
    expect((await send('GET', `${house.fhir}/Patient/gone/$everything`)).status).toBe(410);
  });

  test('another record\'s cursor, or one for another part of the record', async () => {
    const cursor = new URL(next(await send('GET', `${house.fhir}/Patient/anna/$everything?_count=2`))!).searchParams.get('_cursor')!;
    for (const path of ['Patient/bert/$everything?', 'Encounter/visit/$everything?', 'Patient/$everything?', 'Patient/anna/$everything?_type=Observation&', `Patient/anna/$everything?_cursor=${cursor.slice(0, -3)}abc#`]) {
      expect([path, (await send('GET', `${house.fhir}/${path}_cursor=${cursor}`)).status]).toEqual([path, 400]);
    }
    expect((await send('GET', `${house.fhir}/Patient/anna/$everything?_count=3&_cursor=${cursor}`)).status).toBe(200);
  });
});

test('a patient\'s record: all of it, what it refers to, and nobody else\'s', async () => {
  const answer = await send('GET', `${house.fhir}/Patient/anna/$everything`);
  expect(answer.json).toMatchObject({ resourceType: 'Bundle', type: 'searchset', total: annas.length, link: [{ relation: 'self', url: `${house.fhir}/Patient/anna/$everything` }] });
  expect(names(answer, 'match')).toEqual(annas);
  expect(names(answer, 'include')).toEqual(support);
  expect(answer.json.entry[0]).toMatchObject({ fullUrl: `${house.fhir}/Patient/anna`, resource: { id: 'anna' } });
  expect(names(await send('POST', `${house.fhir}/Patient/anna/$everything`, { resourceType: 'Parameters' }), 'match')).toEqual(annas);
});

test('texts pass through as they are stored', async () => {
  await send('PUT', `${house.fhir}/Patient/exact`, { resourceType: 'Patient', id: 'exact' });
  await send('PUT', `${house.fhir}/Observation/exact`, '{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/exact"},"valueQuantity":{"value":1.50}}');
  expect((await send('GET', `${house.fhir}/Patient/exact/$everything`)).text).toContain((await send('GET', `${house.fhir}/Observation/exact`)).text);
});

test('dates of care: what overlaps them, and what has no date', async () => {
  const of = async (query: string): Promise<string[]> => names(await send('GET', `${house.fhir}/Patient/anna/$everything?${query}&_type=Observation,Encounter,Coverage`), 'match');
  expect(await of('start=2025-03-02&end=2025-03-31')).toEqual(['Coverage/plan', 'Encounter/visit', 'Observation/pulse', 'Observation/undated']);
  expect(await of('start=2025')).toEqual(['Coverage/plan', 'Encounter/visit', 'Observation/pulse', 'Observation/shared', 'Observation/undated']);
  expect(await of('end=2019-06')).toEqual(['Coverage/plan', 'Observation/old', 'Observation/undated']);
  // The date of birth is none of care.
  expect(names(await send('GET', `${house.fhir}/Patient/anna/$everything?start=2025`), 'match')).toContain('Patient/anna');
});

test('types: of the record, of what it refers to, of both', async () => {
  const of = async (types: string): Promise<[string[], string[]]> => {
    const answer = await send('GET', `${house.fhir}/Patient/anna/$everything?${types}`);
    return [names(answer, 'match'), names(answer, 'include')];
  };
  expect(await of('_type=Patient')).toEqual([['Patient/anna'], []]);
  expect(await of('_type=Coverage&_type=Condition')).toEqual([['Condition/pain', 'Coverage/plan'], []]);
  expect(await of('_type=Practitioner')).toEqual([[], ['Practitioner/doctor']]);
  expect(await of('_type=Coverage,Organization')).toEqual([['Coverage/plan'], ['Organization/clinic', 'Organization/network']]);
});

test('since: what has changed, with all that it refers to', async () => {
  house.clock.advance(3_600_000);
  const since = house.clock.now.toISOString();
  await send('PUT', `${house.fhir}/MedicationRequest/order`, { resourceType: 'MedicationRequest', id: 'order', status: 'stopped', intent: 'order', subject: { reference: 'Patient/anna' }, medicationReference: { reference: 'Medication/drug' }, encounter: { reference: 'Encounter/visit' }, authoredOn: '2025-03-02' });
  const answer = await send('GET', `${house.fhir}/Patient/anna/$everything?_since=${since}`);
  expect([names(answer, 'match'), names(answer, 'include')]).toEqual([['MedicationRequest/order'], ['Medication/drug']]);
});

test.each([1, 2, 3, 5, 100])('pages of %i make the whole, each resource once', async (count) => {
  const all = await pages(`${house.fhir}/Patient/anna/$everything?_count=${count}`);
  expect(all.flatMap((page) => names(page, 'match')).toSorted()).toEqual(annas);
  expect([...new Set(all.flatMap((page) => names(page, 'include')))].toSorted()).toEqual(support);
  for (const page of all) expect(names(page, 'match').length).toBeLessThanOrEqual(count + 1);
});

test('pages stay right while the record grows and shrinks', async () => {
  const resource = (id: string): object => ({ resourceType: 'Observation', id, status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/growing' } });
  await send('PUT', `${house.fhir}/Patient/growing`, { resourceType: 'Patient', id: 'growing' });
  for (const id of ['g2', 'g4', 'g6', 'g8']) await send('PUT', `${house.fhir}/Observation/${id}`, resource(id));
  const first = await send('GET', `${house.fhir}/Patient/growing/$everything?_count=2`);
  expect(names(first, 'match')).toEqual(['Observation/g6', 'Observation/g8', 'Patient/growing']);
  await send('DELETE', `${house.fhir}/Observation/g6`);
  await send('PUT', `${house.fhir}/Observation/g7`, resource('g7'));
  await send('PUT', `${house.fhir}/Observation/g3`, resource('g3'));
  expect(names(await send('GET', next(first)!), 'match')).toEqual(['Observation/g3', 'Observation/g4']);
});

test('an encounter: its compartment, its patient, what they refer to', async () => {
  const answer = await send('GET', `${house.fhir}/Encounter/visit/$everything`);
  expect(names(answer, 'match')).toEqual(['Encounter/visit', 'MedicationRequest/order', 'Observation/pulse']);
  expect(names(answer, 'include')).toEqual(['Condition/pain', 'Location/ward', 'Medication/drug', 'Organization/clinic', 'Patient/anna', 'Practitioner/doctor', 'PractitionerRole/role']);
  // Anna performed what was observed of Bert; she is not of this encounter.
  expect(names(await send('GET', `${house.fhir}/Encounter/other-visit/$everything`), 'include')).toEqual(['Patient/bert']);
});

test.each([1, 3, 7, 1000])('all patients, %i at a time, none left out', async (count) => {
  const all = await pages(`${house.fhir}/Patient/$everything?_count=${count}&_type=Patient,Observation`);
  const found = all.flatMap((page) => names(page, 'match'));
  const expected = (await house.sql.query(`select id from resource where not deleted and type in (select type from resource where id in ('anna', 'pulse'))`)).rows.map(({ id }) => id as string).toSorted();
  expect([...new Set(found)].map((name) => name.split('/')[1]!).toSorted()).toEqual(expected);
});

test('two hundred resources come at once', async () => {
  await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: ['Patient', ...Array.from({ length: 200 }, () => 'Observation')].map((resourceType, index) => ({
    resource: { resourceType, id: `many${index}`, ...(resourceType === 'Observation' && { status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/many0' }, performer: [{ reference: 'Practitioner/doctor' }] }) },
    request: { method: 'PUT', url: `${resourceType}/many${index}` },
  })) });
  const { result: answer, statements } = await statementsOf(house, () => send('GET', `${house.fhir}/Patient/many0/$everything`));
  // The patient and the record at the same time, then what they refer to.
  expect(statements).toBe(3);
  expect([answer.json.total, answer.json.entry.length, next(answer)]).toEqual([201, 202, undefined]);
});

test('written as it is asked for, on the next page, too', async () => {
  const first = await send('GET', `${house.fhir}/Patient/anna/$everything?_count=3&_elements=id&_format=json`);
  const second = await send('GET', next(first)!);
  for (const page of [first, second]) {
    const matches = (page.json.entry as { resource: object; search: { mode: string } }[]).filter(({ search }) => search.mode === 'match');
    expect(matches.length).toBeGreaterThan(2);
    for (const { resource } of matches) expect(Object.keys(resource)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(name|effectiveDateTime|content|valueQuantity|period)$/)]));
  }
  const xml = await send('GET', `${house.fhir}/Patient/anna/$everything?_format=xml`);
  expect([xml.headers.get('content-type'), xml.text.includes('<Bundle xmlns="http://hl7.org/fhir">')]).toEqual(['application/fhir+xml; charset=utf-8', true]);
  const posted = await send('POST', `${house.fhir}/Patient/anna/$everything`, '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="_type"/><valueCode value="Coverage"/></parameter></Parameters>', { 'content-type': 'application/fhir+xml' });
  expect(names(posted, 'match')).toEqual(['Coverage/plan']);
});

test('large documents are several pages', async () => {
  await send('PUT', `${house.fhir}/Patient/heavy`, { resourceType: 'Patient', id: 'heavy' });
  const text = 'x'.repeat(900_000);
  for (let index = 0; index < 25; index += 1) await send('PUT', `${house.fhir}/Basic/heavy${index}`, { resourceType: 'Basic', id: `heavy${index}`, code: { text }, subject: { reference: 'Patient/heavy' } });
  const all = await pages(`${house.fhir}/Patient/heavy/$everything`);
  expect(all.length).toBe(2);
  expect(all.flatMap((page) => names(page, 'match')).length).toBe(26);
  const ofAll = await pages(`${house.fhir}/Patient/$everything?_type=Basic`);
  expect(ofAll.flatMap((page) => names(page, 'match')).length).toBe(25);
  for (const page of [...all, ...ofAll]) expect(page.text.length).toBeLessThan(18 * 1024 * 1024);
});
