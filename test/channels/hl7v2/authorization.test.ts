/** RQA by MLLP and HTTP into the real server: what is decided on it, how the RPA says so, and what happens when it comes again. */
import type { Claim, ClaimResponse } from '@medplum/fhirtypes';
import { send, type TestAnswer, type TestHouse } from '../../support/house.ts';
import { openMllpHouse } from '../../support/mllp-house.ts';
import { certification, decide, decision, denial } from '../../support/pas-requests.ts';
import { openClient, type MllpClient } from '../mllp/client.ts';
import { codeOf, segment, segmentsOf } from '../mllp/messages.ts';
import { amara, daniel, excluded, lena, oxygen, rqa } from './requests.ts';

let house: TestHouse;
let client: MllpClient;
let close: () => Promise<void>;
beforeAll(async () => { ({ house, client, close } = await openMllpHouse()); });
afterAll(async () => { await close(); });

const post = (text: string): Promise<TestAnswer> => send('POST', `${house.origin}/inbox/hl7v2`, text, { 'content-type': 'x-application/hl7-v2+er7' });
const counted = async (table: string): Promise<number> => Number((await house.sql.query<{ count: string }>(`select count(*) from ${table}`)).rows[0]!.count);
const authorizations = (): Promise<number> => counted('prior_authorization');
const errors = (text: string): readonly string[] => segmentsOf(text).filter(([id]) => id === 'ERR').map((fields) => `${fields[2]} ${fields[3]!.split('^')[0]} ${fields[5]!.split('^')[0]}`);
const words = (text: string): readonly string[] => segmentsOf(text).filter(([id]) => id === 'NTE').map((fields) => `${fields[4]} ${fields[3]}`);
const idsOf = (text: string): string => segmentsOf(text).map(([id]) => id).join(' ');
async function claimOf(number: string): Promise<Claim & { id: string }> {
  const { json } = await send('GET', `${house.fhir}/Claim?identifier=${number}`);
  expect(json.total ?? json.entry.length).toBe(1);
  return json.entry[0].resource as Claim & { id: string };
}

