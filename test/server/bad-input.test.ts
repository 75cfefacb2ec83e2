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
  const { rows: [count] } = await house.sql.query(`select concat_ws(' ', (select count(*) from resource), (select count(*) from resource_history), (select count(*) from outbox),
    (select count(*) from index_string), (select count(*) from index_date), (select count(*) from index_number), (select count(*) from resource_object)) as text`);
  return count.text;
}

/** A word that is in every body below and must be in no answer. */
const secret = 'Zwetschgenhuber';

/** @param code undefined where the words are another test's */
function expectRefusal(answer: TestAnswer, status: number, code: string | undefined): void {
  expect(answer.text).not.toContain(secret);
  const issue = answer.text === '' ? undefined : answer.json.issue?.[0];
  expect([answer.status, issue?.details?.coding?.[0]?.code]).toEqual([status, code ?? expect.any(String)]);
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
    ['text/plain', 415], ['application/edi-x12', 415], [`text/${secret} <script>`, 415], ['multipart/form-data', 415], ['', 415],
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
    ['an id with NUL', 'GET', '/Patient/a%00b', 400, 'malformed-address'],
    ['an id with a space', 'GET', '/Patient/a%20b', 400, 'invalid-id'],
    ['an id with two dots and slashes', 'GET', '/Patient/..%2f..%2fetc', 400, 'invalid-id'],
    ['an id of 65 characters', 'GET', `/Patient/${'a'.repeat(65)}`, 400, 'invalid-id'],
    ['an id of 300 characters', 'GET', `/Patient/${'a'.repeat(300)}`, 404, 'no-such-route'],
    ['an id with a quote', 'GET', `/Patient/a'--`, 400, 'invalid-id'],
    ['an encoding that is none', 'GET', `/Patient/${secret}%zz`, 400, 'malformed-address'],
    ['an encoding that is cut off', 'GET', `/Patient/${secret}%2`, 400, 'malformed-address'],
    ['an encoding of no UTF-8', 'GET', `/Patient/${secret}%ff`, 400, 'malformed-address'],
    ['an encoding of half a character', 'GET', '/Patient/%ed%a0%80', 400, 'malformed-address'],
    ['a query in an encoding that is none', 'GET', `/Patient?identifier=${secret}%zz`, 400, 'malformed-address'],
    ['a query in no UTF-8', 'GET', `/Patient?identifier=${secret}%c0%80`, 400, 'malformed-address'],
    ['a query with NUL', 'GET', `/Patient?name=${secret}%00`, 400, 'malformed-address'],
    ['a parameter name with NUL', 'GET', '/Patient?na%00me=x', 400, 'malformed-address'],
    ['__proto__ as a parameter', 'GET', '/Patient?__proto__=x', 400, 'unknown-search-parameter'],
    ['constructor as a parameter', 'GET', '/Patient?constructor=x', 400, 'unknown-search-parameter'],
    ['constructor as a chain', 'GET', '/Observation?subject.constructor=x', 400, 'unknown-search-parameter'],
    ['constructor as a type', 'GET', '/constructor', 404, 'unknown-resource-type'],
    ['__proto__ as a type', 'GET', '/__proto__/1', 404, 'unknown-resource-type'],
    ['101 parameters', 'GET', `/Patient?${'identifier=1&'.repeat(101)}`, 400, 'invalid-search-value'],
    ['1,500 parameters', 'GET', `/Patient?${'_id=1&'.repeat(1500)}`, 400, 'invalid-search-value'],
    ['1,001 alternatives', 'GET', `/Patient?identifier=${'1,'.repeat(1000)}1`, 400, 'invalid-search-value'],
    ['more matches than a page holds', 'GET', '/Patient?_count=99999999999999999999', 400, 'invalid-search-value'],
    ['a chain without end', 'GET', `/Observation?${'subject.'.repeat(60)}name=x`, 400, undefined],
    ['_has without end', 'GET', `/Patient?${'_has:Observation:patient:'.repeat(60)}code=x`, 400, undefined],
    ['a filter of parentheses', 'GET', `/Patient?_filter=${'('.repeat(2000)}`, 400, undefined],
    ['a type that is a name', 'GET', `/${secret}/1`, 404, 'unknown-resource-type'],
    ['a version that is no number', 'GET', '/Patient/a/_history/x', 404, 'version-not-found'],
    ['version 0', 'GET', '/Patient/a/_history/0', 404, 'version-not-found'],
    ['a version too large', 'GET', '/Patient/a/_history/99999999999999999999', 404, 'version-not-found'],
    ['an unknown resource', 'GET', '/Patient/unknown', 404, 'not-found'],
    ['an operation that is none', 'GET', `/Patient/$${secret}`, 404, 'unknown-operation'],
    ['a parameter that a read does not take', 'GET', '/Patient/1?name=x', 400, 'unknown-search-parameter'],
    ['another format', 'GET', '/Patient/1?_format=ttl', 406, 'not-acceptable'],
    ['another format behind a right one', 'GET', '/Patient/1?_format=json&_format=ttl', 406, 'not-acceptable'],
    ['a patch without a body', 'PATCH', '/Patient/1', 400, 'empty-body'],
    ['a conditional update without criteria', 'PUT', '/Patient', 400, undefined],
    ['a conditional delete by what is no parameter', 'DELETE', `/Patient?favourite=${secret}`, 400, 'unknown-search-parameter'],
  ])('%s', async (_name, method, path, status, code) => {
    expectRefusal(await send(method, `${house.fhir}${path}`), status, code);
  });

  test.each([['text/turtle;q=1'], ['image/*'], ['application/fhir+json;q=0']])('Accept %s', async (accept) => {
    expectRefusal(await send('GET', `${house.fhir}/Patient/1`, undefined, { accept }), 406, 'not-acceptable');
    expectRefusal(await send('POST', `${house.fhir}/Patient`, { resourceType: 'Patient' }, { accept }), 406, 'not-acceptable');
    expectRefusal(await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction' }, { accept }), 406, 'not-acceptable');
  });
});

