/** POST /x12 beyond the 278: what the inbox takes of claims, members, payments and documents, what a 270 is answered, and what their senders are told. */
import type { Claim, Coverage, DocumentReference, Organization, Patient } from '@medplum/fhirtypes';
import { openHouse, send, type TestAnswer, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

let controlNumber = 0;

/** Groups of one set each, in an interchange with a number of its own. */
function delivery(...sets: readonly { functional: string; guide: string; segments: readonly string[] }[]): string {
  controlNumber += 1;
  const number = String(controlNumber).padStart(9, '0');
  return [
    `ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260601*1200*^*00501*${number}*0*P*:`,
    ...sets.flatMap(({ functional, guide, segments }, index) => [`GS*${functional}*SEND*RECV*20260601*1200*${index + 1}*X*${guide}`, ...segments, `SE*${segments.length + 1}*0001`, `GE*1*${index + 1}`]),
    `IEA*${sets.length}*${number}`,
  ].join('~').concat('~');
}

const x12 = (text: string): Promise<TestAnswer> => send('POST', `${house.origin}/x12`, Buffer.from(text, 'latin1'), { 'content-type': 'application/edi-x12' });
const segmentsIn = (text: string, ...ids: readonly string[]): string[] => text.split('~').map((segment) => segment.trim()).filter((segment) => ids.includes(segment.split('*')[0]!));
async function found<T>(search: string): Promise<T[]> {
  const { json } = await send('GET', `${house.fhir}/${search}`);
  return ((json as { entry?: { resource: T }[] }).entry ?? []).map(({ resource }) => resource);
}

const claim = (number: string, charge = '100', line = '100'): string[] => [`CLM*${number}*${charge}***11:B:1*Y*A*Y*Y`, 'HI*ABK:E119', 'LX*1', `SV1*HC:99213*${line}*UN*1***1`, 'DTP*472*D8*20260520'];
const claims = (...each: readonly string[][]): { functional: string; guide: string; segments: string[] } => ({
  functional: 'HC', guide: '005010X222A1', segments: [
    'ST*837*0001*005010X222A1', `BHT*0019*00*BATCH${controlNumber}*20260601*1200*CH`, 'NM1*41*2*HOUSE*****46*S1', 'PER*IC*DESK*TE*5551234567', 'NM1*40*2*PLAN*****46*P1', 'HL*1**20*1', 'NM1*85*2*CLINIC*****XX*1234567893', 'N3*1 WAY', 'N4*COLUMBUS*OH*432150000', 'REF*EI*111223333',
    'HL*2*1*22*0', 'SBR*P*18*******CI', 'NM1*IL*1*CLAIMANT*CLARA****MI*M1', 'N3*2 WAY', 'N4*COLUMBUS*OH*43215', 'DMG*D8*19850515*F', 'NM1*PR*2*PLAN*****PI*P1', ...each.flat(),
  ],
});
/** Everybody is born on a day of his own: two of one name and day are for a person to tell apart. */
const bornOf = (number: string): string => `1970010${number.length > 1 ? number.slice(-1) : '1'}`.slice(0, 8);
const member = (number: string, family = 'DOE'): string[] => [`INS*Y*18*021*EC*A***FT`, `REF*0F*${number}`, 'REF*1L*G1', `NM1*IL*1*${family}*JANE****MI*${number}`, `DMG*D8*${bornOf(number)}*F`, 'HD*021**HLT*GOLD PPO*FAM', 'DTP*348*D8*20260101'];
const members = (...each: readonly string[][]): { functional: string; guide: string; segments: string[] } => ({
  functional: 'BE', guide: '005010X220A1', segments: ['ST*834*0001*005010X220A1', 'BGN*00*F1*20260601*1200****2', 'N1*P5*EMPLOYER*FI*444556666', 'N1*IN*PLAN*XV*P1', ...each.flat()],
});
const question = (number: string, family = 'DOE', day = '20260601'): { functional: string; guide: string; segments: string[] } => ({
  functional: 'HS', guide: '005010X279A1', segments: ['ST*270*0001*005010X279A1', 'BHT*0022*13*ASK1*20260601*1200', 'HL*1**20*1', 'NM1*PR*2*PLAN*****PI*P1', 'HL*2*1*21*1', 'NM1*1P*2*CLINIC*****XX*1234567893', 'HL*3*2*22*0', 'TRN*1*T1*9SAMPLEORG', `NM1*IL*1*${family}*JANE****MI*${number}`, `DMG*D8*${bornOf(number)}`, `DTP*291*D8*${day}`, 'EQ*30'],
});
const letter = (text: string): { functional: string; guide: string; segments: string[] } => ({
  functional: 'PI', guide: '006020X316', segments: ['ST*275*0001*006020X316', 'BGN*02*A1*20260601*1200', 'NM1*X3*2*PLAN*****PI*P1', 'NM1*1P*1*HEALER*HAL****XX*1234567893', 'NM1*QC*1*WRITER*WILMA****MI*M5', 'LX*1', 'TRN*2*CTRL1*1234567890', 'CAT*AE*HL', 'EFI*05', `BDS*B64*${Buffer.from(text).toString('base64').length}*${Buffer.from(text).toString('base64')}`],
});

describe('what is wrong is told at its place', () => {
  test('a set that its guide refuses is told by the 999 and goes no further', async () => {
    const { text } = await x12(delivery(claims(['CLM*B1*100***11:B:1*Y*A*Y*Y', 'LX*1', 'SV1*HC:99213*100*UN*1***1'])));
    expect(segmentsIn(text, 'IK5', 'STC')).toEqual(['IK5*R*5']);
    expect(await found('Claim?identifier=B1')).toEqual([]);
  });

  test('a set that nobody reads is refused by its 999', async () => {
    const { text } = await x12(delivery({ functional: 'RA', guide: '005010X218', segments: ['ST*820*0001*005010X218', 'BPR*I*1*C*CHK'] }));
    expect(segmentsIn(text, 'IK5', 'AK9')).toEqual([expect.stringMatching(/^IK5\*R/), expect.stringMatching(/^AK9\*R/)]);
  });

  test('a control number that was used for something else: nothing is taken', async () => {
    const first = delivery(members(member('R1')));
    await x12(first);
    const second = first.replaceAll('R1', 'R2');
    expect(segmentsIn((await x12(second)).text, 'TA1')).toEqual([expect.stringMatching(/\*R\*025$/)]);
    expect(await found('Patient?identifier=R2')).toEqual([]);
  });
});

describe('claims', () => {
  test('are stored each for itself and told of in a 277CA; the same bytes again change nothing', async () => {
    const text = delivery(claims(claim('A1'), claim('A2', '50', '50')));
    const answer = await x12(text);
    expect(answer.status).toBe(200);
    expect(segmentsIn(answer.text, 'GS').map((segment) => segment.split('*')[1])).toEqual(['FA', 'HN']);
    expect(segmentsIn(answer.text, 'IK5')).toEqual(['IK5*A']);
    expect(segmentsIn(answer.text, 'STC')).toEqual([expect.stringMatching(/^STC\*A1:19:PR\*\d{8}\*WQ\*150$/), expect.stringMatching(/^STC\*A2:20:PR\*\d{8}\*WQ\*100$/), expect.stringMatching(/^STC\*A2:20:PR\*\d{8}\*WQ\*50$/)]);
    const stored = await found<Claim>('Claim?identifier=A1');
    expect(stored).toMatchObject([{ use: 'claim', diagnosis: [{ diagnosisCodeableConcept: { coding: [{ code: 'E11.9' }] } }], item: [{ servicedDate: '2026-05-20' }] }]);
    const again = await x12(text);
    expect(again.text).toBe(answer.text);
    expect(again.headers.get('priora-delivery-outcome')).toBe('repeated');
    expect(await found('Claim?identifier=A1,A2')).toHaveLength(2);
  });
});

describe('members', () => {
  test('are stored with their coverage, and asked about by a 270', async () => {
    const answer = await x12(delivery(members(member('M7'), member('M8', 'ROE'))));
    expect(segmentsIn(answer.text, 'IK5', 'OTI')).toEqual(['IK5*A', expect.stringMatching(/^OTI\*TA\*TN\*0001/)]);
    const [patient] = await found<Patient>('Patient?identifier=M7');
    expect(patient).toMatchObject({ name: [{ family: 'DOE' }], birthDate: '1970-01-07' });
    expect(await found<Coverage>(`Coverage?beneficiary=Patient/${(patient as Patient & { id: string }).id}`)).toMatchObject([{ status: 'active', subscriberId: 'M7', period: { start: '2026-01-01' } }]);

    const active = await x12(delivery(question('M7')));
    expect(segmentsIn(active.text, 'GS').map((segment) => segment.split('*')[1])).toEqual(['FA', 'HB']);
    expect(segmentsIn(active.text, 'TRN', 'EB', 'AAA')).toEqual(['TRN*2*T1*9SAMPLEORG', 'EB*1**30**GOLD PPO']);
  });

  test('are told where the services of the plan are, where components are parted by something that is in no address', async () => {
    const asked = delivery(question('M7'));
    const parted = await x12(asked.replace('*0*P*:~', '*0*P*>~'));
    expect(segmentsIn(parted.text, 'PER')).toEqual([`PER*IC**UR*${house.origin}/.well-known/davinci-configuration`]);
    expect(parted.text.slice(0, 105).at(-1)).toBe('>');
    expect((await send('GET', segmentsIn(parted.text, 'PER')[0]!.split('*')[4]!)).status).toBe(200);
    const colon = await x12(delivery(question('M7')));
    expect([segmentsIn(colon.text, 'PER'), colon.text.slice(0, 105).at(-1)]).toEqual([[], ':']);
    const nobody = await x12(delivery(question('M99')).replace('*0*P*:~', '*0*P*>~'));
    expect([segmentsIn(nobody.text, 'PER'), nobody.text.slice(0, 105).at(-1)]).toEqual([[], ':']);
  });

  test.each([
    ['on a day before the coverage', 'M7', 'DOE', '20251231', ['EB*6**30**GOLD PPO']],
    ['under a number that nobody has', 'M99', 'DOE', '20260601', ['AAA*N**75*C']],
    ['under the name of somebody else', 'M7', 'ROE', '20260601', ['AAA*N**73*C']],
  ])('asked about %s', async (_, number, family, day, expected) => {
    expect(segmentsIn((await x12(delivery(question(number, family, day)))).text, 'EB', 'AAA')).toEqual(expected);
  });
});

describe('who is a member is the plan\'s to say', () => {
  const claimOfMember = (number: string, control: string): { functional: string; guide: string; segments: string[] } => {
    const sent = claims(claim(control));
    return { ...sent, segments: sent.segments.map((segment) => segment.replace('CLAIMANT*CLARA****MI*M1', `ROWE*JANE****MI*${number}`).replace('DMG*D8*19850515*F', `DMG*D8*${bornOf(number)}*F`)) };
  };
  const origin = ({ meta }: { meta?: { tag?: { code?: string }[] } }): (string | undefined)[] => (meta?.tag ?? []).map(({ code }) => code);

  test('whom a claim speaks of is kept, marked as its sender\'s word, and is no member for that', async () => {
    await x12(delivery(claimOfMember('M61', 'W1')));
    const [patient] = await found<Patient>('Patient?identifier=M61');
    expect(origin(patient!)).toEqual(['submitted']);
    // Nor is a company the payer of this house because a claim names it.
    const organizations = await found<Organization>('Organization?_tag=submitted');
    expect(organizations.map(({ name }) => name)).toEqual(expect.arrayContaining(['PLAN', 'CLINIC']));
    expect(segmentsIn((await x12(delivery(question('M61', 'ROWE')))).text, 'EB', 'AAA')).toEqual(['AAA*N**75*C']);
  });

  test('an enrollment makes him one, on the same record; a claim that comes after changes nothing of his coverage', async () => {
    await x12(delivery(claimOfMember('M62', 'W2')));
    await x12(delivery(members(member('M62', 'ROWE'))));
    const [patient, ...others] = await found<Patient & { id: string }>('Patient?identifier=M62');
    expect([origin(patient!), others]).toEqual([[], []]);
    expect(segmentsIn((await x12(delivery(question('M62', 'ROWE')))).text, 'EB', 'AAA')).toEqual(['EB*1**30**GOLD PPO']);
    const before = await found<Coverage>(`Coverage?beneficiary=Patient/${patient!.id}`);
    await x12(delivery(claimOfMember('M62', 'W3')));
    const after = await found<Coverage>(`Coverage?beneficiary=Patient/${patient!.id}`);
    expect(after.filter((coverage) => origin(coverage).length === 0)).toEqual(before.filter((coverage) => origin(coverage).length === 0));
    expect(segmentsIn((await x12(delivery(question('M62', 'ROWE')))).text, 'EB')).toEqual(['EB*1**30**GOLD PPO']);
  });
});

test('a document is stored with the number by which it finds its request', async () => {
  const { text } = await x12(delivery(letter('A letter.')));
  expect(segmentsIn(text, 'OTI')).toEqual([expect.stringMatching(/^OTI\*TA/)]);
  const [document] = await found<DocumentReference>('DocumentReference?identifier=CTRL1');
  expect(document).toMatchObject({ status: 'current', content: [{ attachment: { contentType: 'text/plain' } }] });
});

test('sets of several kinds in one delivery: each is answered in its group', async () => {
  const { text } = await x12(delivery(claims(claim('X1')), members(member('X2')), question('X2')));
  expect(segmentsIn(text, 'GS').map((segment) => segment.split('*')[1])).toEqual(['FA', 'HN', 'AG', 'HB']);
  expect(segmentsIn(text, 'IK5')).toEqual(['IK5*A', 'IK5*A', 'IK5*A']);
  expect(segmentsIn(text, 'EB')).toEqual(['EB*1**30**GOLD PPO']);
});

test('where a value came from is told', async () => {
  const [stored] = await found<Claim & { id: string }>('Claim?identifier=A1');
  const { status, text } = await send('GET', `${house.fhir}/Claim/${stored!.id}/$source`);
  expect(status).toBe(200);
  expect(text).toContain('2300.CLM01');
});

test('a unit that cannot be taken is quarantined with the reason, and stops no other', async () => {
  const unreadable = letter('B').segments.map((segment) => segment.replace(/^BDS.*$/, 'BDS*B64*5*%%%%%'));
  const text = delivery({ ...letter(''), segments: unreadable }, members(member('Q1', 'QUIET')));
  const answer = await x12(text);
  expect(segmentsIn(answer.text, 'OTI', 'TED').map((segment) => segment.split('*').slice(0, 3).join('*'))).toEqual(['OTI*TR*TN', 'TED*024*Unit 1, attachment-empty', 'OTI*TA*TN']);
  expect(await found('Patient?identifier=Q1')).toHaveLength(1);
  const { json } = await send('GET', `${house.fhir}/Task?status=on-hold,failed,requested,rejected,ready&_count=50`);
  expect(JSON.stringify(json)).toContain('275 006020X316');
});

test('a document whose patient a person has to tell is stored under whom they choose', async () => {
  const stored = await send('PUT', `${house.fhir}/Patient/review-wilma`, { resourceType: 'Patient', id: 'review-wilma', identifier: [{ type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MB' }] }, system: 'urn:oid:1.2.3', value: 'M55' }], name: [{ family: 'Otherly', given: ['Wilma'] }], birthDate: '1980-01-01' });
  expect(stored.status).toBe(201);
  const sent = letter('who is it');
  const answer = await x12(delivery({ ...sent, segments: sent.segments.map((segment) => segment.replace('MI*M5', 'MI*M55').replace('WRITER*WILMA', 'OTHERLY*WILMA').replace('CTRL1', 'CTRL55')) }));
  expect(answer.status).toBe(200);
  const { rows: [row] } = await house.sql.query<{ id: string; state: string }>("select id, state from inbox_message where kind like '275%' and state = 'review'");
  const waiting = row!;
  const replayed = await send('POST', `${house.origin}/inbox/${waiting.id}/replay`, '{"patient":"review-wilma"}', { 'content-type': 'application/json' });
  expect([waiting, replayed.status, replayed.json]).toMatchObject([{}, 200, { messages: [{ before: 'review', after: 'accepted' }] }]);
  expect(await found<DocumentReference>('DocumentReference?subject=Patient/review-wilma')).toHaveLength(1);
});
