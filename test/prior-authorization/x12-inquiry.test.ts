/** The 278 inquiry (005010X215) end to end: what a person decided is heard on the X12 rail at once, by those who may. */
import type { Bundle } from '@medplum/fhirtypes';
import { inquiryInterchange, readResponse, type ResponseReading } from '../../mappers/x12/index.ts';
import { interchangeFor } from '../../server/demo/interchange.ts';
import { pasExtension } from '../../profiles/pas/names.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { certification, claimOf, decide, decision, denial, numberOf, pendingRequest, resourceOf, submitted, tableCounts, withItems } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

let controlNumber = 0;

/** The Bundle as an inquiry, every one in an interchange of its own. */
function inquiry(bundle: Bundle, ...changes: readonly ((text: string) => string)[]): string {
  controlNumber += 1;
  const written = inquiryInterchange(bundle, {
    sender: { qualifier: 'ZZ', id: 'HARBORCLINIC' }, receiver: { qualifier: 'ZZ', id: 'DEMOPLAN' }, usage: 'T', date: '20260302', time: '0900', controlNumber,
    applicationSender: 'HARBORCLINIC', applicationReceiver: 'DEMOPLAN', groupControlNumber: controlNumber, transactionControlNumber: '0001', traceOrganization: '9012345678',
  });
  expect(written.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  return changes.reduce((text, change) => change(text), Buffer.from(written.bytes).toString('latin1'));
}

const x12 = (text: string): Promise<TestAnswer> => send('POST', `${house.origin}/x12`, Buffer.from(text, 'latin1'), { 'content-type': 'application/edi-x12' });
const readings = (answer: TestAnswer): ResponseReading[] => readResponse(Buffer.from(answer.text, 'latin1'));
const outcome = (answer: TestAnswer): string | null => answer.headers.get('priora-delivery-outcome');

/** Decisions line by line, or on the event: HCR01 to HCR03. */
function decisions(answer: TestAnswer): (string | undefined)[][][] {
  return readings(answer).map(({ event, services }) => (services.length > 0 ? services : [event!]).map(({ review }) => [review?.action, review?.number, review?.reason]));
}

/** AAA03 with the loop it stands in. */
function rejections(answer: TestAnswer): string[] {
  return readings(answer).flatMap(({ rejections: above, event }) => [...above, ...(event?.rejections ?? [])].map(({ loop, code }) => `${loop} ${code}`));
}

/** An inquiry about any service of the member, as far as `ask` does not say more. */
function wildcard(bundle: Bundle, ask: { authorization?: string; administrative?: string; days?: [string, string]; category?: string } = {}): Bundle {
  const copy = structuredClone(bundle);
  const claim = claimOf(copy);
  claim.item = [{
    sequence: 1, productOrService: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-applicable' }] },
    ...(ask.category !== undefined && { category: { coding: [{ system: 'https://codesystem.x12.org/005010/1365', code: ask.category }] } }),
  }];
  delete claim.diagnosis;
  delete claim.supportingInfo;
  if (ask.days) claim.billablePeriod = { start: ask.days[0], end: ask.days[1] };
  claim.extension = [
    ...(ask.authorization === undefined ? [] : [{ url: pasExtension.authorizationNumber, valueString: ask.authorization }]),
    ...(ask.administrative === undefined ? [] : [{ url: pasExtension.administrationReferenceNumber, valueString: ask.administrative }]),
  ];
  return copy;
}

/** A 278 that pends, by X12, for a clinic of its own: nobody else has authorizations under its number. */
let clinics = 0;
async function pended(lines = 1, change: (bundle: Bundle) => void = () => {}): Promise<{ bundle: Bundle; claim: string; administrative: string }> {
  const bundle = pendingRequest(house);
  clinics += 1;
  resourceOf(bundle, 'Organization').identifier![0]!.value = `15${String(clinics).padStart(8, '0')}`;
  if (lines > 1) withItems(bundle, lines, (item, index) => { item.servicedDate = new Date(house.clock.now.getTime() + (index + 400) * 86_400_000).toISOString().slice(0, 10); });
  change(bundle);
  const answer = await x12(Buffer.from(interchangeFor(bundle, claimOf(bundle).identifier![0]!.value!, house.clock.now.toISOString())).toString('latin1'));
  const [reading] = readings(answer);
  expect(reading!.services.map(({ review }) => review?.action)).toEqual(Array.from({ length: lines }, () => 'A4'));
  expect(reading!.isFinal).toBe(false);
  const { rows } = await house.sql.query<{ claim: string; reference: string }>(
    'select a.claim, a.administrative_reference as reference from prior_authorization a join prior_authorization_request r on r.authorization_id = a.id where r.landing_id = $1', [answer.headers.get('priora-delivery')]);
  return { bundle, claim: rows[0]!.claim, administrative: rows[0]!.reference };
}

describe('what is not told', () => {
  test('to a provider who neither asked nor is on the care team: nothing found, not even by the right number', async () => {
    const { bundle, claim, administrative } = await pended();
    const number = numberOf((await decide(house, claim, decision(certification))).json as Bundle)!;
    const stranger = (ask: Parameters<typeof wildcard>[1]): Bundle => {
      const copy = wildcard(bundle, ask);
      resourceOf(copy, 'Organization').identifier![0]!.value = '1888888885';
      return copy;
    };
    for (const [ask, code] of [[{}, 'NC'], [{ authorization: number }, 'AA'], [{ administrative }, 'AA']] as const) {
      const answer = await x12(inquiry(stranger(ask)));
      expect(rejections(answer)).toEqual([`2000E ${code}`]);
      expect(answer.text).not.toMatch(/HCR\*|REF\*NT\*R/);
      if (code === 'NC') expect(answer.text).not.toContain(number);
    }
    // The same question by the clinic that asked is answered.
    expect(decisions(await x12(inquiry(wildcard(bundle))))).toEqual([[['A1', number, undefined]]]);
  });

  test('about somebody who is no member: AAA 75 at the subscriber', async () => {
    const { bundle } = await pended();
    for (const holder of [resourceOf(bundle, 'Coverage').identifier![0]!, resourceOf(bundle, 'Patient').identifier![0]!]) holder.value = 'PD0000000';
    resourceOf(bundle, 'Coverage').subscriberId = 'PD0000000';
    const answer = await x12(inquiry(wildcard(bundle)));
    expect(rejections(answer)).toEqual(['2010C 75']);
    expect(outcome(answer)).toBe('refused');
  });

  test('by a number that is no authorization\'s: AAA AA; on days without a service, or of another type: AAA NC', async () => {
    const { bundle } = await pended();
    expect(rejections(await x12(inquiry(wildcard(bundle, { authorization: 'A000000000' }))))).toEqual(['2000E AA']);
    expect(rejections(await x12(inquiry(wildcard(bundle, { days: ['2031-01-01', '2031-01-31'] }))))).toEqual(['2000E NC']);
    expect(rejections(await x12(inquiry(wildcard(bundle, { category: '33' }))))).toEqual(['2000E NC']);
  });

  test('an inquiry that breaks its guide is a 999 R', async () => {
    const { bundle } = await pended();
    const answer = await x12(inquiry(wildcard(bundle), (text) => text.replace('BHT*0007*28', 'BHT*0007*36')));
    expect(answer.text).toContain('IK5*R*5~');
    expect([readings(answer), outcome(answer)]).toEqual([[], 'refused']);
  });
});

describe('what is told', () => {
  test('pended, then certified by a person: seen at once, the same inquiry sent again', async () => {
    const { bundle, claim, administrative } = await pended();
    const text = inquiry(bundle);
    const before = await x12(text);
    expect(decisions(before)).toEqual([[['A4', undefined, undefined]]]);
    expect(readings(before)).toMatchObject([{ isFinal: false, event: { traces: [{ type: '2', number: claimOf(bundle).identifier![0]!.value }] }, services: [{ procedure: 'E1390', references: { NT: administrative } }] }]);
    expect(outcome(before)).toBe('informed');
    const number = numberOf((await decide(house, claim, decision(certification))).json as Bundle);
    const after = await x12(text);
    expect(decisions(after)).toEqual([[['A1', number, undefined]]]);
    expect(readings(after)).toMatchObject([{ isFinal: true, services: [{ dates: { '102': '20260302', '007': expect.stringMatching(/^\d{8}$/), '036': expect.stringMatching(/^\d{8}$/) } }] }]);
    expect(outcome(after)).toBe('informed');
  });

  test('denied by a person, with the reason', async () => {
    const { bundle, claim } = await pended();
    await decide(house, claim, decision(denial));
    const answer = await x12(inquiry(wildcard(bundle)));
    expect(decisions(answer)).toEqual([[['A3', undefined, '0V']]]);
    expect(readings(answer)[0]!.services[0]!.messages.join()).toContain('do not show low oxygen');
  });

  test('modified by a person: A6, and what was authorized', async () => {
    const { bundle, claim } = await pended();
    const modified = await decide(house, claim, decision({ action: 'modify', reason: '0V', text: 'Three months first.', more: [{ name: 'quantity', valueQuantity: { value: 3, system: 'https://codesystem.x12.org/005010/673', code: 'MO' } }] }));
    expect(modified.status).toBe(200);
    const answer = await x12(inquiry(wildcard(bundle)));
    expect(decisions(answer)[0]![0]!.slice(0, 2)).toEqual(['A6', numberOf(modified.json as Bundle)]);
    expect(readings(answer)[0]!.services[0]!.quantity).toEqual({ qualifier: 'MO', value: '3' });
  });

  test('by the administrative reference (REF*NT) and by the certification number (REF*BB), one of two', async () => {
    const { bundle, claim, administrative } = await pended();
    const other = structuredClone(bundle);
    claimOf(other).identifier![0]!.value = `${claimOf(other).identifier![0]!.value!.slice(0, 8)}Z`;
    claimOf(other).item![0]!.servicedDate = '2027-01-05';
    await submitted(house, other);
    expect(readings(await x12(inquiry(wildcard(bundle))))).toHaveLength(2);
    const byReference = readings(await x12(inquiry(wildcard(bundle, { administrative }))));
    expect(byReference.map(({ services }) => services[0]!.references['NT'])).toEqual([administrative]);
    const number = numberOf((await decide(house, claim, decision(certification))).json as Bundle)!;
    expect(decisions(await x12(inquiry(wildcard(bundle, { authorization: number }))))).toEqual([[['A1', number, undefined]]]);
    expect(decisions(await x12(inquiry(wildcard(bundle, { days: ['2027-01-01', '2027-01-31'] }))))).toEqual([[['A4', undefined, undefined]]]);
  });

  test('to a member of the care team that the request named', async () => {
    const { bundle } = await pended(1, (request) => {
      request.entry!.push({ fullUrl: 'https://clinic.example/fhir/Organization/team', resource: { resourceType: 'Organization', id: 'team', active: true, name: 'Oxygen Supplier', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1777777776' }] } });
      claimOf(request).careTeam = [{ sequence: 1, provider: { reference: 'https://clinic.example/fhir/Organization/team' }, extension: [{ url: 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-careTeamClaimScope', valueBoolean: true }] }];
    });
    const asked = wildcard(bundle);
    delete claimOf(asked).careTeam;
    resourceOf(asked, 'Organization').identifier![0]!.value = '1777777776';
    const answer = await x12(inquiry(asked));
    expect(decisions(answer)).toEqual([[['A4', undefined, undefined]]]);
    expect(answer.text).toContain('NM1*1P*2*Harbor Street Clinic*****XX*1777777776');
  });

  test('lines decided apart are told line by line', async () => {
    const { bundle, claim } = await pended(2);
    const number = numberOf((await decide(house, claim, decision(certification, { ...denial, sequence: 2 }))).json as Bundle);
    const answer = await x12(inquiry(wildcard(bundle)));
    expect(decisions(answer)).toEqual([[['A1', number, undefined], ['A3', undefined, '0V']]]);
  });

  test('an inquiry makes nothing but its landing record, and may come under any control number', async () => {
    const { bundle } = await pended();
    const text = inquiry(wildcard(bundle));
    const before = await tableCounts(house.sql);
    const answers = [await x12(text), await x12(text), await x12(text.replace('BHT*0007*28*', 'BHT*0007*28*X'))];
    expect(answers.map(outcome)).toEqual(['informed', 'informed', 'informed']);
    expect(await tableCounts(house.sql)).toEqual({ ...before, landing: before['landing']! + 2 });
    const { rows } = await house.sql.query<{ state: string; deliveries: number }>('select state, deliveries from landing where id = $1', [answers[0]!.headers.get('priora-delivery')]);
    expect(rows).toEqual([{ state: 'informed', deliveries: 2 }]);
  });

  test('no number of an interchange or a group is given twice', async () => {
    const { bundle } = await pended();
    const numbers = { isa: [] as string[], gs: [] as string[] };
    for (let times = 0; times < 4; times += 1) {
      const { text } = await x12(inquiry(wildcard(bundle)));
      numbers.isa.push(text.split('*')[13]!);
      numbers.gs.push(...[...text.matchAll(/GS\*(?:[^*]*\*){5}(\d+)/g)].map(([, number]) => number!));
    }
    expect([new Set(numbers.isa).size, new Set(numbers.gs).size]).toEqual([4, 8]);
  });

  test('an inquiry beside a request shares its fate: one answer for the delivery, in a group for each guide', async () => {
    const { bundle } = await pended();
    const asked = inquiry(wildcard(bundle));
    const request = Buffer.from(interchangeFor(pendingRequest(house), `D${String(controlNumber).padStart(7, '0')}A`, house.clock.now.toISOString())).toString('latin1');
    const group = request.slice(request.indexOf('GS*'), request.indexOf('IEA*'));
    const both = asked.replace('IEA*1*', `${group}IEA*2*`);
    const first = await x12(both);
    expect([...first.text.matchAll(/GS\*(\w\w)\*.*\*X\*(\w+)~/g)].map(([, kind, guide]) => [kind, guide])).toEqual([['FA', '005010X231A1'], ['HI', '005010X215'], ['HI', '005010X217']]);
    expect(outcome(first)).toBe('answered');
    const second = await x12(both);
    expect([second.text, outcome(second)]).toEqual([first.text, 'repeated']);
  });
});

test('time that was extended is told where the service stands: why, the notice, and until when', async () => {
  const { bundle, claim } = await pended();
  const said = (answer: TestAnswer): string[] => answer.text.split('~').map((segment) => segment.trim()).filter((segment) => segment.startsWith('MSG*'));
  expect(said(await x12(inquiry(wildcard(bundle)))).join(' ')).not.toContain('due by');
  const extended = await send('POST', `${house.fhir}/Claim/${claim}/$extend`, {
    resourceType: 'Parameters',
    parameter: [{ name: 'author', valueReference: { display: 'Dr. Ines Moreau' } }, { name: 'reason', valueCode: 'information-needed' }, { name: 'text', valueString: 'The sleep study is missing.' }, { name: 'notice', valueString: 'We need 14 more days to decide.' }],
  });
  expect(extended.status).toBe(200);
  const { rows } = await house.sql.query<{ due_at: Date }>('select due_at from prior_authorization where claim = $1', [claim]);
  const answer = await x12(inquiry(wildcard(bundle)));
  expect(decisions(answer)).toEqual([[['A4', undefined, undefined]]]);
  expect(readings(answer)[0]!.isFinal).toBe(false);
  for (const words of ['The time to decide has been extended', 'The sleep study is missing.', 'We need 14 more days to decide.', `A decision is due by ${rows[0]!.due_at.toISOString().replaceAll(':', ' ')}`]) expect(said(answer).join(' ').toLowerCase()).toContain(words.toLowerCase());
});

test('where there are more authorizations than are told the answer says so', async () => {
  const { bundle } = await pended();
  const said = (answer: TestAnswer): boolean[] => answer.text.split('HL*').filter((level) => level.includes('*EV*')).map((level) => /MSG\*there are more prior authorizations/i.test(level));
  expect(said(await x12(inquiry(wildcard(bundle))))).toEqual([false]);
  for (let count = 0; count < 50; count += 1) {
    const again = pendingRequest(house);
    resourceOf(again, 'Organization').identifier = resourceOf(bundle, 'Organization').identifier!;
    await submitted(house, again);
  }
  const many = await x12(inquiry(wildcard(bundle)));
  expect([readings(many).length > 0, said(many)[0], said(many).slice(1).some(Boolean)]).toEqual([true, true, false]);
  const none = await x12(inquiry(wildcard(bundle, { days: ['2031-01-01', '2031-01-31'] })));
  // There is none on these days among all of them.
  expect([rejections(none), said(none)]).toEqual([['2000E NC'], [false]]);
});
