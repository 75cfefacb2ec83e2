/** A page that PostgreSQL puts together: what would be too large is refused before it is made, and smaller pages of it are not. */
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openHouse();
  const resources = [
    { resourceType: 'Patient', id: 'large' },
    ...Array.from({ length: 7 }, (_, index) => ({ resourceType: 'Observation', id: `large-${index}`, status: 'final', code: { coding: [{ system: 'urn:x', code: 'large' }] }, subject: { reference: 'Patient/large' } })),
    { resourceType: 'Observation', id: 'small', status: 'final', code: { coding: [{ system: 'urn:x', code: 'small' }] }, subject: { reference: 'Patient/large' } },
  ];
  expect((await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: resources.map((resource) => ({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } })) })).status).toBe(200);
  // 10 MiB each, as if a client had sent them: seven are more than the 64 MiB of an answer, six are less.
  await house.sql.query(`update resource set content = content || repeat(' ', 10 * 1024 * 1024 - octet_length(content)) where id like 'large%'`);
});
afterAll(async () => { await house.close(); });

const find = (query: string): Promise<TestAnswer> => send('GET', `${house.fhir}/${query}`);
const codeOf = ({ json }: TestAnswer): string => (json.issue as { details: { coding: { code: string }[] } }[])[0]!.details.coding[0]!.code;

test.each([
  ['matches', 'Observation?code=large'],
  ['matches and what goes along with them', 'Observation?code=large&_count=6&_include=Observation:patient'],
  ['what goes along with one match', 'Patient?_count=1&_revinclude=Observation:patient'],
])('too large: %s', async (_what, query) => {
  const answer = await find(query);
  expect([answer.status, codeOf(answer)]).toEqual([413, 'answer-too-large']);
  expect(answer.text).not.toContain('large-');
});

test('what fits is answered, the rest by its next page, and the number of all is known', async () => {
  const answer = await find('Observation?code=large&_count=6&_total=accurate');
  const { total, entry, link } = answer.json as { total: number; entry: unknown[]; link: { relation: string; url: string }[] };
  expect([answer.status, total, entry.length]).toEqual([200, 7, 6]);
  const rest = await send('GET', link.find(({ relation }) => relation === 'next')!.url);
  expect([rest.status, rest.json.entry.length]).toEqual([200, 1]);
});

test('what comes behind the page does not count, and nor do others of the type', async () => {
  expect((await find('Observation?code=small')).json.entry).toHaveLength(1);
  expect((await find('Observation?code=large&_count=0')).json.total).toBe(7);
});
