/** 278 notifications (005010X216): what is refused, what comes of a notice and of a copy, what is answered, and there and back. */
import type { Bundle, Communication, Condition, Encounter, ExplanationOfBenefit, Extension, Patient, Resource, ServiceRequest } from '@medplum/fhirtypes';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { indexBundle } from '../../../fhir/references.ts';
import { type MappedRequest, mapInterchange, notificationAcknowledgment, notificationInterchange, readDelivery, type ReceivedTransaction, type RequestEnvelope, writeAcknowledgment, writeInterchange } from '../../../mappers/x12/index.ts';
import { ADMISSION_NOTICE, bytesOf, COPIES, DECISION_COPY, DISCHARGE_NOTICE, EVENT_COPY, EVENT_ONLY, interchange, NOTICES, NOTIFICATIONS, REJECTED_COPY, SERVICE_NOTICE, TYPE_NOTICE } from '../../fixtures/x12/build.ts';

const guide = '005010X216';
const envelope: RequestEnvelope = {
  sender: { qualifier: 'ZZ', id: 'CLINIC' }, receiver: { qualifier: 'ZZ', id: 'PAYER' }, usage: 'T', date: '20260302', time: '0915', controlNumber: 4711,
  applicationSender: 'CLINICAPP', applicationReceiver: 'PAYERAPP', groupControlNumber: 12, transactionControlNumber: '0001', traceOrganization: '9123456789',
};

const received = (body: readonly string[]): ReceivedTransaction => readDelivery(bytesOf(interchange([body], { guide }))).interchanges[0]!.groups[0]!.transactions[0]!;
function mapped(body: readonly string[]): MappedRequest {
  const { request, errors } = received(body);
  expect(errors).toEqual([]);
  return request!;
}
const text = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString('latin1').split('~\n');
type Typed<K extends Resource['resourceType']> = Extract<Resource, { resourceType: K }>;
const all = <K extends Resource['resourceType']>({ bundle }: { bundle: Bundle }, type: K): Typed<K>[] => bundle.entry!.flatMap(({ resource }) => (resource?.resourceType === type ? [resource as Typed<K>] : []));
const types = ({ bundle }: { bundle: Bundle }): string[] => bundle.entry!.map(({ resource }) => resource!.resourceType);
const named = ({ bundle }: { bundle: Bundle }, reference: { reference?: string } | undefined): Resource | undefined => indexBundle(bundle).resolve(reference?.reference ?? '')?.resource;
const replaced = (body: readonly string[], from: string, ...to: readonly string[]): string[] => {
  expect(body.some((segment) => segment.startsWith(from))).toBe(true);
  return body.flatMap((segment) => (segment.startsWith(from) ? to : [segment]));
};

function faultsOf(body: readonly string[]): string[] {
  const [one] = readDelivery(bytesOf(interchange([body], { guide }))).interchanges;
  return text(writeAcknowledgment(one!, { date: '20260303', time: '1000', interchangeControlNumber: 1, groupControlNumbers: [1] })!.bytes).filter((segment) => segment.startsWith('IK'));
}

