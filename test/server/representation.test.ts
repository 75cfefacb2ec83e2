/** One resource, many forms: syntax, layout and parts of answers (https://hl7.org/fhir/R4/http.html#mime-type, https://hl7.org/fhir/R4/search.html#summary). */
import { stringifyJson } from '../../fhir/json.ts';
import { parseXml } from '../../fhir/xml/read.ts';
import { writeXml } from '../../fhir/xml/write.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(() => house.close());

const tag = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };
const observation = {
  resourceType: 'Observation', id: 'weight', text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">80.50 kg</div>' }, status: 'final', code: { text: 'weight' },
  subject: { reference: 'Patient/forms' }, issued: '2026-01-01T00:00:00Z', note: [{ text: 'n' }],
};
const json = JSON.stringify(observation).replace('"note"', '"valueQuantity":{"value":80.50},"note"');

beforeAll(async () => {
  expect((await send('PUT', `${house.fhir}/Patient/forms`, { resourceType: 'Patient', id: 'forms', birthDate: '2000' })).status).toBe(201);
  expect((await send('PUT', `${house.fhir}/Observation/weight`, json)).status).toBe(201);
});

const get = (path: string, accept?: string): Promise<TestAnswer> => send('GET', `${house.fhir}/${path}`, undefined, accept === undefined ? {} : { accept });
/** A resource in XML as JSON that forgets the digits of decimals, as the test's own reading of JSON does. */
const plainly = (xml: string): unknown => JSON.parse(stringifyJson(parseXml(xml)));
const typeOf = (answer: TestAnswer): string | null => answer.headers.get('content-type');

