/** Control numbers are their senders' own: a document joins the request of whoever sent both. */
import type { Bundle, Claim, Organization, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { attach, document, parametersOf, problemsOf, textsOf } from '../support/pas-attachments.ts';
import { claimOf, pendingRequest, resourceOf, submitted } from '../support/pas-requests.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

const npi = 'http://hl7.org/fhir/sid/us-npi';
let numbers = 0;
const ownNumber = (): string => `SENDERS-${numbers += 1}`;
const from = (name: 'OrganizationId' | 'ProviderId', value: string, system: string | undefined = npi): ParametersParameter => ({ name, valueIdentifier: { ...(system !== '' && { system }), value } });
const member = (): string => resourceOf(pendingRequest(house), 'Coverage').identifier![0]!.value!;
const sent = (tracking: string, text: string, ...more: ParametersParameter[]): Parameters => parametersOf({ tracking, member: member(), more, contents: [document('28633-6', text)] });

/** A request of this requester that says that a document comes under the number. */
function announcing(number: string, requester: string): Bundle {
  const bundle = pendingRequest(house);
  const claim = claimOf(bundle);
  const provider = bundle.entry!.find(({ fullUrl }) => fullUrl === claim.provider.reference)!.resource as Organization;
  provider.identifier = [{ system: npi, value: requester }];
  claim.supportingInfo = [...claim.supportingInfo ?? [], {
    sequence: 40, category: { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes', code: 'additionalInformation' }] }, valueReference: { identifier: { value: number } },
    extension: [{ url: pasExtension.documentInformation, extension: [{ url: 'controlNumber', valueString: number }] }],
  }];
  return bundle;
}

const stored = async <T>(address: string): Promise<T> => (await send('GET', `${house.fhir}/${address}`)).json as T;
/** Texts of the documents that a request has as evidence. */
async function evidenceOf(claim: string): Promise<string[]> {
  const addresses = (await stored<Claim>(`Claim/${claim}`)).supportingInfo!.flatMap(({ valueReference }) => valueReference?.reference?.startsWith('DocumentReference/') === true ? [valueReference.reference] : []);
  return Promise.all(addresses.map(async (address) => Buffer.from((await stored<{ content: { attachment: { data: string } }[] }>(address)).content[0]!.attachment.data, 'base64').toString()));
}

test('a number that two senders used joins only the request of the right one', async () => {
  const number = ownNumber();
  await attach(house, sent(number, 'of the first', from('OrganizationId', '1111111112')));
  await attach(house, sent(number, 'of the second', from('ProviderId', '2222222228')));
  await attach(house, sent(number, 'of nobody'));
  const [first, second, third] = [await submitted(house, announcing(number, '1111111112')), await submitted(house, announcing(number, '2222222228')), await submitted(house, announcing(number, '3333333334'))];
  expect([await evidenceOf(first.claim), await evidenceOf(second.claim), await evidenceOf(third.claim)]).toEqual([['of the first'], ['of the second'], []]);
});

test('the same number of another system is another sender', async () => {
  const number = ownNumber();
  await attach(house, sent(number, 'x', from('OrganizationId', '1111111112', 'https://clinic.example/sites')));
  expect(await evidenceOf((await submitted(house, announcing(number, '1111111112'))).claim)).toEqual([]);
});

test('where nobody says who sends, the number alone counts', async () => {
  const number = ownNumber();
  await attach(house, sent(number, 'x'));
  expect(await evidenceOf((await submitted(house, announcing(number, '1111111112'))).claim)).toEqual(['x']);
});

test('what comes after two requests that wait for the same number joins that of its sender; of a third it is kept', async () => {
  const number = ownNumber();
  const [first, second] = [await submitted(house, announcing(number, '1111111112')), await submitted(house, announcing(number, '2222222228'))];
  expect(textsOf(await attach(house, sent(number, 'for the first', from('OrganizationId', '1111111112'))))[0]).toContain('whose review goes on');
  for (const more of [[from('OrganizationId', '3333333334')], []]) expect(textsOf(await attach(house, sent(number, 'of a third', ...more)))[0]).toContain('kept');
  expect([await evidenceOf(first.claim), await evidenceOf(second.claim)]).toEqual([['for the first'], []]);
});

test('nobody passes for another by an extension of the document', async () => {
  const number = ownNumber();
  const forged = { ...document('28633-6', 'forged'), extension: [{ url: 'https://priora.health/fhir/StructureDefinition/attachment-sender', valueIdentifier: { system: npi, value: '1111111112' } }] } as ReturnType<typeof document>;
  await attach(house, parametersOf({ tracking: number, member: member(), contents: [forged], more: [from('OrganizationId', '2222222228')] }));
  expect(await evidenceOf((await submitted(house, announcing(number, '1111111112'))).claim)).toEqual([]);
});

test('a sender that is no identifier', async () => {
  expect(problemsOf(await attach(house, sent(ownNumber(), 'x', { name: 'OrganizationId', valueBoolean: true })))).toEqual(['attachment-invalid']);
});
