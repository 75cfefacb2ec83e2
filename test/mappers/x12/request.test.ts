import type { Bundle, Claim, Extension, Resource } from '@medplum/fhirtypes';
import { indexBundle } from '../../../fhir/references.ts';
import { type MappedRequest, readDelivery, type ReadingOptions } from '../../../mappers/x12/index.ts';
import { ADMISSION_LINES, bytesOf, DEPENDENT_LINES, EVENT_ONLY, type FixtureEnvelope, interchange, REQUESTS, THREE_LINES, TOP } from '../../fixtures/x12/build.ts';

function mapped(request: readonly string[], options: ReadingOptions = {}, envelope: FixtureEnvelope = {}): MappedRequest {
  const [transaction] = readDelivery(bytesOf(interchange([request], envelope)), options).interchanges[0]!.groups[0]!.transactions;
  expect(transaction!.errors).toEqual([]);
  return transaction!.request!;
}

const claimOf = ({ bundle }: MappedRequest): Claim => bundle.entry![0]!.resource as Claim;
type Typed<K extends Resource['resourceType']> = Extract<Resource, { resourceType: K }>;

function all<K extends Resource['resourceType']>({ bundle }: MappedRequest, type: K): Typed<K>[] {
  return bundle.entry!.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as Typed<K>] : []));
}

function follow<K extends Resource['resourceType']>({ bundle }: MappedRequest, reference: { reference?: string } | undefined, type: K): Typed<K> {
  const resource = indexBundle(bundle).resolve(reference?.reference)?.resource;
  expect(resource?.resourceType).toBe(type);
  return resource as Typed<K>;
}

const extension = (holder: { extension?: Extension[] } | undefined, name: string): Extension | undefined => holder?.extension?.find(({ url }) => url === name || url.endsWith(`/extension-${name}`));
const code = (each: Extension | undefined): string | undefined => each?.valueCodeableConcept?.coding?.[0]?.code;

describe.each(Object.entries(REQUESTS))('%s', (_, request) => {
  const result = mapped(request);

  test('is a request Bundle with the Claim first', () => {
    expect(result.bundle).toMatchObject({ type: 'collection', identifier: { value: 'REQ-7781' }, timestamp: '2026-03-02T09:14:00.000Z' });
    expect(result.bundle.entry![0]!.resource!.resourceType).toBe('Claim');
    const fullUrls = result.bundle.entry!.map(({ fullUrl }) => fullUrl);
    expect(new Set(fullUrls).size).toBe(fullUrls.length);
    for (const fullUrl of fullUrls) expect(fullUrl).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
  });

  test('has every reference it makes', () => {
    const index = indexBundle(result.bundle);
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('reference' in value && typeof value.reference === 'string') expect(index.resolve(value.reference)).toBeDefined();
      for (const each of Object.values(value)) walk(each);
    };
    expect(() => walk(result.bundle)).not.toThrow();
  });

  test('tells every element: mapped, unmapped, or a qualifier that decided the mapping', () => {
    const qualifiers = /^(BHT0[12]|HL\d\d|NM10[128]|REF01|DTP0[12]|DMG01|INS01|PER0[357]|TRN01|PRV02|PWK05|HSD01|HI\d\d-[13]|UM04-2|SV101-1|SV202-1|UM02)$/;
    const told = new Set([...result.ledger, ...result.unmapped].map(({ source, segment }) => `${segment} ${source.replace(/^.*\./, '')}`));
    for (const [index, segment] of request.entries()) {
      const [id = '', ...elements] = segment.split('*');
      for (const [at, element] of elements.entries()) {
        const components = element.split(':');
        for (const [part, value] of components.entries()) {
          const plain = `${id}${String(at + 1).padStart(2, '0')}`;
          const names = [`${plain}-${part + 1}`, ...(part === 0 ? [plain] : [])];
          if (value === '' || names.some((name) => qualifiers.test(name))) continue;
          expect(names.some((name) => told.has(`${index + 2} ${name}`)) ? 'told' : `${segment} at ${names[0]}`).toBe('told');
        }
      }
    }
    for (const { path } of result.ledger) expect(path).toMatch(/^Bundle\.(timestamp|identifier|entry\[\d+\])/);
  });

  test('holds neither empty lists nor empty strings', () => {
    expect(JSON.stringify(result.bundle)).not.toMatch(/\[\]|:""|\{\}|null/);
  });
});

