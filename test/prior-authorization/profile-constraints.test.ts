/**
 * What the profiles of PAS 2.2.1 allow, as plain assertions on our answers: the value types, places and numbers of
 * its extensions, whom a reference may point to, what is fixed. Each was once found by HL7's own validator
 * (docs/reference/conformance.md) and is written here from the StructureDefinitions, so that it cannot come back.
 */
import type { Bundle, ClaimResponse, CommunicationRequest, Extension, Observation, Resource, Task } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { certification, claimOf, claimResponseOf, decide, decision, denial, excludedRequest, inquire, pendingRequest, request, returnedBundles, submit, submitted } from '../support/pas-requests.ts';

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const extension = (name: string): string => `${structure}/extension-${name}`;
const x12 = (list: string): string => `https://codesystem.x12.org/005010/${list}`;
const temporary = 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes';
const base = 'https://clinic.example/fhir';

/** Value types, places, and most in one place. Source: StructureDefinition-extension-*.json of PAS 2.2.1 and the slices of its profiles. */
const rules: Record<string, { readonly values: readonly string[]; readonly places: readonly string[]; readonly most?: number }> = {
  identifierJurisdiction: { values: ['valueCodeableConcept'], places: ['ClaimResponse.identifier', 'Task.reasonReference.identifier'], most: 1 },
  identifierSubDepartment: { values: ['valueString'], places: ['ClaimResponse.identifier', 'Task.reasonReference.identifier'], most: 1 },
  TransmissionIdentifiers: { values: [], places: ['ClaimResponse'], most: 1 },
  claimResponseReviewer: { values: [], places: ['ClaimResponse'], most: 1 },
  itemTraceNumber: { values: ['valueIdentifier'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'] },
  itemPreAuthIssueDate: { values: ['valueDate'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'], most: 1 },
  itemPreAuthPeriod: { values: ['valuePeriod'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'], most: 1 },
  authorizationNumber: { values: ['valueString'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'], most: 1 },
  administrationReferenceNumber: { values: ['valueString'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'], most: 1 },
  itemRequestedServiceDate: { values: ['valueDateTime', 'valuePeriod'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'], most: 1 },
  // The profile has it on the whole as well, which its context does not allow.
  itemAuthorizedProvider: { values: [], places: ['ClaimResponse.item', 'ClaimResponse'] },
  communicatedDiagnosis: { values: ['valueCodeableConcept'], places: ['ClaimResponse.item', 'CommunicationRequest.payload'] },
  contentModifier: { values: ['valueCodeableConcept'], places: ['CommunicationRequest.payload', 'Task.input'] },
  itemAuthorizedDetail: { values: [], places: ['ClaimResponse.item'], most: 1 },
  authorizedProviderType: { values: ['valueCodeableConcept'], places: ['ClaimResponse.item.extension', 'ClaimResponse.addItem.provider'], most: 1 },
  admissionDates: { values: ['valueDate', 'valuePeriod'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'], most: 1 },
  dischargeDate: { values: ['valueDate'], places: ['ClaimResponse.item', 'ClaimResponse.addItem'], most: 1 },
  itemCategory: { values: ['valueCodeableConcept'], places: ['ClaimResponse.addItem'], most: 1 },
  epsdtIndicator: { values: ['valueBoolean'], places: ['ClaimResponse.addItem'], most: 1 },
  nursingHomeLevelOfCare: { values: ['valueCodeableConcept'], places: ['ClaimResponse.addItem'], most: 1 },
  nursingHomeResidentialStatus: { values: ['valueCodeableConcept'], places: ['ClaimResponse.addItem'], most: 1 },
  revenueCode: { values: ['valueCodeableConcept'], places: ['ClaimResponse.addItem'], most: 1 },
  requestedService: { values: ['valueReference'], places: ['ClaimResponse.addItem'], most: 1 },
  // The profile has these four on addItem, though the contexts of 2.2.1 forget to allow it; corrected after 2.2.1.
  productOrServiceCodeEnd: { values: ['valueCodeableConcept'], places: ['ClaimResponse.addItem'], most: 1 },
  revenueUnitRateLimit: { values: ['valueDecimal'], places: ['ClaimResponse.addItem'], most: 1 },
  serviceItemRequestType: { values: ['valueCodeableConcept'], places: ['ClaimResponse.addItem'], most: 1 },
  certificationType: { values: ['valueCodeableConcept'], places: ['ClaimResponse.addItem'], most: 1 },
  reviewAction: { values: [], places: ['ClaimResponse.adjudication', 'ClaimResponse.item.adjudication', 'ClaimResponse.addItem.adjudication'], most: 1 },
  reviewActionCode: { values: ['valueCodeableConcept'], places: ['ClaimResponse.item.adjudication.extension', 'ClaimResponse.addItem.adjudication.extension'], most: 1 },
  errorFollowupAction: { values: ['valueCodeableConcept'], places: ['ClaimResponse.error'], most: 1 },
  errorElement: { values: [], places: ['ClaimResponse.error'], most: 1 },
  errorPath: { values: ['valueString'], places: ['ClaimResponse.error'], most: 1 },
  serviceLineNumber: { values: ['valuePositiveInt'], places: ['CommunicationRequest', 'Task.input'], most: 1 },
};

/** Every broken rule about PAS extensions in a resource of ours. */
function extensionFaults(value: unknown, place: string): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => extensionFaults(element, place));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, element]: [string, unknown]) => [
    ...extensionFaults(element, `${place}.${name}`),
    ...(name === 'extension' ? holderFaults(element as Extension[], place) : []),
  ]);
}

function holderFaults(extensions: readonly Extension[], place: string): string[] {
  return extensions.filter(({ url }) => url?.startsWith(structure)).flatMap((each) => {
    const name = each.url.slice(extension('').length);
    const rule = rules[name];
    if (!rule) return [`${name} on ${place} is not known to this test`];
    const values = Object.keys(each).filter((key) => key.startsWith('value'));
    const wrongValue = rule.values.length === 0 ? values.length > 0 || !each.extension?.length : values.length !== 1 || !rule.values.includes(values[0]!);
    return [
      ...(rule.places.includes(place) ? [] : [`${name} is not allowed on ${place}`]),
      ...(wrongValue ? [`${name} has ${values.join() || 'no value'}`] : []),
      ...(extensions.filter(({ url }) => url === each.url).length > (rule.most ?? Infinity) ? [`${name} occurs too often on ${place}`] : []),
    ];
  });
}

/** Resources of ours in an answer: what was not sent under this fullUrl. */
function ours(answer: Bundle, asked: Bundle): Resource[] {
  const sent = new Set((asked.entry ?? []).map(({ fullUrl }) => fullUrl));
  return (answer.entry ?? []).filter(({ fullUrl }) => !sent.has(fullUrl)).map(({ resource }) => resource!);
}

const faultsIn = (answer: Bundle, asked: Bundle): string[] => ours(answer, asked).flatMap((resource) => extensionFaults(resource, resource.resourceType));

function ofType<T extends Resource['resourceType']>(bundle: Bundle, type: T): Extract<Resource, { resourceType: T }>[] {
  return (bundle.entry ?? []).map(({ resource }) => resource!).filter((resource): resource is Extract<Resource, { resourceType: T }> => resource.resourceType === type);
}

/** A pending request that says everything of which an answer can repeat something. */
function fullRequest(house: TestHouse): Bundle {
  const bundle = pendingRequest(house, { member: 'demo-mary-smith' });
  const claim = claimOf(bundle);
  const supporting = (code: string) => ({ coding: [{ system: temporary, code }] });
  claim.identifier![0]!.extension = [
    { url: extension('identifierSubDepartment'), valueString: 'Pulmonology' },
    { url: extension('identifierJurisdiction'), valueCodeableConcept: { coding: [{ system: 'https://www.usps.com/', code: 'MA' }] } },
    { url: 'https://clinic.example/fhir/internal', valueString: 'stays there' },
  ];
  claim.extension = [{
    url: extension('TransmissionIdentifiers'),
    extension: [['applicationSenderCode', 'CLINICAPP'], ['applicationReceiverCode', 'PLANAPP'], ['interchangeSenderID', 'CLINIC'], ['interchangeReceiverID', 'PLAN']].map(([url, valueString]) => ({ url: url!, valueString: valueString! })),
  }];
  claim.supportingInfo!.push(
    { sequence: 2, category: supporting('admissionDates'), timingPeriod: { start: '2026-03-04', end: '2026-03-05' } },
    { sequence: 3, category: supporting('dischargeDates'), timingDate: '2026-03-09' },
  );
  const item = claim.item![0]!;
  item.quantity = { value: 5 };
  item.unitPrice = { value: 10, currency: 'USD' };
  item.modifier = [{ coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'RR' }] }];
  item.revenue = { coding: [{ system: 'https://www.nubc.org/CodeSystem/RevenueCodes', code: '0202' }] };
  item.extension!.push(
    { url: extension('authorizationNumber'), valueString: 'EARLIER1' },
    { url: extension('epsdtIndicator'), valueBoolean: true },
    { url: extension('nursingHomeLevelOfCare'), valueCodeableConcept: { coding: [{ system: x12('1337'), code: '2' }] } },
    { url: extension('nursingHomeResidentialStatus'), valueCodeableConcept: { coding: [{ system: x12('1345'), code: '2' }] } },
    { url: extension('productOrServiceCodeEnd'), valueCodeableConcept: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'E1391' }] } },
    { url: extension('revenueUnitRateLimit'), valueDecimal: 100.5 },
    { url: extension('requestedService'), valueReference: { reference: `${base}/ServiceRequest/order` } },
  );
  bundle.entry!.push({ fullUrl: `${base}/ServiceRequest/order`, resource: { resourceType: 'ServiceRequest', id: 'order', status: 'active', intent: 'order', subject: claim.patient } });
  return bundle;
}

/** The request with its provider a PractitionerRole, and a care team of the same. */
function askedByRole(bundle: Bundle, practitioner: 'sent' | 'not sent'): Bundle {
  const claim = claimOf(bundle);
  claim.provider = { reference: `${base}/PractitionerRole/role` };
  claim.careTeam = [{ sequence: 1, provider: { reference: `${base}/PractitionerRole/role` } }];
  claim.item![0]!.careTeamSequence = [1];
  bundle.entry!.push({
    fullUrl: `${base}/PractitionerRole/role`,
    resource: { resourceType: 'PractitionerRole', id: 'role', practitioner: { reference: `${base}/Practitioner/doctor` }, ...(practitioner === 'sent' && { organization: { reference: `${base}/Organization/clinic` } }) },
  });
  if (practitioner === 'sent') {
    bundle.entry!.push({ fullUrl: `${base}/Practitioner/doctor`, resource: { resourceType: 'Practitioner', id: 'doctor', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1487000006' }], name: [{ family: 'Moreau' }] } });
  }
  return bundle;
}

const providersOf = (response: ClaimResponse): (string | undefined)[] => (response.item?.[0]?.extension ?? []).filter(({ url }) => url === extension('itemAuthorizedProvider'))
  .map((each) => each.extension?.find(({ url }) => url === 'provider')?.valueReference?.reference);

const studyWanted = { action: 'pend', text: 'The sleep study is missing.', more: [{ name: 'information', valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: '28570-0' }], text: 'Sleep study' } }] };
const fewer = { action: 'modify', reason: '0V', text: 'Two are enough.', more: [{ name: 'quantity', valueQuantity: { value: 2 } }] };

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

describe('the check itself', () => {
  test.each<[string, Extension, string]>([
    ['a date where dateTime is wanted', { url: extension('itemRequestedServiceDate'), valueDate: '2026-03-02' }, 'itemRequestedServiceDate has valueDate'],
    ['a place that is not allowed', { url: extension('reviewActionCode'), valueCodeableConcept: {} }, 'reviewActionCode is not allowed on ClaimResponse.item'],
    ['a value on a complex extension', { url: extension('itemAuthorizedDetail'), valueString: 'x' }, 'itemAuthorizedDetail has valueString'],
    ['an extension nobody knows', { url: extension('reviewActon'), valueString: 'x' }, 'reviewActon on ClaimResponse.item is not known to this test'],
  ])('finds %s', (_name, wrong, fault) => {
    expect(extensionFaults({ item: [{ extension: [wrong] }] }, 'ClaimResponse')).toEqual([fault]);
  });

  test('finds an extension that occurs too often', () => {
    const twice = { url: extension('administrationReferenceNumber'), valueString: 'R1' };
    expect(extensionFaults({ item: [{ extension: [twice, twice] }] }, 'ClaimResponse')).toContain('administrationReferenceNumber occurs too often on ClaimResponse.item');
  });
});

describe('PAS extensions have the types and places of their definitions', () => {
  test.each<[string, (house: TestHouse) => Bundle]>([
    ['certified', request], ['pended', pendingRequest], ['denied by the contract', excludedRequest], ['everything that can be repeated', fullRequest],
    ['nobody of that number', (at) => JSON.parse(JSON.stringify(request(at)).replaceAll('12345678901', 'PD9999999')) as Bundle],
  ])('%s', async (_name, make) => {
    const asked = make(house);
    const answer = (await submit(house, asked)).json as Bundle;
    expect(claimResponseOf(answer)).toBeDefined();
    expect(faultsIn(answer, asked)).toEqual([]);
  });

  test.each([['certified', certification], ['denied', denial], ['modified', fewer], ['pended again', studyWanted]])('%s by a person, in the answer, on inquiry and in the store', async (_name, how) => {
    const asked = fullRequest(house);
    const { claim } = await submitted(house, asked);
    const answer = (await decide(house, claim, decision(how))).json as Bundle;
    expect(faultsIn(answer, asked)).toEqual([]);
    // In an inquiry the number would ask for the authorization of that number.
    const question = structuredClone(asked);
    const [item] = claimOf(question).item!;
    item!.extension = item!.extension!.filter(({ url }) => url !== extension('authorizationNumber'));
    const found = returnedBundles(await inquire(house, question));
    expect(found.map(({ entry }) => entry![0]!.resource!.id)).toContain(claimResponseOf(answer).id);
    for (const each of found) expect(faultsIn(each, asked)).toEqual([]);
    const stored = (await send('GET', `${house.fhir}/ClaimResponse/${claimResponseOf(answer).id}`)).json as ClaimResponse;
    expect(extensionFaults(stored, 'ClaimResponse')).toEqual([]);
  });
});

describe('references point to what the profiles allow', () => {
  test('a role is authorized as the practitioner that it names', async () => {
    const asked = askedByRole(pendingRequest(house), 'sent');
    const answer = (await submit(house, asked)).json as Bundle;
    expect(providersOf(claimResponseOf(answer))).toEqual([`${base}/Practitioner/doctor`]);
  });

  test('a role whose practitioner was not sent stands for nobody: the type alone is said', async () => {
    const asked = askedByRole(pendingRequest(house), 'not sent');
    const answer = (await submit(house, asked)).json as Bundle;
    expect(providersOf(claimResponseOf(answer))).toEqual([undefined]);
    expect(faultsIn(answer, asked)).toEqual([]);
  });

  test('information is to be sent by an organization: that of the role', async () => {
    for (const [practitioner, sender] of [['sent', `${base}/Organization/clinic`], ['not sent', undefined]] as const) {
      const { claim } = await submitted(house, askedByRole(pendingRequest(house), practitioner));
      const answer = (await decide(house, claim, decision(studyWanted))).json as Bundle;
      const wanted = ofType(answer, 'CommunicationRequest');
      expect(wanted.length).toBeGreaterThan(0);
      for (const each of wanted) expect(each.sender?.reference).toBe(sender);
    }
  });
});

describe('requests for information', () => {
  test('the Task has what profile-task makes mandatory', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const answer = (await decide(house, claim, decision(studyWanted))).json as Bundle;
    const [task] = ofType(answer, 'Task') as [Task];
    expect(task).toMatchObject({
      intent: 'order', code: { coding: [{ system: temporary, code: 'attachment-request-code' }] }, reasonCode: { coding: [{ system: temporary, code: 'priorAuthorization' }] },
      for: { reference: expect.any(String) as string }, requester: { identifier: { value: expect.any(String) as string } }, owner: { identifier: { value: expect.any(String) as string } },
    });
    expect(task.identifier?.length).toBeGreaterThan(0);
    const inputs = (code: string) => (task.input ?? []).filter((input) => input.type?.coding?.[0]?.system === temporary && input.type.coding[0].code === code);
    expect(inputs('payer-url')).toEqual([expect.objectContaining({ valueUrl: expect.any(String) as string })]);
    expect(inputs('attachments-needed').length).toBeGreaterThan(0);
    for (const input of inputs('attachments-needed')) {
      expect(input.extension).toEqual([{ url: extension('serviceLineNumber'), valuePositiveInt: 1 }]);
      expect(input.valueCodeableConcept?.coding?.[0]?.system).toBe('http://loinc.org');
    }
  });

  test('only an active CommunicationRequest claims the profile, which knows no other', async () => {
    const { claim } = await submitted(house, pendingRequest(house));
    const pended = (await decide(house, claim, decision(studyWanted))).json as Bundle;
    const ids = ofType(pended, 'CommunicationRequest').map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    const read = async (id: string | undefined): Promise<CommunicationRequest> => (await send('GET', `${house.fhir}/CommunicationRequest/${id}`)).json as CommunicationRequest;
    for (const id of ids) expect(await read(id)).toMatchObject({ status: 'active', meta: { profile: [`${structure}/profile-communicationrequest`] } });
    await decide(house, claim, decision(certification));
    for (const id of ids) {
      const revoked = await read(id);
      expect(revoked.status).toBe('revoked');
      expect(revoked.meta?.profile).toBeUndefined();
    }
  });
});

describe('what the request said comes back', () => {
  test('a modified item: what was authorized, with all that still holds', async () => {
    const asked = fullRequest(house);
    const { claim } = await submitted(house, asked);
    const response = claimResponseOf((await decide(house, claim, decision(fewer))).json as Bundle);
    const [added] = response.addItem!;
    const names = added!.extension!.map(({ url }) => url.slice(extension('').length));
    expect(names).toEqual(expect.arrayContaining(['itemTraceNumber', 'itemPreAuthIssueDate', 'itemPreAuthPeriod', 'authorizationNumber', 'administrationReferenceNumber', 'epsdtIndicator',
      'nursingHomeResidentialStatus', 'nursingHomeLevelOfCare', 'productOrServiceCodeEnd', 'revenueCode', 'revenueUnitRateLimit', 'requestedService', 'serviceItemRequestType', 'certificationType', 'admissionDates', 'dischargeDate']));
    const item = claimOf(asked).item![0]!;
    expect(added).toMatchObject({ itemSequence: [1], quantity: { value: 2 }, unitPrice: { value: 10, currency: 'USD' }, modifier: item.modifier, servicedDate: item.servicedDate, locationCodeableConcept: item.locationCodeableConcept });
    expect(response.adjudication).toEqual([expect.objectContaining({ extension: [{ url: extension('reviewAction'), extension: [{ url: 'number', valueString: response.preAuthRef }] }] })]);
    expect(response.preAuthPeriod).toEqual(added!.extension!.find(({ url }) => url === extension('itemPreAuthPeriod'))?.valuePeriod);
  });

  test('another service: what qualified the one asked for is not taken over', async () => {
    const { claim } = await submitted(house, fullRequest(house));
    const other = { ...fewer, more: [{ name: 'productOrService', valueCodeableConcept: { coding: [{ code: 'E1392' }] } }, { name: 'unitPrice', valueMoney: { value: 8, currency: 'USD' as const } }] };
    const [added] = claimResponseOf((await decide(house, claim, decision(other))).json as Bundle).addItem!;
    expect(added!.modifier).toBeUndefined();
    expect(added!.extension!.map(({ url }) => url)).not.toEqual(expect.arrayContaining([extension('productOrServiceCodeEnd')]));
    expect(added!.extension!.map(({ url }) => url)).not.toEqual(expect.arrayContaining([extension('revenueCode')]));
    expect(added!.extension!.map(({ url }) => url)).not.toEqual(expect.arrayContaining([extension('revenueUnitRateLimit')]));
  });

  test('the request\'s numbers, with department and state and nothing else', async () => {
    const asked = fullRequest(house);
    const { system, value, extension: said } = claimOf(asked).identifier![0]!;
    expect(claimResponseOf((await submit(house, asked)).json as Bundle).identifier).toEqual([{ extension: said!.slice(0, 2), system, value }]);
  });

  test('sender and receiver change places', async () => {
    const response = claimResponseOf((await submit(house, fullRequest(house))).json as Bundle);
    const said = response.extension!.find(({ url }) => url === extension('TransmissionIdentifiers'))!.extension!;
    expect(Object.fromEntries(said.map(({ url, valueString }) => [url, valueString]))).toEqual({ applicationSenderCode: 'PLANAPP', applicationReceiverCode: 'CLINICAPP', interchangeSenderID: 'PLAN', interchangeReceiverID: 'CLINIC' });
  });

  test('a pended or denied request has no certification number and no period for the whole', async () => {
    for (const make of [pendingRequest, excludedRequest]) {
      const response = claimResponseOf((await submit(house, make(house))).json as Bundle);
      expect(response).not.toHaveProperty('adjudication');
      expect(response).not.toHaveProperty('preAuthPeriod');
    }
  });
});

test('the requests of the demo: evidence says what it is, and a saturation is a vital sign', () => {
  const asked = pendingRequest(house);
  const [info] = claimOf(asked).supportingInfo!;
  const document = info!.extension!.find(({ url }) => url === extension('documentInformation'))!;
  expect(document.extension!.find(({ url }) => url === 'reportTypeCode')?.valueCodeableConcept?.coding?.[0]?.system).toBe(x12('755'));
  const saturation = asked.entry!.map(({ resource }) => resource!).find((resource): resource is Observation => resource.resourceType === 'Observation')!;
  expect(saturation.category?.[0]?.coding?.[0]?.code).toBe('vital-signs');
  expect(saturation.code.coding?.map(({ code }) => code)).toContain('2708-6');
});