describe('what cannot be reviewed', () => {
  test.each([
    ['a number that nobody has', { member: ['PD9999999', 'Nobody', 'Nell', '19700101'] as const }, 'PID^1^3^1 204 reject-75'],
    ['the name of somebody else', { member: ['PD1000001', 'Otherwise', 'Olive', '19800101'] as const }, 'PID^1^5^1 102 reject-73'],
    ['neither name nor birth date', { member: ['PD1000001', '', '', ''] as const }, 'PID^1^5^1 102 reject-73'],
    ['the birth date of somebody else', { member: ['PD1000001', 'Okafor', 'Amara', '19510310'] as const }, 'PID^1^7^1 102 reject-71'],
  ])('%s: AE, with the place, and nothing is decided', async (name, asked, error) => {
    const before = await authorizations();
    const answer = await client.ask(rqa({ id: `NO-${name.length}`, ...asked }));
    expect(segment(answer, 'MSH')!.slice(2, 6)).toEqual(['PRIORA', 'PLAN', 'EHR', 'CLINIC']);
    expect([segment(answer, 'MSH')![8], codeOf(answer), segment(answer, 'MSA')![2], errors(answer)]).toEqual(['RPA^I08^RPA_I08', 'AE', `NO-${name.length}`, [error]]);
    expect(idsOf(answer)).toBe('MSH MSA ERR PRD PRD PID IN1 DG1 PR1');
    expect(await authorizations()).toBe(before);
  });

  test('it is tried anew when it comes again, and is kept for a person meanwhile', async () => {
    house.clock.advance(1000);
    const message = rqa({ id: 'LATER', member: ['PD7777777', 'Later', 'Lou', '19900101'], services: [oxygen] });
    expect(codeOf(await client.ask(message))).toBe('AE');
    const { json } = await send('GET', `${house.origin}/inbox?state=quarantined`);
    expect(json.messages[0]).toMatchObject({ kind: 'RQA^I08', problems: ['reject-75'] });
    await send('PUT', `${house.fhir}/Patient/late`, { resourceType: 'Patient', id: 'late', identifier: [{ system: 'urn:x', value: 'PD7777777' }], name: [{ family: 'Later', given: ['Lou'] }], birthDate: '1990-01-01' });
    expect(codeOf(await client.ask(message))).toBe('AA');
    expect((await send('GET', `${house.origin}/inbox/${json.messages[0].id}`)).json.state).toBe('accepted');
  });

  test.each([
    ['no patient', ['RF1||R||||X1^EHR', 'PRD|RP|Moore^Ada|||||1999999984^NPI', 'PR1|1||E1390^^HCPCS||20260305'], ' 101 pas-missing'],
    ['nothing at all', [], ' 101 pas-missing'],
  ])('%s: AE', async (name, segments, error) => {
    const answer = await client.ask(rqa({ id: `BAD-${name}`, segments }));
    expect([codeOf(answer), errors(answer)]).toEqual(['AE', [error]]);
  });

  test('without a control id, or in a character set nobody reads: AR, as with any message', async () => {
    expect(errors(await client.ask(rqa({ id: '' })))).toEqual(['MSH^1^10^1^1 101 control-id-missing']);
    const answer = await client.ask(rqa({ id: 'SET' }).replace('|P|2.5.1||||\r', '|P|2.5.1||||||KLINGON\r'));
    expect([codeOf(answer), errors(answer)]).toEqual(['AR', ['MSH^1^18^1 103 charset-unknown']]);
  });

  test('an event that no request has: AR, and nothing is decided', async () => {
    const before = await authorizations();
    const answer = await client.ask(rqa({ id: 'EV-I99', type: 'RQA^I99^RQA_I08', saturation: 80 }));
    expect([codeOf(answer), errors(answer)]).toEqual(['AR', ['MSH^1^9^1^2 201 event-not-taken']]);
    expect(await authorizations()).toBe(before);
  });

  test.each([
    ['the number of an authorization that nobody has', { authorization: 'A-NONE' }, 'AUT^1^6^1 102 reject-AA'],
    ['a number of the requester under which nothing was asked', { number: 'RQ-NEVER' }, 'RF1^1^6^1 102 reject-AA'],
    ['a number of the plan that is none', { number: '', reference: 'R-NONE' }, 'RF1^1^11^1 102 reject-AA'],
    ['no number at all', { number: '' }, ' 101 predecessor-missing'],
  ])('a change or cancellation with %s: AE', async (_, asked, error) => {
    const before = await authorizations();
    for (const event of ['I09', 'I11']) {
      const answer = await client.ask(rqa({ id: `${event}-${error.length}${JSON.stringify(asked).length}`, type: `RQA^${event}^RQA_I08`, saturation: 80, member: amara, ...asked }));
      expect([segment(answer, 'MSH')![8], codeOf(answer), errors(answer)]).toEqual([`RPA^${event}^RPA_I08`, 'AE', [error]]);
    }
    expect(await authorizations()).toBe(before);
  });
});

