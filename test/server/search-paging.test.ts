/** Following the next links: every resource that is there all the time comes once, whatever changes meanwhile. */
import fc from 'fast-check';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

const put = (id: string, tag: string, more: object = {}): Promise<{ status: number }> => send('PUT', `${house.fhir}/Basic/${id}`, { resourceType: 'Basic', id, code: { coding: [{ system: 'urn:run', code: tag }] }, ...more });

type Meanwhile = { kind: 'update' | 'delete' | 'create'; at: number };

async function follow(first: string, between: (page: number) => Promise<void>): Promise<string[]> {
  const seen: string[] = [];
  let page = 0;
  for (let next: string | undefined = first; next !== undefined; page += 1) {
    const bundle: { entry?: { resource: { id: string } }[]; link: { relation: string; url: string }[] } = (await send('GET', next)).json;
    seen.push(...(bundle.entry ?? []).map((entry) => entry.resource.id));
    next = bundle.link.find((link) => link.relation === 'next')?.url;
    expect(page).toBeLessThan(100);
    await between(page);
  }
  return seen;
}

test('none comes twice and none is lost while others are created, updated and deleted', async () => {
  let run = 0;
  const meanwhile = fc.array(fc.record<Meanwhile>({ kind: fc.constantFrom('update', 'delete', 'create'), at: fc.nat({ max: 11 }) }), { maxLength: 8 });
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.array(meanwhile, { maxLength: 12 }), async (count, changes) => {
    run += 1;
    const tag = `run-${run}`;
    const ids = Array.from({ length: 12 }, (_, index) => `${tag}-${String(index).padStart(2, '0')}`);
    for (const id of ids) {
      house.clock.advance(1);
      await put(id, tag);
    }
    const deleted = new Set<string>();
    const seen = await follow(`${house.fhir}/Basic?code=urn:run|${tag}&_count=${count}`, async (page) => {
      for (const { kind, at } of changes[page] ?? []) {
        house.clock.advance(1);
        if (kind === 'create') await put(`${tag}-${at}-new-${page}`, tag);
        else if (kind === 'update' && !deleted.has(ids[at]!)) await put(ids[at]!, tag, { language: 'de' });
        else if (kind === 'delete') {
          deleted.add(ids[at]!);
          await send('DELETE', `${house.fhir}/Basic/${ids[at]!}`);
        }
      }
    });
    expect(new Set(seen).size).toBe(seen.length);
    expect(ids.filter((id) => !deleted.has(id) && !seen.includes(id))).toEqual([]);
  }), { numRuns: 15 });
});

test('_sort=-_lastUpdated: the last changed first, page after page', async () => {
  for (const id of ['s-c', 's-a', 's-d', 's-b']) {
    house.clock.advance(1);
    await put(id, 'sorted');
  }
  // At the same millisecond as the one before: by id.
  await put('s-e', 'sorted');
  expect(await follow(`${house.fhir}/Basic?code=sorted&_sort=-_lastUpdated&_count=2`, async () => {})).toEqual(['s-b', 's-e', 's-d', 's-a', 's-c']);
});

test('history, page by page', async () => {
  for (let version = 1; version <= 7; version += 1) await put('versions', 'versions', { language: `x-${version}` });
  const versions: string[] = [];
  for (let next: string | undefined = `${house.fhir}/Basic/versions/_history?_count=3`; next !== undefined;) {
    const page: { total: number; entry: { resource: { meta: { versionId: string } } }[]; link: { relation: string; url: string }[] } = (await send('GET', next)).json;
    expect(page.total).toBe(7);
    versions.push(...page.entry.map((entry) => entry.resource.meta.versionId));
    next = page.link.find((link) => link.relation === 'next')?.url;
  }
  expect(versions).toEqual(['7', '6', '5', '4', '3', '2', '1']);
});
