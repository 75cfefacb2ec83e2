/**
 * The GraphQL cases of the FHIR test cases (`../shared/suites/fhir-test-cases/r4/graphql`), each by its upstream name.
 * An absent element is `null` here, as the GraphQL specification has it, where the suite leaves it out; nulls are
 * taken off before a result is compared. The order of a search without `_sort` is nobody's promise.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { documentedResult, undocumented } from '../suites/documented.ts';

const folder = join(process.cwd(), '..', 'shared', 'suites', 'fhir-test-cases', 'r4');
const isHere = existsSync(folder);
if (!isHere) process.stderr.write('skipped: ../shared/suites/fhir-test-cases is not here\n');

interface Case {
  readonly name: string;
  readonly source: string;
  readonly output: string;
  readonly context: string;
  readonly operation?: string;
}

/** The manifest is no well-formed XML: its attributes are read one by one. */
const cases: readonly Case[] = isHere ? [...readFileSync(join(folder, 'graphql', 'manifest.xml'), 'utf8').matchAll(/<test ([^>]*)\/>/g)].map(([, attributes]) => Object.fromEntries([...attributes!.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!])) as unknown as Case) : [];

/** Cases whose expectation is not met, and why. */
const deviations: Readonly<Record<string, string>> = {
  'search-full': 'expects the numbers of the page that the upstream test makes up: a page size of 50, a cursor, a score',
  'reference-optional': 'expects a reference that the upstream resource does not have (medrx0309; it has medrx0330)',
  'extension-simple': 'expects two answers to one field that is asked for twice; GraphQL merges them',
};

let house: TestHouse;
/** Searches are made where there are the patients alone that upstream's server has. */
let searched: TestHouse;
beforeAll(async () => {
  [house, searched] = await Promise.all([openHouse(), openHouse()]);
  if (!isHere) return;
  for (const id of ['example', 'xds']) await send('PUT', `${searched.fhir}/Patient/${id}`, { resourceType: 'Patient', id, active: true });
  for (const name of ['patient-example', 'patient-glossy-example', 'observation-example', 'observation-example-20minute-apgar-score', 'medicationdispenseexample8', 'list-example-long']) {
    const text = readFileSync(join(folder, `${name}.xml`), 'utf8');
    const [, type] = /<([A-Z]\w+) xmlns/.exec(text)!;
    const [, id] = /<id value="([^"]+)"/.exec(text)!;
    const answer = await send('PUT', `${house.fhir}/${type}/${id}`, text, { 'content-type': 'application/fhir+xml' });
    expect([name, answer.status]).toEqual([name, 201]);
  }
  await send('PUT', `${house.fhir}/Condition/example`, { resourceType: 'Condition', id: 'example', subject: { reference: 'Patient/example' } });
});
afterAll(async () => {
  await house.close();
  await searched.close();
});

/** Ids of the files are not all those of the manifest. */
const addresses: Readonly<Record<string, string>> = { 'MedicationDispense/meddisp008/$graphql': 'MedicationDispense/meddisp0308/$graphql', 'List/example-long/$graphql': 'List/long/$graphql', '': '$graphql' };

async function ask({ source, context, operation }: Case): Promise<TestAnswer> {
  const query = readFileSync(join(folder, 'graphql', source), 'utf8');
  return send('POST', `${(context === '' ? searched : house).fhir}/${addresses[context] ?? context}`, JSON.stringify({ query, ...(operation !== undefined && { operationName: operation, variables: { var: true } }) }), { 'content-type': 'application/json' });
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null).map(([name, part]) => [name, withoutNulls(part)]));
}

function inAnyOrder(value: unknown): unknown {
  const data = value as { PatientList?: { id: string }[] };
  return data.PatientList ? { ...data, PatientList: data.PatientList.toSorted((a, b) => a.id.localeCompare(b.id)) } : data;
}

/** What the suite expects: data, or that there are errors. */
function expectedOf({ output }: Case): unknown {
  return output === '$error' ? 'errors' : inAnyOrder(JSON.parse(readFileSync(join(folder, 'graphql', output), 'utf8')));
}

async function resultOf(one: Case): Promise<unknown> {
  const answer = await ask(one);
  return answer.json.errors === undefined ? inAnyOrder(withoutNulls(answer.json.data)) : 'errors';
}

(isHere ? describe : describe.skip)('fhir-test-cases graphql', () => {
  test.each(cases.filter(({ name }) => deviations[name] === undefined).map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    expect(await resultOf(one)).toEqual(expectedOf(one));
  });

  test.each(Object.entries(deviations))('%s deviates: it %s', async (name) => {
    const one = cases.find((other) => other.name === name)!;
    expect(await resultOf(one)).not.toEqual(expectedOf(one));
  });

  test('the table of results says what was run', () => {
    expect(documentedResult('fhir-test-cases, GraphQL')).toMatchObject({ cases: cases.length, passed: cases.length - Object.keys(deviations).length, deviations: Object.keys(deviations).length });
    expect(undocumented(Object.keys(deviations))).toEqual([]);
  });
});
