/**
 * One authorization, two rails, both on the wire: asked for by one, changed and cancelled by the other, and each side
 * hears the same of every item, whoever asks.
 */
import type { Bundle, Claim } from '@medplum/fhirtypes';
import { readResponse, requestInterchange, inquiryInterchange, type ResponseReading } from '../../mappers/x12/index.ts';
import { makeCertificate, signedBundle } from '../support/certificates.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, claimResponseOf, decide, decision, inquire, numberOf, pendingRequest, request, resourceOf, returnedBundles, submit, submitted, tableCounts, withItems } from '../support/pas-requests.ts';
import { asksAbout, cancelItem, flag, setQuantity, setType, update, withNumber } from '../support/pas-updates.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

let controlNumber = 0;
const nextControl = (): number => { controlNumber += 1; return controlNumber; };

function envelope(): Parameters<typeof requestInterchange>[1] {
  const number = nextControl();
  return {
    sender: { qualifier: 'ZZ', id: 'HARBORCLINIC' }, receiver: { qualifier: 'ZZ', id: 'DEMOPLAN' }, usage: 'T', date: '20260302', time: '0900', controlNumber: number,
    applicationSender: 'HARBORCLINIC', applicationReceiver: 'DEMOPLAN', groupControlNumber: number, transactionControlNumber: '0001', traceOrganization: '9012345678',
  };
}

