/** What is no error of HTTP but an answer (PAS 2.2.1, "Error handling"), and what is. */
import type { Bundle, ClaimItem, Coverage, OperationOutcome, Organization, Patient } from '@medplum/fhirtypes';
import { openHouse, send, type TestHouse } from '../support/house.ts';
import { actionsOf, claimOf, claimResponseOf, inquire, request, resourceOf, returnedBundles, submit } from '../support/pas-requests.ts';
import { faultsOf } from '../support/pas-response-rules.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse({ demo: true }); });
afterAll(async () => { await house.close(); });

function changed(change: (parts: { bundle: Bundle; patient: Patient; coverage: Coverage; insurer: Organization }) => void, member = 'demo-amara-okafor'): Bundle {
  const bundle = request(house, { member });
  change({ bundle, patient: resourceOf(bundle, 'Patient'), coverage: resourceOf(bundle, 'Coverage'), insurer: bundle.entry![2]!.resource as Organization });
  return bundle;
}

const numbered = (parts: { patient: Patient; coverage: Coverage }, number: string): void => {
  parts.patient.identifier![0]!.value = number;
  parts.coverage.identifier![0]!.value = number;
  parts.coverage.subscriberId = number;
};

/** A child of Jesse: the coverage's subscriber is another Patient of the Bundle. */
function asDependent({ bundle, patient, coverage }: { bundle: Bundle; patient: Patient; coverage: Coverage }, child: Partial<Patient>): void {
  const parent = structuredClone(patient);
  bundle.entry!.push({ fullUrl: 'https://clinic.example/fhir/Patient/parent', resource: { ...parent, id: 'parent' } });
  coverage.subscriber = { reference: 'https://clinic.example/fhir/Patient/parent' };
  coverage.relationship = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'child' }] };
  delete patient.identifier;
  Object.assign(patient, child);
}

