/** POST /x12 with 278 notifications (005010X216): what is stored of them, what their senders are told, and that nobody is asked for a decision. */
import type { Claim, ClaimResponse, Communication, Condition, Encounter, ExplanationOfBenefit, OperationOutcome, Patient, ServiceRequest, Task } from '@medplum/fhirtypes';
import { mapInterchange } from '../../../mappers/x12/index.ts';
import { ADMISSION_NOTICE, bytesOf, DECISION_COPY, DISCHARGE_NOTICE, interchange, SERVICE_NOTICE } from '../../fixtures/x12/build.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

let controlNumber = 0;
const delivery = (body: readonly string[], sender = 'CLINIC'): string => {
  controlNumber += 1;
  return interchange([body], { guide: '005010X216', controlNumber: String(controlNumber).padStart(9, '0'), isa: { 6: sender.padEnd(15) } });
};
const x12 = (text: string): Promise<TestAnswer> => send('POST', `${house.origin}/x12`, Buffer.from(text, 'latin1'), { 'content-type': 'application/edi-x12' });
const segmentsIn = (text: string, ...ids: readonly string[]): string[] => text.split('~').map((segment) => segment.trim()).filter((segment) => ids.includes(segment.split('*')[0]!));
async function found<T>(search: string): Promise<T[]> {
  const { json } = await send('GET', `${house.fhir}/${search}`);
  return ((json as { entry?: { resource: T }[] }).entry ?? []).map(({ resource }) => resource);
}

describe('what is not taken', () => {
  test('a notification that its guide refuses is told by the 999 alone', async () => {
    const { text } = await x12(delivery(ADMISSION_NOTICE.filter((segment) => !segment.startsWith('UM'))));
    expect(segmentsIn(text, 'GS').map((segment) => segment.split('*')[1])).toEqual(['FA']);
    expect(segmentsIn(text, 'IK5', 'BHT')).toEqual(['IK5*R*5']);
    expect(await found('Encounter')).toEqual([]);
  });

  test('a notification of what cannot be: the acknowledgment is negative, and nothing is stored', async () => {
    const { text } = await x12(delivery(ADMISSION_NOTICE.map((segment) => segment.replace('DTP*435*D8*20260301', 'DTP*435*D8*20260310')).flatMap((segment) => (segment.startsWith('DTP*435') ? [segment, 'DTP*096*D8*20260301'] : [segment]))));
    expect(segmentsIn(text, 'IK5', 'AAA')).toEqual(['IK5*A', 'AAA*N**33*C']);
    expect(segmentsIn(text, 'BHT')).toEqual([expect.stringMatching(/^BHT\*0007\*44\*NOTE-1\*/)]);
    expect(await found('Encounter')).toEqual([]);
  });
});