describe('refused', () => {
  test.each([
    ['?_format=ttl'], ['?_format=application/json-patch%2Bjson'], ['?_format=xml&_format=json'], ['?_format=application/fhir%2Bjson;fhirVersion=3.0'], ['?_format=html'],
  ])('%s', async (query) => {
    const answer = await get(`Observation/weight${query}`);
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([406, 'not-acceptable']);
    expect(answer.json.issue[0].diagnostics).toContain('application/fhir+json, application/fhir+xml');
  });

  test.each([['text/turtle'], ['application/fhir+json;q=0'], ['application/fhir+json; fhirVersion=3.0, application/fhir+xml;fhirVersion=5.0'], ['image/*'], ['application/fhir+json;q=nothing'], [',;']])('Accept: %s', async (accept) => {
    expect((await get('Observation/weight', accept)).status).toBe(406);
  });

  test.each([['_pretty=yes'], ['_summary=some'], ['_summary=count'], ['_elements=nickname'], ['_summary=text&_elements=subject']])('%s', async (query) => {
    const answer = await get(`Observation/weight?${query}`);
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([400, 'invalid-search-value']);
  });

  test('what cannot be answered, before anything is written', async () => {
    for (const [method, path, body] of [['POST', 'Patient?_format=ttl', { resourceType: 'Patient', birthDate: '1900' }], ['PUT', 'Patient/forms?_pretty=yes', { resourceType: 'Patient', id: 'forms', birthDate: '1900' }], ['DELETE', 'Patient/forms?_format=ttl', undefined]] as const) {
      expect((await send(method, `${house.fhir}/${path}`, body)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await get('Patient?birthdate=1900&_summary=count')).json.total).toBe(0);
    expect((await get('Patient/forms')).json.meta.versionId).toBe('1');
  });

  test.each([
    ['no XML', 'application/fhir+xml', '{}', 400, 'malformed-xml'],
    ['XML with a document type', 'application/fhir+xml', '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"/>', 400, 'malformed-xml'],
    ['XML that is not UTF-8', 'text/xml', Buffer.from([0x3c, 0xff]), 400, 'not-utf8'],
    ['XML of another shape', 'application/xml', '<Patient xmlns="http://hl7.org/fhir"><birthDate value="yesterday"/></Patient>', 400, 'invalid-element'],
    ['another resource in XML', 'application/xml', '<Group xmlns="http://hl7.org/fhir"/>', 400, 'wrong-resource-type'],
    ['XML under the name of JSON', 'application/fhir+json', '<Patient xmlns="http://hl7.org/fhir"/>', 400, 'malformed-json'],
    ['another release', 'application/fhir+json; fhirVersion=3.0', '{"resourceType":"Patient"}', 415, 'unsupported-media-type'],
  ])('a body of %s', async (_what, contentType, body, status, code) => {
    const answer = await send('POST', `${house.fhir}/Patient`, body, { 'content-type': contentType });
    expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([status, code]);
  });
});

describe('syntax', () => {
  test.each([
    ['application/fhir+json', 'application/fhir+json'], ['application/json', 'application/json'], ['text/json', 'text/json'], ['application/fhir+xml', 'application/fhir+xml'], ['application/xml', 'application/xml'], ['text/xml', 'text/xml'],
    ['application/fhir+xml; fhirVersion=4.0', 'application/fhir+xml'], ['Application/FHIR+XML', 'application/fhir+xml'], ['application/fhir+json;q=0.1, application/fhir+xml;q=0.9', 'application/fhir+xml'], ['application/fhir+xml;q=0.5,application/fhir+json;q=0.5', 'application/fhir+xml'],
    ['text/turtle, */*;q=0.1', 'application/fhir+json'], ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'application/fhir+json'],
  ])('Accept: %s is answered as %s', async (accept, expected) => {
    const answer = await get('Observation/weight', accept);
    expect([answer.status, typeOf(answer)]).toEqual([200, `${expected}; charset=utf-8`]);
  });

  test.each(['xml', 'text/xml', 'application/xml', 'application/fhir+xml', 'application/fhir%2Bxml'])('_format=%s goes before Accept', async (format) => {
    const answer = await get(`Observation/weight?_format=${format}`, 'application/fhir+json');
    expect(typeOf(answer)).toBe('application/fhir+xml; charset=utf-8');
    expect(answer.text).toContain('<value value="80.50"/>');
    expect(parseXml(answer.text)).toMatchObject({ ...observation, meta: { versionId: '1' } });
  });

  test('what is stored goes out as it is stored', async () => {
    const [stored] = (await house.sql.query<{ content: string }>("select content from resource where id = 'weight'")).rows;
    expect((await get('Observation/weight')).text).toBe(stored!.content);
    expect((await get('Observation/weight', 'application/json')).text).toBe(stored!.content);
  });

  test('what comes as XML is stored as any other, and answered in the form that is asked for', async () => {
    const written = await send('POST', `${house.fhir}/Observation`, writeXml({ ...observation, id: undefined }).replace('<note>', '<valueDecimal value="1"/><note>').replace('<valueDecimal value="1"/>', '<valueQuantity><value value="1.50"/></valueQuantity>'), { 'content-type': 'application/fhir+xml; charset=utf-8', accept: 'application/fhir+xml' });
    expect([written.status, typeOf(written)]).toEqual([201, 'application/fhir+xml; charset=utf-8']);
    const read = await send('GET', written.headers.get('location')!);
    expect(read.text).toContain('"valueQuantity":{"value":1.50}');
    expect(plainly(written.text)).toEqual(read.json);
  });

  test('Bundles, outcomes and the CapabilityStatement, too', async () => {
    for (const path of ['Observation?_id=weight', 'metadata', 'Observation/unknown', 'Nothing/1', 'Observation?nonsense=1']) {
      const [xml, plain] = [await get(path, 'application/fhir+xml'), await get(path)];
      expect([path, xml.status, typeOf(xml)]).toEqual([path, plain.status, 'application/fhir+xml; charset=utf-8']);
      expect(plainly(xml.text)).toEqual(plain.json);
    }
  });

  test('a refusal of a form that cannot be had is JSON', async () => {
    expect(typeOf(await get('Observation/weight?_format=ttl', 'application/fhir+xml'))).toBe('application/fhir+json; charset=utf-8');
  });

  test('a transaction, answered in XML', async () => {
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ fullUrl: 'urn:uuid:6f1c0f6e-0b2f-4b8f-9d4c-0c9a0a7f1b11', resource: { resourceType: 'Patient', gender: 'other' }, request: { method: 'POST', url: 'Patient' } },
      { resource: { ...observation, id: undefined, subject: { reference: 'urn:uuid:6f1c0f6e-0b2f-4b8f-9d4c-0c9a0a7f1b11' } }, request: { method: 'POST', url: 'Observation' } }] };
    const answer = await send('POST', house.fhir, writeXml(bundle), { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' });
    expect(answer.status).toBe(200);
    expect(plainly(answer.text)).toMatchObject({ type: 'transaction-response', entry: [{ response: { status: expect.stringMatching(/^201/) as string } }, { response: { status: expect.stringMatching(/^201/) as string } }] });
  });

  test('a patch as XML', async () => {
    const patch = { resourceType: 'Parameters', parameter: [{ name: 'operation', part: [{ name: 'type', valueCode: 'add' }, { name: 'path', valueString: 'Patient' }, { name: 'name', valueString: 'gender' }, { name: 'value', valueCode: 'other' }] }] };
    await send('PUT', `${house.fhir}/Patient/patched`, { resourceType: 'Patient', id: 'patched' });
    const answer = await send('PATCH', `${house.fhir}/Patient/patched`, writeXml(patch), { 'content-type': 'application/fhir+xml' });
    expect([answer.status, answer.json.gender]).toEqual([200, 'other']);
  });
});

