/**
 * A request that says everything that PAS 2.2.1 marks as must-support on requests: every element of the Claim, and
 * parties with all that their profiles name. Made from the profiles alone; no kit's payloads were looked at for it.
 */
import type { Bundle, Claim, ClaimItem, Extension, Resource } from '@medplum/fhirtypes';

const structure = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition';
const x12 = (element: string): string => `https://codesystem.x12.org/005010/${element}`;
const concept = (system: string, code: string): { coding: [{ system: string; code: string }] } => ({ coding: [{ system, code }] });
const extension = (name: string, value: Omit<Extension, 'url'>): Extension => ({ url: `${structure}/${name}`, ...value });
const base = 'https://clinic.example/fhir';
const hcpcs = 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets';
const temporary = 'http://hl7.org/fhir/us/davinci-pas/CodeSystem/PASTempCodes';

export interface FullRequest {
  /** Tells one request from another: part of trace numbers. */
  readonly run: string;
  readonly at: string;
  readonly member: { readonly number: string; readonly family: string; readonly given: string; readonly birthDate: string };
  /** HCPCS codes asked for, an item each. */
  readonly services: readonly string[];
  /** The clinic asks itself, or a practitioner in his role there. */
  readonly asks: 'organization' | 'role';
  readonly clinic?: string;
}

