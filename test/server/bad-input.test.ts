/** What is wrong with a request is said precisely, without repeating what was sent, and leaves nothing behind. */
/* oxlint-disable jest/expect-expect -- expectRefusal and afterEach assert */
import { connect } from 'node:net';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let rowsBefore: string;
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_BODY_LIMIT: String(12 * 1024 * 1024), PRIORA_BUNDLE_LIMIT: '1000' } });
  rowsBefore = await rows();
});
afterEach(async () => { expect(await rows()).toBe(rowsBefore); });
afterAll(async () => { await house.close(); });

/** How many rows there are in each table that a write touches. */
async function rows(): Promise<string> {
  const { rows: [count] } = await house.sql.query(`select concat_ws(' ', (select count(*) from resource), (select count(*) from resource_history), (select count(*) from outbox)) as text`);
  return count.text;
}

/** A word that is in every body below and must be in no answer. */
const secret = 'Zwetschgenhuber';

function expectRefusal(answer: TestAnswer, status: number, code: string): void {
  expect(answer.text).not.toContain(secret);
  const issue = answer.text === '' ? undefined : answer.json.issue?.[0];
  expect([answer.status, issue?.details?.coding?.[0]?.code]).toEqual([status, code]);
  expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: expect.arrayContaining([expect.objectContaining({ severity: 'error', code: expect.any(String), diagnostics: expect.any(String) })]) });
  expect(answer.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
}

const patient = (member: string): string => `{"resourceType":"Patient","name":[{"family":"${secret}"}],${member}}`;

