/**
 * Many clients write the same few resources at once. Whatever order it comes to, it is an order: each accepted write made
 * a version of its own with what its client sent, none is lost, conditions held when they were judged, a transaction is
 * there wholly, and searches find what stands at the end.
 */
import fc from 'fast-check';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

type Write =
  | { readonly kind: 'update'; readonly id: number; readonly ifMatch?: number }
  | { readonly kind: 'delete'; readonly id: number }
  | { readonly kind: 'patch'; readonly id: number }
  | { readonly kind: 'create-unless' | 'update-by'; readonly key: number }
  | { readonly kind: 'pair' };

const clients = 8;
const id = fc.nat({ max: 1 });
const key = fc.nat({ max: 1 });
const write: fc.Arbitrary<Write> = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant('update' as const), id, ifMatch: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }) }) as fc.Arbitrary<Write>, weight: 3 },
  fc.record({ kind: fc.constant('delete' as const), id }), { arbitrary: fc.record({ kind: fc.constant('patch' as const), id }), weight: 2 },
  fc.record({ kind: fc.constantFrom('create-unless' as const, 'update-by' as const), key }), { arbitrary: fc.record({ kind: fc.constant('pair' as const) }), weight: 2 },
);

interface Accepted {
  readonly address: string;
  readonly version: number;
  readonly mark: string;
  readonly ifMatch?: number;
}

test('writes of many clients at once are as if one came after the other', async () => {
  let run = 0;
  await fc.assert(fc.asyncProperty(fc.array(fc.array(write, { minLength: 2, maxLength: 6 }), { minLength: clients, maxLength: clients }), async (lists) => {
    run += 1;
    const system = `urn:race:${run}`;
    const nameOf = (number: number): string => `race-${run}-${number}`;
    const resource = (mark: string, more: object): object => ({ resourceType: 'Basic', meta: { tag: [{ system, code: 'race' }] }, code: { coding: [{ system, code: mark }] }, ...more });
    const accepted: Accepted[] = [];
    const refusals = new Set<number>();
    const accept = (response: { status: number; etag: string | null; location: string | null }, address: string | undefined, mark: string, ifMatch?: number): void => {
      const found = address ?? /(Basic\/[A-Za-z0-9.-]+)\/_history/.exec(response.location ?? '')?.[1];
      if (found !== undefined && response.status < 204) accepted.push({ address: found, version: Number(/\d+/.exec(response.etag ?? '')?.[0]), mark, ...(ifMatch !== undefined && { ifMatch }) });
    };
    const heard = (answer: TestAnswer): Parameters<typeof accept>[0] => ({ status: answer.status, etag: answer.headers.get('etag'), location: answer.headers.get('location') });
    const made: string[] = [];

    const carryOut = async (one: Write, mark: string): Promise<number> => {
      const base = `${house.fhir}/Basic`;
      switch (one.kind) {
        case 'update': {
          const answer = await send('PUT', `${base}/${nameOf(one.id)}`, resource(mark, { id: nameOf(one.id) }), one.ifMatch === undefined ? {} : { 'if-match': `W/"${one.ifMatch}"` });
          accept(heard(answer), `Basic/${nameOf(one.id)}`, mark, one.ifMatch);
          return answer.status;
        }
        case 'delete': return (await send('DELETE', `${base}/${nameOf(one.id)}`)).status;
        case 'patch': {
          const answer = await send('PATCH', `${base}/${nameOf(one.id)}`, [{ op: 'replace', path: '/code/coding/0/code', value: mark }], { 'content-type': 'application/json-patch+json' });
          accept(heard(answer), `Basic/${nameOf(one.id)}`, mark);
          return answer.status;
        }
        case 'create-unless': case 'update-by': {
          const identifier = { identifier: [{ system, value: `key-${one.key}` }] };
          const criteria = `identifier=${encodeURIComponent(`${system}|key-${one.key}`)}`;
          const answer = one.kind === 'update-by' ? await send('PUT', `${base}?${criteria}`, resource(mark, identifier)) : await send('POST', base, resource(mark, identifier), { 'if-none-exist': criteria });
          if (answer.status === 201) made.push(`key-${one.key}`);
          if (answer.status === 201 || one.kind === 'update-by') accept(heard(answer), undefined, mark);
          return answer.status;
        }
        case 'pair': {
          const entry = [2, 3].map((number) => ({ resource: resource(mark, { id: nameOf(number) }), request: { method: 'PUT', url: `Basic/${nameOf(number)}` } }));
          const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', entry: mark.length % 2 === 0 ? entry : entry.toReversed() });
          if (answer.status === 200) {
            for (const { response } of answer.json.entry as { response: { status: string; etag: string; location: string } }[]) accept({ status: Number(response.status), etag: response.etag, location: response.location }, undefined, mark);
          }
          return answer.status;
        }
      }
    };
    await Promise.all(lists.map(async (list, client) => {
      // All begin with the same wish: one of them makes it, the others find it.
      for (const [index, one] of [{ kind: 'create-unless' as const, key: 0 }, ...list].entries()) {
        const status = await carryOut(one, `c${client}-${index}`);
        if (status >= 400) refusals.add(status);
      }
    }));

    // Nobody is refused but for a condition, or because what is patched is not there; a conflict may be told, too.
    expect([...refusals].filter((status) => ![404, 409, 410, 412].includes(status))).toEqual([]);
    for (const { address, version, mark } of accepted) {
      const answer = await send('GET', `${house.fhir}/${address}/_history/${version}`);
      expect([address, version, answer.json.code?.coding[0].code]).toEqual([address, version, mark]);
    }
    expect(new Set(accepted.map(({ address, version }) => `${address} ${version}`)).size).toBe(accepted.length);
    for (const one of accepted) if (one.ifMatch !== undefined) expect(one.version).toBe(one.ifMatch + 1);

    const live: string[] = [];
    for (const address of new Set(accepted.map((one) => one.address))) {
      const history = (await send('GET', `${house.fhir}/${address}/_history?_count=200`)).json as { total: number; entry: { resource?: { meta: { versionId: string } }; response: { etag: string } }[] };
      const versions = history.entry.map(({ response }) => Number(/\d+/.exec(response.etag)![0]));
      expect(versions).toEqual(versions.map((_, index) => versions.length - index));
      expect(history.total).toBe(versions.length);
      const written = accepted.filter((one) => one.address === address).map((one) => one.version);
      expect(history.entry.flatMap(({ resource: content }) => (content ? [Number(content.meta.versionId)] : [])).toSorted((a, b) => a - b)).toEqual(written.toSorted((a, b) => a - b));
      if (history.entry[0]!.resource) live.push(address);
    }
    const pairs = accepted.filter(({ address }) => [2, 3].some((number) => address === `Basic/${nameOf(number)}`));
    const marksOf = (number: number): string[] => pairs.filter(({ address }) => address === `Basic/${nameOf(number)}`).toSorted((a, b) => a.version - b.version).map(({ mark }) => mark);
    expect(marksOf(2)).toEqual(marksOf(3));
    expect(made.length).toBe(new Set(made).size);
    const found = (await send('GET', `${house.fhir}/Basic?_tag=${system}|race&_count=200`)).json.entry as { resource: { id: string } }[] | undefined;
    expect((found ?? []).map((entry) => `Basic/${entry.resource.id}`).toSorted()).toEqual(live.toSorted());
  }), { numRuns: 15 });
}, 120_000);