test('the ledger leads from a value to its segment', () => {
  const { ledger } = mapped(EVENT_ONLY);
  expect(ledger).toContainEqual({ path: 'Bundle.entry[3].resource.name[0].family', rule: 'NM103/name', source: '2010C.NM103', segment: 12 });
  expect(ledger).toContainEqual({ path: 'Bundle.entry[0].resource.diagnosis[1].diagnosisCodeableConcept.coding[0].code', rule: 'HI02-2/diagnosis', source: '2000E.HI02-2', segment: 23 });
});

test('what has no place is listed with its reason', () => {
  const { unmapped } = mapped(EVENT_ONLY.flatMap((segment) => (segment.startsWith('CR6') ? ['CR1***I', segment] : [segment])));
  expect(unmapped).toContainEqual({ source: '2000E.CR103', segment: 27, reason: 'PAS does not support ambulance certification.' });
  expect(unmapped.map(({ source }) => source)).toEqual(['HEADER.BHT01', '2010B.PER01', '2000E.UM09', '2000E.CR103', '2010EA.PER01', '2010EA.PRV01']);
});

test('a middle name without a first one is there, and the ledger leads to it', () => {
  const result = mapped(EVENT_ONLY.map((segment) => segment.replace('NM1*IL*1*DOE*ALEX*Q*', 'NM1*IL*1*DOE**Q*')));
  const [patient] = all(result, 'Patient');
  expect(patient!.name).toMatchObject([{ family: 'DOE', given: ['Q'] }]);
  const index = result.bundle.entry!.findIndex(({ resource }) => resource === patient);
  expect(result.ledger.filter(({ source }) => source === '2010C.NM105').map(({ path }) => path)).toEqual([`Bundle.entry[${index}].resource.name[0].given[0]`]);
});

test('clock and member numbers can be told from outside', () => {
  const result = mapped(EVENT_ONLY, { utcOffset: '-06:00', memberIdentifierSystem: 'https://payer.example/member' });
  expect(result.bundle.timestamp).toBe('2026-03-02T09:14:00.000-06:00');
  expect(all(result, 'Coverage')[0]!.identifier![0]!.system).toBe('https://payer.example/member');
  expect(result.issues).toEqual([]);
  expect(mapped(EVENT_ONLY).issues).toMatchObject([{ code: 'assumed-utc' }]);
});