describe('bodies', () => {
  test.each<[name: string, body: string | Uint8Array | undefined, status: number, code: string]>([
    ['no body', undefined, 400, 'empty-body'],
    ['an empty body', '', 400, 'empty-body'],
    ['white space', '  ', 400, 'malformed-json'],
    ['no JSON', secret, 400, 'malformed-json'],
    ['a missing brace', patient('"active":true').slice(0, -1), 400, 'malformed-json'],
    ['a trailing comma', patient('"active":true,'), 400, 'malformed-json'],
    ['something behind the end', `${patient('"active":true')}x`, 400, 'malformed-json'],
    ['NaN', patient('"multipleBirthInteger":NaN'), 400, 'malformed-json'],
    ['a list', `[${patient('"active":true')}]`, 400, 'not-a-resource'],
    ['null', 'null', 400, 'not-a-resource'],
    ['a string', `"${secret}"`, 400, 'not-a-resource'],
    ['no resourceType', `{"name":[{"family":"${secret}"}]}`, 400, 'not-a-resource'],
    ['a resourceType that is no string', `{"resourceType":["Patient"],"x":"${secret}"}`, 400, 'not-a-resource'],
    ['a resourceType that is none', `{"resourceType":"${secret}"}`, 404, 'unknown-resource-type'],
    ['another resourceType', `{"resourceType":"Observation","note":[{"text":"${secret}"}]}`, 400, 'wrong-resource-type'],
    ['a name twice', patient('"active":true,"active":false'), 400, 'malformed-json'],
    ['a name twice, once escaped', patient('"active":true,"\\u0061ctive":false'), 400, 'malformed-json'],
    ['a name twice, deep inside', patient('"contact":[{"name":{"text":"a","text":"b"}}]'), 400, 'malformed-json'],
    ['a name twice, with white space', patient('"active" \n\t:true,"active":false'), 400, 'malformed-json'],
    ['resourceType twice', '{"resourceType":"Patient","resourceType":"Observation"}', 400, 'malformed-json'],
    ['__proto__', patient('"__proto__":{"active":true}'), 400, 'malformed-json'],
    ['__proto__, deep inside', patient('"contact":[{"__proto__":{"x":1}}]'), 400, 'malformed-json'],
    ['constructor as an element', patient('"constructor":{"prototype":{"x":1}}'), 400, 'invalid-element'],
    ['NUL, escaped', patient('"id":"a","language":"\\u0000"'), 400, 'malformed-json'],
    ['NUL in a name', patient('"a\\u0000":1'), 400, 'malformed-json'],
    ['NUL, raw', patient('"language":"\u0000"'), 400, 'malformed-json'],
    ['a bell', patient('"language":"\\u0007"'), 400, 'malformed-json'],
    ['half of a character', patient('"language":"\\ud800"'), 400, 'malformed-json'],
    ['the other half', patient('"language":"x\\uDC00x"'), 400, 'malformed-json'],
    ['halves in the wrong order', patient('"language":"\\uDC00\\uD800"'), 400, 'malformed-json'],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from(patient('"language":"').slice(0, -1)), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]), 400, 'not-utf8'],
    ['an overlong encoding', Buffer.concat([Buffer.from(patient('"language":"').slice(0, -1)), Buffer.from([0xc0, 0x80]), Buffer.from('"}')]), 400, 'not-utf8'],
    ['UTF-16', Buffer.from(patient('"active":true'), 'utf16le'), 400, 'malformed-json'],
    ['arrays 200 deep', patient(`"extension":${'['.repeat(200)}${']'.repeat(200)}`), 400, 'too-deep'],
    ['objects 100,000 deep', patient(`"extension":${'{"extension":'.repeat(100_000)}1${'}'.repeat(100_000)}`), 400, 'too-deep'],
    ['an unknown element', patient(`"nickname":"${secret}"`), 400, 'invalid-element'],
    ['a string where a list belongs', patient('"identifier":"x"'), 400, 'invalid-element'],
    ['an object where a string belongs', patient('"gender":{"x":1}'), 400, 'invalid-element'],
    ['a number where a boolean belongs', patient('"active":1'), 400, 'invalid-element'],
    ['null as an element', patient('"active":null'), 400, 'invalid-element'],
    ['an id with a slash', patient('"id":"a/b"'), 400, 'invalid-id'],
    ['an id that is a number', patient('"id":7'), 400, 'invalid-id'],
    ['an id of 65 characters', patient(`"id":"${'a'.repeat(65)}"`), 400, 'invalid-id'],
    ['meta that is a list', patient('"meta":[]'), 400, 'invalid-element'],
    ['a body over the limit', `${patient('"active":true')}${' '.repeat(12 * 1024 * 1024)}`, 413, 'too-large'],
  ])('%s', async (_name, body, status, code) => {
    expectRefusal(await send('POST', `${house.fhir}/Patient`, body), status, code);
  });

  test('all that is wrong with the shape is told, each with its place', async () => {
    const answer = await send('POST', `${house.fhir}/Patient`, patient('"active":"yes","contact":[{},{"name":{"given":"x"}}]'));
    expectRefusal(answer, 400, 'invalid-element');
    expect(answer.json.issue.map((issue: { expression: string[] }) => issue.expression[0]).toSorted()).toEqual(expect.arrayContaining(['Patient.active', 'Patient.contact[1].name.given']));
  });

  test.each([
    ['text/plain', 415], ['application/xml', 415], ['application/fhir+xml', 415], [`text/${secret} <script>`, 415], ['multipart/form-data', 415], ['', 415],
  ])('content type %p', async (contentType, status) => {
    const answer = await send('POST', `${house.fhir}/Patient`, Buffer.from(patient('"active":true')), { 'content-type': contentType });
    expectRefusal(answer, status, 'unsupported-media-type');
  });

  test('escapes that only look forbidden are taken, and so are ten megabytes of base64', async () => {
    const taken = await send('PUT', `${house.fhir}/Patient/odd`, '{"resourceType":"Patient","id":"odd","maritalStatus":{"text":"\\\\u0000 \\uD83D\\uDE00 \\t\\n \\" : \\\\\\" :"}}');
    expect([taken.status, taken.json.maritalStatus?.text]).toEqual([201, '\\u0000 \u{1f600} \t\n " : \\" :']);
    const large = await send('PUT', `${house.fhir}/Binary/large`, { resourceType: 'Binary', id: 'large', contentType: 'text/plain', data: 'A'.repeat(10 * 1024 * 1024) });
    expect(large.status).toBe(201);
    expect((await send('GET', `${house.fhir}/Binary/large`, undefined, { accept: 'application/fhir+json' })).text).toBe(large.text);
    rowsBefore = await rows();
  });
});

