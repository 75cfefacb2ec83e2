/**
 * The server against a naive model of it: any sequence of interactions gives the same statuses, versions and contents
 * as a list of versions kept in memory.
 */
import fc from 'fast-check';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

type Write = { kind: 'update'; id: number; value: number; ifMatch?: number } | { kind: 'delete'; id: number; ifMatch?: number } | { kind: 'create'; value: number };
type Step = Write | { kind: 'read'; id: number } | { kind: 'vread'; id: number; version: number } | { kind: 'history'; id: number } | { kind: 'search'; value: number } | { kind: 'transaction'; writes: Write[]; read?: number };

/** `undefined` is a deletion. */
type Versions = (number | undefined)[];
type Model = Map<string, Versions>;

const id = fc.nat({ max: 3 });
const value = fc.nat({ max: 2 });
const ifMatch = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant('update' as const), id, value, ifMatch }), fc.record({ kind: fc.constant('delete' as const), id, ifMatch }), fc.record({ kind: fc.constant('create' as const), value }),
) as fc.Arbitrary<Write>;
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: write, weight: 4 }, fc.record({ kind: fc.constant('read' as const), id }), fc.record({ kind: fc.constant('vread' as const), id, version: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('history' as const), id }), fc.record({ kind: fc.constant('search' as const), value }),
  fc.record({ kind: fc.constant('transaction' as const), writes: fc.uniqueArray(write, { maxLength: 4, selector: (one) => one.kind === 'create' ? {} : one.id }), read: fc.option(id, { nil: undefined }) }) as fc.Arbitrary<Step>,
);

/** What a write does to the model, and the status that it answers. */
function apply(model: Model, change: Write, name: (id: number) => string): { status: number; version: number } {
  if (change.kind === 'create') return { status: 201, version: 1 };
  const key = name(change.id);
  const versions = model.get(key) ?? [];
  const live = versions.at(-1) !== undefined;
  if (change.ifMatch !== undefined && (!live || versions.length !== change.ifMatch)) return { status: 412, version: 0 };
  if (change.kind === 'delete') {
    if (live) model.set(key, [...versions, undefined]);
    return { status: 204, version: (model.get(key) ?? []).length };
  }
  model.set(key, [...versions, change.value]);
  return { status: live ? 200 : 201, version: versions.length + 1 };
}

test('any sequence of interactions', async () => {
  let run = 0;
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
    run += 1;
    const prefix = `m${run}-`;
    const name = (number: number): string => `${prefix}${number}`;
    const resource = (number: number | undefined, given: number): object => ({
      resourceType: 'Observation', ...(number !== undefined && { id: name(number) }), status: 'final', code: { coding: [{ system: `urn:${prefix}`, code: String(given) }] },
      // The value decides the patient too, so that resources change hands.
      subject: { reference: `Patient/${prefix}${given}` },
    });
    let model: Model = new Map();
    const created: [string, number][] = [];
    const matching = (tag: string | undefined): Record<string, string> => (tag === undefined ? {} : { 'if-match': `W/"${tag}"` });
    const valueIn = (json: { code: { coding: { code: string }[] } }): number => Number(json.code.coding[0]!.code);

    for (const one of steps) {
      switch (one.kind) {
        case 'create': {
          const answer = await send('POST', `${house.fhir}/Observation`, resource(undefined, one.value));
          expect(answer.status).toBe(201);
          created.push([answer.json.id as string, one.value]);
          break;
        }
        case 'update': case 'delete': {
          const wanted = apply(model, one, name);
          const address = `${house.fhir}/Observation/${name(one.id)}`;
          const answer = await send(one.kind === 'update' ? 'PUT' : 'DELETE', address, one.kind === 'update' ? resource(one.id, one.value) : undefined, matching(one.ifMatch?.toString()));
          expect(answer.status).toBe(wanted.status);
          if (answer.status < 300) expect(answer.headers.get('etag')).toBe(wanted.version === 0 ? null : `W/"${wanted.version}"`);
          break;
        }
        case 'read': case 'vread': {
          const versions = model.get(name(one.id)) ?? [];
          const index = one.kind === 'read' ? versions.length - 1 : one.version - 1;
          const answer = await send('GET', `${house.fhir}/Observation/${name(one.id)}${one.kind === 'vread' ? `/_history/${one.version}` : ''}`);
          expect(answer.status).toBe(index < 0 || index >= versions.length ? 404 : versions[index] === undefined ? 410 : 200);
          if (answer.status === 200) expect([valueIn(answer.json), answer.json.meta.versionId]).toEqual([versions[index], String(index + 1)]);
          break;
        }
        case 'history': {
          const versions = model.get(name(one.id));
          const answer = await send('GET', `${house.fhir}/Observation/${name(one.id)}/_history`);
          expect(answer.status).toBe(versions ? 200 : 404);
          if (versions) expect(answer.json.entry.map((entry: { resource?: Parameters<typeof valueIn>[0] }) => entry.resource && valueIn(entry.resource))).toEqual(versions.toReversed());
          break;
        }
        case 'search': {
          const found = [...model].filter(([, versions]) => versions.at(-1) === one.value).map(([key]) => key);
          const wanted = [...found, ...created.filter(([, given]) => given === one.value).map(([key]) => key)].toSorted();
          for (const query of [`code=urn:${prefix}|${one.value}`, `patient=${prefix}${one.value}`]) {
            const answer = await send('GET', `${house.fhir}/Observation?${query}&_count=100`);
            expect([...(answer.json.entry ?? [])].map((entry: { resource: { id: string } }) => entry.resource.id).toSorted()).toEqual(wanted);
          }
          break;
        }
        case 'transaction': {
          const attempt: Model = new Map(model);
          const wanted = one.writes.map((change) => apply(attempt, change, name));
          const read = one.read === undefined ? undefined : attempt.get(name(one.read)) ?? [];
          const status = wanted.some((result) => result.status === 412) ? 412 : read === undefined || read.at(-1) !== undefined ? 200 : read.length === 0 ? 404 : 410;
          const entry = [
            ...one.writes.map((change) => ({
              ...(change.kind !== 'delete' && { resource: resource(change.kind === 'create' ? undefined : change.id, change.value) }),
              request: {
                method: { create: 'POST', update: 'PUT', delete: 'DELETE' }[change.kind], url: change.kind === 'create' ? 'Observation' : `Observation/${name(change.id)}`,
                ...(change.kind !== 'create' && change.ifMatch !== undefined && { ifMatch: `W/"${change.ifMatch}"` }),
              },
            })),
            ...(one.read === undefined ? [] : [{ request: { method: 'GET', url: `Observation/${name(one.read)}` } }]),
          ];
          const answer = await send('POST', house.fhir, { resourceType: 'Bundle', type: 'transaction', ...(entry.length > 0 && { entry }) });
          expect(answer.status).toBe(status);
          if (status !== 200) break;
          model = attempt;
          for (const [index, change] of one.writes.entries()) {
            const { response } = answer.json.entry[index] as { response: { status: string; etag?: string; location?: string } };
            expect([response.status, response.etag]).toEqual([String(wanted[index]!.status), wanted[index]!.version === 0 ? undefined : `W/"${wanted[index]!.version}"`]);
            if (change.kind === 'create') created.push([response.location!.split('/').at(-3)!, change.value]);
          }
          if (read) expect(valueIn(answer.json.entry.at(-1).resource)).toBe(read.at(-1));
          break;
        }
      }
    }
  }), { numRuns: 60 });
});
