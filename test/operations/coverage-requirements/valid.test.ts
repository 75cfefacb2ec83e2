/**
 * Every example order of the guide is answered, and what is answered is valid: by base R4, by the definition of the
 * extension in the guide of the edition, and by its invariants. The first edition's package is beside the repository.
 */
import { randomUUID } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import type { Validate } from '../../../profiles/validation.ts';
import { createValidator } from '../../../profiles/validator.ts';
import { bundle, call, chartOf, informationUrl, order, orderSign, saturation, type Json } from '../../support/cds-calls.ts';
import { definitionsFor, examplesOf, packagesAreHere } from '../../support/definitions.ts';
import { openHouse, type TestHouse } from '../../support/house.ts';

const here = packagesAreHere ? describe : describe.skip;
const guide = 'hl7.fhir.us.davinci-crd-2.0.1';
const member = 'demo-amara-okafor';
const requestTypes = new Set(['Appointment', 'CommunicationRequest', 'DeviceRequest', 'Encounter', 'MedicationRequest', 'NutritionOrder', 'ServiceRequest', 'VisionPrescription']);

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

interface Extension { readonly url: string; readonly extension?: Extension[]; readonly [value: string]: unknown }

/** The invariants of the second edition's extension (crd-ci-q1 to q9), which no package here has. */
function broken(information: Extension): string[] {
  const parts = (url: string): unknown[] => (information.extension ?? []).filter((part) => part.url === url).map((part) => Object.entries(part).find(([name]) => name.startsWith('value'))?.[1]);
  const has = (url: string, ...codes: string[]): boolean => parts(url).some((value) => codes.includes(value as string));
  const states = ['covered', 'pa-needed', 'doc-needed'];
  const rules: [string, boolean][] = [
    ['q1', parts('questionnaire').length === 0 || parts('doc-needed').length > 0],
    ['q2', has('covered', 'not-covered') === (parts('pa-needed').length === 0)],
    ['q3', states.some((url) => has(url, 'conditional')) === (parts('info-needed').length > 0)],
    ['q4', !has('pa-needed', 'satisfied', 'no-auth') || !has('doc-purpose', 'withpa')],
    ['q5', has('pa-needed', 'satisfied') === (parts('satisfied-pa-id').length === 1)],
    ['q6', !has('info-needed', 'OTH') || parts('reason').length > 0],
    ['q8', parts('doc-purpose').length === 0 || parts('reason').length > 0],
    ['q9', !states.some((url) => has(url, 'indeterminate')) || parts('reason').length > 0],
    ['one each', ['coverage', 'covered', 'date', 'coverage-assertion-id'].every((url) => parts(url).length === 1)],
  ];
  return rules.filter(([, holds]) => !holds).map(([name]) => name);
}

/** A call that asks about this resource, at the hook that such a resource is asked about. */
function callAbout(resource: Resource & { id: string }, edition: string | undefined): [string, Json] {
  const { patient, coverage, requester } = chartOf(member);
  const own = { ...resource } as Resource & { id: string };
  // The member, by the id that the example has for its patient.
  const patientId = /"reference":"(?:[^"]*\/)?Patient\/([^"/]+)"/.exec(JSON.stringify(own))?.[1] ?? 'p';
  const hook = own.resourceType === 'Appointment' ? 'appointment-book' : own.resourceType === 'Encounter' ? 'encounter-start' : 'order-sign';
  const context = { 'appointment-book': { appointments: bundle(own) }, 'encounter-start': { encounterId: own.id }, 'order-sign': { draftOrders: bundle(own) } }[hook];
  return [`${hook}-crd`, {
    hook, hookInstance: randomUUID(), context: { userId: 'Practitioner/doctor', patientId, ...context }, prefetch: { patient: { ...patient, id: patientId }, coverage: bundle({ ...coverage, beneficiary: { reference: `Patient/${patientId}` } } as never), others: bundle(requester, own) },
    ...(edition !== undefined && { extension: { 'davinci-crd.requestedVersion': edition } }),
  }];
}

here('Coverage information', () => {
  let validate: Validate;
  beforeAll(async () => { validate = createValidator(await definitionsFor([guide])); }, 300_000);

  test.each([undefined, '2.0', '2.2'])('crd-resp-13, crd-resp-52: on every example of the guide is whole, edition asked for: %s', async (edition) => {
    const examples = [...(await examplesOf(guide)).values()].filter((example) => requestTypes.has(example['resourceType'] as string)) as unknown as (Resource & { id: string })[];
    expect(examples.length).toBeGreaterThan(7);
    for (const example of examples) {
      const answer = await call(house, ...callAbout(example, edition));
      expect([example.resourceType, answer.status]).toEqual([example.resourceType, 200]);
      const [action] = answer.json.systemActions as { resource: { extension: Extension[] } }[];
      const ours = action!.resource.extension.filter(({ url }) => url === informationUrl);
      expect(ours.flatMap(broken)).toEqual([]);
      expect(JSON.stringify(ours)).not.toMatch(/null|""|\[\]|\{\}/);
    }
  });

  test.each<[string, () => Json, boolean]>([
    ['auth-needed', (): Json => orderSign(member, [order()]), false], ['criteria met', (): Json => orderSign(member, [order()], [saturation(86)]), false],
    ['no-auth', (): Json => orderSign(member, [order({ system: 'https://codesystem.x12.org/005010/1365', code: '3', place: '11' })]), false],
    ['not-covered', (): Json => orderSign('demo-lena-fischer', [order({ code: 'A9270' })]), true], ['ended', (): Json => orderSign('demo-victor-lindqvist', [order()]), true],
    ['conditional', (): Json => orderSign(member, [order({ code: 'K0001' })]), false],
  ])('crd-resp-47: is valid by the definition of the first edition, and the order by R4: %s', async (_, body, isNotCovered) => {
    const answer = await call(house, 'order-sign-crd', { ...body(), extension: { 'davinci-crd.requestedVersion': '2.0' } });
    const { resource } = answer.json.systemActions[0] as { resource: Resource };
    // Of what is not covered the first edition's crd-ci-q2 says by its expression that it needs pa-needed, and by its words,
    // as the second edition by both, that it has none.
    const errors = validate(resource, { now: house.clock.now, profiles: [] }).issues.filter(({ severity, constraint }) => severity === 'error' && !(isNotCovered && constraint === 'crd-ci-q2'));
    expect(errors).toEqual([]);
  });

  test('that is wrong would be found', async () => {
    const answer = await call(house, 'order-sign-crd', { ...orderSign(member, [order()]), extension: { 'davinci-crd.requestedVersion': '2.0' } });
    const { resource } = answer.json.systemActions[0] as { resource: { extension: Extension[] } };
    const spoiled = { ...resource, extension: resource.extension.map((one) => ({ ...one, extension: one.extension!.filter(({ url }) => url !== 'coverage-assertion-id') })) };
    expect(validate(spoiled, { now: house.clock.now, profiles: [] }).issues.some(({ severity }) => severity === 'error')).toBe(true);
  });
});