/** The Bundle as a 278, in an interchange of its own. */
function x12Of(bundle: Bundle): string {
  const written = requestInterchange(bundle, envelope());
  expect(written.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  return Buffer.from(written.bytes).toString('latin1');
}

const x12 = (text: string): Promise<TestAnswer> => send('POST', `${house.origin}/x12`, Buffer.from(text, 'latin1'), { 'content-type': 'application/edi-x12' });
/** The same interchange under another control number. */
const x12Again = (text: string, number: number): string => text.replace(/(ISA(?:\*[^*]*){12}\*)\d{9}/, `$1${String(number).padStart(9, '0')}`).replace(/IEA\*(\d+)\*\d{9}/, `IEA*$1*${String(number).padStart(9, '0')}`);
const readings = (answer: TestAnswer): ResponseReading[] => readResponse(Buffer.from(answer.text, 'latin1'));
/** HCR01 line by line, or of the event. */
const hcr = (answer: TestAnswer): (string | undefined)[] => readings(answer).flatMap(({ event, services }) => (services.length > 0 ? services : [event!]).map(({ review }) => review?.action));
const aaa = (answer: TestAnswer): string[] => readings(answer).flatMap(({ rejections: above, event }) => [...above, ...(event?.rejections ?? [])].map(({ loop, code }) => `${loop} ${code}`));
const asked = async (bundle: Bundle, change?: (claim: Claim) => void): Promise<Record<number, string | undefined>[]> => returnedBundles(await inquire(house, asksAbout(bundle, change))).map(actionsOf);
const askedByX12 = async (bundle: Bundle): Promise<(string | undefined)[]> => hcr(await x12(Buffer.from(inquiryInterchange(asksAbout(bundle), envelope()).bytes).toString('latin1')));

/** A clinic of its own, so that nobody else's authorizations answer its inquiries. */
let clinics = 0;
function ofClinic(bundle: Bundle): Bundle {
  clinics += 1;
  resourceOf(bundle, 'Organization').identifier![0]!.value = `17${String(clinics).padStart(8, '0')}`;
  return bundle;
}

/** Certified, with its number. */
async function certified(bundle: Bundle): Promise<{ claim: string; number: string; response: Bundle }> {
  const { claim, response } = await submitted(house, bundle);
  return { claim, number: numberOf(response)!, response };
}

/** A 278 that names the authorization by its number alone, as clearing houses send it. */
function byNumber(prior: Bundle, number: string, change: (claim: Claim) => void): Bundle {
  return update(prior, (claim) => { withNumber(claim, number); change(claim); });
}

describe('what is refused on X12', () => {
  test('a change of an authorization that is not there: AAA AA on the event', async () => {
    const prior = ofClinic(request(house));
    const answer = await x12(x12Of(byNumber(prior, 'A000000000', ({ item }) => cancelItem(item![0]!))));
    expect(aaa(answer)).toEqual(['2000E AA']);
    expect(answer.headers.get('priora-delivery-outcome')).toBe('refused');
  });

  test('a change by another clinic: the same words', async () => {
    const prior = ofClinic(request(house));
    const { number } = await certified(prior);
    const other = byNumber(ofClinic(structuredClone(prior)), number, ({ item }) => cancelItem(item![0]!));
    expect(aaa(await x12(x12Of(other)))).toEqual(['2000E AA']);
    expect(await asked(prior)).toEqual([{ 1: 'A1' }]);
  });

  test('two changes of one authorization in one delivery: the second comes again later (AAA 42), and then it is taken', async () => {
    const prior = ofClinic(withItems(request(house), 2, (item, index) => { item.servicedDate = `2027-01-1${index + 1}`; }));
    const { number } = await certified(prior);
    const cancels = [0, 1].map((index) => x12Of(byNumber(prior, number, ({ item }) => { cancelItem(item![index]!); })));
    const both = await x12(cancels.join(''));
    expect([hcr(both).filter((action) => action !== undefined), aaa(both)]).toEqual([['C'], ['2000E 42']]);
    expect(await asked(prior)).toEqual([{ 1: 'C', 2: 'A1' }]);
    const again = x12Of(byNumber(prior, number, ({ item }) => cancelItem(item![1]!)));
    expect(hcr(await x12(again))).toEqual(['C']);
    expect(await asked(prior)).toEqual([{ 1: 'C', 2: 'C' }]);
  });

  const ofKind = (text: string, kind: string): string => text.replace(/UM\*([A-Z]{2})\*\w\*/g, `UM*$1*${kind}*`);
  const resent = (text: string): string => x12Again(text, nextControl());

  test('a request and its cancellation in one delivery: the cancellation comes again later, and then it cancels', async () => {
    const prior = ofClinic(request(house));
    const cancel = ofKind(x12Of(prior), '3');
    const both = await x12(x12Of(prior) + cancel);
    expect([hcr(both).filter((action) => action !== undefined), aaa(both)]).toEqual([['A1'], ['2000E 42']]);
    expect(hcr(await x12(resent(cancel)))).toEqual(['C']);
    expect(await asked(prior)).toEqual([{ 1: 'C' }]);
    expect(hcr(await x12(resent(cancel)))).toEqual(['C']);
  });

  test('two changes under the trace number of the event in one delivery: what comes again is done, not taken for answered', async () => {
    const prior = ofClinic(withItems(request(house), 2, (item, index) => { item.servicedDate = `2027-08-0${index + 1}`; }));
    const { number } = await certified(prior);
    const [first, second] = [0, 1].map((index) => x12Of(byNumber(prior, number, (claim) => {
      claim.identifier = [{ system: 'urn:trnorg:9012345678', value: 'EVENT-OF-BOTH' }];
      cancelItem(claim.item![index]!);
    }))) as [string, string];
    expect(aaa(await x12(first + second))).toEqual(['2000E 42']);
    await x12(resent(second));
    expect(await asked(prior)).toEqual([{ 1: 'C', 2: 'C' }]);
  });

  test.each([
    ['says no day, and there are several of its service', undefined],
    ['says a day that none of its service has', '2027-09-09'],
  ])('a line to be cancelled that %s: AAA 33, and nothing is cancelled', async (_, day) => {
    const prior = ofClinic(withItems(request(house), 2, (item, index) => { item.servicedDate = `2027-09-0${index + 1}`; }));
    const { number } = await certified(prior);
    const cancel = byNumber(prior, number, ({ item }) => {
      item!.splice(1);
      cancelItem(item![0]!);
      if (day === undefined) delete item![0]!.servicedDate;
      else item![0]!.servicedDate = day;
    });
    expect((await x12(x12Of(cancel))).text).toContain('AAA*N**33*C~');
    expect(await asked(prior)).toEqual([{ 1: 'A1', 2: 'A1' }]);
  });

  /** Lines that differ in nothing but their places, certified. */
  async function alike(count: number, change: (claim: Claim) => void = () => {}): Promise<{ prior: Bundle; number: string; response: Bundle }> {
    const prior = ofClinic(withItems(request(house), count, (item) => { item.servicedDate = '2027-10-01'; }));
    change(claimOf(prior));
    return { prior, ...await certified(prior) };
  }

  const cancelsOne = (prior: Bundle, number: string): Bundle => byNumber(prior, number, ({ item }) => { item!.splice(1); cancelItem(item![0]!); });

  test.each<[string, (claim: Claim) => void]>([
    ['quantity', ({ item }) => { setQuantity(item![1]!, 3); }],
    ['modifier', ({ item }) => { item![1]!.modifier = [{ coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'RR' }] }]; }],
  ])('a line to be cancelled that could be either of two of one service and day, which differ in %s: AAA 33, and nothing is cancelled', async (_, change) => {
    const { prior, number } = await alike(2, change);
    expect((await x12(x12Of(cancelsOne(prior, number)))).text).toContain('AAA*N**33*C~');
    expect(await asked(prior)).toEqual([{ 1: 'A1', 2: 'A1' }]);
  });

  test('one of three lines that differ in nothing is cancelled at a time, the first that stands; the answer, the log, both inquiries and a repetition say the same', async () => {
    const { prior, number, response } = await alike(3);
    const cancelled = async (): Promise<number[]> => (await house.sql.query<{ item: number }>(`select e.item from prior_authorization_event e join prior_authorization a on a.id = e.authorization_id where a.claim_response = $1 and e.kind = 'cancelled' order by e.sequence`, [claimResponseOf(response).id])).rows.map(({ item }) => item);
    const first = x12Of(cancelsOne(prior, number));
    expect(hcr(await x12(first))).toEqual(['C']);
    expect([await cancelled(), await asked(prior), await askedByX12(prior)]).toEqual([[1], [{ 1: 'C', 2: 'A1', 3: 'A1' }], ['C', 'A1', 'A1']]);
    expect(hcr(await x12(resent(first)))).toEqual(['C']);
    const second = x12Of(cancelsOne(prior, number));
    expect(hcr(await x12(second))).toEqual(['C']);
    expect([await cancelled(), await asked(prior), await askedByX12(prior)]).toEqual([[1, 2], [{ 1: 'C', 2: 'C', 3: 'A1' }], ['C', 'C', 'A1']]);
    for (const text of [first, second]) expect(hcr(await x12(resent(text)))).toEqual(['C']);
    expect(await cancelled()).toEqual([1, 2]);
  });

  test('a 278 of lines that differ in nothing, sent again after one was cancelled, says the same of each place', async () => {
    const prior = ofClinic(withItems(request(house), 3, (item) => { item.servicedDate = '2027-10-02'; }));
    const asks = x12Of(prior);
    expect(hcr(await x12(asks))).toEqual(['A1', 'A1', 'A1']);
    const number = numberOf(returnedBundles(await inquire(house, asksAbout(prior)))[0]!)!;
    expect(hcr(await x12(x12Of(cancelsOne(prior, number))))).toEqual(['C']);
    expect([await asked(prior), hcr(await x12(resent(asks)))]).toEqual([[{ 1: 'C', 2: 'A1', 3: 'A1' }], ['C', 'A1', 'A1']]);
  });

  test('an appeal whose trace number is nobody\'s: AAA AA, and no authorization is made', async () => {
    const before = (await tableCounts(house.sql))['prior_authorization'];
    expect(aaa(await x12(ofKind(x12Of(ofClinic(request(house))), '1')))).toEqual(['2000E AA']);
    expect((await tableCounts(house.sql))['prior_authorization']).toBe(before);
  });

  test.each(['1', '2', 'N', 'R'])('a 278 of kind %s under the trace number of an authorization makes no second one', async (kind) => {
    const prior = ofClinic(request(house));
    expect(hcr(await x12(x12Of(prior)))).toEqual(['A1']);
    const before = (await tableCounts(house.sql))['prior_authorization'];
    expect(aaa(await x12(ofKind(x12Of(prior), kind)))).toEqual([]);
    expect((await tableCounts(house.sql))['prior_authorization']).toBe(before);
  });

  test('a renewal (UM02 R) whose trace number is nobody\'s is a request of its own', async () => {
    expect(hcr(await x12(ofKind(x12Of(ofClinic(request(house))), 'R')))).toEqual(['A1']);
  });

  test('a line added where the last number is used gets one that is free', async () => {
    const prior = ofClinic(request(house));
    claimOf(prior).item![0]!.sequence = 2_147_483_647;
    const { number } = await certified(prior);
    const more = byNumber(prior, number, ({ item }) => {
      item!.push({ ...structuredClone(item![0]!), sequence: 1, extension: [], servicedDate: '2027-03-01', productOrService: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] } });
      flag(item![1]!, 'added');
    });
    expect((await x12(x12Of(more))).status).toBe(200);
    expect(await asked(prior)).toEqual([{ 1: 'A4', 2147483647: 'A1' }]);
    claimOf(prior).item![0]!.sequence = 2_147_483_648;
    expect((await submit(house, prior)).status).toBe(422);
  });
});

