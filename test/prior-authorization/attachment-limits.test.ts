/** What is said of the limits of $submit-attachment, and what becomes of a delivery that goes beyond them. Source: CDex 2.1.0, "Large payloads", CONF-022 to CONF-024. */
import type { CapabilityStatement } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { attach, document, parametersOf, problemsOf } from '../support/pas-attachments.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_BODY_LIMIT: '20000' } }); });
afterAll(async () => { await house.close(); });

test('what is larger than the limit is answered with 413, and the limit', async () => {
  const answer = await attach(house, parametersOf({ tracking: 'T1', member: 'M1', contents: [document('28633-6', 'x'.repeat(20_000))] }));
  expect([answer.status, problemsOf(answer)]).toEqual([413, ['too-large']]);
  expect(answer.text).toContain('20000 bytes');
});

test('the CapabilityStatement says which payloads are taken, how large, and what to do with larger ones', async () => {
  const statement = (await send('GET', `${house.fhir}/metadata`)).json as CapabilityStatement;
  const { documentation } = statement.rest![0]!.operation!.find(({ name }) => name === 'submit-attachment')!;
  for (const said of ['DocumentReference', 'content type', '20000 bytes', '100 Attachments', '413', 'same TrackingId', 'URLs']) expect(documentation).toContain(said);
});