describe('the event', () => {
  const result = mapped(EVENT_ONLY);
  const claim = claimOf(result);

  test('parties', () => {
    expect(follow(result, claim.insurer, 'Organization')).toMatchObject({ name: 'SAMPLE HEALTH PLAN', active: true, type: [{ coding: [{ code: 'X3' }] }], identifier: [{ value: 'SHP01', type: { coding: [{ code: 'PI' }, { code: 'payerid' }] } }] });
    expect(follow(result, claim.provider, 'Organization')).toMatchObject({
      name: 'LAKESIDE CLINIC',
      identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' }, { system: 'urn:oid:2.16.840.1.113883.4.4', value: '841234567' }],
      address: [{ line: ['12 SHORE ROAD', 'SUITE 4'], city: 'MADISON', state: 'WI', postalCode: '53703' }],
      contact: [{ name: { text: 'DESK ONE' }, telecom: [{ system: 'phone', value: '6085550100 x12' }, { system: 'fax', value: '6085550101' }] }],
    });
    const role = follow(result, claim.careTeam![0]!.provider, 'PractitionerRole');
    expect(role.telecom).toEqual([{ system: 'phone', value: '6085550199' }]);
    expect(follow(result, role.practitioner, 'Practitioner')).toMatchObject({ name: [{ family: 'WATSON', given: ['SUSAN'] }], identifier: [{ value: '1987654328' }] });
    expect(claim.careTeam).toMatchObject([{ sequence: 1, role: { coding: [{ code: 'SJ' }] }, qualification: { coding: [{ code: '207Q00000X' }] }, extension: [{ valueBoolean: true }] }]);
  });

  test('member', () => {
    expect(all(result, 'Patient')).toMatchObject([{ name: [{ family: 'DOE', given: ['ALEX', 'Q'], suffix: ['JR'] }], gender: 'female', birthDate: '1970-01-02', identifier: [{ value: 'W1234567', type: { coding: [{ code: 'MB' }] } }] }]);
    expect(all(result, 'Coverage')).toMatchObject([{ subscriberId: 'W1234567', relationship: { coding: [{ code: 'self' }, { code: '18' }] }, class: [{ value: 'GRP55' }], beneficiary: claim.patient }]);
  });

  test('Claim', () => {
    expect(claim).toMatchObject({
      identifier: [{ system: 'urn:trnorg:9123456789', value: 'TR-1', extension: [{ valueString: 'DEPT7' }] }],
      status: 'active', use: 'preauthorization', type: { coding: [{ code: 'professional' }] }, priority: { coding: [{ code: 'stat' }] },
      accident: { date: '2026-02-20', type: { coding: [{ code: 'AA', system: 'https://codesystem.x12.org/005010/1362' }] }, locationAddress: { state: 'WI' } },
      diagnosis: [
        { sequence: 1, diagnosisCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'M54.5' }] }, type: [{ coding: [{ code: 'principal' }] }], extension: [{ valueDate: '2026-02-20' }] },
        { sequence: 2, diagnosisCodeableConcept: { coding: [{ code: 'E11.65' }] } },
      ],
    });
    expect(code(extension(claim, 'levelOfServiceCode'))).toBe('U');
    expect(extension(claim, 'administrationReferenceNumber')?.valueString).toBe('ADM-1');
    const condition = extension(claim, 'conditionCode');
    expect([code(extension(condition, 'category')), extension(condition, 'indicator')?.valueBoolean]).toEqual(['07', true]);
    expect(condition!.extension!.filter(({ url }) => url === 'code').map(code)).toEqual(['01', '09']);
    expect(extension(extension(claim, 'homeHealthCareInformation'), 'date')?.valueDate).toBe('2026-03-01');
    expect(extension(claim, 'TransmissionIdentifiers')!.extension!.map(({ valueString }) => valueString)).toEqual(['CLINICAPP', 'PAYERAPP', 'CLINIC', 'PAYER']);
  });

  test('supporting information', () => {
    expect(claim.supportingInfo!.map(({ category }) => category.coding![0]!.code)).toEqual(['patientEvent', 'additionalInformation', 'freeFormMessage']);
    expect(claim.supportingInfo![0]!.timingPeriod).toEqual({ start: '2026-03-10', end: '2026-03-20' });
    const document = extension(claim.supportingInfo![1], 'documentInformation');
    expect([code(extension(document, 'reportTypeCode')), code(extension(document, 'transmissionMethod')), extension(document, 'controlNumber')?.valueString, extension(document, 'description')?.valueString]).toEqual(['B4', 'EL', 'DOC-1', 'CLINICAL NOTES']);
    expect(claim.supportingInfo![2]!.valueString).toBe('PLEASE CALL BEFORE THE VISIT');
  });

  test('encounter', () => {
    expect(all(result, 'Encounter')).toMatchObject([{ status: 'planned', class: { code: 'AMB' }, type: [{ coding: [{ code: '3' }] }], hospitalization: { admitSource: { coding: [{ code: '1' }] } } }]);
  });

  test('the one item, and the order with the pattern of its visits', () => {
    expect(claim.item).toHaveLength(1);
    expect(claim.item![0]).toMatchObject({ sequence: 1, category: { coding: [{ code: '3' }] }, locationCodeableConcept: { coding: [{ code: '11' }] }, quantity: { value: 6, code: 'VS', system: 'https://codesystem.x12.org/005010/673' } });
    expect([code(extension(claim.item![0], 'serviceItemRequestType')), code(extension(claim.item![0], 'certificationType'))]).toEqual(['SC', 'I']);
    const order = follow(result, extension(claim.item![0], 'requestedService')?.valueReference, 'ServiceRequest');
    expect(order.occurrenceTiming?.repeat).toEqual({ boundsDuration: { value: 3, system: 'http://unitsofmeasure.org', code: 'mo' }, frequency: 6, period: 1, periodUnit: 'wk' });
  });
});