describe('asked for by PAS', () => {
  test('cancelled as a whole by 278: $inquire and the inquiry 278 say so of every item', async () => {
    const prior = ofClinic(withItems(request(house), 2));
    const { number, claim } = await certified(prior);
    const cancelled = byNumber(prior, number, (each) => { setType(each, '3'); for (const item of each.item!) cancelItem(item); });
    expect(hcr(await x12(x12Of(cancelled)))).toEqual(['C', 'C']);
    expect(await asked(prior)).toEqual([{ 1: 'C', 2: 'C' }]);
    expect(await asked(prior, (each) => withNumber(each, number))).toEqual([{ 1: 'C', 2: 'C' }]);
    expect(await askedByX12(prior)).toEqual(['C', 'C']);
    // What the clinic sent first is still there, in its own words.
    const first = (await send('GET', `${house.fhir}/Claim/${claim}/_history/1`)).json as Claim;
    const now = (await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim;
    expect([first.item!.length, now.item!.length, now.item!.map(({ productOrService }) => productOrService)]).toEqual([2, 2, first.item!.map(({ productOrService }) => productOrService)]);
  });

  test('one line of it cancelled by 278, the line is known by its service and day', async () => {
    const prior = ofClinic(withItems(request(house), 3, (item, index) => { item.servicedDate = `2027-01-0${index + 1}`; }));
    const { number } = await certified(prior);
    expect(hcr(await x12(x12Of(byNumber(prior, number, ({ item }) => cancelItem(item![1]!)))))).toEqual(['C']);
    expect(await asked(prior)).toEqual([{ 1: 'A1', 2: 'C', 3: 'A1' }]);
  });

  test('extended by 278: pended for a person, what was certified stands; certified on the FHIR side, heard on both', async () => {
    const prior = ofClinic(pendingRequest(house));
    setQuantity(claimOf(prior).item![0]!, 10);
    const { claim, response } = await submitted(house, prior);
    const number = numberOf((await decide(house, claim, decision(certification))).json as Bundle)!;
    const extension = byNumber(prior, number, ({ item }) => { setQuantity(item![0]!, 30); setType(item![0]!, '4'); flag(item![0]!, 'changed'); });
    expect(hcr(await x12(x12Of(extension)))).toContain('A4');
    const [waiting] = returnedBundles(await inquire(house, asksAbout(prior)));
    expect([actionsOf(waiting!), claimResponseOf(waiting!).id, claimResponseOf(waiting!).addItem?.[0]?.quantity?.value]).toEqual([{ 1: 'A4' }, claimResponseOf(response).id, 10]);
    const now = (await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim;
    expect([now.meta?.versionId, now.item?.[0]?.quantity?.value]).toEqual(['2', 30]);
    await decide(house, claim, decision(certification));
    expect([await asked(prior), await askedByX12(prior)]).toEqual([[{ 1: 'A1' }], ['A1']]);
  });

  test('a line added by 278 becomes the next item, and the answer speaks of it by its place in the 278', async () => {
    const prior = ofClinic(withItems(request(house), 2, (item, index) => { item.servicedDate = `2027-02-0${index + 1}`; }));
    const { number } = await certified(prior);
    const more = byNumber(prior, number, ({ item }) => {
      item!.push({ ...structuredClone(item![0]!), sequence: 3, servicedDate: '2027-03-01', productOrService: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] } });
      flag(item![2]!, 'added');
    });
    expect(hcr(await x12(x12Of(more)))).toEqual(['A4']);
    expect(await asked(prior)).toEqual([{ 1: 'A1', 2: 'A1', 3: 'A4' }]);
  });

  test('the same change under a new interchange number is answered again, from the same authorization', async () => {
    const prior = ofClinic(withItems(request(house), 2, (item, index) => { item.servicedDate = `2027-04-0${index + 1}`; }));
    const { number } = await certified(prior);
    const change = byNumber(prior, number, ({ item }) => cancelItem(item![1]!));
    expect(hcr(await x12(x12Of(change)))).toEqual(['C']);
    const before = await tableCounts(house.sql);
    expect(hcr(await x12(x12Of(change)))).toEqual(['C']);
    // The delivery is kept, with its control number, and nothing else.
    const after = await tableCounts(house.sql);
    expect(after).toEqual({ ...before, landing: before['landing']! + 1, interchange_control: before['interchange_control']! + 1 });
  });
});

