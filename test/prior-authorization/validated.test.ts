/** What comes by `$submit` is held against FHIR R4 like every other write: nothing is decided on what REST would refuse. */
import type { Bundle, OperationOutcome } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { request, tableCounts } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true, environment: { PRIORA_VALIDATION: 'enforce' } }); });
afterAll(async () => { await house.close(); });

type Loose = Record<string, unknown>;
const resourceIn = (bundle: Bundle, type: string): Loose => bundle.entry!.find(({ resource }) => resource?.resourceType === type)!.resource as unknown as Loose;

test.each<[string, (bundle: Bundle) => void, string, string]>([
  ['a code that its value set does not have', (bundle) => { resourceIn(bundle, 'Patient')['gender'] = 'man'; }, 'code-not-in-value-set', 'gender'],
  ['a modifier extension that nobody knows', (bundle) => { resourceIn(bundle, 'Coverage')['modifierExtension'] = [{ url: 'http://example.org/not', valueBoolean: true }]; }, '', 'modifierExtension'],
])('%s is refused and nothing is recorded', async (_, damage, __, element) => {
  const before = await tableCounts(house.sql);
  const bundle = structuredClone(request(house));
  damage(bundle);
  const { status, json } = await send('POST', `${house.fhir}/Claim/$submit`, bundle);
  expect(status).toBe(422);
  expect((json as OperationOutcome).issue.map(({ expression }) => expression?.[0] ?? '').join(' ')).toContain(element);
  const after = await tableCounts(house.sql);
  expect(after['prior_authorization']).toBe(before['prior_authorization']);
});

test('the same request without the fault is decided', async () => {
  const { status } = await send('POST', `${house.fhir}/Claim/$submit`, request(house));
  expect(status).toBe(200);
});
