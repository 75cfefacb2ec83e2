/** Terminology in process: what is installed for all, what a tenant has of its own, what is remembered, and what an upgrade makes anew. */
import type { CodeSystem, ValueSet } from '@medplum/fhirtypes';
import { rebuildTerminology } from '../../store/jobs/terminology.ts';
import { addConcepts, addLinks, beginLoad, finishLoad } from '../../store/terminology/load.ts';
import { validateCodes } from '../../store/terminology/memberships.ts';
import { sharedScope } from '../../store/terminology/scope.ts';
import { withTerminology } from '../../store/terminology/stored-source.ts';
import { installTerminology } from '../../store/terminology/write.ts';
import type { MembershipAnswer } from '../../terminology/memberships.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let other: string;
beforeAll(async () => {
  house = await openHouse({ environment: { PRIORA_TENANTS: 'other', PRIORA_JOBS: '0' } });
  other = `${house.origin}/tenant/other/fhir`;
});
afterAll(async () => { await house.close(); });

const codes = (url: string, list: readonly string[], more: Partial<CodeSystem> = {}): CodeSystem => ({ resourceType: 'CodeSystem', url, version: '1', status: 'active', content: 'complete', concept: list.map((code) => ({ code, display: `${code} of ${more.name ?? 'all'}` })), ...more });
const all = (url: string, system: string): ValueSet => ({ resourceType: 'ValueSet', url, status: 'active', compose: { include: [{ system }] } });
const now = new Date('2026-03-02T09:00:00Z');
const access = { tenant: 1 };
const ask = async (valueSet: string, system: string, code: string, tenant = 1): Promise<MembershipAnswer> => (await validateCodes(house.server.house.database, [{ valueSet, codings: [{ system, code }] }], { tenant }))[0]!;
const lookup = async (base: string, system: string, code: string): Promise<[number, string | undefined]> => {
  const answer = await send('GET', `${base}/CodeSystem/$lookup?system=${system}&code=${code}`);
  return [answer.status, (answer.json as { parameter?: { name: string; valueString?: string }[] }).parameter?.find(({ name }) => name === 'display')?.valueString];
};

test('what is not here is unknown, and not out', async () => {
  expect(await ask('urn:none', 'urn:shared', 'a')).toEqual({ answer: 'unknown', reason: 'value-set' });
  await send('PUT', `${house.fhir}/ValueSet/licensed`, { ...all('urn:licensed', 'urn:licensed-codes'), id: 'licensed' });
  await send('PUT', `${house.fhir}/ValueSet/listed`, { ...all('urn:listed', ''), id: 'listed', compose: { include: [{ system: 'urn:licensed-codes', concept: [{ code: '1' }] }] } });
  await send('PUT', `${house.fhir}/ValueSet/circle`, { ...all('urn:circle', ''), id: 'circle', compose: { include: [{ valueSet: ['urn:circle'] }] } });
  await send('PUT', `${house.fhir}/CodeSystem/fragment`, { ...codes('urn:fragment', ['a'], { content: 'fragment' }), id: 'fragment' });
  await send('PUT', `${house.fhir}/ValueSet/fragment`, { ...all('urn:of-fragment', 'urn:fragment'), id: 'fragment' });
  expect(await ask('urn:licensed', 'urn:licensed-codes', '1')).toEqual({ answer: 'unknown', reason: 'code-system' });
  expect(await ask('urn:circle', 'urn:licensed-codes', '1')).toEqual({ answer: 'unknown', reason: 'not-expandable' });
  expect(await ask('urn:of-fragment', 'urn:fragment', 'b')).toEqual({ answer: 'unknown', reason: 'fragment' });
  expect(await ask('urn:of-fragment', 'urn:fragment', 'a')).toEqual({ answer: 'in' });
  // A list says of its own codes what they are in, without the code system; and of a system that it has nothing of, that it is out.
  expect(await ask('urn:listed', 'urn:licensed-codes', '1')).toEqual({ answer: 'in' });
  expect(await ask('urn:listed', 'urn:licensed-codes', '2')).toEqual({ answer: 'out' });
  expect(await ask('urn:licensed', 'urn:else', '1')).toEqual({ answer: 'out' });
});

test('several questions are answered at once, in their order; any coding is enough', async () => {
  const answers = await validateCodes(house.server.house.database, [
    { valueSet: 'urn:of-fragment', codings: [{ system: 'urn:else', code: 'x' }, { system: 'urn:fragment', code: 'a' }] },
    { valueSet: 'urn:listed', codings: [] },
    { valueSet: 'urn:listed', codings: [{ code: '1' }] },
  ], access);
  expect(answers.map(({ answer }) => answer)).toEqual(['in', 'out', 'in']);
});

