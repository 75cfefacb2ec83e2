/** Where a payer's services are, by HRex: one endpoint for each version of a guide, and every one of them answers. */
import type { Organization } from '@medplum/fhirtypes';
import { davinciConfiguration, type DavinciConfiguration } from '../../operations/endpoint-discovery/davinci-configuration.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_TENANTS: 'other' } }); });
afterAll(async () => { await house.close(); });

const found = async (root: string): Promise<DavinciConfiguration> => {
  const answer = await send('GET', `${root}/.well-known/davinci-configuration`);
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('access-control-allow-origin')]).toEqual([200, 'application/json; charset=utf-8', '*']);
  return answer.json;
};

test('dtr-spec-8, conf-2, spec-5: one endpoint for each version of each guide, whatever the coverage, with the number of the payer', async () => {
  const root = house.origin;
  expect(await found(root)).toEqual({
    resourceType: 'http://hl7.org/fhir/us/davinci-hrex/StructureDefinition/HRexWellknownDefinition', identifier: { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' },
    endpoints: {
      'davinci_crd_hook_endpoint#2.0': `${root}/cds-services`, 'davinci_crd_hook_endpoint#2.2': `${root}/cds-services`,
      'davinci_dtr_qpackage_endpoint#2.2': house.fhir, 'davinci_dtr_qpackage_endpoint#2.0': `${root}/pas/2.0.1/fhir`,
      'davinci_pas_submission_endpoint#2.2': house.fhir, 'davinci_pas_submission_endpoint#2.0': `${root}/pas/2.0.1/fhir`,
      'davinci_cdex_attachsubmit_endpoint#2.1': house.fhir,
    },
  });
});

test('dtr-spec-8: the services answer at the addresses that are told', async () => {
  const operations = { davinci_dtr_qpackage_endpoint: 'Questionnaire/$questionnaire-package', davinci_pas_submission_endpoint: 'Claim/$submit', davinci_cdex_attachsubmit_endpoint: '$submit-attachment' };
  const { endpoints } = await found(house.origin);
  for (const [code, address] of Object.entries(endpoints)) {
    const operation = operations[code.split('#')[0] as keyof typeof operations];
    // What is sent is refused for what it is, not for where it is.
    const answer = operation === undefined ? await send('GET', address) : await send('POST', `${address}/${operation}`, { resourceType: 'Patient' });
    expect([code, operation === undefined ? answer.status === 200 : answer.status === 400 || answer.status === 422]).toEqual([code, true]);
  }
});

test('of another tenant its own addresses; it has no payer yet', async () => {
  const { identifier, endpoints } = await found(`${house.origin}/tenant/other`);
  expect(identifier).toEqual({ system: 'urn:ietf:rfc:3986', value: `${house.origin}/tenant/other` });
  for (const address of Object.values(endpoints)) expect(address.startsWith(`${house.origin}/tenant/other/`)).toBe(true);
  expect((await send('GET', `${house.origin}/tenant/nobody/.well-known/davinci-configuration`)).status).toBe(404);
});

test.each<[string, Organization[], object]>([
  ['of several payers none', [{ resourceType: 'Organization', identifier: [{ system: 'urn:a', value: '1' }] }, { resourceType: 'Organization', identifier: [{ system: 'urn:a', value: '2' }] }], { system: 'urn:ietf:rfc:3986', value: 'https://plan.example' }],
  ['one that has no system', [{ resourceType: 'Organization', identifier: [{ value: '1' }] }], { system: 'urn:ietf:rfc:3986', value: 'https://plan.example' }],
  ['an NPI before others', [{ resourceType: 'Organization', identifier: [{ system: 'urn:a', value: '1' }, { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }] }], { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }],
])('by which number: %s', (_, payers, identifier) => {
  expect(davinciConfiguration(payers, { root: 'https://plan.example', baseOf: () => 'https://plan.example/fhir' }).identifier).toEqual(identifier);
});
