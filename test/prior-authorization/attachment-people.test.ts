/** Somebody else's chart is refused, wherever it says whose it is, before a request, after it, and when it joins one. */
import type { Bundle, Claim, Patient, Resource } from '@medplum/fhirtypes';
import { pasExtension } from '../../profiles/pas/names.ts';
import { peopleIn } from '../../operations/prior-authorization/attach/people.ts';
import { openHouse, send, type TestAnswer, type TestHouse } from '../support/house.ts';
import { asking, attach, document, parametersOf, problemsOf, type Asking } from '../support/pas-attachments.ts';
import { claimOf, pendingRequest, resourceOf, submitted, tableCounts } from '../support/pas-requests.ts';

let house: TestHouse;
let member: Patient;
let number: string;
beforeAll(async () => {
  house = await openHouse({ demo: true });
  const bundle = pendingRequest(house);
  member = resourceOf(bundle, 'Patient');
  number = resourceOf(bundle, 'Coverage').identifier![0]!.value!;
});
afterAll(async () => { await house.close(); });

type Said = Partial<Pick<Patient, 'name' | 'birthDate' | 'identifier'>>;
const stranger: Said = { name: [{ family: 'Okafor', given: ['Mary'] }], birthDate: '1951-02-03' };
const himself = (): Said => ({ name: member.name!, birthDate: member.birthDate! });
const patientOf = (said: Said): Patient => ({ resourceType: 'Patient', ...said });
const url = 'urn:uuid:6f1a2b3c-0000-4000-8000-0000000000c1';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const containing = (contentType: string, text: string): Resource => ({ resourceType: 'DocumentReference', status: 'current', content: [{ attachment: { contentType, data: base64(text) } }] });
const collection = (...entry: NonNullable<Bundle['entry']>): Bundle => ({ resourceType: 'Bundle', type: 'collection', entry });
const documentOf = (said: Said): Bundle => ({
  resourceType: 'Bundle', type: 'document', timestamp: '2026-03-01T10:00:00Z',
  entry: [{ fullUrl: 'urn:uuid:6f1a2b3c-0000-4000-8000-0000000000c0', resource: { resourceType: 'Composition', status: 'final', type: { text: 'Note' }, subject: { reference: url }, date: '2026-03-01', author: [{ display: 'Dr. Moreau' }], title: 'Note' } as never }, { fullUrl: url, resource: patientOf(said) }],
});
const ccda = ({ name, birthDate }: Said): string => `<?xml version="1.0"?><!-- <recordTarget/> --><cda:ClinicalDocument xmlns:cda="urn:hl7-org:v3"><cda:recordTarget><cda:patientRole><cda:id root="2.16.840.1.113883.19.5" extension="998991"/><cda:patient><cda:name use="L"><cda:given>${name![0]!.given![0]}</cda:given><cda:family>${name![0]!.family}</cda:family></cda:name><cda:birthTime value="${birthDate!.replaceAll('-', '')}"/></cda:patient></cda:patientRole></cda:recordTarget></cda:ClinicalDocument>`;

/** What says whose it is, made for anybody. */
const forms: [string, (said: Said) => Resource][] = [
  ['the Patient of a document', documentOf],
  ['the Patient of a collection', (said) => collection({ fullUrl: url, resource: patientOf(said) }, { resource: { ...document(), subject: { reference: url } } as never })],
  ['a Patient in a collection that nothing refers to', (said) => collection({ resource: patientOf(said) }, { resource: document() })],
  ['a Patient by its relative address', (said) => collection({ fullUrl: 'https://clinic.example/fhir/Patient/9', resource: { ...patientOf(said), id: '9' } }, { fullUrl: 'https://clinic.example/fhir/DocumentReference/1', resource: { ...document(), subject: { reference: 'Patient/9' } } as never })],
  ['a contained Patient', (said) => ({ ...document(), contained: [{ ...patientOf(said), id: 'p' }], subject: { reference: '#p' } } as Resource)],
  ['a C-CDA document', (said) => containing('text/xml', ccda(said))],
  ['a C-CDA document under another media type', (said) => containing('application/octet-stream', ccda(said))],
  ['a FHIR document in an attachment', (said) => containing('application/fhir+json', JSON.stringify(documentOf(said)))],
  ['a FHIR document in a Bundle', (said) => collection({ resource: document() }, { resource: documentOf(said) })],
];