describe('what is no notification', () => {
  test.each<[string, string[], string[]]>([
    ['a request for review', [...EVENT_ONLY], ['IK3*BHT*2**8', 'IK4*2*353*7*13', 'IK5*R*5']],
    ['a response', replaced(ADMISSION_NOTICE, 'BHT', 'BHT*0007*11*NOTE-1*20260302*0914*18'), ['IK3*BHT*2**8', 'IK4*2*353*7*11', 'IK5*R*5']],
    ['no event', ADMISSION_NOTICE.slice(0, 12), ['IK3*HL*8*2000C*8', 'IK4*4*736*7*1', 'IK3*HL*14*2000E*3', 'IK5*R*5']],
    ['no receiver', ADMISSION_NOTICE.filter((segment) => !/^(HL\*2|NM1\*PR)/.test(segment)), ['IK3*HL*6**8', 'IK4*3*735*7*22', 'IK3*HL*22*2000B*3', 'IK3*HL*22*2000E*3', 'IK5*R*5']],
    ['a sender without a number', replaced(ADMISSION_NOTICE, 'NM1*FA', 'NM1*FA*2*LAKE HOSPITAL'), ['IK3*NM1*4*2010A*8', 'IK4*8*66*1', 'IK4*9*67*1', 'IK5*R*5']],
    ['a decision without its code', replaced(DECISION_COPY, 'HCR*A1', 'HCR**CERT-1'), ['IK3*HCR*24*2000F*8', 'IK4*1*306*1', 'IK5*R*5']],
    ['professional and institutional services', replaced(DECISION_COPY, 'SV1*HC:97153', 'SV2**HC:97153*50*UN*8'), ['IK3*SV2*34*2000F*I9', 'IK5*R*5']],
  ])('%s', (_, body, expected) => {
    const faults = faultsOf(body);
    for (const fault of expected) expect(faults).toContain(fault);
    expect(received(body).request).toBeUndefined();
  });

  test('what a partner says of a notification of ours is an answer, and gets none', () => {
    const context = mapped(ADMISSION_NOTICE).context;
    for (const state of ['accepted', 'rejected'] as const) {
      const segments = notificationAcknowledgment(context, { state, receipt: 'R1' }, { date: '20260303', time: '1000', controlNumber: '0001' });
      const { bytes } = writeInterchange(envelope, [{ functionalIdentifier: 'HI', senderCode: 'A', receiverCode: 'B', controlNumber: 1, version: guide, transactions: [segments] }]);
      const units = [...mapInterchange(bytes)];
      expect(units).toMatchObject([{ kind: 'refused', acknowledgement: { code: 'A' }, issues: [{ code: 'set-not-mapped' }] }]);
    }
  });
});

describe.each(Object.entries(NOTIFICATIONS))('%s', (_, body) => {
  const result = mapped(body);

  test('is a Bundle with its Communication first, and every reference it makes', () => {
    expect(result.kind).toBe('notification');
    expect(result.bundle.meta).toBeUndefined();
    expect(types(result)[0]).toBe('Communication');
    const index = indexBundle(result.bundle);
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('reference' in value && typeof value.reference === 'string') expect(index.resolve(value.reference)).toBeDefined();
      for (const each of Object.values(value)) walk(each);
    };
    walk(result.bundle);
    expect(JSON.stringify(result.bundle)).not.toMatch(/\[\]|:""|\{\}|null/);
  });

  test('every path of its ledger leads to a value', () => {
    const untrue = [...new Set(result.ledger.map(({ path }) => path))].filter((path) => (fhirpath.evaluate(result.bundle, path, {}, r4) as unknown[]).length === 0);
    expect(untrue).toEqual([]);
  });

  test('tells every element: mapped, unmapped with a reason, or a qualifier that decided the mapping', () => {
    const qualifiers = /^(HL\d\d|NM10[128]|REF01|DTP0[12]|DMG01|INS01|PER0[357]|TRN01|PRV02|HSD01|HI\d\d-[13]|UM04-2|SV101-1)$/;
    const told = new Set([...result.ledger, ...result.unmapped].map(({ source, segment }) => `${segment} ${source.replace(/^.*\./, '')}`));
    for (const [index, segment] of body.entries()) {
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
    for (const { reason } of result.unmapped) expect(reason).toMatch(/^[A-Z].*\.$/);
  });

  test('is the same whenever it is read', () => {
    expect(JSON.stringify(mapped(body))).toBe(JSON.stringify(result));
  });
});

test('of a trace or number that is not whole nothing is taken, and the ledger leads to what is', () => {
  const result = mapped(replaced(DISCHARGE_NOTICE, 'TRN', 'TRN*1* *9123456789').flatMap((segment) => (segment.startsWith('REF*BB') ? [segment, 'REF*NT*ADM-9'] : [segment])));
  const untrue = result.ledger.map(({ path }) => path).filter((path) => (fhirpath.evaluate(result.bundle, path, {}, r4) as unknown[]).length === 0);
  expect(untrue).toEqual([]);
  expect(result.unmapped.map(({ source }) => source)).toContain('2000E.TRN03');
});