describe('a dependent with two lines', () => {
  const result = mapped(DEPENDENT_LINES);
  const claim = claimOf(result);

  test('patient, subscriber and relationship', () => {
    const patient = follow(result, claim.patient, 'Patient');
    expect(patient).toMatchObject({ name: [{ family: 'DOE', given: ['SAM'] }], birthDate: '2012-04-05', multipleBirthInteger: 2, identifier: [{ value: 'ACCT9' }] });
    // The subscriber's number would name the wrong person.
    expect(JSON.stringify(patient)).not.toContain('W1234567');
    expect(all(result, 'Coverage')).toMatchObject([{ subscriberId: 'W1234567', relationship: { coding: [{ code: 'child' }, { code: '19' }] }, beneficiary: claim.patient }]);
    expect(all(result, 'Coverage')[0]!.subscriber).not.toEqual(claim.patient);
  });

  test('lines', () => {
    expect(claim.item).toMatchObject([
      {
        sequence: 1, careTeamSequence: [2], diagnosisSequence: [1], servicedDate: '2026-03-15', unitPrice: { value: 125.5, currency: 'USD' }, quantity: { value: 1, code: 'UN' },
        productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '99213' }] }, modifier: [{ coding: [{ code: '25' }] }],
      },
      {
        sequence: 2, informationSequence: [1, 2], servicedPeriod: { start: '2026-03-16', end: '2026-03-30' }, quantity: { value: 2, code: 'VS' },
        productOrService: { coding: [{ system: 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', code: 'G0299' }] }, category: { coding: [{ code: '42' }] }, locationCodeableConcept: { coding: [{ code: '12' }] },
      },
    ]);
    expect(extension(claim.item![0], 'itemTraceNumber')?.valueIdentifier).toEqual({ system: 'urn:trnorg:9123456789', value: 'LINE-A' });
    expect(extension(claim.item![0], 'epsdtIndicator')?.valueBoolean).toBe(true);
    expect(extension(claim.item![1], 'authorizationNumber')?.valueString).toBe('AUTH-0');
  });

  test('visits and units of one line both come across', () => {
    const order = follow(result, extension(claim.item![1], 'requestedService')?.valueReference, 'ServiceRequest');
    expect(order).toMatchObject({ quantityQuantity: { value: 4, code: 'UN' }, occurrenceTiming: { repeat: { frequency: 2, period: 1, periodUnit: 'wk', boundsDuration: { value: 6, code: 'wk' } } } });
    expect(order.occurrenceTiming!.extension!.map(code)).toEqual(['1', 'D']);
  });

  test('a dependent without a number is named by its URN', () => {
    const bare = mapped(DEPENDENT_LINES.filter((segment) => segment !== 'REF*EJ*ACCT9'));
    const claimed = claimOf(bare).patient.reference;
    expect(follow(bare, claimOf(bare).patient, 'Patient').identifier).toEqual([{ system: 'urn:ietf:rfc:3986', value: claimed }]);
  });
});

test('an admission: days of the event, revenue of the line', () => {
  const result = mapped(ADMISSION_LINES);
  const claim = claimOf(result);
  expect(claim.type).toMatchObject({ coding: [{ code: 'institutional' }] });
  expect(claim.supportingInfo).toMatchObject([{ category: { coding: [{ code: 'admissionDates' }] }, timingDate: '2026-04-01' }, { category: { coding: [{ code: 'dischargeDates' }] }, timingDate: '2026-04-05' }]);
  expect(all(result, 'Encounter')).toMatchObject([{ class: { code: 'IMP' }, period: { start: '2026-04-01', end: '2026-04-05' }, length: { value: 4, code: 'd' } }]);
  expect(claim.diagnosis![0]).toMatchObject({ type: [{ coding: [{ code: 'admitting' }] }] });
  expect(claim.item).toMatchObject([{ revenue: { coding: [{ code: '0360' }] }, productOrService: { coding: [{ code: '33510' }] }, unitPrice: { value: 9000 }, quantity: { value: 1 } }]);
  expect([extension(claim.item![0], 'revenueUnitRateLimit')?.valueDecimal, code(extension(claim.item![0], 'nursingHomeResidentialStatus')), code(extension(claim.item![0], 'nursingHomeLevelOfCare'))]).toEqual([250.75, '2', '1']);
  expect(result.unmapped).toContainEqual({ source: '2000E.UM01', segment: 19, reason: 'The services name their own review, PAS has none for the event beside them.' });
});

