/** Searches by codes of a system that does not tell capitals from small letters. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
const system = 'urn:folded';
const wide = 'urn:wide-folded';
const observation = (id: string, of: string, code: string): Record<string, unknown> => ({ resourceType: 'Observation', id, status: 'final', code: { coding: [{ system: of, code }] } });

beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_JOBS: '0' } });
  const many = Array.from({ length: 1200 }, (_, at) => ({ code: `E${at}.xA`, property: [{ code: 'parent', valueCode: 'Top' }] }));
  const resources = [
    { resourceType: 'CodeSystem', id: 'folded', url: system, status: 'active', content: 'complete', caseSensitive: false, concept: [{ code: 'E10', concept: [{ code: 'E10.xA' }] }, { code: 'Gestational-Diabetes' }] },
    { resourceType: 'CodeSystem', id: 'wide', url: wide, status: 'active', content: 'complete', caseSensitive: false, concept: [{ code: 'Top' }, { code: 'Other' }, ...many] },
    { resourceType: 'CodeSystem', id: 'told', url: 'urn:told', status: 'active', content: 'complete', caseSensitive: true, concept: [{ code: 'a' }] },
    { resourceType: 'ValueSet', id: 'folded', url: 'urn:folded-set', status: 'active', compose: { include: [{ system, concept: [{ code: 'e10' }, { code: 'E10.xA' }] }] } },
    { resourceType: 'ValueSet', id: 'long', url: 'urn:long-set', status: 'active', compose: { include: [{ system, concept: [{ code: 'Gestational-Diabetes' }] }] } },
    { resourceType: 'ValueSet', id: 'wide', url: 'urn:wide-set', status: 'active', compose: { include: [{ system: wide, filter: [{ property: 'concept', op: 'descendent-of', value: 'top' }] }] } },
    { resourceType: 'ValueSet', id: 'told', url: 'urn:told-set', status: 'active', compose: { include: [{ system: 'urn:told', concept: [{ code: 'a' }] }] } },
    { resourceType: 'CodeSystem', id: 'told-2', url: 'urn:told', version: '2', status: 'active', content: 'complete', concept: [{ code: 'a' }] },
    { resourceType: 'ValueSet', id: 'pinned', url: 'urn:pinned-set', status: 'active', compose: { include: [{ system: 'urn:told', version: '9' }] } },
    observation('a', system, 'E10'), observation('b', system, 'e10'), observation('c', system, 'E10.XA'), observation('d', system, 'e10.Xa'), observation('e', system, 'x'), observation('f', system, 'gestational-diabetes'),
    observation('g', wide, 'e7.Xa'), observation('h', wide, 'E7.xA'), observation('i', wide, 'OTHER'), observation('j', wide, 'e8.xa'), observation('k', 'urn:told', 'A'),
  ];
  for (const resource of resources) expect((await send('PUT', `${house.fhir}/${String(resource.resourceType)}/${String(resource.id)}`, resource)).status).toBe(201);
});
afterAll(async () => { await house.close(); });

const found = async (query: string): Promise<string> => {
  const answer = await send('GET', `${house.fhir}/Observation?${query}`);
  if (answer.status !== 200) return (answer.json as { issue: { details: { coding: { code: string }[] } }[] }).issue[0]!.details.coding[0]!.code;
  return ((answer.json.entry ?? []) as { resource: { id: string } }[]).map(({ resource }) => resource.id).toSorted().join('');
};

test.each([
  ['code:not-in=urn:folded-set', 'efghijk'], ['code:not-in=urn:wide-set', 'abcdefik'], ['_filter=not (code in urn:wide-set)', 'abcdefik'], ['code:not-in=urn:told-set', 'abcdefghijk'],
  ['code:not-in=urn:long-set', 'value-set-not-expandable'], ['_filter=not (code in urn:long-set)', 'value-set-not-expandable'],
  ['code:in=urn:pinned-set', 'value-set-not-expandable'], ['code:not-in=urn:pinned-set', 'value-set-not-expandable'],
  ['code:in=urn:folded-set', 'abcd'], ['code:in=urn:wide-set', 'ghj'], ['code:in=urn:wide-set&_id=g,i', 'g'], ['code:in=urn:long-set', 'f'], ['code:in=urn:told-set', ''],
  ['code:below=urn:folded|e10', 'abcd'], ['code:above=urn:folded|E10.xa', 'abcd'], ['code:below=urn:wide-folded|top', 'ghj'],
])('%s finds %s', async (query, ids) => { expect(await found(query)).toBe(ids); });