describe('a notice', () => {
  test('of an admission is stored and acknowledged, and the same bytes again change nothing', async () => {
    const text = delivery(ADMISSION_NOTICE);
    const answer = await x12(text);
    expect(answer.status).toBe(200);
    expect(segmentsIn(answer.text, 'GS').map((segment) => [segment.split('*')[1], segment.split('*')[8]])).toEqual([['FA', '005010X231A1'], ['HI', '005010X216']]);
    expect(segmentsIn(answer.text, 'IK5', 'BHT', 'TRN')).toEqual(['IK5*A', expect.stringMatching(/^BHT\*0007\*53\*NOTE-1\*/), 'TRN*2*NT-1*9123456789']);
    expect(segmentsIn(answer.text, 'REF')).toEqual([expect.stringMatching(/^REF\*NT\*[0-9a-f-]{36}$/), 'REF*6P*GRP55', 'REF*BB*AUTH-50']);
    const [encounter] = await found<Encounter & { id: string }>('Encounter');
    expect(encounter).toMatchObject({ status: 'in-progress', period: { start: '2026-03-01' }, class: { code: 'IMP' } });
    expect(await found<Condition>(`Condition?encounter=Encounter/${encounter!.id}`)).toHaveLength(2);
    const [told] = await found<Communication>('Communication');
    expect(told).toMatchObject({ status: 'completed', about: [{ reference: `Encounter/${encounter!.id}` }, { identifier: { value: 'AUTH-50' } }] });
    const again = await x12(text);
    expect(again.text).toBe(answer.text);
    expect(again.headers.get('priora-delivery-outcome')).toBe('repeated');
    expect(await found('Communication')).toHaveLength(1);
  });

  test('of another sender who gives the hospital\'s own number ends no stay, changes no diagnosis and takes nothing back', async () => {
    const [before] = await found<Encounter & { id: string }>('Encounter');
    const theirs = await found<Condition>(`Condition?encounter=Encounter/${before!.id}`);
    const takenBack = ADMISSION_NOTICE.map((segment) => segment.replace('BHT*0007*CN*', 'BHT*0007*01*').replace('E1165', 'E1065'));
    for (const body of [DISCHARGE_NOTICE, takenBack]) expect(segmentsIn((await x12(delivery(body, 'SOMEBODY'))).text, 'IK5')).toEqual(['IK5*A']);
    const { json } = await send('GET', `${house.fhir}/Encounter/${before!.id}`);
    expect(json).toEqual(before);
    expect(await found(`Condition?encounter=Encounter/${before!.id}`)).toEqual(theirs);
    // What they say themselves is another Encounter, which they have taken back.
    expect((await found<Encounter>('Encounter')).map(({ status }) => status).toSorted()).toEqual(['cancelled', 'in-progress']);
    expect((await found<Communication>('Communication')).map(({ status }) => status).toSorted()).toEqual(['completed', 'completed', 'entered-in-error']);
  });

  test('of the discharge ends the same stay', async () => {
    await x12(delivery(DISCHARGE_NOTICE));
    expect(await found<Encounter>('Encounter?status:not=cancelled')).toMatchObject([{ status: 'finished', period: { start: '2026-03-01', end: '2026-03-05' }, diagnosis: [{}, {}] }]);
    expect(await found('Communication?status=completed')).toHaveLength(3);
  });

  test('of services makes orders for a dependent', async () => {
    await x12(delivery(SERVICE_NOTICE));
    const orders = await found<ServiceRequest>('ServiceRequest');
    expect(new Set(orders.map(({ code }) => code?.coding?.[0]?.code))).toEqual(new Set(['97151', '97156']));
    const [patient] = await found<Patient & { id: string }>('Patient?given=SAM');
    expect(orders[0]!.subject.reference).toBe(`Patient/${patient!.id}`);
  });

  test('asks nobody for a decision', async () => {
    expect(await found<Claim>('Claim')).toEqual([]);
    expect((await found<Task>('Task')).filter(({ focus }) => focus?.reference?.startsWith('Claim') === true)).toEqual([]);
  });
});

test('a copy of a decision is stored as that, and is none of this plan\'s', async () => {
  const [copied] = mapInterchange(bytesOf(delivery(DECISION_COPY)));
  const { json } = await send('POST', `${house.fhir}/Bundle/$validate`, { ...copied!.bundle, entry: copied!.bundle.entry!.filter(({ resource }) => resource!.resourceType === 'ExplanationOfBenefit') });
  expect((json as OperationOutcome).issue.filter(({ severity, details }) => severity === 'error' && details?.coding?.[0]?.code === 'extension-context')).toEqual([]);
  const { text } = await x12(delivery(DECISION_COPY));
  expect(segmentsIn(text, 'BHT')).toEqual([expect.stringMatching(/^BHT\*0007\*53\*NOTE-5\*/)]);
  expect(segmentsIn(text, 'HCR')).toEqual(['HCR*A2', 'HCR*A1*CERT-1', 'HCR*A3**0A*N']);
  expect(await found<ExplanationOfBenefit>('ExplanationOfBenefit')).toMatchObject([{ use: 'preauthorization', outcome: 'complete', item: [{ sequence: 1, productOrService: { coding: [{ code: '97151' }] } }, { sequence: 2 }] }]);
  expect([...await found<Claim>('Claim'), ...await found<ClaimResponse>('ClaimResponse')]).toEqual([]);
  expect((await found<Task>('Task')).filter(({ focus }) => focus?.reference?.startsWith('Claim') === true)).toEqual([]);
});

test('where a value came from is told', async () => {
  const [stored] = await found<Encounter & { id: string }>('Encounter');
  const { status, text } = await send('GET', `${house.fhir}/Encounter/${stored!.id}/$source`);
  expect(status).toBe(200);
  expect(text).toContain('2000E.CL102');
});
