/** POST /x12: repetition, control numbers, mixed deliveries, resubmission, and that both rails lead to one record. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '@medplum/fhirtypes';
import { x12System } from '../../profiles/pas/names.ts';
import { interchangeFor } from '../../server/demo/interchange.ts';
import { inquiryInterchange } from '../../mappers/x12/index.ts';
import { corpusFiles, eachOrSkip } from '../fixtures/x12/corpus.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, claimOf, decide, decision, denial, excludedRequest, inquire, numberOf, pendingRequest, request, resourceOf, returnedBundles, submit, submitted, tableCounts } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

let controlNumber = 0;

/** The Bundle as an interchange with a control number of its own. */
function interchange(bundle: Bundle): string {
  controlNumber += 1;
  const text = Buffer.from(interchangeFor(bundle, `C${controlNumber.toString(16).padStart(7, '0')}A`, house.clock.now.toISOString())).toString('latin1');
  return text;
}

const x12 = (text: string | Uint8Array, mediaType = 'application/edi-x12'): Promise<TestAnswer> => send('POST', `${house.origin}/x12`, typeof text === 'string' ? Buffer.from(text, 'latin1') : text, { 'content-type': mediaType });
const segments = (text: string): string[] => text.split('~').map((segment) => segment.trim()).filter((segment) => segment !== '');
const withId = (text: string, id: string): string[] => segments(text).filter((segment) => segment.startsWith(`${id}*`));

/** The decision on each service (loop 2000F); where a request has its only service on the event (2000E), the decision there. */
function decisionsIn(text: string): string[] {
  const decisions: string[] = [];
  let level = '';
  let ofEvent: string | undefined;
  let lines = 0;
  for (const segment of segments(text)) {
    const elements = segment.split('*');
    if (elements[0] === 'ST') [level, ofEvent, lines] = ['', undefined, 0];
    if (elements[0] === 'HL') level = elements[3]!;
    if (elements[0] === 'HCR' && level === 'EV') ofEvent = segment;
    if (elements[0] === 'HCR' && level === 'SS') { decisions.push(segment); lines += 1; }
    if (elements[0] === 'SE' && lines === 0 && ofEvent !== undefined) decisions.push(ofEvent);
  }
  return decisions;
}

const authorizations = async (): Promise<number> => (await tableCounts(house.sql))['prior_authorization']!;
const claimMadeBy = async (answer: TestAnswer): Promise<string> => (await house.sql.query<{ claim: string }>(
  'select a.claim from prior_authorization a join prior_authorization_request r on r.authorization_id = a.id where r.landing_id = $1', [answer.headers.get('priora-delivery')])).rows[0]!.claim;
const renumbered = (text: string, number: string): string => text.replace(/^(ISA(?:\*[^*]*){12}\*)\d{9}/, `$1${number}`).replace(/IEA\*1\*\d{9}/, `IEA*1*${number}`);
const numberIn = (text: string): string => /^ISA(?:\*[^*]*){12}\*(\d{9})/.exec(text)![1]!;

/** Is it one interchange whose counts and control numbers are right? */
function envelopeFaults(text: string): string[] {
  const list = segments(text);
  const faults: string[] = [];
  if (list.length === 0) return ['nothing was answered'];
  const isa = list[0]!.split('*');
  if (!text.startsWith('ISA*') || text.charAt(105) !== '~' || isa.length !== 17) faults.push('the ISA is not 106 characters');
  const iea = list.at(-1)!.split('*');
  if (iea[0] !== 'IEA' || iea[2] !== isa[13] || Number(iea[1]) !== list.filter((segment) => segment.startsWith('GS*')).length) faults.push('the IEA does not fit');
  let start = 0;
  let sets = 0;
  for (const [index, segment] of list.entries()) {
    const elements = segment.split('*');
    if (elements[0] === 'GS') sets = 0;
    if (elements[0] === 'ST') { start = index; sets += 1; }
    if (elements[0] === 'SE' && (Number(elements[1]) !== index - start + 1 || elements[2] !== list[start]!.split('*')[2])) faults.push('an SE does not fit');
    if (elements[0] === 'GE' && Number(elements[1]) !== sets) faults.push('a GE does not fit');
  }
  return faults;
}

