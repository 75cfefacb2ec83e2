/**
 * One authorization, both rails and the notices of a subscription on the wire: submitted by PAS, changed and cancelled
 * by X12 278, decided by a person. After every step the notice, `$inquire`, the 278 inquiry (X215) and the explanation
 * for the member say the same of every item.
 */
import type { Bundle, Claim, ExplanationOfBenefit } from '@medplum/fhirtypes';
import { inquiryInterchange, readResponse, requestInterchange } from '../../mappers/x12/index.ts';
import { openReceiver, pasTopic, subscriptionTo, type Receiver } from '../delivery/subscriptions/receiver.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, decide, decision, denial, inquire, pendingRequest, resourceOf, returnedBundles, submitted, withItems } from '../support/pas-requests.ts';
import { asksAbout, cancelItem, flag, setQuantity, setType, update } from '../support/pas-updates.ts';

let house: TestHouse;
let receiver: Receiver;
beforeAll(async () => {
  house = await openHouse({ demo: true });
  receiver = await openReceiver();
});
afterAll(async () => {
  await receiver.close();
  await house.close();
});

let controlNumber = 0;
function envelope(): Parameters<typeof requestInterchange>[1] {
  controlNumber += 1;
  return {
    sender: { qualifier: 'ZZ', id: 'HARBORCLINIC' }, receiver: { qualifier: 'ZZ', id: 'DEMOPLAN' }, usage: 'T', date: '20260302', time: '0900', controlNumber,
    applicationSender: 'HARBORCLINIC', applicationReceiver: 'DEMOPLAN', groupControlNumber: controlNumber, transactionControlNumber: '0001', traceOrganization: '9012345678',
  };
}

const x12 = (bytes: Uint8Array): Promise<TestAnswer> => send('POST', `${house.origin}/x12`, Buffer.from(bytes), { 'content-type': 'application/edi-x12' });
/** HCR01 line by line. */
const hcr = (answer: TestAnswer): (string | undefined)[] => readResponse(Buffer.from(answer.text, 'latin1')).flatMap(({ event, services }) => (services.length > 0 ? services : [event!]).map(({ review }) => review?.action));

async function explained(bundle: Bundle, claim: string): Promise<Record<number, string | undefined>> {
  const { json } = await send('GET', `${house.fhir}/ExplanationOfBenefit?claim=Claim/${claim}`);
  const [explanation] = (json as Bundle).entry!.map(({ resource }) => resource as ExplanationOfBenefit);
  return Object.fromEntries(explanation!.item!.map(({ sequence, adjudication }) => [sequence, adjudication![0]!.extension![0]!.extension!.find(({ valueCodeableConcept }) => valueCodeableConcept)?.valueCodeableConcept?.coding?.[0]?.code]));
}

/** What each side says now, item by item. */
async function assertAllSay(bundle: Bundle, claim: string, expected: Record<number, string>, notices: number): Promise<void> {
  await house.server.subscriptions!.settled();
  expect(receiver.numbers()).toEqual(Array.from({ length: notices }, (_, index) => index + 1));
  const told = receiver.of('event-notification').at(-1)!.json.entry[1].resource as Bundle;
  expect(actionsOf(told)).toEqual(expected);
  expect(returnedBundles(await inquire(house, asksAbout(bundle))).map(actionsOf)).toEqual([expected]);
  expect(hcr(await x12(inquiryInterchange(asksAbout(bundle), envelope()).bytes))).toEqual(Object.values(expected));
  expect(await explained(bundle, claim)).toEqual(expected);
}

test('submitted by PAS, changed by 278, decided, cancelled by 278: every side says the same after every step', async () => {
  const bundle = withItems(pendingRequest(house), 2, (item, index) => {
    item.servicedDate = `2027-03-0${index + 1}`;
    item.quantity = { value: 4, unit: 'visits' };
  });
  resourceOf(bundle, 'Organization').identifier![0]!.value = '1700004321';
  const { status } = await send('POST', `${house.fhir}/Subscription`, subscriptionTo(receiver.url, { topic: pasTopic, filters: ['org-identifier=1700004321'] }));
  expect(status).toBe(201);
  await receiver.until('handshake', 1);

  const { claim } = await submitted(house, bundle);
  await assertAllSay(bundle, claim, { 1: 'A4', 2: 'A4' }, 1);

  expect((await decide(house, claim, decision({ ...certification, sequence: 1 }, { ...denial, sequence: 2 }))).status).toBe(200);
  await assertAllSay(bundle, claim, { 1: 'A1', 2: 'A3' }, 2);

  const changed = (change: (claim: Claim) => void): Promise<TestAnswer> => x12(requestInterchange(update(bundle, change), envelope()).bytes);
  const extended = await changed((asked) => {
    setType(asked, '4');
    asked.item!.splice(1);
    setQuantity(asked.item![0]!, 8);
    flag(asked.item![0]!, 'changed');
  });
  expect(hcr(extended)).toEqual(['A4']);
  await assertAllSay(bundle, claim, { 1: 'A4', 2: 'A3' }, 3);

  expect((await decide(house, claim, decision({ ...certification, sequence: 1 }))).status).toBe(200);
  await assertAllSay(bundle, claim, { 1: 'A1', 2: 'A3' }, 4);

  const cancelled = await changed((asked) => {
    asked.item!.splice(1);
    cancelItem(asked.item![0]!);
  });
  expect(hcr(cancelled)).toEqual(['C']);
  await assertAllSay(bundle, claim, { 1: 'C', 2: 'A3' }, 5);
});

test('submitted by 278, changed by PAS: the same subscriber hears of it', async () => {
  const before = receiver.numbers().length;
  const bundle = pendingRequest(house);
  resourceOf(bundle, 'Organization').identifier![0]!.value = '1700004321';
  expect(hcr(await x12(requestInterchange(bundle, envelope()).bytes))).toEqual(['A4']);
  await house.server.subscriptions!.settled();
  expect(receiver.numbers().length).toBe(before + 1);
});