const versionOf = async ({ claim }: Asking): Promise<string> => ((await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim).meta!.versionId!;
const statusOf = async ({ requests }: Asking): Promise<string> => ((await send('GET', `${house.fhir}/CommunicationRequest/${requests[0]!.id}`)).json as { status: string }).status;
const sentTo = (asked: Asking, content: Resource): Promise<TestAnswer> => attach(house, parametersOf({ tracking: asked.tracking[0]!, member: asked.member, contents: [content] }));

describe('after a request', () => {
  test.each(forms)('%s: somebody else\'s is refused, and nothing is completed', async (_, content) => {
    const asked = await asking(house);
    const answer = await sentTo(asked, content(stranger));
    expect([answer.status, new Set(problemsOf(answer)), await versionOf(asked), await statusOf(asked)]).toEqual([422, new Set(['attachment-of-another']), '1', 'active']);
    expect(answer.json.issue[0].expression[0]).toContain("Parameters.parameter.where(name = 'Attachment')[0]");
    expect(answer.text).not.toContain('Okafor');
  });

  test.each(forms)('%s: the member\'s own joins', async (_, content) => {
    const asked = await asking(house);
    expect([(await sentTo(asked, content(himself()))).status, await versionOf(asked)]).toEqual([200, '2']);
  });

  test.each<[string, () => Said, string]>([
    ['another given name', () => ({ ...himself(), name: [{ ...member.name![0]!, given: ['Dominic'], text: '' }] }), 'name'],
    ['another birth date', () => ({ ...himself(), birthDate: '1951-02-03' }), 'birth date'],
    ['another year of birth', () => ({ ...himself(), birthDate: '1951' }), 'birth date'],
    ['another member number', () => ({ ...himself(), identifier: [{ type: { coding: [{ code: 'MB' }] }, value: 'PD0000000' }] }), 'member number'],
    ['nothing but the number of a member elsewhere', () => ({ identifier: [{ system: 'https://other.example', type: { coding: [{ code: 'MB' }] }, value: 'X1' }] }), 'member number'],
  ])('%s is somebody else', async (_, said, what) => {
    const answer = await sentTo(await asking(house), documentOf(said()));
    expect(answer.json.issue[0].details.text).toBe(`The document is about somebody else than the member: the ${what} that it gives is not the member's.`);
  });

  test.each<[string, () => Said]>([
    ['a record number of the clinic', () => ({ ...himself(), identifier: [{ system: 'https://clinic.example/mrn', type: { coding: [{ code: 'MR' }] }, value: '77' }] })],
    ['the number of another plan beside his name', () => ({ ...himself(), identifier: [{ system: 'https://other.example', type: { coding: [{ code: 'MB' }] }, value: 'X1' }] })],
    ['his name in capitals, and nothing else', () => ({ name: [{ family: member.name![0]!.family!.toUpperCase() }] })],
    ['his year of birth', () => ({ birthDate: member.birthDate!.slice(0, 4) })],
  ])('%s is no contradiction', async (_, said) => {
    expect((await sentTo(await asking(house), documentOf(said()))).status).toBe(200);
  });

  test('who is only the subscriber of a coverage is nobody\'s chart', async () => {
    const content = collection({ fullUrl: url, resource: patientOf(stranger) }, { resource: { resourceType: 'Coverage', status: 'active', beneficiary: { display: 'the member' }, subscriber: { reference: url }, payor: [{ display: 'Other' }] } }, { resource: document() });
    expect((await sentTo(await asking(house), content)).status).toBe(200);
  });

  test('another member by his address here', async () => {
    const content = { ...document(), subject: { reference: `${house.fhir}/Patient/demo-lena-fischer` } } as Resource;
    expect(problemsOf(await sentTo(await asking(house), content))).toEqual(['attachment-of-another']);
  });
});

describe('before a request', () => {
  let numbers = 0;
  const announcing = (control: string): Bundle => {
    const bundle = pendingRequest(house);
    const claim = claimOf(bundle);
    claim.supportingInfo = [...claim.supportingInfo ?? [], {
      sequence: 40, category: { coding: [{ system: 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes', code: 'additionalInformation' }] }, valueReference: { identifier: { value: control } },
      extension: [{ url: pasExtension.documentInformation, extension: [{ url: 'controlNumber', valueString: control }] }],
    }];
    return bundle;
  };
  const ownNumber = (): string => `PEOPLE-${numbers += 1}`;

  test('somebody else\'s is not kept', async () => {
    const before = await tableCounts(house.sql);
    const answer = await attach(house, parametersOf({ tracking: ownNumber(), member: number, contents: [containing('text/xml', ccda(stranger))] }));
    expect([answer.status, problemsOf(answer), await tableCounts(house.sql)]).toEqual([422, ['attachment-of-another'], { ...before, landing: before['landing']! + 1 }]);
  });

  test('what was kept and says now that it is somebody else\'s does not join', async () => {
    const control = ownNumber();
    expect((await attach(house, parametersOf({ tracking: control, member: number }))).status).toBe(200);
    const [kept] = ((await send('GET', `${house.fhir}/DocumentReference?identifier=${control}`)).json as Bundle).entry!;
    expect((await send('PUT', `${house.fhir}/DocumentReference/${kept!.resource!.id}`, { ...kept!.resource, content: [{ attachment: { contentType: 'text/xml', data: base64(ccda(stranger)) } }] })).status).toBe(200);
    const { claim } = await submitted(house, announcing(control));
    expect(((await send('GET', `${house.fhir}/Claim/${claim}`)).json as Claim).supportingInfo!.find(({ sequence }) => sequence === 40)!.valueReference?.reference).toBeUndefined();
  });
});

describe('what cannot be read', () => {
  test.each<[string, unknown]>([
    ['a Patient of another form', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Patient', name: 'Okafor', birthDate: 7, identifier: 'x' } }, { resource: { resourceType: 'Patient', name: [{ given: 'Mary', family: ['O'] }, 3], identifier: [{ value: 4, type: 'x' }] } }] }],
    ['JSON that is none', containing('application/json', '{"resourceType":')],
    ['XML that is none', containing('text/xml', '<ClinicalDocument><recordTarget>')],
    ['an entry that is none', { resourceType: 'Bundle', type: 'collection', entry: [null, 5, { resource: 'x' }] }],
    ['entries that are none', { resourceType: 'Bundle', type: 'collection', entry: 'x' }],
  ])('%s says of nobody, and throws nothing', (_, resource) => {
    expect(peopleIn(resource as Resource, 'x').filter(({ name, birthDate }) => name.some(({ family }) => family !== undefined) || birthDate !== undefined)).toEqual([]);
  });
});
