/** Prior authorization in XML: asked, answered, asked about and decided, from a delivery that is kept as it came. */
import { stringifyJson } from '../../fhir/json.ts';
import { parseXml } from '../../fhir/xml/read.ts';
import { writeXml } from '../../fhir/xml/write.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { actionsOf, certification, decision, pendingRequest, storedClaimId } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(() => house.close());

const xml = 'application/fhir+xml';
const post = (path: string, body: string): Promise<TestAnswer> => send('POST', `${house.fhir}/${path}`, body, { 'content-type': xml, accept: xml });
// oxlint-disable-next-line typescript/no-explicit-any -- tests read answers of every shape
const plainly = ({ text }: TestAnswer): any => JSON.parse(stringifyJson(parseXml(text)));

test('a request is pended, repeated, found, and certified by a person', async () => {
  const request = pendingRequest(house);
  const body = writeXml(request);
  const pended = await post('Claim/$submit', body);
  expect([pended.status, pended.headers.get('content-type')]).toEqual([200, `${xml}; charset=utf-8`]);
  const bundle = plainly(pended);
  expect(actionsOf(bundle)).toEqual({ 1: 'A4' });

  const repeated = await post('Claim/$submit', body);
  expect([repeated.headers.get('priora-delivery-outcome'), repeated.text]).toEqual(['repeated', pended.text]);
  const landed = await send('GET', `${house.origin}/landing/${pended.headers.get('priora-delivery')}/raw`);
  expect([landed.text, landed.headers.get('content-type')]).toEqual([body, xml]);

  const found = plainly(await post('Claim/$inquire', body));
  expect(found.parameter).toHaveLength(1);
  const decided = await post(`Claim/${await storedClaimId(house, bundle)}/$decide`, writeXml(decision(certification)));
  expect([decided.status, actionsOf(plainly(decided))]).toEqual([200, { 1: 'A1' }]);
});

test('what is no XML lands, and is refused', async () => {
  const answer = await post('Claim/$submit', '<Bundle xmlns="http://hl7.org/fhir">');
  expect([answer.status, plainly(answer).issue[0].details.coding[0].code, answer.headers.get('content-type')]).toEqual([400, 'malformed-xml', `${xml}; charset=utf-8`]);
  expect((await send('GET', `${house.origin}/landing/${answer.headers.get('priora-delivery')}`)).json).toMatchObject({ state: 'refused', problems: ['malformed-xml'] });
});