describe('what is no request', () => {
  test('words are answered by a TA1 about an interchange that has no number', async () => {
    const answer = await x12('hello world');
    expect(answer.status).toBe(400);
    expect(envelopeFaults(answer.text)).toEqual([]);
    expect(withId(answer.text, 'TA1')).toEqual([expect.stringMatching(/^TA1\*000000000\*\d{6}\*\d{4}\*R\*022$/)]);
  });

  test('no body at all, or one of another type', async () => {
    const empty = await x12('');
    expect(empty.status).toBe(400);
    expect(empty.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ details: { coding: [{ code: 'empty-body' }] } }] });
    expect((await x12('ISA', 'application/json')).status).toBe(415);
  });

  test('a broken HL tree is a 999 R, and makes nothing', async () => {
    const before = await authorizations();
    const answer = await x12(interchange(request(house)).replace('HL*2*1*21', 'HL*2*7*21'));
    expect(withId(answer.text, 'IK5')[0]).toMatch(/^IK5\*R/);
    expect(decisionsIn(answer.text)).toEqual([]);
    expect(await authorizations()).toBe(before);
  });

  test('nobody of that number: AAA 75 where the subscriber stands, and no HCR', async () => {
    const bundle = request(house);
    for (const holder of [resourceOf(bundle, 'Coverage').identifier![0]!, resourceOf(bundle, 'Patient').identifier![0]!]) holder.value = 'PD0000000';
    resourceOf(bundle, 'Coverage').subscriberId = 'PD0000000';
    const answer = await x12(interchange(bundle));
    expect(withId(answer.text, 'AAA')).toEqual(['AAA*N**75*C']);
    expect(decisionsIn(answer.text)).toEqual([]);
    expect(withId(answer.text, 'IK5')).toEqual(['IK5*A']);
  });
});

describe('the same interchange', () => {
  test.each([['certified', request], ['pended', pendingRequest], ['denied', excludedRequest]] as const)('again, %s: the same bytes back and no new row', async (_, bundleFor) => {
    const text = interchange(bundleFor(house));
    const first = await x12(text);
    expect(envelopeFaults(first.text)).toEqual([]);
    const before = await tableCounts(house.sql);
    house.clock.advance(3_600_000);
    const second = await x12(text);
    expect(second.text).toBe(first.text);
    expect(second.headers.get('priora-delivery-outcome')).toBe('repeated');
    expect(await tableCounts(house.sql)).toEqual(before);
  });

  test('again, and refused: the same bytes back', async () => {
    const text = interchange(request(house)).replace('HL*2*1*21', 'HL*2*7*21');
    const first = await x12(text);
    house.clock.advance(3_600_000);
    expect((await x12(text)).text).toBe(first.text);
  });

  test('ten times at once makes one authorization', async () => {
    const text = interchange(pendingRequest(house));
    const before = await authorizations();
    const answers = await Promise.all(Array.from({ length: 10 }, () => x12(text)));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(await authorizations()).toBe(before + 1);
  });

  test('number with other content: TA1 025, and nothing is made', async () => {
    const first = interchange(pendingRequest(house));
    await x12(first);
    const before = await authorizations();
    const answer = await x12(renumbered(interchange(pendingRequest(house)), numberIn(first)));
    expect(withId(answer.text, 'TA1')).toEqual([expect.stringContaining(`TA1*${numberIn(first)}*`)]);
    expect(withId(answer.text, 'TA1')[0]).toMatch(/\*R\*025$/);
    expect(withId(answer.text, 'ST')).toEqual([]);
    expect(await authorizations()).toBe(before);
  });
});

