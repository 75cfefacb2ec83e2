/** Where operations are asked for, and what is said where they are not. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const codeOf = (json: { issue: { details: { coding: { code: string }[] } }[] }): string => json.issue[0]!.details.coding[0]!.code;

test.each(['$no-such', 'Patient/$no-such', 'Patient/1/$no-such', 'Patient/1/_history/1/$no-such', '$', 'Patient/$'])('an operation that nobody knows: %s', async (path) => {
  for (const method of ['GET', 'POST']) {
    const answer = await send(method, `${house.fhir}/${path}`, method === 'POST' ? {} : undefined);
    expect([answer.status, answer.json.resourceType]).toEqual([404, 'OperationOutcome']);
  }
});

test('the name of an unknown operation is not repeated', async () => {
  const answer = await send('GET', `${house.fhir}/Patient/$Smith-1970-01-01`);
  expect(answer.status).toBe(404);
  expect(codeOf(answer.json)).toBe('unknown-operation');
  expect(answer.text).not.toContain('Smith');
});

test('a known operation in the wrong place is told where it belongs', async () => {
  for (const path of ['$submit', 'Patient/$submit', 'Claim/1/$submit', 'Claim/$meta-add', '$meta-delete', 'Patient/1/_history/1/$validate']) {
    const answer = await send('POST', `${house.fhir}/${path}`, {});
    expect([path, answer.status, codeOf(answer.json)]).toEqual([path, 400, 'operation-elsewhere']);
  }
  expect((await send('POST', `${house.fhir}/$submit`, {})).json.issue[0].diagnostics).toContain('/Claim/$submit');
});

test('an operation that changes something is not asked for by GET', async () => {
  for (const path of ['Claim/$submit', 'Patient/1/$meta-add', 'Claim/1/$decide']) {
    const answer = await send('GET', `${house.fhir}/${path}`);
    expect([path, answer.status, codeOf(answer.json), answer.headers.get('allow')]).toEqual([path, 405, 'operation-by-post', 'POST']);
  }
});

test('a type that FHIR does not have', async () => {
  for (const path of ['Nothing/$meta', 'Nothing/1/$meta', 'Nothing/$no-such']) {
    const answer = await send('GET', `${house.fhir}/${path}`);
    expect([path, answer.status, codeOf(answer.json)]).toEqual([path, 404, 'unknown-resource-type']);
  }
});

test('ids and versions that are none', async () => {
  expect((await send('GET', `${house.fhir}/Patient/a_b/$meta`)).status).toBe(400);
  expect((await send('GET', `${house.fhir}/Patient/1/_history/x/$meta`)).status).toBe(404);
});

test('parameters that the operation does not have, and bodies that are no Parameters', async () => {
  const cases: [string, string, unknown, string][] = [
    ['GET', '$meta?colour=red', undefined, 'unknown-operation-parameter'],
    ['POST', '$meta', { resourceType: 'Parameters', parameter: [{ name: 'colour', valueCode: 'red' }] }, 'unknown-operation-parameter'],
    ['POST', '$meta', { resourceType: 'Patient' }, 'not-parameters'],
    ['POST', '$meta', { resourceType: 'Parameters', parameter: ['x'] }, 'invalid-element'],
    ['POST', '$meta', '{', 'malformed-json'],
  ];
  for (const [method, path, body, code] of cases) {
    const answer = await send(method, `${house.fhir}/${path}`, body);
    expect([path, answer.status, codeOf(answer.json)]).toEqual([path, 400, code]);
  }
});

test('what the client does not accept is said before anything is done', async () => {
  expect((await send('GET', `${house.fhir}/$meta`, undefined, { accept: 'image/png' })).status).toBe(406);
});
