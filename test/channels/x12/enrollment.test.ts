/** Whose enrollment makes a member: the plan's own senders', and nobody else's. */
import type { Bundle, Coverage, Patient } from '@medplum/fhirtypes';
import { readEnrollmentSenders } from '../../../channels/x12/enrollment.ts';
import { readConfiguration } from '../../../server/configuration.ts';
import { openHouse, send, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ environment: { PRIORA_ENROLLMENT_SENDERS: 'EMPLOYERS, 30:444556666' } }); });
afterAll(async () => { await house.close(); });

let control = 0;
const padded = (text: string): string => text.padEnd(15);

/** An 834 of one member. */
async function enroll(qualifier: string, sender: string, number: string): Promise<void> {
  control += 1;
  const segments = [
    `ISA*00*          *00*          *${qualifier}*${padded(sender)}*ZZ*${padded('PLAN')}*260601*1200*^*00501*${String(control).padStart(9, '0')}*0*T*:`,
    `GS*BE*${sender}*PLAN*20260601*1200*${control}*X*005010X220A1`, 'ST*834*0001*005010X220A1', 'BGN*00*F1*20260601*1200****2', 'N1*P5*EMPLOYER*FI*444556666', 'N1*IN*PLAN*XV*P1',
    'INS*Y*18*021*EC*A***FT', `REF*0F*${number}`, 'REF*1L*G1', `NM1*IL*1*DOE${number}*JANE****MI*${number}`, `DMG*D8*197001${String(10 + control)}*F`, 'HD*021**HLT*GOLD PPO*FAM', 'DTP*348*D8*20260101',
  ];
  const body = `${[...segments, `SE*${segments.length - 1}*0001`, `GE*1*${control}`, `IEA*1*${String(control).padStart(9, '0')}`].join('~')}~`;
  const answer = await send('POST', `${house.origin}/x12`, Buffer.from(body, 'latin1'), { 'content-type': 'application/edi-x12' });
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('AK9*A')]);
}

/** Marks of what the enrollment of a number has brought, by type. */
async function marksOf(number: string): Promise<Record<string, number>> {
  const marked = async (type: string, search: string): Promise<number> => ((await send('GET', `${house.fhir}/${type}?${search}`)).json as Bundle<Patient | Coverage>).entry!.map(({ resource }) => resource!.meta?.tag?.length ?? 0)[0]!;
  return { patient: await marked('Patient', `identifier=${number}`), coverage: await marked('Coverage', `beneficiary:Patient.identifier=${number}`) };
}

test.each([['*,A'], ['a b'], ['ZZ:'], ['123456789012345678'], ['ZZZ:A']])('a setting that names no senders is refused: %s', (text) => {
  expect(readEnrollmentSenders(text)).toBeUndefined();
  expect(() => readConfiguration({ PRIORA_ENROLLMENT_SENDERS: text })).toThrow(/^PRIORA_ENROLLMENT_SENDERS: /);
});

test('unset it is nobody, and in demo mode everybody', () => {
  const anybody = { qualifier: 'ZZ', id: 'ANYBODY' };
  expect([readConfiguration({ PRIORA_DEMO: '0' }), readConfiguration({ PRIORA_DEMO: '1' })].map(({ enrollmentSenders }) => readEnrollmentSenders(enrollmentSenders)!(anybody))).toEqual([false, true]);
});

test.each([['another sender', 'ZZ', 'CLINIC', 'E1'], ['the number under another qualifier', 'ZZ', '444556666', 'E2'], ['a number that begins the same', 'ZZ', 'EMPLOYERS2', 'E3']])('%s enrolls nobody: what comes is a sender\'s word', async (_, qualifier, sender, number) => {
  await enroll(qualifier, sender, number);
  expect(await marksOf(number)).toEqual({ patient: 1, coverage: 1 });
});

test.each([['by number alone', '01', 'EMPLOYERS', 'E4'], ['by qualifier and number', '30', '444556666', 'E5']])('the plan\'s own, known %s, makes a member', async (_, qualifier, sender, number) => {
  await enroll(qualifier, sender, number);
  expect(await marksOf(number)).toEqual({ patient: 0, coverage: 0 });
});