describe('layout', () => {
  test('_pretty', async () => {
    const plain = (await get('Observation/weight')).text;
    const pretty = (await get('Observation/weight?_pretty=true')).text;
    expect(pretty).toContain('\n  "resourceType": "Observation",\n');
    expect(pretty).toContain('"value": 80.50');
    expect(JSON.parse(pretty)).toEqual(JSON.parse(plain));
    expect((await get('Observation/weight?_pretty=true&_format=xml')).text).toContain('\n  <status value="final"/>\n');
    expect((await get('Observation/weight?_pretty=false')).text).toBe(plain);
    expect((await get('Observation/unknown?_pretty=true')).text).toContain('\n  "resourceType": "OperationOutcome",\n');
  });
});

describe('parts', () => {
  test('of a resource that is read', async () => {
    const summary = (await get('Observation/weight?_summary=true')).json;
    expect(Object.keys(summary).toSorted()).toEqual(['code', 'id', 'issued', 'meta', 'resourceType', 'status', 'subject', 'valueQuantity']);
    expect(summary.meta).toMatchObject({ versionId: '1', tag: [tag] });
    expect(Object.keys((await get('Observation/weight?_summary=text')).json).toSorted()).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'text']);
    expect((await get('Observation/weight?_elements=valueQuantity')).text).toContain('"valueQuantity":{"value":80.50}');
    expect(parseXml((await get('Observation/weight?_elements=subject&_format=xml')).text)).toMatchObject({ subject: { reference: 'Patient/forms' }, meta: { tag: [tag] } });
    expect((await get('Observation/weight?_summary=false')).json.meta.tag).toBeUndefined();
  });

  test('of resources that are found, by GET and by a form', async () => {
    const form = await send('POST', `${house.fhir}/Observation/_search`, '_id=weight&_summary=data', { 'content-type': 'application/x-www-form-urlencoded' });
    for (const answer of [await get('Observation?_id=weight&_summary=data'), form]) {
      expect(answer.json.entry[0].resource).toMatchObject({ id: 'weight', meta: { tag: [tag] }, note: [{ text: 'n' }] });
      expect(answer.json.entry[0].resource.text).toBeUndefined();
      expect(answer.json.meta).toBeUndefined();
    }
  });

  test('none of them: how many there are', async () => {
    const answer = await get('Observation?subject=Patient/forms&_summary=count');
    expect([answer.json.total > 0, answer.json.entry]).toEqual([true, undefined]);
  });

  test('of the next page as of the first', async () => {
    const first = (await get('Observation?_count=1&_elements=status&_sort=_id')).json;
    const next = new URL(first.link.find((link: { relation: string }) => link.relation === 'next').url);
    expect(next.searchParams.get('_elements')).toBe('status');
    expect(Object.keys((await send('GET', next.href)).json.entry[0].resource).toSorted()).toEqual(['code', 'id', 'meta', 'resourceType', 'status']);
  });

  test('are not stored', async () => {
    expect((await get('Observation/weight')).text).not.toContain('SUBSETTED');
  });
});