describe('addresses', () => {
  test.each([
    ['an id with an encoded slash', 'GET', '/Patient/a%2Fb', 400, 'invalid-id'],
    ['an id with NUL', 'GET', '/Patient/a%00b', 400, 'invalid-id'],
    ['an id with a space', 'GET', '/Patient/a%20b', 400, 'invalid-id'],
    ['an id with two dots and slashes', 'GET', '/Patient/..%2f..%2fetc', 400, 'invalid-id'],
    ['an id of 65 characters', 'GET', `/Patient/${'a'.repeat(65)}`, 400, 'invalid-id'],
    ['an id of 300 characters', 'GET', `/Patient/${'a'.repeat(300)}`, 404, 'no-such-route'],
    ['an id with a quote', 'GET', `/Patient/a'--`, 400, 'invalid-id'],
    ['an encoding that is none', 'GET', `/Patient/${secret}%zz`, 404, 'no-such-route'],
    ['an encoding of no UTF-8', 'GET', `/Patient/${secret}%ff`, 404, 'no-such-route'],
    ['a type that is a name', 'GET', `/${secret}/1`, 404, 'unknown-resource-type'],
    ['a version that is no number', 'GET', '/Patient/a/_history/x', 404, 'version-not-found'],
    ['version 0', 'GET', '/Patient/a/_history/0', 404, 'version-not-found'],
    ['a version too large', 'GET', '/Patient/a/_history/99999999999999999999', 404, 'version-not-found'],
    ['an unknown resource', 'GET', '/Patient/unknown', 404, 'not-found'],
    ['an operation that is none', 'GET', '/Patient/$everything', 400, 'invalid-id'],
    ['a parameter that a read does not take', 'GET', '/Patient/1?_elements=name', 400, 'unknown-search-parameter'],
    ['another format', 'GET', '/Patient/1?_format=xml', 406, 'not-acceptable'],
    ['another format behind a right one', 'GET', '/Patient/1?_format=json&_format=ttl', 406, 'not-acceptable'],
    ['a patch', 'PATCH', '/Patient/1', 501, 'not-supported'],
    ['a conditional update', 'PUT', `/Patient?identifier=${secret}`, 501, 'not-supported'],
    ['a conditional delete', 'DELETE', `/Patient?identifier=${secret}`, 501, 'not-supported'],
    ['a search over all types', 'GET', '?_id=1', 501, 'not-supported'],
    ['the history of a type', 'GET', '/Patient/_history', 501, 'not-supported'],
    ['the history of everything', 'GET', '/_history', 501, 'not-supported'],
    ['a search in a compartment', 'GET', '/Patient/1/Observation', 501, 'not-supported'],
  ])('%s', async (_name, method, path, status, code) => {
    expectRefusal(await send(method, `${house.fhir}${path}`), status, code);
  });

  test.each([['application/xml'], ['application/fhir+xml'], ['text/turtle;q=1'], ['image/*']])('Accept %s', async (accept) => {
    expectRefusal(await send('GET', `${house.fhir}/Patient/1`, undefined, { accept }), 406, 'not-acceptable');
    expectRefusal(await send('POST', `${house.fhir}/Patient`, { resourceType: 'Patient' }, { accept }), 406, 'not-acceptable');
    expectRefusal(await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction' }, { accept }), 406, 'not-acceptable');
  });
});

describe('preconditions', () => {
  test.each([['If-None-Exist on a create', 'POST', '/Patient', 'if-none-exist', 'identifier=1'], ['If-None-Match on an update', 'PUT', '/Patient/a', 'if-none-match', '*']])('%s is refused by name', async (_name, method, path, header, value) => {
    expectRefusal(await send(method, `${house.fhir}${path}`, { resourceType: 'Patient', id: 'a' }, { [header]: value }), 501, 'not-supported');
  });

  test.each([['1'], ['"x"'], ['W/"0"'], ['*'], ['W/"1", W/"2"'], [`"${secret}"`]])('If-Match %s is no version', async (value) => {
    expectRefusal(await send('PUT', `${house.fhir}/Patient/odd`, { resourceType: 'Patient', id: 'odd' }, { 'if-match': value }), 400, 'bad-if-match');
    expectRefusal(await send('DELETE', `${house.fhir}/Patient/odd`, undefined, { 'if-match': value }), 400, 'bad-if-match');
  });

  test('If-Match with another version, or on what is not there', async () => {
    for (const id of ['odd', 'never-there']) {
      expectRefusal(await send('PUT', `${house.fhir}/Patient/${id}`, { resourceType: 'Patient', id }, { 'if-match': 'W/"9"' }), 412, 'version-conflict');
      expectRefusal(await send('DELETE', `${house.fhir}/Patient/${id}`, undefined, { 'if-match': 'W/"9"' }), 412, 'version-conflict');
    }
  });

  test('an update without the id, or with another', async () => {
    expectRefusal(await send('PUT', `${house.fhir}/Patient/odd`, { resourceType: 'Patient' }), 400, 'id-required');
    expectRefusal(await send('PUT', `${house.fhir}/Patient/odd`, { resourceType: 'Patient', id: 'even' }), 400, 'id-mismatch');
  });
});

describe('bytes that are no HTTP', () => {
  async function raw(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(house.origin).port), '127.0.0.1');
    socket.end(bytes);
    let text = '';
    for await (const chunk of socket) text += (chunk as Buffer).toString('latin1');
    return text;
  }

  test.each([
    ['no request line', `${secret}\r\n\r\n`, 400],
    ['a header without a name', `GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n: ${secret}\r\n\r\n`, 400],
    ['two lengths', 'POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}', 400],
    ['a length and chunks', 'POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['headers without end', `GET /fhir/Patient?x=${'a'.repeat(40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
  ])('%s', async (_name, bytes, status) => {
    const text = await raw(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain('"resourceType":"OperationOutcome"');
    expect(text).not.toContain(secret);
  });

  test('a body that ends too early leaves nothing', async () => {
    expect(await raw(`POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: 500\r\n\r\n{"resourceType":"Patient"}`)).not.toMatch(/ 20\d /);
  });
});