describe('who tells whom', () => {
  test('a hospital a plan', () => {
    const result = mapped(ADMISSION_NOTICE);
    const [told] = all(result, 'Communication') as [Communication];
    expect(told).toMatchObject({
      status: 'completed', category: [{ coding: [{ code: 'notification' }] }], topic: { coding: [{ system: 'https://codesystem.x12.org/005010/353', code: 'CN' }] }, reasonCode: [{ coding: [{ code: 'AR' }] }],
      sent: '2026-03-02T09:14:00.000Z', payload: [{ contentString: 'BED 12' }], identifier: [{ value: 'NOTE-1' }, { system: 'urn:trnorg:9123456789', value: 'NT-1' }],
    });
    expect(named(result, told.sender)).toMatchObject({ resourceType: 'Organization', name: 'LAKE HOSPITAL' });
    expect(named(result, told.recipient![0])).toMatchObject({ resourceType: 'Organization', name: 'SAMPLE HEALTH PLAN' });
    expect(told.about![1]).toEqual({ type: 'ClaimResponse', identifier: { type: { coding: [{ system: 'https://codesystem.x12.org/005010/128', code: 'BB' }] }, system: 'https://codesystem.x12.org/005010/128', value: 'AUTH-50' } });
    expect(named(result, all(result, 'Coverage')[0]!.payor[0])).toMatchObject({ name: 'SAMPLE HEALTH PLAN' });
  });

  test('a delegate the plan: members are the plan\'s, the decision is the delegate\'s, and a provider of the services asked', () => {
    const result = mapped(DECISION_COPY);
    const [copy] = all(result, 'ExplanationOfBenefit') as [ExplanationOfBenefit];
    expect(named(result, copy.insurer)).toMatchObject({ name: 'REVIEWERS OF MADISON' });
    expect(named(result, all(result, 'Coverage')[0]!.payor[0])).toMatchObject({ name: 'SAMPLE HEALTH PLAN' });
    expect(named(result, copy.provider)).toMatchObject({ resourceType: 'PractitionerRole' });
    expect(mapped(REJECTED_COPY).issues).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'requester-not-told' }));
  });

  test('a delegate the provider, who asked', () => {
    const result = mapped(EVENT_COPY);
    const [copy] = all(result, 'ExplanationOfBenefit') as [ExplanationOfBenefit];
    expect(named(result, copy.provider)).toMatchObject({ name: 'LAKESIDE CLINIC' });
  });

  test('a member is the same as with other transaction sets of the payer', () => {
    const [patient] = all(mapped(ADMISSION_NOTICE), 'Patient');
    const claims = bytesOf([
      'ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *260302*0915*^*00501*000000101*1*T*:', 'GS*HC*A*B*20260302*0915*1*X*005010X222A1', 'ST*837*0001*005010X222A1', 'BHT*0019*00*B1*20260601*1200*CH', 'NM1*41*2*HOUSE*****46*S1', 'PER*IC*DESK*TE*5551234567', 'NM1*40*2*PLAN*****46*P1',
      'HL*1**20*1', 'NM1*85*2*CLINIC*****XX*1234567893', 'N3*1 WAY', 'N4*COLUMBUS*OH*432150000', 'REF*EI*111223333', 'HL*2*1*22*0', 'SBR*P*18*******CI', 'NM1*IL*1*DOE*ALEX****MI*W1234567', 'N3*2 WAY', 'N4*COLUMBUS*OH*43215', 'DMG*D8*19700102*F', 'NM1*PR*2*SAMPLE HEALTH PLAN*****PI*SHP01',
      'CLM*A1*100***11:B:1*Y*A*Y*Y', 'HI*ABK:E119', 'LX*1', 'SV1*HC:99213*100*UN*1***1', 'DTP*472*D8*20260520', 'SE*23*0001', 'GE*1*1', 'IEA*1*000000101', '',
    ].join('~'));
    const [claimed] = [...mapInterchange(claims)].flatMap(({ bundle }) => all({ bundle }, 'Patient'));
    const numberOf = (identifiers: Patient['identifier']): unknown => identifiers!.find(({ type }) => type?.coding?.[0]?.code === 'MB');
    expect(numberOf(patient!.identifier)).toEqual(numberOf(claimed!.identifier));
  });
});

