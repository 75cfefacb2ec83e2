/** Addresses that are there, asked in another way: 405 with what is possible, and HEAD for whatever can be read. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openHouse();
  await send('PUT', `${house.fhir}/Patient/1`, { resourceType: 'Patient', id: '1' });
});
afterAll(async () => { await house.close(); });

test.each([
  ['POST', '/fhir/Patient/1', 'DELETE, GET, HEAD, PATCH, PUT'], ['PUT', '/fhir', 'GET, HEAD, POST'], ['DELETE', '/fhir/Patient/1/_history', 'GET, HEAD'], ['OPTIONS', '/fhir/Patient/1', 'DELETE, GET, HEAD, PATCH, PUT'],
  ['POST', '/fhir/Patient/1/_history/1', 'GET, HEAD'], ['POST', '/healthz', 'GET, HEAD'], ['GET', '/x12', 'POST'],
])('%s %s', async (method, path, allowed) => {
  const answer = await send(method, `${house.origin}${path}`);
  expect([answer.status, answer.headers.get('allow'), answer.json.issue[0].details.coding[0].code]).toEqual([405, allowed, 'method-not-allowed']);
});

test('what is nowhere is not found, whatever the method', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const answer = await send(method, `${house.origin}/elsewhere/entirely`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([404, null]);
  }
});

test('every route that answers GET answers HEAD', () => {
  const lines = house.server.http.printRoutes({ commonPrefix: false }).split('\n').flatMap((line) => /\(([A-Z, ]+)\)/.exec(line)?.[1] ?? []);
  expect(lines.filter((methods) => methods.includes('GET')).length).toBeGreaterThan(20);
  expect(lines.filter((methods) => methods.includes('GET') && !methods.includes('HEAD'))).toEqual([]);
});