describe('what is decided', () => {
  test('certified by criteria: number, days, who authorizes, and why', async () => {
    const answer = await client.ask(rqa({ id: 'CERT', saturation: 86 }));
    expect([codeOf(answer), errors(answer)]).toEqual(['AA', []]);
    expect(idsOf(answer)).toBe('MSH MSA RF1 AUT PRD PRD PID IN1 DG1 PR1 AUT NTE NTE');
    expect(segment(answer, 'RF1')).toEqual(['RF1', 'A^Accepted^HL70283', 'R', '', '', '', 'RQ-CERT^EHR', '20260305', '20260605', expect.stringMatching(/^20260302090\d{3}\.000\+0000$/), '', expect.stringMatching(/^R/)]);
    expect(segment(answer, 'AUT')).toEqual(['AUT', 'DEMO^Demo', '1234567893', 'Demo Health Plan', '20260305', '20270305', expect.stringMatching(/^A/), '', '', '', '20260302']);
    expect(words(answer)).toEqual(['RE Certified.', expect.stringMatching(/^RE ./)]);
    const claim = await claimOf('RQ-CERT');
    const { json } = await send('GET', `${house.fhir}/ClaimResponse?request=Claim/${claim.id}`);
    expect((json.entry[0].resource as ClaimResponse).preAuthRef).toBe(segment(answer, 'AUT')![6]);
    const { rows } = await house.sql.query<{ rail: string }>('select rail from prior_authorization_request where bundle::text like $1', ['%RQ-CERT%']);
    expect(rows).toEqual([{ rail: 'hl7v2' }]);
  });

  test('how much was asked for and how much is granted', async () => {
    const answer = await client.ask(rqa({ id: 'MANY', saturation: 87, member: amara, services: ['E1391^Concentrator^HCPCS'], quantity: '3' }));
    const [whole, own] = segmentsOf(answer).filter(([id]) => id === 'AUT');
    expect([whole!.slice(8, 10), own!.slice(8, 10)]).toEqual([['3', '3'], ['3', '3']]);
  });

  test('denied by the contract: rejected, no AUT, the reason as such', async () => {
    const answer = await client.ask(rqa({ id: 'DENY', member: lena, services: [excluded], diagnosis: 'Z00.00' }));
    expect([codeOf(answer), segment(answer, 'RF1')![1], segment(answer, 'AUT')]).toEqual(['AA', 'R^Rejected^HL70283', undefined]);
    expect(words(answer)).toEqual(['RE Denied.', '1R The plan document lists this service among those that are not part of the benefit.']);
  });

  test('pended for a person: told as such, with the plan\'s own number', async () => {
    const answer = await client.ask(rqa({ id: 'PEND', member: daniel, saturation: 93 }));
    expect([codeOf(answer), segment(answer, 'RF1')![1], segment(answer, 'RF1')![11], segment(answer, 'AUT')]).toEqual(['AA', 'P^Pending^HL70283', expect.stringMatching(/^R/), undefined]);
    expect(words(answer)[0]).toBe('RE Pending.');
  });

  test('some of several: accepted, with an AUT for what is certified and words for the rest', async () => {
    const answer = await client.ask(rqa({ id: 'SOME', member: amara, services: ['E1390^a^HCPCS', excluded], saturation: 85, number: 'RQ-SOME' }));
    expect(segment(answer, 'RF1')![1]).toBe('A^Accepted^HL70283');
    expect(idsOf(answer)).toMatch(/PR1 AUT PR1 NTE/);
    expect(words(answer).filter((text) => /Service \d: (Certified|Denied)\./.test(text))).toEqual(['RE Service 1: Certified.', 'RE Service 2: Denied.']);
  });

  test('of a dependent, found by the number of the family and the name', async () => {
    const asked = rqa({ id: 'FAM', member: ['12345678901', 'Smith', 'Mary', ''], services: ['E0434^a^HCPCS'] }).replace('12345678901^^^PLAN^MB', '').replace('|||||||||||||SEL|', '|||||||||||||SPO|').replace('Demo Health Plan||||||||||||', 'Demo Health Plan||||||||||||Smith^Joe');
    const answer = await client.ask(asked);
    expect([codeOf(answer), errors(answer)]).toEqual(['AA', []]);
    expect((await claimOf('RQ-FAM')).patient.reference).toBe('Patient/demo-mary-smith');
  });

  test('a batch: each for itself, answered in one', async () => {
    const batch = ['BHS|^~\\&|EHR|CLINIC|PRIORA|PLAN|20260302085500+0000||||B1\r', rqa({ id: 'BATCH-1', member: daniel, saturation: 93, services: ['E0424^a^HCPCS'] }), rqa({ id: 'BATCH-2', member: ['PD9999999', 'Nobody', 'Nell', '19700101'] }), 'BTS|2\r'].join('');
    const { status, text } = await post(batch);
    expect([status, segmentsOf(text).filter(([id]) => ['BHS', 'MSA', 'RF1', 'BTS'].includes(id!)).map(([id, first]) => `${id} ${id === 'BHS' ? '' : first}`)]).toEqual([422, ['BHS ', 'MSA AA', 'RF1 P^Pending^HL70283', 'MSA AE', 'BTS 2']]);
  });

  test('over HTTP the same', async () => {
    const { status, text, headers } = await post(rqa({ id: 'HTTP', member: daniel, saturation: 94 }));
    expect([status, headers.get('content-type'), segment(text, 'MSH')![8], codeOf(text), segment(text, 'RF1')![1]]).toEqual([200, 'x-application/hl7-v2+er7', 'RPA^I08^RPA_I08', 'AA', 'P^Pending^HL70283']);
    const refused = await post(rqa({ id: 'HTTP-NO', member: ['PD9999999', 'Nobody', 'Nell', '19700101'] }));
    expect([refused.status, codeOf(refused.text)]).toEqual([422, 'AE']);
  });
});