describe('a notice', () => {
  test('of an admission is an Encounter under way, with its diagnoses', () => {
    const result = mapped(ADMISSION_NOTICE);
    const [encounter] = all(result, 'Encounter') as [Encounter];
    expect(encounter).toMatchObject({
      status: 'in-progress', class: { code: 'IMP' }, period: { start: '2026-03-01' }, length: { value: 4, code: 'd' }, priority: { coding: [{ code: '03' }] }, serviceType: { coding: [{ code: '2' }] },
      hospitalization: { admitSource: { coding: [{ code: '1' }] }, dischargeDisposition: { coding: [{ code: '30' }] } }, participant: [{ type: [{ coding: [{ code: '71' }] }] }],
    });
    expect(named(result, encounter.serviceProvider)).toMatchObject({ name: 'LAKE HOSPITAL' });
    expect(encounter.diagnosis!.map(({ condition, use }) => [(named(result, condition) as Condition).code!.coding![0]!.code, use?.coding?.[0]?.code])).toEqual([['I50.9', 'admitting'], ['E11.65', undefined]]);
    expect(types(result)).not.toContain('Claim');
    expect(types(result)).not.toContain('ServiceRequest');
  });

  test('of the discharge is about the same Encounter, now finished', () => {
    const urlOf = (body: readonly string[]): string | undefined => mapped(body).bundle.entry!.find(({ resource }) => resource!.resourceType === 'Encounter')!.fullUrl;
    expect(urlOf(DISCHARGE_NOTICE)).toBe(urlOf(ADMISSION_NOTICE));
    expect(urlOf(replaced(DISCHARGE_NOTICE, 'REF*BB', 'REF*BB*AUTH-51'))).not.toBe(urlOf(ADMISSION_NOTICE));
    // Of another facility: nothing of this one's.
    expect(urlOf(replaced(DISCHARGE_NOTICE, 'NM1*FA', 'NM1*FA*2*OTHER*****XX*1333333334'))).not.toBe(urlOf(ADMISSION_NOTICE));
    expect(all(mapped(DISCHARGE_NOTICE), 'Encounter')).toMatchObject([{ status: 'finished', period: { end: '2026-03-05' } }]);
  });

  test.each([
    ['to come', 'BHT*0007*14', 'planned', 'completed'],
    ['taken back', 'BHT*0007*01', 'cancelled', 'entered-in-error'],
  ])('of an admission that is %s', (_, purpose, status, told) => {
    const result = mapped(ADMISSION_NOTICE.map((segment) => segment.replace('BHT*0007*CN', purpose)));
    expect(all(result, 'Encounter')[0]!.status).toBe(status);
    expect(all(result, 'Communication')[0]!.status).toBe(told);
  });

  test('of services is an order for each, and asks for no review', () => {
    const result = mapped(SERVICE_NOTICE);
    const orders = all(result, 'ServiceRequest');
    expect(orders).toMatchObject([
      { status: 'active', identifier: [{ value: 'S1' }], code: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '97151' }] }, orderDetail: [{ coding: [{ code: 'GP' }] }], quantityQuantity: { value: 8, code: 'UN' }, occurrencePeriod: { start: '2026-03-15', end: '2026-03-30' }, locationCode: [{ coding: [{ code: '11' }] }] },
      { code: { coding: [{ code: '97156' }] }, quantityQuantity: { value: 2, code: 'VS' }, occurrenceDateTime: '2026-03-20' },
    ]);
    expect(named(result, orders[0]!.subject)).toMatchObject({ name: [{ given: ['SAM'] }] });
    expect(named(result, orders[0]!.requester)).toMatchObject({ name: 'LAKESIDE CLINIC' });
    expect(named(result, orders[0]!.performer![0])).toMatchObject({ resourceType: 'PractitionerRole' });
    expect(types(result).filter((type) => /^(Claim|ClaimResponse|Encounter)$/.test(type))).toEqual([]);
    expect(mapped(SERVICE_NOTICE.map((segment) => segment.replace('BHT*0007*14', 'BHT*0007*CN'))).bundle.entry!.flatMap(({ resource }) => (resource as ServiceRequest).resourceType === 'ServiceRequest' ? [(resource as ServiceRequest).status] : [])).toEqual(['completed', 'completed']);
  });

  test('of a type of service is one order', () => {
    expect(all(mapped(TYPE_NOTICE), 'ServiceRequest')).toMatchObject([{ code: { coding: [{ system: 'https://codesystem.x12.org/005010/1365', code: '42' }] }, quantityQuantity: { value: 6, code: 'VS' }, occurrencePeriod: { start: '2026-03-15', end: '2026-03-30' } }]);
  });

  test('what has no place is told', () => {
    const reasons = new Map(mapped(replaced(ADMISSION_NOTICE, 'CL1', 'CRC*07*Y*01', 'CL1*1*1*30', 'PWK*B4*EL***AC*DOC-1')).unmapped.map(({ source, reason }) => [source, reason]));
    expect(reasons.get('2000E.CRC03')).toBe('A notice has no place for conditions of certification.');
    expect(reasons.get('2000E.PWK06')).toBe('The document comes by another way, and a notice orders none.');
    expect(reasons.get('2000E.UM04-1')).toMatch(/kind of facility/);
  });
});

