/**
 * A patient's chart of 500 resources (Synthea, by way of flexpa/medplum; Apache-2.0) as one transaction: everything goes
 * in, every reference is resolved, every resource reads back as it was sent, and searches agree with a naive look.
 */
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { documentedResult } from './documented.ts';
import { suiteJson } from './suite-file.ts';

interface Resource {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}
interface Entry {
  readonly fullUrl: string;
  readonly resource: Resource;
}

const chart = suiteJson('synthea-chart-500', 'synthea-patient-chart-500.json') as { entry: Entry[] } | undefined;
const sent = chart?.entry ?? [];

/** Every `reference` in a resource. */
function referencesIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(referencesIn);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) => (name === 'reference' && typeof value === 'string' ? [value] : referencesIn(value)));
}

(chart ? describe : describe.skip)('synthea-chart-500', () => {
  let house: TestHouse;
  /** `Type/id` that each resource got, by its fullUrl. */
  const given = new Map<string, string>();
  /** What was sent, with the references that it must have got. */
  const wanted = new Map<string, Resource>();

  beforeAll(async () => {
    house = await openHouse();
    const answer = await send('POST', house.fhir, chart);
    expect(answer.status).toBe(200);
    for (const [index, { response }] of (answer.json.entry as { response: { status: string; location: string } }[]).entries()) {
      expect(response.status).toMatch(/^201/);
      given.set(sent[index]!.fullUrl, /([A-Za-z]+\/[A-Za-z0-9\-.]+)\/_history\/1$/.exec(response.location)![1]!);
    }
    for (const { fullUrl, resource } of sent) {
      const resolved = JSON.stringify(resource, (name, value: unknown) => (name === 'reference' && typeof value === 'string' ? given.get(value) ?? value : value));
      wanted.set(given.get(fullUrl)!, JSON.parse(resolved) as Resource);
    }
  });
  afterAll(async () => { await house?.close(); });

  test('every resource is created, each under an id of its own', () => {
    expect(sent).toHaveLength(500);
    expect(new Set(given.values()).size).toBe(500);
  });

  test('every resource reads back as it was sent, its references resolved', async () => {
    let references = 0;
    for (const [address, resource] of wanted) {
      const answer = await send('GET', `${house.fhir}/${address}`);
      expect(answer.status).toBe(200);
      const { id, meta, ...content } = answer.json as Resource & { meta: Record<string, unknown> };
      expect(`${resource.resourceType}/${String(id)}`).toBe(address);
      expect([meta['versionId'], typeof meta['lastUpdated']]).toEqual(['1', 'string']);
      const { meta: _, id: __, ...expected } = resource;
      expect(content).toEqual(expected);
      for (const reference of referencesIn(content)) {
        if (reference.startsWith('#')) continue;
        references += 1;
        expect(wanted.has(reference)).toBe(true);
      }
    }
    expect(references).toBeGreaterThan(1000);
  });

  test('the searches of a patient find what a look at every resource finds', async () => {
    const patient = [...wanted.keys()].find((address) => address.startsWith('Patient/'))!;
    const types = [...new Set(sent.map((entry) => entry.resource.resourceType))].filter((type) => type !== 'Patient');
    const named: Readonly<Record<string, string>> = { patient: 'patient', subject: 'subject', beneficiary: 'beneficiary' };
    let compared = 0;
    for (const type of types) {
      for (const [parameter, element] of Object.entries(named)) {
        const mine = [...wanted].filter(([address, resource]) => address.startsWith(`${type}/`) && (resource[element] as { reference?: string } | undefined)?.reference === patient).map(([address]) => address);
        if (mine.length === 0) continue;
        expect((await everyMatch(`${type}?${parameter}=${encodeURIComponent(patient)}`)).toSorted()).toEqual(mine.toSorted());
        compared += mine.length;
      }
    }
    expect(compared).toBeGreaterThan(400);
  });

  test('Observations of a code come newest first', async () => {
    const patient = [...wanted.keys()].find((address) => address.startsWith('Patient/'))!;
    const observations = [...wanted].filter(([address]) => address.startsWith('Observation/')) as [string, Resource & { code: { coding: { system: string; code: string }[] }; effectiveDateTime: string }][];
    const codes = new Set(observations.map(([, resource]) => `${resource.code.coding[0]!.system}|${resource.code.coding[0]!.code}`));
    expect(codes.size).toBeGreaterThan(20);
    const time = (address: string): number => Date.parse((wanted.get(address) as { effectiveDateTime?: string }).effectiveDateTime!);
    for (const code of codes) {
      const mine = observations.filter(([, resource]) => resource.code.coding.some((coding) => `${coding.system}|${coding.code}` === code)).map(([address]) => address);
      const found = await everyMatch(`Observation?patient=${encodeURIComponent(patient)}&code=${encodeURIComponent(code)}&_sort=-date`);
      expect(found.toSorted()).toEqual(mine.toSorted());
      expect(found.map(time)).toEqual(mine.map(time).toSorted((a, b) => b - a));
    }
  });

  test('the documented figures are these', () => {
    expect(documentedResult('synthea-chart-500')).toEqual({ cases: sent.length, passed: sent.length, deviations: 0 });
  });

  /** The matches of a search, over all its pages. */
  async function everyMatch(query: string): Promise<string[]> {
    const all: string[] = [];
    let next: string | undefined = `${house.fhir}/${query}&_count=50`;
    while (next !== undefined) {
      const answer = await send('GET', next);
      expect(answer.status).toBe(200);
      for (const { resource } of (answer.json.entry ?? []) as Entry[]) all.push(`${resource.resourceType}/${String(resource['id'])}`);
      next = (answer.json.link as { relation: string; url: string }[]).find((link) => link.relation === 'next')?.url;
    }
    return all;
  }
});
