/**
 * The CQL of the demo's questionnaires: the ELM that is committed is what the translator makes of it, every expression of a
 * questionnaire is there, and run over charts it gives the answers that a person would copy from them.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Expression } from '@medplum/fhirtypes';
// oxlint-disable-next-line import/no-named-as-default -- the module is CommonJS
import cqlExecution from 'cql-execution';
import cqlFhir from 'cql-exec-fhir';
import { demoLibraries } from '../../../server/demo/documentation/libraries.ts';
import { demoQuestionnaires } from '../../../server/demo/documentation/questionnaires.ts';

const folder = join(process.cwd(), 'server/demo/documentation');
const names = readdirSync(folder).filter((file) => file.endsWith('.cql')).map((file) => file.slice(0, -4));
const cqlOf = (name: string): string => readFileSync(join(folder, `${name}.cql`), 'utf8');
const elmOf = (name: string): { library: { statements: { def: { name: string; context?: string }[] } } } => JSON.parse(readFileSync(join(folder, `${name}.elm.json`), 'utf8'));

type Translate = (this: void, cql: string, libraryNamed: (name: string) => string | undefined) => object;
const translator: string = '../../../scripts/cql/translate.mjs';
const { translateCql }: { readonly translateCql: Translate } = await import(translator);

/** Every statement of a library over one chart. */
async function run(name: string, record: Bundle): Promise<Record<string, unknown>> {
  const { Library, Repository, Executor } = cqlExecution;
  const repository = new Repository(Object.fromEntries(names.map((each) => [each, elmOf(each)])));
  const source = cqlFhir.PatientSource.FHIRv401();
  source.loadBundles([record]);
  const results = await new Executor(new Library(elmOf(name), repository)).exec(source);
  const [patient] = Object.values(results.patientResults as Record<string, Record<string, unknown>>);
  return JSON.parse(JSON.stringify(patient)) as Record<string, unknown>;
}

function chart(...resources: object[]): Bundle {
  return { resourceType: 'Bundle', type: 'collection', entry: [{ resourceType: 'Patient', id: 'p', birthDate: '1950-01-01', telecom: [{ system: 'email', value: 'a@example.org' }, { system: 'phone', value: '555-0100' }], address: [{ line: ['1 Street'] }, { city: 'Springfield' }] }, ...resources].map((resource) => ({ resource })) } as Bundle;
}

const measured = (code: string, value: number, unit: string, on: string, more: object = {}) => ({
  resourceType: 'Observation', id: `${code}-${on}`, status: 'final', code: { coding: [{ system: 'http://loinc.org', code }] }, subject: { reference: 'Patient/p' }, effectiveDateTime: on, valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit }, ...more,
});
const condition = (code: string, text?: string) => ({ resourceType: 'Condition', id: `c-${code}`, clinicalStatus: { coding: [{ code: 'active' }] }, code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code, display: `Display of ${code}` }], ...(text !== undefined && { text }) }, subject: { reference: 'Patient/p' } });

test.each(names)('%s: the ELM is what the CQL gives', (name) => {
  expect(translateCql(cqlOf(name), (included) => (names.includes(included) ? cqlOf(included) : undefined))).toEqual(elmOf(name));
});

test('what is no CQL is not translated, with the line', () => {
  expect(() => translateCql("library X version '1'\nusing FHIR version '4.0.1'\ncontext Patient\ndefine \"A\": \"Nowhere\"", () => undefined)).toThrow(/Nowhere/);
});

test('every Library has its CQL and its ELM, and statements are of the patient', () => {
  expect(demoLibraries().map(({ name }) => name!).toSorted((a, b) => a.localeCompare(b))).toEqual(names.toSorted((a, b) => a.localeCompare(b)));
  for (const { name, content } of demoLibraries()) {
    expect(content!.map(({ contentType, data }) => [contentType, Buffer.from(data!, 'base64').toString()])).toEqual([['text/cql', cqlOf(name!)], ['application/elm+json', readFileSync(join(folder, `${name!}.elm.json`), 'utf8')]]);
    expect(elmOf(name!).library.statements.def.every(({ context }) => context === undefined || context === 'Patient')).toBe(true);
  }
});