describe('4xx with one OperationOutcome', () => {
  test.each<[string, unknown, number]>([
    ['an empty body', '', 400], ['no JSON', '{"resourceType":', 400], ['a list', '[]', 400], ['a number', '7', 400], ['null', 'null', 400],
    ['a Patient', { resourceType: 'Patient' }, 400], ['a Bundle without entries', { resourceType: 'Bundle', type: 'collection' }, 400],
    ['a Bundle with an empty list', { resourceType: 'Bundle', type: 'collection', entry: [] }, 400],
    ['an entry that is null', { resourceType: 'Bundle', entry: [null] }, 422], ['a resource of no type', { resourceType: 'Bundle', entry: [{ resource: {} }] }, 422],
    ['a control character', '{"resourceType":"Bundle","id":"a\\u0000b","entry":[{}]}', 400],
    ['invalid UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 400],
  ])('%s', async (_, body, status) => {
    for (const answer of [await submit(house, body), await inquire(house, body)]) {
      expect(answer.status).toBe(status);
      expect((answer.json as OperationOutcome).resourceType).toBe('OperationOutcome');
      expect((answer.json as OperationOutcome).issue[0]!.severity).toBe('error');
    }
  });

  test.each<[string, (bundle: Bundle) => void, string]>([
    ['the Claim is not first', (bundle) => { bundle.entry!.reverse(); }, 'Bundle.entry[0].resource'],
    ['a claim for payment', (bundle) => { claimOf(bundle).use = 'claim'; }, 'Claim.use'],
    ['two entries with one fullUrl', (bundle) => { bundle.entry!.push(structuredClone(bundle.entry![1]!)); }, 'Bundle.entry[5].fullUrl'],
    ['two items with one number', (bundle) => { claimOf(bundle).item!.push(structuredClone(claimOf(bundle).item![0]!)); }, 'Claim.item[1].sequence'],
    ['no patient', (bundle) => { Reflect.deleteProperty(claimOf(bundle), 'patient'); }, 'Claim.patient'],
    ['a patient that is an Organization', (bundle) => { claimOf(bundle).patient = claimOf(bundle).insurer as never; }, 'Claim.patient'],
    ['items that are no list', (bundle) => { Object.assign(claimOf(bundle), { item: {} }); }, 'Bundle.entry[0].resource.item'],
    ['a number as a name', (bundle) => { Object.assign(resourceOf(bundle, 'Patient'), { name: [7] }); }, 'Bundle.entry[4].resource.name[0]'],
  ])('%s', async (_, change, expression) => {
    const bundle = request(house);
    change(bundle);
    const answer = await submit(house, bundle);
    expect(answer.status).toBe(422);
    expect((answer.json as OperationOutcome).issue.map((issue) => issue.expression?.[0])).toContain(expression);
  });

  test('everything that is wrong is told at once', async () => {
    const bundle = request(house);
    claimOf(bundle).use = 'claim';
    claimOf(bundle).item!.push(structuredClone(claimOf(bundle).item![0]!));
    bundle.entry!.push(structuredClone(bundle.entry![1]!));
    expect((await submit(house, bundle)).json).toMatchObject({ issue: [{ expression: ['Claim.use'] }, { expression: ['Bundle.entry[5].fullUrl'] }, { expression: ['Claim.item[1].sequence'] }] });
  });
});

describe('a business answer, HTTP 200', () => {
  test.each<[string, (parts: { bundle: Bundle; patient: Patient; coverage: Coverage; insurer: Organization }) => void, string, string, string]>([
    ['nobody has the number', (parts) => numbered(parts, 'PD0000000'), '75', '2010C-NM109', 'Bundle.entry[4].resource.identifier'],
    ['no number at all', ({ patient, coverage }) => { delete patient.identifier; delete coverage.identifier; delete coverage.subscriberId; }, '15', '2010C-NM109', 'Bundle.entry[4].resource.identifier'],
    ['another name', ({ patient }) => { patient.name = [{ family: 'Nwosu', given: ['Amara'] }]; }, '73', '2010C-NM103', 'Bundle.entry[4].resource.name'],
    ['another birth date', ({ patient }) => { patient.birthDate = '1951-09-03'; }, '71', '2010C-DMG02', 'Bundle.entry[4].resource.birthDate'],
    ['a number without name and birth date', ({ patient }) => { delete patient.name; delete patient.birthDate; }, '73', '2010C-NM103', 'Bundle.entry[4].resource.name'],
    ['another name as a text, no birth date', ({ patient }) => { patient.name = [{ text: 'Completely Nwosu' }]; delete patient.birthDate; }, '73', '2010C-NM103', 'Bundle.entry[4].resource.name'],
    ['a wrong name beside a text that says nothing', ({ patient }) => { patient.name = [{ family: 'Nwosu' }, { text: 'x' }]; delete patient.birthDate; }, '73', '2010C-NM103', 'Bundle.entry[4].resource.name'],
    ['a given name alone', ({ patient }) => { patient.name = [{ given: ['Amara'] }]; delete patient.birthDate; }, '73', '2010C-NM103', 'Bundle.entry[4].resource.name'],
    ['a given name beside an empty text', ({ patient }) => { patient.name = [{ given: ['Amara'] }, { text: '.' }]; delete patient.birthDate; }, '73', '2010C-NM103', 'Bundle.entry[4].resource.name'],
    ['another payer', ({ insurer }) => { insurer.identifier = [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1999999992' }]; }, '79', '2010A-NM109', 'Bundle.entry[2].resource.identifier'],
    ['a dependent whom the number does not cover', (parts) => asDependent(parts, { name: [{ family: 'Stranger', given: ['Sam'] }] }), '67', '2010D-NM103', 'Bundle.entry[4].resource.name'],
  ])('%s', async (_, change, code, element, path) => {
    const bundle = changed(change);
    const answer = await submit(house, bundle);
    expect(answer.status).toBe(200);
    expect(faultsOf(answer.json as Bundle, bundle)).toEqual([]);
    const response = claimResponseOf(answer.json as Bundle);
    expect(response.outcome).toBe('error');
    expect(response.error).toHaveLength(1);
    expect(response.error![0]).toMatchObject({
      code: { coding: [{ system: 'https://codesystem.x12.org/005010/901', code }] },
      extension: [{ valueCodeableConcept: { coding: [{ code: code === '79' ? 'N' : 'C' }] } }, { extension: [{ url: 'error', valueString: element }] }, { valueString: path }],
    });
    // Nothing of an authorization, and no certification number, was made.
    expect(response.item).toBeUndefined();
    // The words are ours; nothing of what was sent is in them.
    expect(response.disposition).not.toMatch(/Nwosu|PD0|1951|Stranger/);
  });

  test('two members with one number: name and birth date must tell them apart', async () => {
    const either = changed(({ patient }) => { patient.name = [{ family: 'Smith' }]; delete patient.birthDate; }, 'demo-joe-smith');
    expect(claimResponseOf((await submit(house, either)).json as Bundle).error?.[0]?.code.coding?.[0]?.code).toBe('76');
    const mary = changed(({ patient }) => { patient.name = [{ family: 'SMITH', given: ['M'] }]; }, 'demo-joe-smith');
    const answer = await submit(house, mary);
    expect(actionsOf(answer.json as Bundle)).toEqual({ 1: 'A1' });
    const stored = (await send('GET', (answer.json as Bundle).entry![0]!.fullUrl!)).json as { patient: unknown };
    expect(stored.patient).toEqual({ reference: 'Patient/demo-mary-smith' });
  });

  test('a dependent under the family number is found by name', async () => {
    const bundle = changed((parts) => asDependent(parts, { name: [{ family: 'Smith', given: ['Mary'] }], gender: 'female' }), 'demo-joe-smith');
    const answer = await submit(house, bundle);
    expect(faultsOf(answer.json as Bundle, bundle)).toEqual([]);
    expect(actionsOf(answer.json as Bundle)).toEqual({ 1: 'A1' });
    const stored = (await send('GET', (answer.json as Bundle).entry![0]!.fullUrl!)).json as { patient: unknown };
    expect(stored.patient).toEqual({ reference: 'Patient/demo-mary-smith' });
  });

  test('several reasons at once', async () => {
    const bundle = changed((parts) => { numbered(parts, 'PD0000000'); parts.insurer.identifier = [{ value: 'nobody' }]; });
    expect(claimResponseOf((await submit(house, bundle)).json as Bundle).error?.map((error) => error.code.coding?.[0]?.code)).toEqual(['79', '75']);
  });

  test.each(['urn:uuid:6f1a2b3c-0000-4000-8000-00000000dead', '#clinic', 'https://clinic.example/fhir/Organization/elsewhere'])('a requester who is not in the Bundle: %s', async (reference) => {
    const bundle = changed(() => {});
    claimOf(bundle).provider = { reference };
    const answer = await submit(house, bundle);
    expect(answer.status).toBe(200);
    const { item, error } = claimResponseOf(answer.json as Bundle);
    expect([item, error?.map(({ code }) => code.coding?.[0]?.code), error?.[0]?.extension?.at(-1)?.valueString]).toEqual([undefined, ['15'], 'Bundle.entry[0].resource.provider']);
  });

  test.each<[string, NonNullable<ClaimItem['quantity']>, string]>([
    ['none', { value: 0 }, 'value'], ['fewer than none', { value: -2 }, 'value'], ['at most two', { value: 2, comparator: '<=' }, 'comparator'],
  ])('a quantity that is no amount: %s', async (_, quantity, element) => {
    const bundle = changed(() => {});
    claimOf(bundle).item![0]!.quantity = quantity;
    const answer = await submit(house, bundle);
    expect(answer.status).toBe(200);
    expect(faultsOf(answer.json as Bundle, bundle)).toEqual([]);
    const { item, error } = claimResponseOf(answer.json as Bundle);
    expect([item, error?.length, error?.[0]?.code.coding?.[0]?.code]).toEqual([undefined, 1, '33']);
    expect(error![0]!.extension?.at(-1)?.valueString).toBe(`Bundle.entry[0].resource.item[0].quantity.${element}`);
  });

  test('an inquiry about nobody we know says so, in Parameters', async () => {
    const bundle = changed((parts) => numbered(parts, 'PD0000000'));
    const answer = await inquire(house, bundle);
    expect(answer.status).toBe(200);
    const [returned] = returnedBundles(answer);
    expect(faultsOf(returned!, bundle, { inquiry: true })).toEqual([]);
    expect(claimResponseOf(returned!).error?.[0]?.code.coding?.[0]?.code).toBe('75');
  });
});

/** As an older dialect does: entries without addresses, references by type and id. */
function withoutFullUrls(bundle: Bundle): void {
  bundle.entry = (JSON.parse(JSON.stringify(bundle.entry).replaceAll('https://clinic.example/fhir/', '')) as NonNullable<Bundle['entry']>).map(({ resource }) => ({ resource: resource! }));
}

describe('what is missing and optional never makes a 4xx (conf-14)', () => {
  test.each<[string, (bundle: Bundle) => void]>([
    ['Bundle.identifier', (bundle) => { delete bundle.identifier; }], ['Bundle.timestamp', (bundle) => { delete bundle.timestamp; }], ['Bundle.meta', (bundle) => { delete bundle.meta; }],
    ['fullUrls', withoutFullUrls],
    ['Claim.identifier', (bundle) => { delete claimOf(bundle).identifier; }], ['Claim.insurer', (bundle) => { delete claimOf(bundle).insurer; }],
    ['Claim.priority', (bundle) => { Reflect.deleteProperty(claimOf(bundle), 'priority'); }], ['Claim.provider', (bundle) => { Reflect.deleteProperty(claimOf(bundle), 'provider'); }],
    ['Claim.insurance', (bundle) => { Reflect.deleteProperty(claimOf(bundle), 'insurance'); }], ['Claim.diagnosis', (bundle) => { delete claimOf(bundle).diagnosis; }],
    ['item extensions', (bundle) => { delete claimOf(bundle).item![0]!.extension; }], ['item.category', (bundle) => { delete claimOf(bundle).item![0]!.category; }],
    ['item.productOrService', (bundle) => { Reflect.deleteProperty(claimOf(bundle).item![0]!, 'productOrService'); }], ['item.servicedDate', (bundle) => { delete claimOf(bundle).item![0]!.servicedDate; }],
    ['item.location', (bundle) => { delete claimOf(bundle).item![0]!.locationCodeableConcept; }], ['Patient.gender', (bundle) => { delete resourceOf(bundle, 'Patient').gender; }],
    ['Patient.birthDate', (bundle) => { delete resourceOf(bundle, 'Patient').birthDate; }], ['Coverage.relationship', (bundle) => { delete resourceOf(bundle, 'Coverage').relationship; }],
    ['Organization.type', (bundle) => { delete (bundle.entry![1]!.resource as Organization).type; }],
    ['Claim.identifier.value', (bundle) => { claimOf(bundle).identifier = [{ system: 'https://clinic.example/claims' }]; }],
  ])('%s', async (_, remove) => {
    const bundle = request(house, { member: 'demo-jesse-smith' });
    remove(bundle);
    const answer = await submit(house, bundle);
    expect(answer.status).toBe(200);
    // FHIR knows no empty list.
    expect(JSON.stringify(answer.json)).not.toContain('[]');
    if (bundle.entry![0]!.fullUrl !== undefined && claimOf(bundle).provider && claimOf(bundle).identifier?.[0]?.value !== undefined === (claimOf(bundle).identifier !== undefined)) expect(faultsOf(answer.json as Bundle, bundle)).toEqual([]);
    expect(['A1', 'A4']).toContain(Object.values(actionsOf(answer.json as Bundle))[0]);
  });
});