/** The ST to SE of an interchange, with another ST02. */
function transactionOf(text: string, number: string): string[] {
  const list = segments(text);
  const from = list.findIndex((segment) => segment.startsWith('ST*'));
  const body = list.slice(from, list.findIndex((segment) => segment.startsWith('SE*')) + 1);
  return body.map((segment) => segment.replace(/^(ST\*278\*|SE\*\d+\*)\d+/, `$1${number}`));
}

function joined(frame: string, transactions: readonly (readonly string[])[]): string {
  const list = segments(frame);
  const [isa, gs] = list as [string, string];
  return [isa, gs, ...transactions.flat(), list.at(-2)!.replace(/^GE\*\d+/, `GE*${transactions.length}`), list.at(-1)!, ''].join('~');
}

describe('several requests in one interchange', () => {
  test('two good ones: two answers, two authorizations', async () => {
    const before = await authorizations();
    const frame = interchange(pendingRequest(house));
    const answer = await x12(joined(frame, [transactionOf(frame, '0001'), transactionOf(interchange(excludedRequest(house)), '0002')]));
    expect(envelopeFaults(answer.text)).toEqual([]);
    expect(withId(answer.text, 'IK5')).toEqual(['IK5*A', 'IK5*A']);
    expect(decisionsIn(answer.text).map((segment) => segment.slice(0, 6))).toEqual(['HCR*A4', 'HCR*A3']);
    expect(await authorizations()).toBe(before + 2);
  });

  test('a broken one does not hold up the good one', async () => {
    const before = await authorizations();
    const frame = interchange(pendingRequest(house));
    const broken = transactionOf(interchange(pendingRequest(house)), '0002').map((segment) => segment.replace('HL*2*1*21', 'HL*2*7*21'));
    const answer = await x12(joined(frame, [broken, transactionOf(frame, '0003')]));
    expect(envelopeFaults(answer.text)).toEqual([]);
    expect(withId(answer.text, 'IK5').map((segment) => segment.slice(0, 5))).toEqual(['IK5*R', 'IK5*A']);
    expect(withId(answer.text, 'AK9')[0]).toMatch(/^AK9\*P\*2\*2\*1/);
    expect(decisionsIn(answer.text)).toHaveLength(1);
    expect(await authorizations()).toBe(before + 1);
  });

  test('the same one twice is one authorization with two answers', async () => {
    const before = await authorizations();
    const frame = interchange(pendingRequest(house));
    const answer = await x12(joined(frame, [transactionOf(frame, '0001'), transactionOf(frame, '0002')]));
    expect(decisionsIn(answer.text)).toHaveLength(2);
    expect(await authorizations()).toBe(before + 1);
  });
});

test('two requests in one interchange that take parts of what was approved: the second is to come again (AAA 42), and then there is too little left', async () => {
  const visits = (value: number): Bundle => {
    const bundle = pendingRequest(house);
    Object.assign(claimOf(bundle).item![0]!, { servicedDate: '2026-05-20', quantity: { value, system: x12System('673'), code: 'VS' } });
    return bundle;
  };
  const claim = await claimMadeBy(await x12(interchange(visits(10))));
  const number = numberOf((await decide(house, claim, decision(certification))).json as Bundle);
  const frame = interchange(visits(6));
  const second = interchange(visits(6));
  const answer = await x12(joined(frame, [transactionOf(frame, '0001'), transactionOf(second, '0002')]));
  expect([decisionsIn(answer.text).map((segment) => segment.split('*').slice(1, 3)), withId(answer.text, 'AAA').map((segment) => segment.split('*')[3])]).toEqual([[['A1', number]], ['42']]);
  expect(decisionsIn((await x12(second)).text).map((segment) => segment.split('*')[1])).toEqual(['A4']);
  expect(decisionsIn((await x12(interchange(visits(4)))).text).map((segment) => segment.split('*').slice(1, 3))).toEqual([['A1', number]]);
});