describe('asked for by 278', () => {
  test('changed by PAS: a line cancelled, one added; the inquiry 278 says so line by line', async () => {
    const prior = ofClinic(withItems(request(house), 2, (item, index) => { item.servicedDate = `2027-05-0${index + 1}`; }));
    expect(hcr(await x12(x12Of(prior)))).toEqual(['A1', 'A1']);
    const answer = await submit(house, update(prior, ({ item }) => {
      cancelItem(item![0]!);
      item!.push({ ...structuredClone(item![1]!), sequence: 3, servicedDate: '2027-06-01', productOrService: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1390' }] } });
      flag(item![2]!, 'added');
    }));
    expect(actionsOf(answer.json as Bundle)).toEqual({ 1: 'C', 2: 'A1', 3: 'A4' });
    expect(await askedByX12(prior)).toEqual(['C', 'A1', 'A4']);
  });

  test('the first 278, sent again after a change, is answered as things stand and makes nothing', async () => {
    const prior = ofClinic(withItems(request(house), 2, (item, index) => { item.servicedDate = `2027-07-0${index + 1}`; }));
    expect(hcr(await x12(x12Of(prior)))).toEqual(['A1', 'A1']);
    await submit(house, update(prior, ({ item }) => cancelItem(item![1]!)));
    const before = await tableCounts(house.sql);
    expect(hcr(await x12(x12Of(prior)))).toEqual(['A1', 'C']);
    expect((await tableCounts(house.sql))['prior_authorization']).toBe(before['prior_authorization']);
  });

  test('cancelled by 278 through the sender\'s own trace number alone', async () => {
    const prior = ofClinic(request(house));
    expect(hcr(await x12(x12Of(prior)))).toEqual(['A1']);
    expect(hcr(await x12(x12Of(update(prior, (claim) => { setType(claim, '3'); cancelItem(claim.item![0]!); }))))).toEqual(['C']);
    expect(await asked(prior)).toEqual([{ 1: 'C' }]);
  });
});

describe('documents by 275', () => {
  /** A 275 with one text, under a number (TRN02), about the member of a Bundle. */
  function letter(number: string, about: Bundle, change: (segments: string[]) => string[] = (segments) => segments): string {
    const patient = resourceOf(about, 'Patient');
    const member = resourceOf(about, 'Coverage').identifier![0]!.value!;
    const control = String(nextControl()).padStart(9, '0');
    const text = Buffer.from('A sleep study.').toString('base64');
    const segments = change([
      'ST*275*0001*006020X316', 'BGN*02*A1*20260302*0900', 'NM1*X3*2*PLAN*****PI*P1', `NM1*1P*2*HARBOR STREET CLINIC*****XX*${resourceOf(about, 'Organization').identifier![0]!.value}`, `NM1*QC*1*${patient.name![0]!.family!.toUpperCase()}*${patient.name![0]!.given![0]!.toUpperCase()}****MI*${member}`,
      `DMG*D8*${patient.birthDate!.replaceAll('-', '')}`, 'LX*1', `TRN*2*${number}*9012345678`, 'CAT*AE*HL', 'EFI*05', `BDS*B64*${text.length}*${text}`,
    ]);
    return [
      `ISA*00*          *00*          *ZZ*HARBORCLINIC   *ZZ*DEMOPLAN       *260302*0900*^*00501*${control}*0*T*:`, 'GS*PI*HARBORCLINIC*DEMOPLAN*20260302*0900*1*X*006020X316',
      ...segments, `SE*${segments.length + 1}*0001`, 'GE*1*1', `IEA*1*${control}`,
    ].join('~').concat('~');
  }

  const chart = Buffer.from('<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><patient><name><given>Mary</given><family>Okafor</family></name></patient></patientRole></recordTarget></ClinicalDocument>').toString('base64');
  const advice = (answer: TestAnswer): (string | undefined)[] => answer.text.split('~').filter((segment) => segment.trim().startsWith('OTI')).map((segment) => segment.split('*')[1]);
  const reference = (answer: TestAnswer): string => /REF\*NT\*(R\w{9})/.exec(answer.text)![1]!;

  test('under the number that the 278 response gave: the document joins the request, the review goes on, and it is asked for no more', async () => {
    const bundle = ofClinic(pendingRequest(house));
    const asks = await x12(x12Of(bundle));
    expect(hcr(asks)).toEqual(['A4']);
    const number = reference(asks);
    const { rows: [{ claim, response }] } = await house.sql.query('select claim, claim_response as response from prior_authorization where administrative_reference = $1', [number]);
    const delivery = letter(number, bundle);
    const answer = await x12(delivery);
    expect(advice(answer)).toEqual(['TA']);
    const now = (await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim;
    const document = (await send('GET', `${house.fhir}/${now.supportingInfo!.at(-1)!.valueReference!.reference}`)).json;
    expect([now.meta?.versionId, document.subject.reference, document.content[0].attachment.contentType]).toEqual(['2', now.patient.reference, 'text/plain']);
    const requests = (await send('GET', `${house.fhir}/CommunicationRequest?subject=${now.patient.reference}&_count=200`)).json as Bundle;
    const ofThis = requests.entry!.map(({ resource }) => resource as { status: string; identifier: { value: string }[] }).filter(({ identifier }) => identifier[0]!.value.startsWith(number));
    expect([ofThis.length > 0, new Set(ofThis.map(({ status }) => status))]).toEqual([true, new Set(['completed'])]);
    expect((await send('GET', `${house.fhir}/Task?focus=ClaimResponse/${response}&code=review-prior-authorization`)).text).toContain('information has come');
    // Sent again: the same answer, and nothing is made.
    const before = await tableCounts(house.sql);
    expect([(await x12(delivery)).text, await tableCounts(house.sql)]).toEqual([answer.text, before]);
  });

  test('under the number of another member\'s request, or of nobody\'s: kept with the patient, and no review hears of it', async () => {
    const bundle = ofClinic(pendingRequest(house));
    const number = reference(await x12(x12Of(bundle)));
    const other = request(house, { member: 'demo-lena-fischer' });
    for (const [named, about] of [[number, other], ['R000000000', bundle]] as const) expect(advice(await x12(letter(named, about)))).toEqual(['TA']);
    const { rows } = await house.sql.query('select max(r.version) as version from prior_authorization a join prior_authorization_request r on r.authorization_id = a.id where a.administrative_reference = $1', [number]);
    expect(rows).toEqual([{ version: 1 }]);
  });

  test.each<[string, (segments: string[]) => string[]]>([
    ['NM1*QC', (segments) => segments.map((segment) => segment.replace(/^NM1\*QC\*1\*[^*]*\*[^*]*/, 'NM1*QC*1*OKAFOR*MARY'))],
    ['DMG', (segments) => segments.map((segment) => segment.replace(/^DMG\*D8\*\d{8}/, 'DMG*D8*19510203'))],
    ['the C-CDA document in it', (segments) => segments.map((segment) => segment.replace(/^BDS\*.*$/, `BDS*B64*${chart.length}*${chart}`))],
  ])('about somebody else by %s: quarantined, and no review hears of it', async (_, change) => {
    const bundle = ofClinic(pendingRequest(house));
    const number = reference(await x12(x12Of(bundle)));
    const documents = (await tableCounts(house.sql))['resource']!;
    expect(advice(await x12(letter(number, bundle, change)))).toEqual(['TR']);
    const { rows } = await house.sql.query('select max(r.version) as version from prior_authorization a join prior_authorization_request r on r.authorization_id = a.id where a.administrative_reference = $1', [number]);
    expect(rows).toEqual([{ version: 1 }]);
    const { rows: [message] } = await house.sql.query<{ issues: { code: string }[] }>(`select issues from inbox_message where state = 'quarantined' order by received_at desc, id desc limit 1`);
    expect(JSON.stringify(message!.issues)).toContain('attachment-of-another');
    // The Task that asks to repair it, and nothing else.
    expect((await tableCounts(house.sql))['resource']).toBe(documents + 1);
  });

  /** A 278 that says that a document comes under the number (PWK06), after what came before it; the references of its supporting information. */
  async function informed(bundle: Bundle, number: string): Promise<(string | undefined)[]> {
    const asks = await x12(x12Of(bundle).replace(/(UM\*[^~]*~\s*(?:REF[^~]*~\s*|DTP[^~]*~\s*)*(?:HI[^~]*~\s*)?)/, `$1PWK*OZ*EL***AC*${number}~`).replace(/SE\*(\d+)\*/, (_, count: string) => `SE*${Number(count) + 1}*`));
    expect(hcr(asks)).toEqual(['A4']);
    const { rows: [{ claim }] } = await house.sql.query('select claim from prior_authorization where administrative_reference = $1', [reference(asks)]);
    const now = (await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim;
    return now.supportingInfo!.map(({ valueReference }) => valueReference?.reference);
  }

  test('sent before the 278 that names its number (PWK06): found in the record and made evidence', async () => {
    const bundle = ofClinic(pendingRequest(house));
    const number = `LETTER${nextControl()}`;
    expect(advice(await x12(letter(number, bundle)))).toEqual(['TA']);
    const [kept] = ((await send('GET', `${house.fhir}/DocumentReference?identifier=${number}`)).json as Bundle).entry!;
    expect(await informed(bundle, number)).toContain(`DocumentReference/${kept!.resource!.id}`);
  });

  test('sent before by another provider (NM1*1P) under the same number: stays where it is', async () => {
    const bundle = ofClinic(pendingRequest(house));
    const number = `LETTER${nextControl()}`;
    expect(advice(await x12(letter(number, ofClinic(structuredClone(bundle)))))).toEqual(['TA']);
    const elsewhere = ofClinic(structuredClone(bundle));
    expect((await informed(elsewhere, number)).filter((each) => each !== undefined)).toEqual([]);
  });

  test('with a document whose signature does not hold: it is quarantined, the sender is told, and the request has nothing of it', async () => {
    const bundle = ofClinic(pendingRequest(house));
    const number = reference(await x12(x12Of(bundle)));
    const content: Bundle = { resourceType: 'Bundle', type: 'document', timestamp: '2026-03-01T10:00:00Z' };
    const send275 = (document: Bundle): Promise<TestAnswer> => {
      const text = Buffer.from(JSON.stringify(document)).toString('base64');
      return x12(letter(number, bundle, (segments) => segments.map((segment) => segment.startsWith('BDS') ? `BDS*B64*${text.length}*${text}` : segment)));
    };
    const signed = signedBundle(content, makeCertificate());
    expect(advice(await send275({ ...signed, timestamp: '2026-03-01T11:00:00Z' }))).toEqual(['TR']);
    expect(advice(await send275(signed))).toEqual(['TA']);
    const { rows: [{ claim }] } = await house.sql.query('select claim from prior_authorization where administrative_reference = $1', [number]);
    const now = (await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim;
    const document = (await send('GET', `${house.fhir}/${now.supportingInfo!.at(-1)!.valueReference!.reference}`)).json;
    expect([now.meta?.versionId, document.extension]).toMatchObject(['2', [{ extension: [{ url: 'standing', valueCode: 'untrusted' }, {}, {}] }]]);
  });
});