export function fullRequest(asked: FullRequest): Bundle {
  const day = asked.at.slice(0, 10);
  const resources: Resource[] = [
    claim(asked, day), ...parties(asked), ...orders(asked),
    { resourceType: 'DocumentReference', id: 'note', status: 'current', type: concept('http://loinc.org', '11506-3'), subject: { reference: `${base}/Patient/member` }, content: [{ attachment: { contentType: 'text/plain', data: 'U2VlbiB0b2RheS4=' } }] },
    { resourceType: 'Encounter', id: 'stay', status: 'planned', class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' }, subject: { reference: `${base}/Patient/member` } },
  ];
  return {
    resourceType: 'Bundle',
    meta: { profile: [`${structure}/profile-pas-request-bundle`] },
    identifier: { system: 'https://clinic.example/request', value: asked.run },
    type: 'collection',
    timestamp: asked.at,
    entry: resources.map((resource) => ({ fullUrl: `${base}/${resource.resourceType}/${resource.id}`, resource })),
  };
}

function claim(asked: FullRequest, day: string): Claim {
  const period = { start: day, end: `${day.slice(0, 4)}-12-31` };
  const supporting = (code: string): ReturnType<typeof concept> => concept(temporary, code);
  return {
    resourceType: 'Claim', id: asked.run, meta: { profile: [`${structure}/profile-claim`] },
    extension: [
      { url: `${structure}/extension-TransmissionIdentifiers`, extension: [
        { url: 'applicationSenderCode', valueString: 'CLINICAPP' }, { url: 'applicationReceiverCode', valueString: 'PLANAPP' },
        { url: 'interchangeSenderID', valueString: 'CLINIC' }, { url: 'interchangeReceiverID', valueString: 'PLAN' },
      ] },
      extension('extension-levelOfServiceCode', { valueCodeableConcept: concept(x12('1338'), 'U') }),
      { url: `${structure}/extension-conditionCode`, extension: [
        { url: 'category', valueCodeableConcept: concept(x12('1136'), '07') }, { url: 'indicator', valueBoolean: true }, { url: 'code', valueCodeableConcept: concept(x12('1321'), '04') },
      ] },
      { url: `${structure}/extension-homeHealthCareInformation`, extension: [{ url: 'prognosis', valueCodeableConcept: concept(x12('923'), '1') }, { url: 'date', valueDate: day }] },
      extension('extension-authorizationNumber', { valueString: 'EARLIER-BB' }),
      extension('extension-administrationReferenceNumber', { valueString: 'EARLIER-NT' }),
      { url: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Claim.encounter', valueReference: { reference: `${base}/Encounter/stay` } },
    ],
    identifier: [{
      extension: [extension('extension-identifierSubDepartment', { valueString: '223412' }), extension('extension-identifierJurisdiction', { valueCodeableConcept: concept('https://www.usps.com/', 'MA') })],
      system: 'urn:trnorg:9012345678', value: asked.run,
    }],
    status: 'active', type: concept('http://terminology.hl7.org/CodeSystem/claim-type', 'professional'), use: 'preauthorization',
    patient: { reference: `${base}/Patient/member` }, created: asked.at, insurer: { reference: `${base}/Organization/payer` },
    provider: { reference: asked.asks === 'role' ? `${base}/PractitionerRole/surgeon` : `${base}/Organization/clinic` },
    priority: concept('http://terminology.hl7.org/CodeSystem/processpriority', 'normal'),
    careTeam: [
      { extension: [extension('extension-careTeamClaimScope', { valueBoolean: true })], sequence: 1, provider: { reference: `${base}/PractitionerRole/surgeon` }, role: concept(x12('98'), '71'), qualification: concept('http://nucc.org/provider-taxonomy', '208600000X') },
      { extension: [extension('extension-careTeamClaimScope', { valueBoolean: false })], sequence: 2, provider: { reference: `${base}/Practitioner/nurse` }, role: concept(x12('98'), 'SJ'), qualification: concept('http://nucc.org/provider-taxonomy', '163W00000X') },
    ],
    supportingInfo: [
      { sequence: 1, category: supporting('patientEvent'), timingPeriod: period },
      { sequence: 2, category: supporting('admissionDates'), timingPeriod: { start: day, end: day } },
      { sequence: 3, category: supporting('dischargeDates'), timingDate: period.end },
      { extension: [{ url: `${structure}/extension-documentInformation`, extension: [{ url: 'reportTypeCode', valueCodeableConcept: concept(x12('755'), 'OZ') }] }], sequence: 4, category: supporting('additionalInformation'), valueReference: { reference: `${base}/DocumentReference/note` } },
      { sequence: 5, category: supporting('freeFormMessage'), valueString: 'Please call the clinic with questions.' },
    ],
    diagnosis: [{ extension: [extension('extension-diagnosisRecordedDate', { valueDate: day })], sequence: 1, diagnosisCodeableConcept: concept('http://hl7.org/fhir/sid/icd-10-cm', 'M17.11'), type: [concept('http://terminology.hl7.org/CodeSystem/ex-diagnosistype', 'principal')] }],
    insurance: [{ sequence: 1, focal: true, coverage: { reference: `${base}/Coverage/member` } }],
    accident: { date: day, type: concept(x12('1362'), 'AA'), locationAddress: { state: 'MA', country: 'US' } },
    item: asked.services.map((code, index) => item(code, index + 1, asked, day)),
  };
}

function item(code: string, sequence: number, asked: FullRequest, day: string): ClaimItem {
  return {
    extension: [
      extension('extension-itemTraceNumber', { valueIdentifier: { system: 'urn:trnorg:9012345678', value: `${asked.run}-${sequence}` } }),
      extension('extension-authorizationNumber', { valueString: 'EARLIER-ITEM-BB' }),
      extension('extension-administrationReferenceNumber', { valueString: 'EARLIER-ITEM-NT' }),
      extension('extension-serviceItemRequestType', { valueCodeableConcept: concept(x12('1525'), 'HS') }),
      extension('extension-certificationType', { valueCodeableConcept: concept(x12('1322'), 'I') }),
      extension('extension-productOrServiceCodeEnd', { valueCodeableConcept: concept(hcpcs, code) }),
      extension('extension-epsdtIndicator', { valueBoolean: true }),
      extension('extension-nursingHomeResidentialStatus', { valueCodeableConcept: concept(x12('1345'), '2') }),
      extension('extension-nursingHomeLevelOfCare', { valueCodeableConcept: concept(x12('1337'), '2') }),
      extension('extension-revenueUnitRateLimit', { valueDecimal: 100 }),
      extension('extension-requestedService', { valueReference: { reference: `${base}/${['ServiceRequest', 'DeviceRequest', 'MedicationRequest', 'NutritionOrder'][(sequence - 1) % 4]}/order` } }),
    ],
    sequence, careTeamSequence: [2], diagnosisSequence: [1], informationSequence: [4],
    revenue: concept('https://www.nubc.org/CodeSystem/RevenueCodes', '0420'), category: concept(x12('1365'), '3'), productOrService: concept(hcpcs, code), modifier: [concept('http://www.ama-assn.org/go/cpt', '59')],
    ...(sequence % 2 === 1 ? { servicedDate: day } : { servicedPeriod: { start: day, end: day } }),
    locationCodeableConcept: concept('https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set', '11'),
    quantity: { value: 4, unit: 'visits', system: x12('673'), code: 'VS' }, unitPrice: { value: 100, currency: 'USD' },
  };
}

const address = { line: ['1 Harbor Street'], city: 'Boston', state: 'MA', postalCode: '02110-1234', country: 'US' };
const phone = [{ system: 'phone' as const, value: '+1 617 555 0100', use: 'work' as const }];
const npi = (value: string): { system: string; value: string } => ({ system: 'http://hl7.org/fhir/sid/us-npi', value });
const taxNumber = (value: string): { system: string; value: string } => ({ system: 'http://terminology.hl7.org/NamingSystem/USEIN', value });
const payerNumber = (value: string): object => ({ type: concept('http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBIdentifierType', 'payerid'), system: 'https://payers.example/id', value });

function parties({ member, clinic = '1999999984' }: FullRequest): Resource[] {
  const organization = (id: string, identifier: string, name: string, type: string): Resource => ({
    resourceType: 'Organization', id, meta: { profile: [`${structure}/profile-${id === 'payer' ? 'insurer' : 'requestor'}`] }, active: true,
    identifier: [npi(identifier), taxNumber(`00-${identifier.slice(0, 7)}`), payerNumber(`P${identifier.slice(0, 5)}`)],
    type: [concept(x12('98'), type)], name, telecom: phone, address: [address], contact: [{ name: { family: 'Quill', given: ['Ada'] }, telecom: phone }],
  });
  const person = (id: string, family: string, given: string, birthDate: string): Resource => ({
    resourceType: 'Patient', id, meta: { profile: [`${structure}/profile-${id === 'member' ? 'beneficiary' : 'subscriber'}`] },
    extension: [extension('extension-militaryStatus', { valueCodeableConcept: concept(x12('584'), 'RU') })],
    identifier: [{ type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'MB'), system: 'https://priora.health/demo/member-number', value: member.number }],
    name: [{ family, given: [given], prefix: ['Ms.'], suffix: ['Jr.'] }], telecom: [{ system: 'phone', value: '+1 617 555 0177', use: 'home' }], gender: 'female', birthDate,
    address: [{ ...address, district: 'Suffolk' }], multipleBirthInteger: 1,
    communication: [{ language: concept('urn:ietf:bcp:47', 'en') }],
  });
  const practitioner = (id: string, family: string, identifier: string): Resource => ({
    resourceType: 'Practitioner', id, meta: { profile: [`${structure}/profile-practitioner`] }, identifier: [npi(identifier)], name: [{ family, given: ['Robin'], prefix: ['Dr.'], suffix: ['MD'] }], telecom: phone, address: [address],
  });
  return [
    organization('clinic', clinic, 'Harbor Street Clinic', '1P'), organization('payer', '1234567893', 'Demo Health Plan', 'PR'),
    {
      resourceType: 'Coverage', id: 'member', meta: { profile: [`${structure}/profile-coverage`] }, status: 'active',
      identifier: [{ type: concept('http://terminology.hl7.org/CodeSystem/v2-0203', 'MB'), system: 'https://priora.health/demo/member-number', value: member.number }],
      type: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'HMO'), subscriberId: member.number, subscriber: { reference: `${base}/Patient/parent` }, beneficiary: { reference: `${base}/Patient/member` },
      relationship: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: 'child' }, { system: x12('1069'), code: '19' }] },
      period: { start: '2021-01-01' }, payor: [{ reference: `${base}/Organization/payer` }],
      class: [{ type: concept('http://terminology.hl7.org/CodeSystem/coverage-class', 'group'), value: 'G1', name: 'Group 1' }, { type: concept('http://terminology.hl7.org/CodeSystem/coverage-class', 'plan'), value: 'P1', name: 'Plan 1' }],
    },
    person('member', member.family, member.given, member.birthDate), person('parent', member.family, 'Parent', '1960-01-01'),
    practitioner('surgeon', 'Stone', '1234567810'), practitioner('nurse', 'Reed', '1234567828'),
    {
      resourceType: 'PractitionerRole', id: 'surgeon', meta: { profile: [`${structure}/profile-practitionerrole`] }, active: true,
      practitioner: { reference: `${base}/Practitioner/surgeon` }, organization: { reference: `${base}/Organization/clinic` },
      code: [concept('http://nucc.org/provider-taxonomy', '208600000X')], specialty: [concept('http://nucc.org/provider-taxonomy', '208600000X')],
      location: [{ reference: `${base}/Location/ward` }], telecom: phone, endpoint: [{ reference: `${base}/Endpoint/mail` }],
    },
    { resourceType: 'Location', id: 'ward', status: 'active', name: 'Ward 3', telecom: phone, address, managingOrganization: { reference: `${base}/Organization/clinic` } },
    { resourceType: 'Endpoint', id: 'mail', status: 'active', connectionType: { system: 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type', code: 'direct-project' }, payloadType: [concept('http://terminology.hl7.org/CodeSystem/endpoint-payload-type', 'any')], address: 'mailto:ward@clinic.example' },
  ];
}

function orders({ services }: FullRequest): Resource[] {
  const subject = { reference: `${base}/Patient/member` };
  const all: Resource[] = [
    { resourceType: 'ServiceRequest', id: 'order', status: 'active', intent: 'order', code: concept(hcpcs, services[0] ?? 'G0154'), subject, quantityQuantity: { value: 4, unit: 'visits' } },
    { resourceType: 'DeviceRequest', id: 'order', status: 'active', intent: 'order', codeCodeableConcept: concept(hcpcs, services[1] ?? 'E1390'), subject },
    { resourceType: 'MedicationRequest', id: 'order', status: 'active', intent: 'order', medicationCodeableConcept: concept('http://www.nlm.nih.gov/research/umls/rxnorm', '197696'), subject },
    { resourceType: 'NutritionOrder', id: 'order', status: 'active', intent: 'order', patient: subject, dateTime: '2026-03-01', enteralFormula: { baseFormulaType: concept(hcpcs, 'B4150') } },
  ];
  return all.slice(0, Math.min(services.length, all.length));
}