describe('a change', () => {
  const services = ['E0431^Portable oxygen^HCPCS'];

  test('of what is pended is decided on what it brings, within the same authorization', async () => {
    const first = await client.ask(rqa({ id: 'CH-1', number: 'RQ-CH', member: daniel, saturation: 93, services }));
    const before = await authorizations();
    const second = await client.ask(rqa({ id: 'CH-2', number: 'RQ-CH', type: 'RQA^I09^RQA_I08', member: daniel, services, saturation: 84, measured: '20260302080000+0000' }));
    expect([codeOf(second), errors(second), segment(second, 'RF1')![1], segment(second, 'RF1')![11]]).toEqual(['AA', [], 'A^Accepted^HL70283', segment(first, 'RF1')![11]]);
    expect(segment(second, 'AUT')![6]).toMatch(/^A/);
    expect(await authorizations()).toBe(before);
  });

  test('that adds a service: what was certified stays, and each is told under its own place', async () => {
    const first = await client.ask(rqa({ id: 'ADD-1', number: 'RQ-ADD', saturation: 82, services: ['E1391^b^HCPCS'] }));
    const number = segment(first, 'AUT')![6]!;
    const second = await client.ask(rqa({ id: 'ADD-2', number: 'RQ-ADD-2', type: 'RQA^I09^RQA_I08', authorization: number, services: [excluded] }));
    expect([codeOf(second), errors(second)]).toEqual(['AA', []]);
    expect(words(second).filter((text) => /(?:Certified|Denied)\.$/.test(text))).toEqual(['RE Another service of the authorization: Certified.', 'RE Service 1: Denied.']);
    expect(segmentsOf(second).map(([id]) => id).join(' ')).toMatch(/PR1 NTE/);
  });

  test.each([
    ['the number of the authorization', (answer: string) => ({ authorization: segment(answer, 'AUT')![6]!, number: '' })],
    ['the plan\'s own number', (answer: string) => ({ reference: segment(answer, 'RF1')![11]!, number: '' })],
    ['the requester\'s own number', () => ({})],
  ])('that cancels by %s: cancelled, and told so when it comes again', async (name, named) => {
    const number = `RQ-C${name.length}`;
    const first = await client.ask(rqa({ id: `C1-${name.length}`, number, saturation: 81, services: ['E0439^a^HCPCS'] }));
    const cancel = { number, type: 'RQA^I11^RQA_I08', services: ['E0439^a^HCPCS'], ...named(first) } as const;
    const second = await client.ask(rqa({ id: `C2-${name.length}`, ...cancel }));
    expect([codeOf(second), errors(second), segment(second, 'RF1')![1], segment(second, 'AUT')]).toEqual(['AA', [], 'E^Expired^HL70283', undefined]);
    expect(words(second)[0]).toBe('RE Cancelled.');
    expect((await house.sql.query<{ open: boolean }>('select open from prior_authorization where administrative_reference = $1', [segment(second, 'RF1')![11]])).rows).toEqual([{ open: false }]);
    const third = await client.ask(rqa({ id: `C3-${name.length}`, time: '20260302100000+0000', ...cancel }));
    expect([codeOf(third), segment(third, 'RF1')![1]]).toEqual(['AA', 'E^Expired^HL70283']);
  });
});

describe('in one batch', () => {
  test('a request and its cancellation: both are done, one after the other', async () => {
    const services = ['E0439^a^HCPCS'];
    const { text } = await post(['BHS|^~\\&|EHR|CLINIC|PRIORA|PLAN|20260302085500+0000||||BC\r', rqa({ id: 'BC-1', number: 'RQ-BC', saturation: 81, services }), rqa({ id: 'BC-2', number: 'RQ-BC', type: 'RQA^I11^RQA_I08', services }), 'BTS|2\r'].join(''));
    expect(segmentsOf(text).filter(([id]) => id === 'MSA' || id === 'RF1').map(([, first]) => first)).toEqual(['AA', 'A^Accepted^HL70283', 'AA', 'E^Expired^HL70283']);
  });
});