describe('preconditions', () => {
  test.each<[name: string, method: string, path: string, headers: Record<string, string>, code: string]>([
    ['If-Match and If-None-Match', 'PUT', '/Patient/odd', { 'if-match': 'W/"1"', 'if-none-match': '*' }, 'bad-precondition'],
    ['If-None-Match with a version on an update', 'PUT', '/Patient/odd', { 'if-none-match': 'W/"1"' }, 'bad-precondition'],
    ['If-None-Exist on an update', 'PUT', '/Patient/odd', { 'if-none-exist': `identifier=${secret}` }, 'bad-precondition'],
    ['If-Match on a create', 'POST', '/Patient', { 'if-match': 'W/"1"' }, 'bad-precondition'],
    ['If-None-Match on a create', 'POST', '/Patient', { 'if-none-match': '*' }, 'bad-precondition'],
    ['If-Match on a create of a Binary', 'POST', '/Binary', { 'if-match': 'W/"1"' }, 'bad-precondition'],
    ['If-None-Exist without criteria', 'POST', '/Patient', { 'if-none-exist': '?' }, 'no-criteria'],
    ['If-None-Exist by what is no parameter', 'POST', '/Patient', { 'if-none-exist': `favourite=${secret}` }, 'unknown-search-parameter'],
    ['If-None-Exist with NUL', 'POST', '/Patient', { 'if-none-exist': 'identifier=%00' }, 'invalid-search-value'],
    ['If-None-Exist of 5,000 characters', 'POST', '/Patient', { 'if-none-exist': `identifier=${'x'.repeat(5000)}` }, 'invalid-search-value'],
  ])('%s', async (_name, method, path, headers, code) => {
    expectRefusal(await send(method, `${house.fhir}${path}`, { resourceType: path.split('/')[1], id: 'odd' }, headers), 400, code);
  });

  test.each([['1'], ['"x"'], ['W/"0"'], ['*, *'], ['W/"1", W/"2"'], [`"${secret}"`]])('If-Match %s is no version', async (value) => {
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
    socket.on('error', () => {});
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
    ['an address without end', `GET /fhir/Patient?x=${'a'.repeat(40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
    ['a header without end', `GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(200_000)}\r\n\r\n`, 431],
    ['headers without number', `GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n${'A: b\r\n'.repeat(50_000)}\r\n`, 431],
    ['a chunk whose length is none', 'POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n', 400],
    ['bytes in the address', 'GET /fhir/Patient/\u00ff HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
    ['no host', 'GET /fhir/metadata HTTP/1.1\r\nConnection: close\r\n\r\n', 404],
    ['a method that is none', 'FETCH /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
  ])('%s', async (_name, bytes, status) => {
    const text = await raw(bytes);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(text).toContain('"resourceType":"OperationOutcome"');
    expect(text).not.toContain(secret);
  });

  test('a body that ends too early leaves nothing', async () => {
    expect(await raw(`POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: 500\r\n\r\n{"resourceType":"Patient"}`)).not.toMatch(/ 20\d /);
    expect(house.log.filter((line) => line.includes('"fault"'))).toEqual([]);
  });
});

describe('XML', () => {
  const xml = (inside: string): string => `<Patient xmlns="http://hl7.org/fhir">${inside}</Patient>`;
  test.each<[name: string, body: string | Uint8Array, code: string]>([
    ['entities that grow', `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 30 }, (_, index) => `<!ENTITY a${index} "${`&a${index === 0 ? '' : index - 1};`.repeat(10)}">`).join('')}]>${xml('<language value="&a29;"/>')}`, 'malformed-xml'],
    ['an entity from a file', `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${xml('<language value="&a;"/>')}`, 'malformed-xml'],
    ['an entity that nobody knows', xml('<language value="&a;"/>'), 'malformed-xml'],
    ['100,000 elements deep', xml('<extension url="x">'.repeat(100_000) + '</extension>'.repeat(100_000)), 'malformed-xml'],
    ['a narrative 100,000 elements deep', xml(`<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">${'<p>'.repeat(100_000)}${'</p>'.repeat(100_000)}</div></text>`), 'malformed-xml'],
    ['300,000 attributes', xml(`<language ${Array.from({ length: 300_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`), 'malformed-xml'],
    ['100,000 namespaces', `<Patient xmlns="http://hl7.org/fhir" ${Array.from({ length: 100_000 }, (_, index) => `xmlns:a${index}="urn:${index}"`).join(' ')}/>`, 'malformed-xml'],
    ['an attribute name of 10 MB', xml(`<language ${'a'.repeat(10 * 1024 * 1024)}="x"/>`), 'malformed-xml'],
    ['an element name of 10 MB', xml(`<${'a'.repeat(10 * 1024 * 1024)}/>`), 'malformed-xml'],
    ['NUL', xml('<language value="&#0;"/>'), 'malformed-xml'],
    ['half a character', xml('<language value="&#xD800;"/>'), 'malformed-xml'],
    ['no UTF-8', Buffer.concat([Buffer.from('<Patient xmlns="http://hl7.org/fhir"><language value="'), Buffer.from([0xff]), Buffer.from('"/></Patient>')]), 'not-utf8'],
    ['the end is missing', `<Patient xmlns="http://hl7.org/fhir"><language value="${secret}`, 'malformed-xml'],
    ['an element that a Patient has not', xml(`<nickname value="${secret}"/>`), 'malformed-xml'],
    ['__proto__', xml('<__proto__ value="x"/>'), 'malformed-xml'],
    ['constructor', xml('<constructor value="x"/>'), 'malformed-xml'],
    ['another name space', '<Patient xmlns="urn:other"/>', 'malformed-xml'],
    ['JSON', patient('"active":true'), 'malformed-xml'],
  ])('%s', async (_name, body, code) => {
    expectRefusal(await send('POST', `${house.fhir}/Patient`, body, { 'content-type': 'application/fhir+xml', accept: 'application/fhir+json' }), 400, code);
  });

  test('what is refused is refused in XML to who asks for it', async () => {
    const answer = await send('POST', `${house.fhir}/Patient`, '<', { 'content-type': 'application/fhir+xml', accept: 'application/fhir+xml' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, expect.stringMatching(/^application\/fhir\+xml/)]);
    expect(answer.text).toContain('<code value="malformed-xml"/>');
  });
});