describe('procedure code systems', () => {
  test.each([
    ['HC:99213', 'http://www.ama-assn.org/go/cpt', 0],
    ['HC:0001F', 'http://www.ama-assn.org/go/cpt', 0],
    ['HC:E0601', 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 0],
    ['HC:W9999', 'http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets', 1],
    ['N4:00071015523', 'http://hl7.org/fhir/sid/ndc', 0],
    ['ZZ:LOCAL', undefined, 1],
  ])('%s', (procedure, system, told) => {
    const result = mapped(THREE_LINES.map((segment) => segment.replace('HC:97151', procedure)));
    expect(claimOf(result).item![0]!.productOrService.coding![0]!.system).toBe(system);
    expect(result.issues.filter((issue) => issue.code === 'procedure-system')).toHaveLength(told);
  });
});

test('what US Core requires and nobody said is marked as unknown', () => {
  const result = mapped([...TOP, 'HL*4*3*EV*1', 'UM*HS*I*1*11:B', 'HSD*DY*3', 'NM1*71*1*GREY*ANN', 'HL*5*4*SS*0', 'SV1*HC:99213']);
  const unknown = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }];
  const role = follow(result, claimOf(result).careTeam![0]!.provider, 'PractitionerRole');
  expect(role.telecom).toEqual([{ system: 'phone', _value: { extension: unknown } }]);
  expect(follow(result, role.practitioner, 'Practitioner').identifier).toEqual([{ system: 'urn:ietf:rfc:3986', value: role.practitioner!.reference }]);
  expect(all(result, 'Encounter')[0]!.type).toEqual([{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }] }]);
});

test('diagnosis codes get their dots back', () => {
  const request = [...TOP, 'HL*4*3*EV*0', 'UM*HS*I*1*11:B', 'HI*ABK:J45909*ABF:I10*BF:41090*BF:E8120*BF:V5789*DR:470'];
  expect(claimOf(mapped(request)).diagnosis!.map((each) => each.diagnosisCodeableConcept!.coding![0]!.code)).toEqual(['J45.909', 'I10', '410.90', 'E812.0', 'V57.89', '470']);
});

test('a trace of blanks is none, of the event and of a line', () => {
  const result = mapped(THREE_LINES.map((segment) => segment.replace('TRN*1*TR-5*9123456789', 'TRN*1* *9123456789').replace('TRN*1*L2*9123456789', 'TRN*1*L2*          ')));
  expect(claimOf(result).identifier).toMatchObject([{ value: 'REQ-7781' }]);
  expect(claimOf(result).item!.map((item) => extension(item, 'itemTraceNumber')?.valueIdentifier?.value)).toEqual(['L1', undefined, 'L3']);
  expect(result.ledger.some(({ source, segment }) => source === '2000F.TRN02' && segment === 29)).toBe(false);
  expect(result.unmapped.map(({ source }) => source)).toContain('2000F.TRN02');
});

test('without a trace number the Claim is named by BHT03', () => {
  const result = mapped([...TOP, 'HL*4*3*EV*0', 'UM*HS*I*1*11:B']);
  expect(claimOf(result).identifier![0]!.value).toBe('REQ-7781');
});

test('names do not depend on the envelope numbers, and do on the sender', () => {
  const urls = (envelope: FixtureEnvelope): (string | undefined)[] => (mapped(EVENT_ONLY, {}, envelope).bundle satisfies Bundle).entry!.map(({ fullUrl }) => fullUrl);
  expect(urls({ controlNumber: '000000999' })).toEqual(urls({}));
  expect(urls({ isa: { 6: 'OTHER'.padEnd(15) } })[0]).not.toBe(urls({})[0]);
});