test('what is installed is seen by every tenant, and hidden by a tenant of its own alone', async () => {
  await installTerminology(house.server.house.database, [codes('urn:shared', ['a', 'b']), all('urn:shared-set', 'urn:shared')], 'a package', now);
  expect(await lookup(house.fhir, 'urn:shared', 'a')).toEqual([200, 'a of all']);
  expect(await lookup(other, 'urn:shared', 'a')).toEqual([200, 'a of all']);
  expect(await ask('urn:shared-set', 'urn:shared', 'c')).toEqual({ answer: 'out' });
  expect((await send('PUT', `${house.fhir}/CodeSystem/own`, { ...codes('urn:shared', ['a', 'c'], { name: 'mine' }), id: 'own' })).status).toBe(201);
  expect(await lookup(house.fhir, 'urn:shared', 'a')).toEqual([200, 'a of mine']);
  expect(await lookup(house.fhir, 'urn:shared', 'b')).toEqual([404, undefined]);
  expect(await lookup(other, 'urn:shared', 'a')).toEqual([200, 'a of all']);
  // What was remembered is of another version by now.
  expect(await ask('urn:shared-set', 'urn:shared', 'c')).toEqual({ answer: 'in' });
  expect(await ask('urn:shared-set', 'urn:shared', 'c', 2)).toEqual({ answer: 'out' });
  await send('DELETE', `${house.fhir}/CodeSystem/own`);
  expect(await lookup(house.fhir, 'urn:shared', 'b')).toEqual([200, 'b of all']);
  await installTerminology(house.server.house.database, [codes('urn:shared', ['d'])], 'a package', now);
  expect(await lookup(other, 'urn:shared', 'b')).toEqual([404, undefined]);
  expect(await lookup(other, 'urn:shared', 'd')).toEqual([200, 'd of all']);
});

test('a load is seen when it is finished, goes on where it ended, and replaces what was there', async () => {
  const { database } = house.server.house;
  const head = { tenant: sharedScope, codeSystem: codes('urn:large', []), source: 'large.zip', now };
  const concept = (number: number): Parameters<typeof addConcepts>[2][number] => ({ number, code: `l${number}`, display: `Large ${number}`, inactive: false, abstract: false, designations: [], properties: [] });
  const begun = await beginLoad(database, head);
  expect(begun.resumed).toBe(false);
  await addConcepts(database, { ...begun, caseSensitive: true }, [concept(1), concept(2)]);
  expect((await lookup(house.fhir, 'urn:large', 'l1'))[0]).toBe(422);
  const resumed = await beginLoad(database, head);
  expect(resumed).toMatchObject({ system: begun.system, resumed: true });
  await addConcepts(database, { ...resumed, caseSensitive: true }, [concept(2), concept(3)]);
  await addLinks(database, resumed, [[1, 2], [2, 3]]);
  await finishLoad(database, resumed, now);
  expect(await lookup(house.fhir, 'urn:large', 'l3')).toEqual([200, 'Large 3']);
  const below = await withTerminology(database, access, async (source) => source.select((await source.codeSystems('urn:large'))[0]!, { where: { kind: 'below', key: 'l1', self: false }, words: [], offset: 0, limit: 10, designations: false, properties: false }));
  expect(below.concepts.map(({ code }) => code)).toEqual(['l2', 'l3']);
  const again = await beginLoad(database, head);
  expect(again.resumed).toBe(false);
  await addConcepts(database, { ...again, caseSensitive: true }, [concept(9)]);
  await finishLoad(database, again, now);
  expect((await lookup(house.fhir, 'urn:large', 'l3'))[0]).toBe(404);
  expect((await house.sql.query(`select count(*)::integer as n from code_system where url = 'urn:large'`)).rows).toEqual([{ n: 1 }]);
});

test('rows that are missing, or of an earlier release, are made anew', async () => {
  await send('PUT', `${house.fhir}/CodeSystem/old`, { ...codes('urn:old', ['a']), id: 'old' });
  await send('PUT', `${other}/ValueSet/old`, { ...all('urn:old-set', 'urn:old'), id: 'old' });
  await house.sql.query(`delete from code_system where resource_id = 'old'; update value_set set generation = 0, url = 'urn:wrong' where resource_id = 'old'`);
  expect(await rebuildTerminology(house.server.house.database, AbortSignal.abort()).catch((error: unknown) => (error as Error).name)).toBe('AbortError');
  expect(await rebuildTerminology(house.server.house.database, new AbortController().signal)).toBe(2);
  expect((await lookup(house.fhir, 'urn:old', 'a'))[0]).toBe(200);
  expect((await send('GET', `${other}/ValueSet/$expand?url=urn:old-set`)).status).toBe(422);
  expect(await rebuildTerminology(house.server.house.database, new AbortController().signal)).toBe(0);
});

test('while others write terminology, every answer is of one moment', async () => {
  const states = [['x', 'y'], ['y', 'z']];
  await send('PUT', `${house.fhir}/CodeSystem/moving`, { ...codes('urn:moving', states[0]!), id: 'moving' });
  const others = { done: false };
  const writer = (async () => {
    for (let round = 0; round < 30; round += 1) expect((await send('PUT', `${house.fhir}/CodeSystem/moving`, { ...codes('urn:moving', states[round % 2]!), id: 'moving' })).status).toBe(200);
    others.done = true;
  })();
  const seen = new Set<string>();
  while (!others.done) {
    const answer = await send('POST', `${house.fhir}/ValueSet/$expand`, { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system: 'urn:moving' }] } });
    // Either state whole, or, where it never stood still, a refusal that says to try again.
    if (answer.status === 503) continue;
    seen.add((answer.json.expansion.contains as { code: string }[]).map(({ code }) => code).join());
  }
  await writer;
  expect([...seen].filter((one) => one !== 'x,y' && one !== 'y,z')).toEqual([]);
});