describe('patches', () => {
  test.each<[name: string, body: unknown, status: number, code: string]>([
    ['an index far behind the end', [{ op: 'add', path: '/name/4294967295', value: {} }], 422, 'patch-not-applicable'],
    ['an index with twenty digits', [{ op: 'add', path: '/name/99999999999999999999', value: {} }], 422, 'patch-not-applicable'],
    ['an index below zero', [{ op: 'remove', path: '/name/-1' }], 422, 'patch-not-applicable'],
    ['__proto__', [{ op: 'add', path: '/__proto__/polluted', value: true }], 400, 'invalid-patch'],
    ['constructor', [{ op: 'add', path: '/constructor/prototype/polluted', value: true }], 422, 'patch-not-applicable'],
    ['a list that copies itself into itself', [{ op: 'add', path: '/extension', value: [{ url: 'urn:x', extension: [{ url: 'urn:y', valueString: secret }] }] }, ...Array.from({ length: 40 }, () => ({ op: 'copy', from: '/extension/0', path: '/extension/0/extension/-' }))], 422, 'patch-not-applicable'],
    ['100,000 operations', Array.from({ length: 100_000 }, () => ({ op: 'add', path: '/name/0', value: { family: secret } })), 400, 'invalid-patch'],
    ['a path of a million steps', [{ op: 'add', path: '/a'.repeat(1_000_000), value: 1 }], 400, 'invalid-patch'],
    ['null', 'null', 400, 'invalid-patch'],
    ['what makes the resource malformed', [{ op: 'add', path: '/active', value: secret }], 400, 'invalid-element'],
    ['another id', [{ op: 'replace', path: '/id', value: 'even' }], 422, 'patch-not-applicable'],
  ])('%s', async (_name, body, status, code) => {
    const answer = await send('PATCH', `${house.fhir}/Patient/odd`, body, { 'content-type': 'application/json-patch+json' });
    expectRefusal(answer, status, code === 'patch-not-applicable' ? undefined : code);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('Bundles', () => {
  const bundle = (entry: unknown[], type = 'transaction'): unknown => ({ resourceType: 'Bundle', type, entry });
  const create = (resource: object = {}): unknown => ({ resource: { resourceType: 'Basic', code: { text: secret }, ...resource }, request: { method: 'POST', url: 'Basic' } });

  test.each<[name: string, body: unknown, status: number, code: string | undefined]>([
    ['10,000 entries where 1,000 are allowed', bundle(Array.from({ length: 10_000 }, () => create())), 413, 'bundle-too-large'],
    ['10,000 entries of a batch', bundle(Array.from({ length: 10_000 }, () => create()), 'batch'), 413, 'bundle-too-large'],
    ['999 that are good and one that is not', bundle([...Array.from({ length: 999 }, () => create()), create({ code: [secret] })]), 400, 'invalid-element'],
    ['999 that are good and one that finds nothing', bundle([...Array.from({ length: 999 }, () => create()), { request: { method: 'GET', url: 'Patient/nobody' } }]), 404, 'not-found'],
    ['the same twice', bundle([1, 2].map(() => ({ resource: { resourceType: 'Basic', id: 'a', code: {  text: 'x' } }, request: { method: 'PUT', url: 'Basic/a' } }))), 400, 'bundle-entry'],
    ['an entry that is null', bundle([null]), 400, undefined],
    ['an entry without a request', bundle([{ resource: { resourceType: 'Basic' } }]), 400, undefined],
    ['a method that is none', bundle([{ request: { method: secret, url: 'Basic' } }]), 400, undefined],
    ['an address elsewhere', bundle([{ request: { method: 'GET', url: `http://${secret}.example/Patient/1` } }]), 400, 'bundle-entry'],
    ['an address with steps up', bundle([{ request: { method: 'GET', url: 'Patient/../../landing/1' } }]), 400, 'bundle-entry'],
    ['an address that cannot be decoded', bundle([{ request: { method: 'GET', url: 'Patient?name=%zz' } }]), 400, 'bundle-entry'],
    ['an address with NUL', bundle([{ request: { method: 'GET', url: 'Patient?name=%00' } }]), 400, 'bundle-entry'],
    ['a reference to an entry that is not there', bundle([create({ subject: { reference: 'urn:uuid:5f4b1f0a-5a0e-4b6e-8b38-0d3f4f1a0001' } })]), 400, undefined],
    ['preconditions that contradict each other', bundle([{ resource: { resourceType: 'Basic', id: 'a', code: { text: 'x' } }, request: { method: 'PUT', url: 'Basic/a', ifMatch: 'W/"1"', ifNoneMatch: '*' } }]), 400, 'bad-precondition'],
    ['a Bundle in a Bundle', bundle([{ resource: { resourceType: 'Bundle', type: 'batch' }, request: { method: 'POST', url: '' } }]), 400, undefined],
  ])('%s', async (_name, body, status, code) => {
    expectRefusal(await send('POST', house.fhir, body), status, code);
  });
});

describe('forms', () => {
  test.each<[name: string, form: string, code: string]>([
    ['10,000 parameters', 'identifier=1&'.repeat(10_000), 'invalid-search-value'],
    ['100,000 alternatives', `identifier=${'1,'.repeat(100_000)}1`, 'invalid-search-value'],
    ['a name of 10 MB', `${'x'.repeat(10 * 1024 * 1024)}=1`, 'unknown-search-parameter'],
    ['NUL', 'name=a%00b', 'malformed-form'],
    ['half a character', 'name=%ed%a0%80', 'malformed-form'],
    ['an encoding that is none', `name=${secret}%`, 'malformed-form'],
  ])('%s', async (_name, form, code) => {
    expectRefusal(await send('POST', `${house.fhir}/Patient/_search`, form, { 'content-type': 'application/x-www-form-urlencoded' }), 400, code);
  });
});

describe('GraphQL', () => {
  const query = (text: string): Promise<TestAnswer> => send('POST', `${house.fhir}/$graphql`, { query: text }, { 'content-type': 'application/json' });
  test.each<[name: string, text: string]>([
    ['no query', 'select 1'], ['a value that ends too early', `{ PatientList(name: "${secret}" { id } }`], ['a name of a megabyte', `{ ${'a'.repeat(1_000_000)} }`], ['1,000 levels', `${'{a'.repeat(1000)}${'}'.repeat(1000)}`], ['braces without end', '{'.repeat(100_000)],
    ['10,000 aliases of everything', `{${Array.from({ length: 10_000 }, (_, index) => `a${index}: PatientList { id }`).join(' ')}}`],
    ['fragments in a circle', '{ PatientList { ...a } } fragment a on Patient { ...b } fragment b on Patient { ...a }'],
    ['a string without end', `{ PatientList(name: "${'x'.repeat(5_000_000)}`],
    ['100,000 directives', `{ PatientList ${'@include(if: true) '.repeat(100_000)} { id } }`],
  ])('%s', async (_name, text) => {
    const answer = await query(text);
    expect(answer.text).not.toContain(secret);
    expect([answer.status, answer.text.length < 20_000]).toEqual([400, true]);
  });
});
