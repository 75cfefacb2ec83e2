/** The examples of the documents, run against the real server. */
import { readFileSync } from 'node:fs';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { blocks, example } from './markdown.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const decide = 'docs/reference/decide.md';

function claimResponseIn(answer: { json: { entry: { resource: Record<string, unknown> }[] } }): Record<string, unknown> {
  return answer.json.entry[0]!.resource;
}

test('$decide: the request pends, a decision without a reason is refused, the one of the document denies, another is too late', async () => {
  const submitted = await send('POST', `${house.fhir}/Claim/$submit`, readFileSync('docs/examples/home-oxygen-pended.json'));
  const { id, disposition } = claimResponseIn(submitted) as { id: string; disposition: string };
  expect(disposition).toBe('Pended');
  const { reference: claim } = (await send('GET', `${house.fhir}/ClaimResponse/${id}`)).json.request as { reference: string };
  const tasks = await send('GET', `${house.fhir}/Task?status=requested&code=review-prior-authorization`);
  expect(tasks.json).toMatchObject({ total: 1, entry: [{ resource: { focus: { reference: `ClaimResponse/${id}` }, reasonReference: { reference: claim } } }] });

  const decision = example(decide, 'decision');
  const groundless = decision.replace('"name": "reason"', '"name": "motive"');
  expect(groundless).not.toBe(decision);
  const refused = await send('POST', `${house.fhir}/${claim}/$decide`, groundless);
  expect(refused.status).toBe(422);
  expect(refused.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ details: { text: 'The operation has no parameter of this name here.' } }, { details: { coding: [{ code: 'decision-invalid' }], text: 'To deny needs a reason with a code.' } }] });

  const decided = await send('POST', `${house.fhir}/${claim}/$decide`, decision);
  expect(decided.status).toBe(200);
  expect(claimResponseIn(decided)).toMatchObject(JSON.parse(example(decide, 'answer')) as object);

  const again = await send('POST', `${house.fhir}/${claim}/$decide`, decision);
  expect(again.status).toBe(409);
  expect(again.json).toMatchObject({ issue: [{ details: { coding: [{ code: 'decision-not-allowed' }] } }] });
});

test('README: the request whose criteria are met is certified, and the same bytes get the same answer', async () => {
  expect(blocks(readFileSync('README.md', 'utf8'), 'sh').join('\n')).toContain('docs/examples/home-oxygen-certified.json');
  const body = readFileSync('docs/examples/home-oxygen-certified.json');
  const first = await send('POST', `${house.fhir}/Claim/$submit`, body);
  expect(claimResponseIn(first)).toMatchObject({ outcome: 'complete', disposition: 'Certified' });
  expect(first.headers.get('priora-delivery-outcome')).toBe('answered');
  const second = await send('POST', `${house.fhir}/Claim/$submit`, body);
  expect(second.headers.get('priora-delivery-outcome')).toBe('repeated');
  expect(second.text).toBe(first.text);
  const raw = await send('GET', `${house.origin}/landing/${first.headers.get('priora-delivery')}/raw`);
  expect(raw.text).toBe(body.toString('utf8'));
});

test('X12 guide: its interchange is accepted and certified, the rungs of the ladder are as told', async () => {
  const x12 = (body: string | Uint8Array): ReturnType<typeof send> => send('POST', `${house.origin}/x12`, body, { 'content-type': 'application/edi-x12' });
  const interchange = readFileSync('docs/examples/office-consultation.x12', 'latin1');

  const nothing = await x12('hello');
  expect(nothing).toMatchObject({ status: 400, text: expect.stringMatching(/TA1\*[^~]*\*R\*022~/) as unknown });
  const unclosed = await x12(interchange.replace(/IEA[\s\S]*/, ''));
  expect(unclosed).toMatchObject({ status: 200, text: expect.stringMatching(/TA1\*[^~]*\*R\*023~/) as unknown });
  const broken = await x12(interchange.replace('HL*2*1*21', 'HL*2*7*21'));
  expect(broken.text).toMatch(/IK5\*R/);
  expect(broken.headers.get('priora-delivery-outcome')).toBe('refused');
  const stranger = await x12(interchange.replace('12345678901', '99999999999'));
  expect(stranger.text).toMatch(/IK5\*A~[\s\S]*AAA\*/);

  // None of the refused ones has used up the control number.
  const accepted = await x12(interchange);
  expect(accepted.text).toMatch(/IK5\*A~[\s\S]*HCR\*A1\*/);
  const reused = await x12(interchange.replace('G894', 'G895'));
  expect(reused.text).toMatch(/TA1\*[^~]*\*R\*025~/);

  const inquiry = readFileSync('docs/examples/office-consultation-inquiry.x12', 'latin1');
  const found = await x12(inquiry);
  const number = /HCR\*A1\*(\w+)/.exec(accepted.text)![1]!;
  expect(found.text).toMatch(new RegExp(`BHT\\*0007\\*11\\*HS20260109\\*[\\s\\S]*TRN\\*2\\*HS20260109\\*[\\s\\S]*HCR\\*A1\\*${number}~`));
  expect(found.headers.get('priora-delivery-outcome')).toBe('informed');
  const unknown = await x12(inquiry.replace('UM*HS**3', 'UM*HS**33'));
  expect(unknown.text).toMatch(/AAA\*Y\*\*NC\*C~/);
});