describe('again', () => {
  test('the same bytes: the same answer, byte for byte, by whichever connection, and one authorization', async () => {
    const message = rqa({ id: 'TWICE', member: daniel, saturation: 95 });
    const first = await client.ask(message);
    const before = await authorizations();
    house.clock.advance(60_000);
    const other = await openClient(house.server.mllp!.port);
    expect(await other.ask(message)).toBe(first);
    other.close();
    expect(await authorizations()).toBe(before);
  });

  test('twice at the same time: one authorization, and both hear of it', async () => {
    const message = rqa({ id: 'RACE', member: daniel, saturation: 96 });
    const before = await authorizations();
    const clients = await Promise.all([1, 2, 3].map(() => openClient(house.server.mllp!.port)));
    const answers = await Promise.all(clients.map((each) => each.ask(message)));
    for (const each of clients) each.close();
    expect(new Set(answers).size).toBe(1);
    expect(await authorizations()).toBe(before + 1);
  });

  test('under another control id: answered from the authorization as it stands by then', async () => {
    const asked = { member: daniel, saturation: 97, number: 'RQ-ANEW' } as const;
    const first = await client.ask(rqa({ id: 'ANEW-1', ...asked }));
    const before = await authorizations();
    const second = await client.ask(rqa({ id: 'ANEW-2', time: '20260302120000+0000', ...asked }));
    expect([segment(first, 'RF1')![11], segment(second, 'MSA')![2]]).toEqual([segment(second, 'RF1')![11], 'ANEW-2']);
    await decide(house, (await claimOf('RQ-ANEW')).id, decision(denial));
    const third = await client.ask(rqa({ id: 'ANEW-3', ...asked }));
    expect([segment(third, 'RF1')![1], words(third)]).toEqual(['R^Rejected^HL70283', ['RE Denied.', `1R ${denial.text}`]]);
    expect(await authorizations()).toBe(before);
  });

  test('another request under the same number is a request of its own', async () => {
    await client.ask(rqa({ id: 'OWN-1', member: daniel, saturation: 91, number: 'RQ-OWN' }));
    const before = await authorizations();
    await client.ask(rqa({ id: 'OWN-2', member: daniel, saturation: 92, number: 'RQ-OWN' }));
    expect(await authorizations()).toBe(before + 1);
  });

  test('another request under the same control id: AR 205', async () => {
    await client.ask(rqa({ id: 'TAKEN', member: daniel, saturation: 91, number: 'RQ-T1' }));
    const answer = await client.ask(rqa({ id: 'TAKEN', member: daniel, saturation: 92, number: 'RQ-T2' }));
    expect([codeOf(answer), errors(answer)]).toEqual(['AR', ['MSH^1^10^1^1 205 duplicate-key']]);
  });

  test('replayed, what was decided is not decided again', async () => {
    house.clock.advance(1000);
    // Without a number of its own, by which it could be known again.
    expect(codeOf(await client.ask(rqa({ id: 'REPLAY', member: daniel, saturation: 98, number: 'RQ-REPLAY' }).replace('RQ-REPLAY^EHR', '')))).toBe('AA');
    const [before, resources] = [await authorizations(), await counted('resource')];
    const { json } = await send('GET', `${house.origin}/inbox?state=accepted&limit=1`);
    const replayed = await send('POST', `${house.origin}/inbox/${json.messages[0].id}/replay`);
    expect(replayed.json.messages[0]).toMatchObject({ kind: 'RQA^I08', before: 'accepted', after: 'accepted' });
    expect([await authorizations(), await counted('resource')]).toEqual([before, resources]);
  });
});

describe('enhanced mode', () => {
  test('safe first, decided then, on the same connection', async () => {
    const accept = await client.ask(rqa({ id: 'ENH', accept: 'AL', application: 'AL', member: daniel, saturation: 90 }));
    expect([segment(accept, 'MSH')![8], codeOf(accept)]).toEqual(['ACK^I08^ACK', 'CA']);
    const answer = await client.next();
    expect([segment(answer, 'MSH')!.slice(8, 9), segment(answer, 'MSH')!.slice(14, 16), codeOf(answer), segment(answer, 'RF1')![1]]).toEqual([['RPA^I08^RPA_I08'], ['NE', 'NE'], 'AA', 'P^Pending^HL70283']);
  });
});

test('one authorization on all rails: asked for by HL7v2, decided by FHIR', async () => {
  await client.ask(rqa({ id: 'CROSS', member: daniel, saturation: 89, number: 'RQ-CROSS' }));
  const claim = await claimOf('RQ-CROSS');
  expect((await decide(house, claim.id, decision(certification))).status).toBe(200);
  const answer = await client.ask(rqa({ id: 'CROSS-2', member: daniel, saturation: 89, number: 'RQ-CROSS' }));
  expect([segment(answer, 'RF1')![1], segment(answer, 'AUT')![6]]).toEqual(['A^Accepted^HL70283', expect.stringMatching(/^A/)]);
  expect(words(answer)).toContain(`RE ${certification.text}`);
});

test('nothing of a patient is in the log', () => {
  for (const told of ['Okafor', 'Reyes', 'PD1000002', 'RQ-CERT']) expect(house.log.join('\n')).not.toContain(told);
});