describe('one record for both rails', () => {
  test.each([['A1', request], ['A4', pendingRequest], ['A3', excludedRequest]] as const)('%s here and there', async (action, bundleFor) => {
    const bundle = bundleFor(house);
    const fhir = (await submit(house, bundle)).json as Bundle;
    const answer = await x12(interchange(bundle));
    expect(actionsOf(fhir)).toEqual({ 1: action });
    expect(decisionsIn(answer.text)[0]!.split('*')[1]).toBe(action);
    // A certified service asked for again is the same certification under the same number, by whatever way it comes.
    if (action === 'A1') expect(decisionsIn(answer.text)[0]!.split('*')[2]).toBe(numberOf(fhir));
  });

  test('what came by X12 is found by $inquire, and decided by $decide', async () => {
    const bundle = pendingRequest(house);
    const claim = await claimMadeBy(await x12(interchange(bundle)));
    expect((await decide(house, claim, decision(certification))).status).toBe(200);
    const found = returnedBundles(await inquire(house, bundle));
    expect(found.map((each) => actionsOf(each)[1])).toEqual(['A1']);
  });
});

describe('a request submitted again under a new interchange number', () => {
  const pended = async (): Promise<{ text: string; claim: string }> => {
    const text = interchange(pendingRequest(house));
    const answer = await x12(text);
    expect(decisionsIn(answer.text)[0]).toMatch(/^HCR\*A4/);
    return { text, claim: await claimMadeBy(answer) };
  };
  const again = (text: string): string => renumbered(text, String(800_000_000 + (controlNumber += 1)));

  test('learns what became of it, and makes nothing', async () => {
    const { text, claim } = await pended();
    const before = await authorizations();
    const still = await x12(again(text));
    expect(decisionsIn(still.text)[0]).toMatch(/^HCR\*A4/);
    expect(withId(still.text, 'BHT')[0]).toMatch(/\*19$/);
    const decided = (await decide(house, claim, decision(certification))).json as Bundle;
    const later = again(text);
    const answer = await x12(later);
    expect(decisionsIn(answer.text)[0]).toBe(`HCR*A1*${numberOf(decided)}`);
    expect(withId(answer.text, 'BHT')[0]).toMatch(/\*18$/);
    expect(await authorizations()).toBe(before);
    // This delivery too has one answer for good.
    house.clock.advance(1000);
    expect((await x12(later)).text).toBe(answer.text);
  });

  test('a denial is told as one', async () => {
    const { text, claim } = await pended();
    await decide(house, claim, decision(denial));
    expect(decisionsIn((await x12(again(text))).text)[0]).toMatch(/^HCR\*A3\*\*0V/);
  });

  test('the time of writing may differ, nothing else', async () => {
    const { text } = await pended();
    const before = await authorizations();
    await x12(again(text.replace(/(BHT\*0007\*13\*[^*]*\*)\d{8}\*\d{4}/, '$120260401*0101')));
    expect(await authorizations()).toBe(before);
    for (const [index, change] of [
      (each: string) => each.replace(/BHT\*0007\*13\*\w+/, 'BHT*0007*13*OTHER1'),
      (each: string) => each.replace(/TRN\*1\*\w+/, 'TRN*1*OTHER2'),
      (each: string) => each.replace(/DTP\*472\*D8\*\d{8}/, 'DTP*472*D8*20270101'),
      (each: string) => each.replace('J449', 'J440'),
      (each: string) => each.replace(/GS\*HI\*\w+/, 'GS*HI*OTHERCLINIC'),
    ].entries()) {
      const changed = change(text);
      expect(changed).not.toBe(text);
      await x12(again(changed));
      expect(await authorizations()).toBe(before + index + 1);
    }
  });
});