test('every expression of a questionnaire is a statement of a library that it names, in CQL and in ELM', () => {
  let count = 0;
  for (const questionnaire of demoQuestionnaires) {
    const libraries = questionnaire.extension!.filter(({ url }) => url.endsWith('cqf-library')).map(({ valueCanonical }) => valueCanonical!.split('/').at(-1)!.split('|')[0]!);
    JSON.stringify(questionnaire, (key, value: unknown) => {
      if (key !== 'valueExpression' || (value as Expression).language !== 'text/cql') return value;
      const { expression, extension } = value as Expression;
      const [, library = '', name = ''] = /^"(\w+)"\."([^"]+)"$/.exec(expression!) ?? [];
      expect(libraries).toContain(library);
      expect(elmOf(library).library.statements.def.map((each) => each.name)).toContain(name);
      expect(JSON.parse(extension![0]!.valueExpression!.expression!)).toEqual({ type: 'ExpressionRef', libraryName: library, name });
      count += 1;
      return value;
    });
  }
  expect(count).toBeGreaterThan(10);
});

describe('run over a chart', () => {
  test('the latest saturation counts, whatever order it stands in, and none that is in error or preliminary', async () => {
    const found = await run('PrioraHomeOxygen', chart(
      measured('59408-5', 86, '%', '2026-05-20T08:00:00Z'), measured('2708-6', 91, '%', '2026-02-01T08:00:00Z'),
      measured('59408-5', 70, '%', '2026-06-01T08:00:00Z', { status: 'entered-in-error' }), measured('59408-5', 71, '%', '2026-06-02T08:00:00Z', { status: 'preliminary' }), measured('8867-4', 80, '/min', '2026-06-03T08:00:00Z'),
      measured('2703-7', 54, 'mm[Hg]', '2026-05-19T08:00:00Z'), condition('I27.81'), condition('J44.9', 'COPD'), { ...condition('J45'), clinicalStatus: { coding: [{ code: 'resolved' }] } }, { ...condition('J47'), verificationStatus: { coding: [{ code: 'refuted' }] } },
    ));
    expect(found).toMatchObject({ Saturation: { value: 86, unit: '%' }, 'Saturation Day': '2026-05-20', Pressure: { value: 54, unit: 'mm[Hg]' }, 'Heart Is Strained': true });
    expect((found['Active Conditions'] as string[]).toSorted((a, b) => a.localeCompare(b))).toEqual(['COPD', 'Display of I27.81']);
  });

  test('a chart that tells nothing answers nothing', async () => {
    expect(await run('PrioraHomeOxygen', chart())).toMatchObject({ Saturation: null, 'Saturation Day': null, Pressure: null, 'Heart Is Strained': false, 'Active Conditions': [] });
    expect(await run('PrioraSleepApnea', chart())).toMatchObject({ Index: null, 'Study Day': null, 'Related Disease': false });
  });

  test('sleep apnea, mobility, delivery', async () => {
    const record = chart(measured('69990-0', 22, '/h', '2026-04-02T08:00:00Z'), measured('29463-7', 120, 'kg', '2026-04-02T08:00:00Z'), condition('I10'));
    expect(await run('PrioraSleepApnea', record)).toMatchObject({ Index: { value: 22, unit: '/h' }, 'Study Day': '2026-04-02', 'Related Disease': true });
    expect(await run('PrioraMobility', record)).toMatchObject({ Weight: { value: 120, unit: 'kg' } });
    expect(await run('PrioraDelivery', record)).toMatchObject({ Phone: '555-0100', City: 'Springfield' });
  });

  const corpus = join(process.cwd(), '..', 'shared/corpora/ccda/microsoft-fhir-converter/expected/TransferSummary/Transfer_Summary-expected.json');
  (existsSync(corpus) ? test : test.skip)('of the corpora (skipped where ../shared is absent)', async () => {
    const record = JSON.parse(readFileSync(corpus, 'utf8')) as Bundle;
    expect(await run('PrioraDelivery', record)).toMatchObject({ Phone: '+1(555)555-2003', City: 'Beaverton' });
    const active = record.entry!.flatMap(({ resource }) => (resource?.resourceType === 'Condition' && !(resource.clinicalStatus?.coding ?? []).some(({ code }) => ['inactive', 'remission', 'resolved'].includes(code!)) ? [resource.code!.text ?? resource.code!.coding!.find(({ display }) => display !== undefined)?.display ?? null] : []));
    expect(active.length).toBeGreaterThan(2);
    expect(await run('PrioraHomeOxygen', record)).toMatchObject({ 'Active Conditions': active, Saturation: null });
  });
});
