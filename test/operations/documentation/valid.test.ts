/**
 * What DTR is answered with is valid: by FHIR R4, and by the profiles of DTR 2.0.1 that can be used without the package of
 * Structured Data Capture, which is not at hand; and the demo's own content is, too.
 */
import type { Bundle, Parameters, QuestionnaireResponse, Resource } from '@medplum/fhirtypes';
import { demoLibraries } from '../../../server/demo/documentation/libraries.ts';
import { demoQuestionnaires, demoTerminology } from '../../../server/demo/documentation/questionnaires.ts';
import { example } from '../../docs/markdown.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';
import { sharedPackagesAreHere } from '../../support/fhir-packages.ts';
import { errorsOf, openGuides, type Guide } from '../../suites/ig-examples.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_VALIDATION: 'enforce' } }); });
afterAll(() => house.close());

async function packages(service: string, base = house.fhir): Promise<Parameters> {
  const { json, status } = await send('POST', `${base}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter: [
    { name: 'coverage', resource: { resourceType: 'Coverage', id: 'c', status: 'active', subscriberId: 'PD1000002', beneficiary: { reference: 'Patient/p' }, payor: [{ display: 'Demo' }] } },
    { name: 'order', resource: { resourceType: 'DeviceRequest', id: 'o', status: 'draft', intent: 'order', codeCodeableConcept: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: service }] }, subject: { reference: 'Patient/p' } } },
  ] });
  expect(status).toBe(200);
  return json as Parameters;
}

const bundlesIn = ({ parameter = [] }: Parameters): Bundle[] => parameter.flatMap(({ resource }) => (resource?.resourceType === 'Bundle' ? [resource] : []));

interface Issue { readonly severity: string; readonly code: string; readonly expression?: readonly string[]; readonly details: { readonly text: string; readonly coding?: readonly { readonly code: string }[] } }
async function errorsIn(resource: Resource): Promise<string[]> {
  const { json } = await send('POST', `${house.fhir}/${resource.resourceType}/$validate`, resource);
  return (json as { issue: Issue[] }).issue.filter(({ severity }) => severity === 'error' || severity === 'fatal').map(({ expression, details }) => `${resource.resourceType} ${expression?.[0] ?? ''} ${details.coding?.[0]?.code ?? ''}: ${details.text}`);
}

test('the demo\'s questionnaires, libraries and value sets', async () => {
  for (const resource of [...demoQuestionnaires, ...demoLibraries(), ...demoTerminology]) expect(await errorsIn(resource)).toEqual([]);
});

test.each(['E1392', 'E0601', 'K0823', 'E0260'])('packages for %s, and all that is in them', async (service) => {
  const answer = await packages(service);
  expect(bundlesIn(answer).length).toBeGreaterThan(0);
  expect(await errorsIn(answer)).toEqual([]);
  for (const { resource } of bundlesIn(answer).flatMap(({ entry }) => entry!)) expect(await errorsIn(resource!)).toEqual([]);
});

test('an adaptive response at its first and at its last step', async () => {
  const draft = bundlesIn(await packages('K0823'))[0]!.entry!.at(-1)!.resource as QuestionnaireResponse;
  const first = (await send('POST', `${house.fhir}/Questionnaire/$next-question`, draft)).json as QuestionnaireResponse;
  const last = (await send('POST', `${house.fhir}/Questionnaire/$next-question`, { ...first, item: [{ linkId: 'mobility-walking', item: [{ linkId: 'mobility-walks', answer: [{ valueBoolean: true }] }] }] })).json as QuestionnaireResponse;
  expect(last.status).toBe('completed');
  expect([await errorsIn(first), await errorsIn(last)]).toEqual([[], []]);
});

test('an adaptive response that tells that nothing more is for the clinician', async () => {
  const draft = bundlesIn(await packages('E0260'))[0]!.entry!.at(-1)!.resource as QuestionnaireResponse;
  const first = (await send('POST', `${house.fhir}/Questionnaire/$next-question`, draft)).json as QuestionnaireResponse;
  const second = (await send('POST', `${house.fhir}/Questionnaire/$next-question`, { ...first, item: [{ linkId: 'bed-position', item: [{ linkId: 'bed-elevation', answer: [{ valueBoolean: false }] }] }] })).json as QuestionnaireResponse;
  expect([JSON.stringify(second).includes('priora-care-questions-complete'), await errorsIn(second)]).toEqual([true, []]);
});

test('the example of the guide is answered with two packages', async () => {
  const body = /-d '([\s\S]*)'/.exec(example('docs/guides/dtr.md', 'package'))![1]!;
  const { json, status } = await send('POST', `${house.fhir}/Questionnaire/$questionnaire-package`, body);
  expect([status, bundlesIn(json as Parameters).map(({ entry }) => (entry![0]!.resource as { title: string }).title)]).toEqual([200, ['Oxygen at home', 'Delivery of equipment']]);
});

(sharedPackagesAreHere ? describe : describe.skip)('by DTR 2.0.1 (skipped where ../shared is absent)', () => {
  let guide: Guide;
  beforeAll(async () => { [guide] = await openGuides((name) => name === 'hl7.fhir.us.davinci-dtr-2.0.1') as [Guide]; }, 120_000);

  test.each(['E1392', 'E0601', 'K0823', 'E0260'])('packages for %s at the base of 2.0.1', async (service) => {
    const answer = await packages(service, `${house.origin}/pas/2.0.1/fhir`);
    const usable = [answer, ...bundlesIn(answer)];
    const found = usable.flatMap((resource) => errorsOf(guide.validate, resource).map(({ code, expression, details }) => `${code} ${expression ?? ''} ${JSON.stringify(details)}`));
    // Extensions of DTR 2.2.0 have no place in what 2.0.1 is answered.
    expect(JSON.stringify(answer)).not.toContain('qr-coverage');
    expect(JSON.stringify(answer)).not.toContain('alternativeExpression"');
    expect(found.filter((each) => !each.startsWith('profile-unusable'))).toEqual([]);
  });

  test('what 2.2.0 is answered is not valid by 2.0.1: the check can fail', async () => {
    expect(errorsOf(guide.validate, await packages('E0601'))).not.toEqual([]);
  });
});