describe('an inquiry (005010X215)', () => {
  const inquiry = (bundle: Bundle): string => {
    controlNumber += 1;
    const number = 700_000_000 + controlNumber;
    return Buffer.from(inquiryInterchange(bundle, {
      sender: { qualifier: 'ZZ', id: 'HARBORCLINIC' }, receiver: { qualifier: 'ZZ', id: 'DEMOPLAN' }, usage: 'T', date: '20260302', time: '0900', controlNumber: number,
      applicationSender: 'HARBORCLINIC', applicationReceiver: 'DEMOPLAN', groupControlNumber: number, transactionControlNumber: '0001', traceOrganization: '9012345678',
    }).bytes).toString('latin1');
  };
  /** Asks for the item's service on its day, and for nothing else. */
  const about = (bundle: Bundle): Bundle => {
    const copy = structuredClone(bundle);
    delete claimOf(copy).supportingInfo;
    copy.entry = copy.entry!.filter((entry) => entry.resource?.resourceType !== 'Observation');
    return copy;
  };

  test('finds what came by FHIR, and sees a decision at once; it makes nothing', async () => {
    const bundle = pendingRequest(house);
    const { claim } = await submitted(house, bundle);
    const before = await authorizations();
    const pended = await x12(inquiry(about(bundle)));
    expect(envelopeFaults(pended.text)).toEqual([]);
    expect(decisionsIn(pended.text).map((segment) => segment.slice(0, 6))).toEqual(['HCR*A4']);
    const decided = (await decide(house, claim, decision(certification))).json as Bundle;
    const asked = inquiry(about(bundle));
    const later = await x12(asked);
    expect(decisionsIn(later.text)).toEqual([`HCR*A1*${numberOf(decided)}`]);
    expect(await authorizations()).toBe(before);
    expect(decisionsIn((await x12(asked)).text)).toEqual(decisionsIn(later.text));
  });

  test('about a service that nobody asked for finds nothing, and says so', async () => {
    const bundle = about(pendingRequest(house));
    const before = await authorizations();
    const answer = await x12(inquiry(bundle));
    expect(envelopeFaults(answer.text)).toEqual([]);
    expect(decisionsIn(answer.text)).toEqual([]);
    expect(withId(answer.text, 'AAA')).toHaveLength(1);
    expect(await authorizations()).toBe(before);
  });
});

const files = corpusFiles('x12-278');
describe('the shared 278 corpus', () => {
  eachOrSkip(files, 'is answered in X12', async ({ bytes }) => {
    const answer = await x12(bytes);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^application\/edi-x12/);
    expect(envelopeFaults(answer.text)).toEqual([]);
    expect(withId(answer.text, 'TA1').length + withId(answer.text, 'IK5').length).toBeGreaterThan(0);
  });
});

test('priora x12 FILE prints the answer, a segment a line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'priora-x12-'));
  try {
    const file = join(folder, 'request.edi');
    await writeFile(file, interchange(request(house)), 'latin1');
    const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) => {
      execFile(process.execPath, ['bin/priora.mjs', 'x12', file], { env: { ...process.env, PORT: new URL(house.origin).port } }, (error, out) => { if (error) reject(error); else resolve({ stdout: out }); });
    });
    expect(stdout.split('\n').find((line) => line.startsWith('HCR*'))).toMatch(/^HCR\*A1\*A\w{9}~$/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('every claim on the X12 rail is a Claim over REST', async () => {
  const bundle = pendingRequest(house);
  await x12(interchange(bundle));
  const found = (await send('GET', `${house.fhir}/Claim?identifier=${encodeURIComponent(`${claimOf(bundle).identifier![0]!.system}|${claimOf(bundle).identifier![0]!.value}`)}`)).json as Bundle;
  expect(found.entry).toHaveLength(1);
  expect(claimOf(found)).toMatchObject({ use: 'preauthorization', patient: { reference: 'Patient/demo-daniel-reyes' } });
});
