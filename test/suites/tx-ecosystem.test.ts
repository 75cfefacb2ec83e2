/**
 * The tests of HL7's terminology ecosystem, the general suites, each case by its upstream name: fixtures are stored by REST,
 * each suite in a tenant of its own, and every operation is asked over HTTP (https://github.com/HL7/fhir-tx-ecosystem-ig, tests/readme.md).
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { documentedResult, undocumented } from './documented.ts';
import { suitePath } from './suite-file.ts';
import { difference, inR4, inR5, lacks } from './tx-ecosystem-comparison.ts';

interface Case {
  readonly name: string;
  readonly operation: string;
  readonly request?: string;
  readonly response: string;
  readonly mode?: string;
  readonly 'http-code'?: string;
  readonly 'Accept-Language'?: string;
  readonly header?: { readonly name: string; readonly value: string };
}

interface Suite {
  readonly name: string;
  readonly setup: readonly string[];
  readonly tests: readonly Case[];
}

/** Answered otherwise, and why. */
const otherDisplay = 'the expected display is not that of the fixture: version 2.0.0 of the code system has "Display #2" for code2, and other cases of the suite expect that';
const otherQuotes = 'the expected text has the system without quotes; the same text is expected with them in other cases of the suite';
const deviations: Readonly<Record<string, string>> = {
  'validation/validation-simple-coding-bad-system': otherQuotes,
  'errors/unknown-system2': otherQuotes,
  'overload/expand-all-merged': otherDisplay,
  'overload/expand-enum-good': otherDisplay,
  'overload/expand-enum-bad': otherDisplay,
  'overload/expand-exclude-versioned': otherDisplay,
  'extensions/extensions-echo-all': 'expected without the extensions of the value set; the next case of the suite expects them',
};

/** Fixtures of folders that the copy of the suite leaves out, written after what the answers say of them. */
const canonical = (type: string, id: string): string => `http://hl7.org/fhir/test/${type}/${id}`;
const standIns: Readonly<Record<string, unknown>> = {
  'version/codesystem-version-1.json': { resourceType: 'CodeSystem', language: 'en', url: canonical('CodeSystem', 'version'), version: '1.0.0', status: 'active', content: 'complete', concept: [{ code: 'code1', display: 'Display 1 (1.0)' }] },
  'version/valueset-all-version-1.json': { resourceType: 'ValueSet', url: canonical('ValueSet', 'version-all-1'), version: '1.1.0', status: 'active', compose: { include: [{ system: canonical('CodeSystem', 'version'), version: '1.0.0' }] } },
  'inactive/codesystem-inactive.json': { resourceType: 'CodeSystem', language: 'en', url: canonical('CodeSystem', 'inactive'), version: '0.1.0', status: 'active', content: 'complete', property: [{ code: 'status', uri: 'http://hl7.org/fhir/concept-properties#status', type: 'code' }], concept: [{ code: 'codeInactive', display: 'Display inactive', property: [{ code: 'status', valueCode: 'inactive' }] }] },
  'inactive/valueset-all.json': { resourceType: 'ValueSet', url: canonical('ValueSet', 'inactive-all'), version: '5.0.0', status: 'active', compose: { include: [{ system: canonical('CodeSystem', 'inactive') }] } },
};

/** Not even a resource by R4 (a filter without a value): nobody can store them, so they are sent along. */
const sentAlong: ReadonlySet<string> = new Set(['errors/valueset-broken-filter.json']);

const folder = suitePath('tx-ecosystem', 'tests');
const read = (file: string): unknown => JSON.parse(readFileSync(join(folder!, file), 'utf8').replace(/^\uFEFF/, ''));
const suites = (folder === undefined ? [] : (read('test-cases-general.json') as { suites: Suite[] }).suites)
  .map((suite) => ({ ...suite, tests: suite.tests.filter((one) => one.mode === undefined && existsSync(join(folder!, one.response)) && (one.request === undefined || existsSync(join(folder!, one.request)))) }))
  .filter(({ tests }) => tests.length > 0);

const addresses: Readonly<Record<string, string>> = {
  expand: 'ValueSet/$expand', 'validate-code': 'ValueSet/$validate-code', 'cs-validate-code': 'CodeSystem/$validate-code', lookup: 'CodeSystem/$lookup', translate: 'ConceptMap/$translate', 'batch-validate': 'ValueSet/$batch-validate-code',
};

let house: TestHouse;
/** Fixtures that the server did not take. */
const refused: string[] = [];
const results = new Map<string, string | undefined>();
const tenantOf = (suite: string): string => suite.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
const baseOf = (suite: string): string => `${house.origin}/tenant/${tenantOf(suite)}/fhir`;

async function load({ name, setup }: Suite): Promise<void> {
  for (const [index, file] of setup.entries()) {
    const fixture = existsSync(join(folder!, file)) ? read(file) : standIns[file];
    if (fixture === undefined || sentAlong.has(file)) continue;
    const resource = inR4(fixture) as { resourceType: string };
    const answer = await send('PUT', `${baseOf(name)}/${resource.resourceType}/f${index}`, { ...resource, id: `f${index}` });
    if (answer.status !== 201) refused.push(`${file}: ${answer.text.slice(0, 400)}`);
  }
}

async function ask(suite: Suite, one: Case): Promise<TestAnswer> {
  const base = baseOf(suite.name);
  const headers = { 'accept-language': one['Accept-Language'] ?? '*', ...(one.header && { [one.header.name]: one.header.value }) };
  if (one.operation === 'metadata') return send('GET', `${base}/metadata`, undefined, headers);
  if (one.operation === 'term-caps') return send('GET', `${base}/metadata?mode=terminology`, undefined, headers);
  const request = inR4(read(one.request!)) as { parameter: unknown[] };
  const along = suite.setup.filter((file) => sentAlong.has(file)).map((file) => ({ name: 'tx-resource', resource: read(file) }));
  return send('POST', `${base}/${addresses[one.operation]!}`, { ...request, parameter: [...request.parameter, ...along] }, headers);
}

function judge(one: Case, answer: TestAnswer): string | undefined {
  const expected = read(one.response);
  if (one.operation === 'metadata' || one.operation === 'term-caps') return lacks(expected, answer.json);
  const class4 = one['http-code'] ?? '2xx';
  if (`${String(answer.status)[0]}xx` !== class4) return `status ${answer.status}: ${answer.text.slice(0, 300)}`;
  return difference(expected, inR5(answer.json));
}

(folder === undefined ? describe.skip : describe)('tx-ecosystem', () => {
  beforeAll(async () => {
    house = await openHouse({ environment: { PRIORA_TENANTS: suites.map(({ name }) => tenantOf(name)).join(',') } });
    for (const suite of suites) await load(suite);
  }, 900_000);
  afterAll(async () => { await house.close(); });

  test('every fixture is taken', () => { expect(refused).toEqual([]); });

  for (const suite of suites) {
    test.each(suite.tests.map((one) => ({ name: `${suite.name}/${one.name}`, one })))('$name', async ({ name, one }) => {
      const found = judge(one, await ask(suite, one));
      results.set(name, found);
      if (name in deviations) expect(found).toBeDefined();
      else expect(found).toBeUndefined();
    });
  }

  test('as many pass as docs/reference/conformance.md says, and it names the others', () => {
    const passed = [...results.values()].filter((found) => found === undefined).length;
    expect({ cases: results.size, passed, deviations: Object.keys(deviations).length }).toEqual(documentedResult('tx-ecosystem'));
    expect(undocumented(Object.keys(deviations))).toEqual([]);
  });
});
