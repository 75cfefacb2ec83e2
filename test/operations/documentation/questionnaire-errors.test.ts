/** Questionnaire/$log-questionnaire-errors and $questionnaire-errors on a real server: what is refused, what is counted, and what is not kept. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Parameters } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_TENANTS: 'other' } }); });
afterAll(() => house.close());

const form = 'https://priora.health/demo/Questionnaire/home-oxygen';
const outcome = (...codes: string[]) => ({ name: 'operationOutcome', resource: { resourceType: 'OperationOutcome', issue: codes.map((code) => ({ severity: 'error', code, diagnostics: 'SECRET of Jane Doe', expression: ['SECRET'] })) } });
const named = (valueCanonical: string) => ({ name: 'questionnaire', valueCanonical });
const log = (parameter: unknown, base = house.fhir): Promise<TestAnswer> => send('POST', `${base}/Questionnaire/$log-questionnaire-errors`, { resourceType: 'Parameters', parameter });

interface Listed { readonly questionnaire?: string; readonly code: string; readonly count: number; readonly first: string; readonly last: string }
async function listed(base = house.fhir): Promise<Listed[]> {
  const { json } = await send('GET', `${base}/Questionnaire/$questionnaire-errors`);
  return ((json as Parameters).parameter ?? []).map(({ part }) => Object.fromEntries(part!.map((each) => [each.name, each.valueCanonical ?? each.valueCode ?? each.valueDecimal ?? each.valueInstant])) as unknown as Listed);
}

test.each<[string, unknown, string]>([
  ['no outcome', [named(form)], 'missing-operation-parameter'],
  ['no questionnaire', [outcome('invalid')], 'missing-operation-parameter'],
  ['an outcome without an issue', [named(form), { name: 'operationOutcome', resource: { resourceType: 'OperationOutcome' } }], 'invalid-operation-parameter'],
  ['another resource', [named(form), { name: 'operationOutcome', resource: { resourceType: 'Patient' } }], 'invalid-operation-parameter'],
  ['a questionnaire as a number', [{ name: 'questionnaire', valueInteger: 1 }, outcome('invalid')], 'invalid-operation-parameter'],
  ['a parameter nobody knows', [named(form), outcome('invalid'), { name: 'mood' }], 'unknown-operation-parameter'],
  ['no list', 'x', 'not-parameters'],
  ['more than anybody meets', Array.from({ length: 201 }, () => named(form)), 'invalid-element'],
])('refused: %s', async (_, parameter, code) => {
  const answer = await log(parameter);
  expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([400, code]);
  expect(await listed()).toEqual([]);
});

test('counted by questionnaire, in its version, and kind; told again it is counted on', async () => {
  expect((await log([named(form), outcome('invalid', 'invalid', 'not-found')])).status).toBe(200);
  house.clock.advance(60_000);
  await log([named(`${form}|1.0.0`), named(form), outcome('invalid')]);
  const all = await listed();
  expect(all.map(({ questionnaire, code, count }) => [questionnaire, code, count])).toEqual([[`${form}|1.0.0`, 'invalid', 3], [`${form}|1.0.0`, 'not-found', 1]]);
  expect(Date.parse(all[0]!.last) - Date.parse(all[0]!.first)).toBe(60_000);
  expect((await send('GET', `${house.origin}/metrics`)).text).toContain('priora_questionnaire_errors_total{severity="error"} 4');
});

test('questionnaires that are not here are one, and codes that are none are one', async () => {
  await log([named('urn:SECRET-1'), named('urn:SECRET-2'), outcome('Jane Doe', 'x'.repeat(40), 'Invalid Thing')]);
  expect((await listed()).find(({ questionnaire }) => questionnaire === undefined)).toMatchObject({ code: 'unknown', count: 3 });
});

test('nothing of what was said is kept or logged', async () => {
  const { rows } = await house.sql.query('select * from questionnaire_error');
  expect(JSON.stringify([rows, await listed(), house.log])).not.toMatch(/SECRET|Jane/);
});

test('another tenant sees none of it', async () => {
  expect(await listed(`${house.origin}/tenant/other/fhir`)).toEqual([]);
});

test('two at once are both counted', async () => {
  const before = (await listed()).find(({ code }) => code === 'timeout')?.count ?? 0;
  const answers = await Promise.all(Array.from({ length: 8 }, () => log([named(form), outcome('timeout', 'conflict')])));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  expect((await listed()).find(({ code }) => code === 'timeout')?.count).toBe(before + 8);
});

const example = join(process.cwd(), '..', 'shared/pas-examples/ig-dtr-2.0.1/Parameters-LogQuestionnaireErrorsInputParamsExample.json');
(existsSync(example) ? test : test.skip)('the official example is taken (skipped where ../shared is absent)', async () => {
  expect((await log((JSON.parse(readFileSync(example, 'utf8')) as Parameters).parameter)).status).toBe(200);
});
