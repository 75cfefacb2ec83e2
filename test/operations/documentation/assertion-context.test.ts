/** A coverage-assertion-id of CRD as the context of $questionnaire-package, on a real server: what CRD asked for, DTR gives. */
import type { Bundle, Parameters } from '@medplum/fhirtypes';
import { call, firstSaidIn, hcpcs, order, orderSign } from '../../support/cds-calls.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

async function told(code: string, system = hcpcs): Promise<Record<string, unknown[]>> {
  return firstSaidIn(await call(house, 'order-sign-crd', orderSign('demo-daniel-reyes', [order({ system, code })])));
}

function ask(context: string, subscriberId = 'PD1000002'): Promise<TestAnswer> {
  return send('POST', `${house.fhir}/Questionnaire/$questionnaire-package`, { resourceType: 'Parameters', parameter: [
    { name: 'coverage', resource: { resourceType: 'Coverage', id: 'c', status: 'active', subscriberId, beneficiary: { reference: 'Patient/p' }, payor: [{ display: 'Demo' }] } }, { name: 'context', valueString: context },
  ] });
}

const titlesIn = ({ json }: TestAnswer): string[] => ((json as Parameters).parameter ?? []).filter(({ name }) => name === 'packagebundle').map(({ resource }) => ((resource as Bundle).entry![0]!.resource as { title: string }).title);

test('the questionnaires that CRD named are in the packages, and the draft says for which assertion', async () => {
  const said = await told('E1392');
  const id = said['coverage-assertion-id']![0] as string;
  expect(said['questionnaire']).toHaveLength(2);
  const answer = await ask(id);
  expect([answer.status, titlesIn(answer)]).toEqual([200, ['Oxygen at home', 'Delivery of equipment']]);
  expect(answer.text).toContain(`"value":"${id}"`);
});

test('of another member it is not known', async () => {
  const id = (await told('E1392'))['coverage-assertion-id']![0] as string;
  const answer = await ask(id, 'PD1000001');
  expect([answer.status, answer.json.issue[0].details.coding[0].code]).toEqual([422, 'documentation-context-unknown']);
});

test('where CRD asked for no documentation there is none, and that is told', async () => {
  const said = await told('A9270');
  const answer = await ask(said['coverage-assertion-id']![0] as string);
  expect([answer.status, titlesIn(answer)]).toEqual([200, []]);
  expect(answer.text).toContain('documentation-not-needed');
});