describe('a copy', () => {
  const review = (holder: { extension?: Extension[] } | undefined): unknown[] | undefined => holder?.extension?.find(({ url }) => url.endsWith('extension-reviewAction'))?.extension?.map(({ url, valueString, valueCodeableConcept, valueBoolean }) => [url.replace(/^.*-/, ''), valueString ?? valueCodeableConcept?.coding?.[0]?.code ?? valueBoolean]);

  test('is what was asked for and what was decided of it, and neither a request nor a decision of ours', () => {
    const result = mapped(DECISION_COPY);
    const [copy] = all(result, 'ExplanationOfBenefit') as [ExplanationOfBenefit];
    expect(copy).toMatchObject({ use: 'preauthorization', status: 'active', outcome: 'complete', preAuthRefPeriod: [{ start: '2026-03-10', end: '2026-06-10' }], diagnosis: [{ diagnosisCodeableConcept: { coding: [{ code: 'M54.5' }] } }], item: [{ sequence: 1, productOrService: { coding: [{ code: '97151' }] } }, { sequence: 2, productOrService: { coding: [{ code: '97153' }] } }] });
    expect(copy.item!.map(({ adjudication }) => review(adjudication![0]))).toEqual([[['reviewActionCode', 'A1'], ['number', 'CERT-1']], [['reviewActionCode', 'A3'], ['reasonCode', '0A'], ['secondSurgicalOpinionFlag', false]]]);
    expect(review(copy.adjudication![0])).toEqual([['reviewActionCode', 'A2']]);
    // PAS forbids its own extensions on a benefit where PDex has others.
    expect(copy.item![0]!.adjudication![0]!.extension![0]!.url).toBe('http://hl7.org/fhir/us/davinci-pdex/StructureDefinition/extension-reviewAction');
    expect(JSON.stringify(copy)).not.toMatch(/davinci-pas[^"]*(reviewAction|TransmissionIdentifiers|careTeamClaimScope|administrationReferenceNumber)/);
    expect(types(result).filter((type) => type.startsWith('Claim'))).toEqual([]);
    expect(named(result, all(result, 'Communication')[0]!.about![0])).toBe(copy);
  });

  test('of a decision on the event has its dates', () => {
    const [copy] = all(mapped(EVENT_COPY), 'ExplanationOfBenefit') as [ExplanationOfBenefit];
    expect(copy.item![0]!.extension!.slice(-2)).toMatchObject([{ valueDate: '2026-03-02' }, { valuePeriod: { start: '2026-03-10', end: '2026-06-01' } }]);
    expect(copy.adjudication).toBeUndefined();
  });

  test('of a rejection holds no decision', () => {
    const [copy] = all(mapped(REJECTED_COPY), 'ExplanationOfBenefit') as [ExplanationOfBenefit];
    expect(copy).toMatchObject({ outcome: 'error', item: [{ adjudication: [{ reason: { coding: [{ system: 'https://codesystem.x12.org/005010/901', code: '52' }] } }] }] });
    expect(copy.item![0]!.adjudication).toHaveLength(1);
  });

  test('of a decision beside a rejection is partial', () => {
    const [copy] = all(mapped(DECISION_COPY.map((segment) => (segment === 'HCR*A1*CERT-1' ? 'AAA*N**52*C' : segment)).flatMap((segment, index, body) => (segment.startsWith('UM*HS*I*1*11:B') && body[index + 1] === 'AAA*N**52*C' ? ['AAA*N**52*C', segment] : segment === 'AAA*N**52*C' ? [] : [segment]))), 'ExplanationOfBenefit') as [ExplanationOfBenefit];
    expect(copy.outcome).toBe('partial');
  });

  test('that is taken back was an error', () => {
    const result = mapped(DECISION_COPY.map((segment) => segment.replace('BHT*0007*22', 'BHT*0007*01')));
    expect([all(result, 'ExplanationOfBenefit')[0]!.status, all(result, 'Communication')[0]!.status]).toEqual(['entered-in-error', 'entered-in-error']);
    expect(all(result, 'ExplanationOfBenefit')[0]!.item!.some(({ modifierExtension }) => modifierExtension !== undefined)).toBe(false);
  });
});

describe('there and back', () => {
  /** What is not kept: BHT06, UM04 of a notice's event, UM09, the order of the certification dates. */
  const kept = (segments: readonly string[]): string[] => {
    const compared = segments.map((segment) => segment.replace(/^(BHT.*)\*RD$/, '$1').replace(/^(UM\*\w+\*\w?\*?\w*).*$/, '$1').replace(/\*+$/, ''));
    return compared.flatMap((segment, at) => {
      if (!segment.startsWith('DTP')) return [segment];
      if (compared[at - 1]?.startsWith('DTP') === true) return [];
      const dates = compared.slice(at);
      return dates.slice(0, dates.findIndex((each) => !each.startsWith('DTP')) >>> 0).toSorted();
    });
  };

  test.each(Object.entries(NOTIFICATIONS))('%s keeps its segments', (_, body) => {
    const { bytes, issues } = notificationInterchange(mapped(body).bundle, envelope);
    expect(issues).toEqual([]);
    const sent = text(bytes);
    expect(kept(sent.slice(sent.findIndex((segment) => segment.startsWith('BHT')), -4))).toEqual(kept(body));
  });

  test.each(Object.entries(NOTIFICATIONS))('a second trip of %s changes nothing at all', (_, body) => {
    const once = notificationInterchange(mapped(body).bundle, envelope).bytes;
    const [transaction] = readDelivery(once).interchanges[0]!.groups[0]!.transactions;
    expect(transaction!.errors).toEqual([]);
    expect(text(notificationInterchange(transaction!.request!.bundle, envelope).bytes)).toEqual(text(once));
  });

  test.each([
    ['what was taken back, whatever it told of', ADMISSION_NOTICE, 'entered-in-error', '01'],
    ['a notice of what nobody says whether it is to come', ADMISSION_NOTICE, 'completed', 'CN'],
    ['a copy', EVENT_COPY, 'completed', '22'],
  ] as const)('the purpose of %s follows from what it is', (_, body, status, purpose) => {
    const bundle = structuredClone(mapped(body).bundle);
    const told = bundle.entry![0]!.resource as Communication;
    told.status = status;
    delete told.topic;
    expect(text(notificationInterchange(bundle, envelope).bytes).find((segment) => segment.startsWith('BHT'))!.split('*')[2]).toBe(purpose);
  });

  test.each([
    ['a Bundle of nothing', { resourceType: 'Bundle', type: 'collection', entry: [{}] }],
    ['no Communication', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Encounter' } }] }],
    ['a Communication about nobody', { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Communication', about: 'x', payload: [null], recipient: 7, identifier: [null] } }] }],
  ])('%s is told and throws nothing', (_, bundle) => {
    expect(notificationInterchange(bundle as unknown as Bundle, envelope).issues.some(({ severity }) => severity === 'error')).toBe(true);
  });
});

describe('the acknowledgment', () => {
  const stamps = { date: '20260303', time: '1000', controlNumber: '0007' };
  function answerTo(body: readonly string[], state: 'accepted' | 'rejected', receipt?: string): string[] {
    const segments = notificationAcknowledgment(mapped(body).context, { state, ...(receipt !== undefined && { receipt }) }, stamps);
    const { bytes, issues } = writeInterchange(envelope, [{ functionalIdentifier: 'HI', senderCode: 'PAYERAPP', receiverCode: 'CLINICAPP', controlNumber: 1, version: guide, transactions: [segments] }]);
    expect(issues).toEqual([]);
    const [transaction] = readDelivery(bytes).interchanges[0]!.groups[0]!.transactions;
    expect(transaction!.errors).toEqual([]);
    const sent = text(bytes);
    return sent.slice(sent.findIndex((segment) => segment.startsWith('BHT')), -4);
  }

  test('of receipt names the notification, the patient and the number it was given', () => {
    expect(answerTo(ADMISSION_NOTICE, 'accepted', 'R-1')).toEqual([
      'BHT*0007*53*NOTE-1*20260303*1000', 'HL*1**20*1', 'NM1*FA*2*LAKE HOSPITAL*****XX*1444444440', 'HL*2*1*21*1', 'NM1*PR*2*SAMPLE HEALTH PLAN*****PI*SHP01',
      'HL*3*2*22*1', 'REF*NT*R-1', 'NM1*IL*1*DOE*ALEX*Q**JR*MI*W1234567', 'REF*6P*GRP55', 'DMG*D8*19700102*F', 'HL*4*3*EV*0', 'TRN*2*NT-1*9123456789', 'UM*AR**2*21:B**03', 'REF*BB*AUTH-50', 'DTP*435*D8*20260301',
    ]);
  });

  test('of a dependent has the number at the dependent, and a level for each service', () => {
    const sent = answerTo(SERVICE_NOTICE, 'accepted', 'R-2');
    expect(sent[sent.indexOf('REF*NT*R-2') - 1]).toBe('HL*4*3*23*1');
    expect(sent.filter((segment) => segment.startsWith('TRN'))).toEqual(['TRN*2*NT-3*9123456789', 'TRN*2*S1*9123456789', 'TRN*2*S2*9123456789']);
  });

  test('of what could not be taken is negative, and says nothing of what hangs below', () => {
    const sent = answerTo(DECISION_COPY, 'rejected', 'R-3');
    expect(sent[0]).toBe('BHT*0007*44*NOTE-5*20260303*1000');
    expect(sent.filter((segment) => /^(AAA|REF\*NT\*R|HL.*SS)/.test(segment))).toEqual(['AAA*N**33*C']);
  });

  test.each(Object.entries({ ...NOTICES, ...COPIES }))('of %s is right by its own guide', (_, body) => {
    expect(answerTo(body, 'accepted')).not.toEqual([]);
    expect(answerTo(body, 'rejected')).not.toEqual([]);
  });
});
