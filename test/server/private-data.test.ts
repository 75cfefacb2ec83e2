/** What patients are called and where they are searched stays out of log lines, metrics and error texts. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const names = { family: 'Quittenbaum', given: 'Philippina', number: 'MBR-7731-QX', street: 'Mirabellenweg', text: 'Trichobezoar', header: 'Holunder' };

test('no log line, metric or error text repeats them', async () => {
  const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:member', value: names.number }], name: [{ family: names.family, given: [names.given] }], address: [{ line: [names.street] }] };
  const errors: string[] = [];
  const note = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<void> => {
    const answer = await send(method, `${house.origin}${path}`, body, headers);
    if (answer.status >= 400) errors.push(answer.text);
    errors.push([...answer.headers].flat().join(' '));
  };
  const bad = { ...patient, nickname: names.given, contact: { name: names.family }, gender: [names.text], birthDate: names.text, meta: { tag: names.text } };
  await note('POST', '/fhir/Patient', patient);
  await note('PUT', '/fhir/Patient/p1', { ...patient, id: 'p1' });
  await note('PUT', '/fhir/Patient/p1', { ...patient, id: 'p1' }, { 'if-match': 'W/"7"' });
  await note('PUT', '/fhir/Patient/p1', { ...patient, id: names.family });
  await note('POST', '/fhir/Patient', bad);
  await note('POST', '/fhir/Patient', { ...patient, resourceType: names.family });
  await note('POST', '/fhir/Patient', JSON.stringify(patient).slice(0, -2));
  await note('POST', '/fhir/Patient', JSON.stringify(patient).replace('"given"', `"${names.given}":1,"${names.given}"`));
  await note('POST', '/fhir/Patient', patient, { 'content-type': `text/${names.header}` });
  await note('POST', '/fhir/Patient', patient, { accept: `text/${names.header}`, 'if-none-exist': `identifier=${names.number}` });
  await note('POST', '/fhir/Patient', patient, { 'x-request-id': names.number, 'user-agent': names.family });
  await note('POST', '/fhir', { resourceType: 'Bundle', type: names.text });
  await note('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry: [{ fullUrl: names.family, resource: patient, request: { method: names.given, url: names.family } }] });
  await note('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry: [{ resource: bad, request: { method: 'POST', url: 'Patient' } }] });
  await note('POST', '/fhir', { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'GET', url: `Patient?identifier:x=${names.number}` } }] });
  for (const query of [
    `identifier=urn:member%7C${names.number}`, `name=${names.family}`, `identifier:exact=${names.number}`, `_lastUpdated=${names.family}`, `_count=${names.family}`, `_sort=${names.family}`,
    `_cursor=${names.family}`, `_total=${names.family}`, `_format=${names.family}`, `general-practitioner=${names.family}%20x`, `${names.number}%20${names.family}=1`, `identifier=${names.number}%7C${names.number}%7C${names.number}`,
  ]) {
    await note('GET', `/fhir/Patient?${query}`);
    await note('POST', '/fhir/Patient/_search', query, { 'content-type': 'application/x-www-form-urlencoded' });
    await note('GET', `/fhir/Patient/p1?${query}`);
    await note('GET', `/fhir/Patient/p1/_history?${query}`);
    await note('PUT', `/fhir/Patient?${query}`, patient);
  }
  for (const path of [`/fhir/${names.family}`, `/fhir/${names.family}/${names.given}`, `/${names.family}`, `/fhir/Patient/${names.family}%zz`, `/fhir/Patient/p1/_history/${names.family}`, `/fhir/Patient/p1/${names.family}`, `/fhir/Patient/${names.family}%20${names.given}`, `/landing/${names.number}`]) {
    await note('GET', path);
    await note('DELETE', path);
  }
  await note('POST', '/fhir/Claim/$submit', bad);
  await note('POST', '/fhir/Claim/$submit', { resourceType: 'Bundle', type: names.text, entry: [{ resource: patient }] });
  await note('POST', '/fhir/Claim/$inquire', { resourceType: 'Bundle', type: names.text, entry: [{ resource: patient }] });
  await note('POST', '/x12', names.family, { 'content-type': 'application/edi-x12' });
  // A fault: the statement, its parameters and the error of the database hold the resource.
  await house.sql.query('alter table resource add constraint broken check (version < 5) not valid, add constraint broken_too check (id <> \'fault\') not valid');
  await note('PUT', '/fhir/Patient/fault', { ...patient, id: 'fault' });
  await house.sql.query('alter table resource drop constraint broken, drop constraint broken_too');

  const metrics = (await send('GET', `${house.origin}/metrics`)).text;
  expect(house.log.length).toBeGreaterThan(50);
  expect(house.log.some((line) => line.includes('"fault"'))).toBe(true);
  for (const [kind, text] of Object.entries({ log: house.log.join(''), errors: errors.join('\n'), metrics })) {
    for (const name of Object.values(names)) expect([kind, name, text.toLowerCase().includes(name.toLowerCase())]).toEqual([kind, name, false]);
  }
});

test('every line is JSON and every request has its id, method, route, status and duration', async () => {
  const answer = await send('GET', `${house.fhir}/Patient/p1`);
  const line = house.log.map((text) => JSON.parse(text) as Record<string, unknown>).find(({ request }) => request === answer.headers.get('x-request-id'));
  expect(line).toMatchObject({ method: 'GET', route: '/fhir/:type/:id', status: 200, ms: expect.any(Number) });
});
