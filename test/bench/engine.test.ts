/** The load bench: its charts, and that it believes nothing a server says. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chartOf, type Chart } from '../../bench/engine/chart.ts';
import { fhirClient } from '../../bench/engine/fhir-client.ts';
import { randomOf } from '../../bench/engine/random.ts';
import { create } from '../../bench/engine/scenarios/create.ts';
import { read } from '../../bench/engine/scenarios/read.ts';
import { search, searches } from '../../bench/engine/scenarios/search.ts';
import { transaction } from '../../bench/engine/scenarios/transaction.ts';
import { update } from '../../bench/engine/scenarios/update.ts';
import { storedAs, worldOf } from '../../bench/engine/world.ts';
import { optionsOf } from '../../bench/options.ts';

interface Coded {
  readonly code: { readonly coding: readonly { readonly code: string }[] };
  readonly effectiveDateTime: string;
}
const charts = Array.from({ length: 60 }, (_, index) => chartOf(7, index));
const ofType = <Type>(chart: Chart, type: string): Type[] => chart.entries.filter(({ resource }) => resource.resourceType === type).map(({ resource }) => resource as unknown as Type);

describe('charts', () => {
  test('are the same for the same seed and index, and others for others', () => {
    expect(chartOf(7, 3)).toEqual(charts[3]);
    expect(chartOf(8, 3).facts.birthDate).not.toBe(charts[3]!.facts.birthDate);
    expect(new Set(charts.flatMap((chart) => chart.entries.map((entry) => entry.uuid))).size).toBe(charts.reduce((sum, chart) => sum + chart.entries.length, 0));
  });

  test('tell the facts that their resources show', () => {
    for (const chart of charts) {
      const { facts } = chart;
      expect(ofType<{ status: string; created: string }>(chart, 'Claim').map(({ status, created }) => ({ status, created }))).toEqual(facts.claims);
      expect(new Set(ofType<Coded>(chart, 'Condition').map((one) => one.code.coding[0]!.code))).toEqual(facts.diagnoses);
      const observations = ofType<Coded>(chart, 'Observation');
      expect(observations).toHaveLength(facts.counts.get('Observation')!);
      for (const [code, times] of facts.findings) expect(observations.filter((one) => one.code.coding[0]!.code === code).map((one) => one.effectiveDateTime)).toEqual(times);
    }
  });

  test('refer only to what comes before, so that any beginning of one can be loaded', () => {
    for (const { entries } of charts) {
      const known = new Set<string>();
      for (const { uuid, resource } of entries) {
        for (const [, target] of JSON.stringify(resource).matchAll(/"reference":"urn:uuid:([^"]+)"/g)) expect(known.has(target!)).toBe(true);
        known.add(uuid);
      }
    }
  });

  test('have the size and the mix of payers\' records', () => {
    const all = charts.flatMap((chart) => chart.entries.map((entry) => entry.resource));
    expect(all.length / charts.length).toBeGreaterThan(110);
    expect(all.length / charts.length).toBeLessThan(140);
    for (const [type, percent] of [['Observation', 41], ['Claim', 13], ['ExplanationOfBenefit', 13], ['Encounter', 9.5], ['Condition', 6], ['Procedure', 5]] as const) {
      const actual = 100 * all.filter((one) => one.resourceType === type).length / all.length;
      expect(Math.abs(actual - percent)).toBeLessThan(1.5);
    }
  });
});

describe('a server that says nothing, with status 200', () => {
  let server: Server;
  let fhir = '';
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/fhir+json').end('{"resourceType":"Bundle","type":"searchset","entry":[]}');
    });
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    fhir = `http://127.0.0.1:${(server.address() as AddressInfo).port}/fhir`;
  });
  afterAll(async () => { await new Promise((done) => { server.close(done); }); });

  const world = worldOf(7, charts.map((chart) => chart.entries.map((entry) => entry.uuid)));

  test.each([...Object.keys(searches).map((name) => [`search.${name}`, search(name)] as const), ['read', read] as const, ['create', create] as const, ['update', update] as const, ['tx', transaction] as const])('fails %s', async (_, scenario) => {
    const client = fhirClient(fhir, 1);
    try {
      await expect(scenario({ world, client, clients: 1, salt: 0 }).operate(0, 0)).rejects.toThrow(/./);
    } finally {
      client.close();
    }
  });
});

test('a stored resource has its id and its references resolved', () => {
  const chart = charts[0]!;
  const addresses = chart.entries.map(({ uuid, resource }) => `${resource.resourceType}/${uuid}`);
  const coverage = storedAs(chart, 1, addresses);
  expect([coverage.id, coverage['beneficiary']]).toEqual([chart.entries[1]!.uuid, { reference: addresses[0] }]);
  expect(JSON.stringify(chart.entries.map((_, place) => storedAs(chart, place, addresses)))).not.toContain('urn:uuid:');
});

test('random numbers follow from their seeds and spread evenly', () => {
  const [one, same, other] = [randomOf(1, 2), randomOf(1, 2), randomOf(1, 3)];
  const draw = (random: ReturnType<typeof randomOf>): number[] => Array.from({ length: 20_000 }, () => random.between(0, 9));
  const numbers = draw(one);
  expect(numbers).toEqual(draw(same));
  expect(numbers).not.toEqual(draw(other));
  for (let digit = 0; digit < 10; digit += 1) expect(Math.abs(numbers.filter((number) => number === digit).length - 2000)).toBeLessThan(200);
});

test('options are known by name and hold what they should', () => {
  expect(optionsOf(['--clients', '1,16'], ['clients']).numbers('clients', [])).toEqual([1, 16]);
  for (const words of [['--client', '1'], ['clients', '1'], ['--clients']]) expect(() => optionsOf(words, ['clients'])).toThrow(RangeError);
  expect(() => optionsOf(['--clients', 'many'], ['clients']).numbers('clients', [])).toThrow(RangeError);
});
