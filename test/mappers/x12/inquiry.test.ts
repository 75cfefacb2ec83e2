import type { Bundle, Claim, ClaimItem, ClaimResponse, Extension } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  answerGroupCount, type FoundAuthorization, inquiryInterchange, inquiryResponseFor, type MappedRequest, readDelivery, readResponse, type ReceivedInterchange, type RequestEnvelope, type ResponseReading, writeAcknowledgment,
} from '../../../mappers/x12/index.ts';
import { ADMISSION_LINES, bytesOf, DEPENDENT_LINES, EVENT_ONLY, interchange, INQUIRY_LINES, INQUIRY_MEMBER, INQUIRY_NUMBER, INQUIRY_TOP, THREE_LINES } from '../../fixtures/x12/build.ts';
import { sharedFolder } from '../../fixtures/x12/corpus.ts';

const guide = '005010X215';
const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-';
const stamps = { date: '20260303', time: '1000', controlNumber: '0007' };
const envelope: RequestEnvelope = {
  sender: { qualifier: 'ZZ', id: 'CLINIC' }, receiver: { qualifier: 'ZZ', id: 'PAYER' }, usage: 'T', date: '20260302', time: '0915', controlNumber: 4711,
  applicationSender: 'CLINICAPP', applicationReceiver: 'PAYERAPP', groupControlNumber: 12, transactionControlNumber: '0001', traceOrganization: '9123456789',
};

const received = (body: readonly string[], as = guide): ReceivedInterchange => readDelivery(bytesOf(interchange([body], { guide: as }))).interchanges[0]!;

function faultsOf(body: readonly string[]): string[] {
  const written = writeAcknowledgment(received(body), { date: '20260303', time: '1000', interchangeControlNumber: 1, groupControlNumbers: [1] })!;
  return Buffer.from(written.bytes).toString('latin1').split('~\n').filter((segment) => segment.startsWith('IK'));
}

function mapped(body: readonly string[], as = guide): MappedRequest {
  const [transaction] = received(body, as).groups[0]!.transactions;
  expect(transaction!.errors.filter((error) => error.severity === 'error')).toEqual([]);
  return transaction!.request!;
}

const claimOf = ({ bundle }: { bundle: Bundle }): Claim => bundle.entry![0]!.resource as Claim;
const extension = (holder: { extension?: Extension[] } | undefined, name: string): Extension | undefined => holder?.extension?.find(({ url }) => url === `${PAS}${name}`);
const codeOf = (item: ClaimItem): string | undefined => item.productOrService.coding?.[0]?.code;

describe('what is no inquiry', () => {
  const altered = (change: (segment: string) => string | undefined): string[] => INQUIRY_LINES.flatMap((segment) => change(segment) ?? []);

  test.each<[string, string[], string[]]>([
    ['another purpose', altered((segment) => segment.replace('BHT*0007*28', 'BHT*0007*36')), ['IK3*BHT*2**8', 'IK4*2*353*7*36', 'IK5*R*5']],
    ['the purpose of a request is lived with', altered((segment) => segment.replace('BHT*0007*28', 'BHT*0007*13')), ['IK3*BHT*2**8', 'IK4*2*353*7*13', 'IK5*E*5']],
    ['no member', INQUIRY_LINES.slice(0, 9).concat('HL*3*2*EV*0'), ['IK3*HL*11**8', 'IK4*3*735*7*EV', 'IK3*HL*12*2000C*3', 'IK5*R*5']],
    ['a member without a number', altered((segment) => segment.replace('NM1*IL*1*DOE*ALEX*Q**JR*MI*W1234567', 'NM1*IL*1*DOE*ALEX')), ['IK3*NM1*12*2010C*8', 'IK4*8*66*1', 'IK4*9*67*1', 'IK5*R*5']],
    ['a number of neither kind', altered((segment) => segment.replace('REF*NT', 'REF*D9')), ['IK3*REF*20*2000E*8', 'IK4*1*128*7*D9', 'IK5*R*5']],
    ['a second event', [...INQUIRY_NUMBER, 'HL*5*3*EV*0', 'REF*BB*AUTH-2'], ['IK3*HL*20*2000E*4', 'IK5*R*5']],
    ['a decision with a bad flag', altered((segment) => segment.replace('HCR*A1', 'HCR*A1***X')), ['IK3*HCR*31*2000F*8', 'IK4*4*1073*7*X', 'IK5*R*5']],
  ])('%s', (_, body, expected) => {
    expect(faultsOf(body).filter((segment) => !segment.startsWith('CTX'))).toEqual(expected);
    expect(received(body).groups[0]!.transactions[0]!.request === undefined).toBe(expected.at(-1)!.startsWith('IK5*R'));
  });

  test('an inquiry under the guide of requests is told so', () => {
    expect(received(INQUIRY_NUMBER, '005010X217').groups[0]!.transactions[0]!.request).toBeUndefined();
  });
  test('a request is no inquiry', () => {
    expect(mapped(EVENT_ONLY, '005010X217').kind).toBe('request');
  });
  test('an event without UM and trace, which says that something hangs below it', () => {
    const body = [...INQUIRY_TOP, 'HL*4*3*EV*1', 'REF*BB*AUTH-1', 'NM1*SJ*1*WATSON*SUSAN****XX*1987654328'];
    expect(faultsOf(body)).toEqual(['IK3*HL*17*2000E*8', 'IK4*4*736*7*1', 'IK5*E*5']);
    expect(extension(claimOf(mapped(body)), 'authorizationNumber')?.valueString).toBe('AUTH-1');
  });
  test('what only a request says is let through and told', () => {
    const { kind, unmapped } = mapped([...INQUIRY_NUMBER, 'MSG*HOW IS IT GOING']);
    expect(kind).toBe('inquiry');
    expect(unmapped.map(({ source }) => source)).toContain('2000E.MSG01');
  });
});

describe('an inquiry as a Bundle', () => {
  test('services by name, with their search values', () => {
    const request = mapped(INQUIRY_LINES);
    const claim = claimOf(request);
    expect(request.bundle).toMatchObject({ meta: { profile: ['http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-pas-inquiry-request-bundle'] }, type: 'collection', identifier: { value: 'INQ-1' }, timestamp: '2026-03-02T09:14:00.000Z' });
    expect(claim).toMatchObject({
      meta: { profile: ['http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim-inquiry'] },
      identifier: [{ system: 'urn:trnorg:9123456789', value: 'ASK-1' }], use: 'preauthorization', type: { coding: [{ code: 'professional' }] },
      billablePeriod: { start: '2026-03-01', end: '2026-03-31' },
      supportingInfo: [{ category: { coding: [{ code: 'patientEvent' }] }, timingPeriod: { start: '2026-03-01', end: '2026-03-31' } }],
      diagnosis: [{ diagnosisCodeableConcept: { coding: [{ code: 'M54.5' }] } }, { diagnosisCodeableConcept: { coding: [{ code: 'E11.65' }] } }],
      careTeam: [{ sequence: 1 }],
    });
    expect(extension(claim, 'administrationReferenceNumber')?.valueString).toBe('ADM-1');
    const [first, second] = claim.item!;
    expect(first).toMatchObject({ sequence: 1, servicedDate: '2026-03-15', productOrService: { coding: [{ code: '99213' }] }, modifier: [{ coding: [{ code: '25' }] }], category: { coding: [{ code: '1' }] } });
    expect(extension(first, 'itemCertificationIssueDate')?.valueDate).toBe('2026-03-02');
    expect(second).toMatchObject({ sequence: 2, servicedPeriod: { start: '2026-03-16', end: '2026-03-30' }, productOrService: { coding: [{ code: 'G0299' }] }, category: { coding: [{ code: '42' }] } });
    expect(extension(second, 'itemCertificationIssueDate')?.valuePeriod).toEqual({ start: '2026-03-01', end: '2026-03-03' });
    expect(extension(second, 'itemCertificationExpirationDate')?.valueDate).toBe('2026-06-01');
    expect(extension(second, 'itemCertificationEffectiveDate')?.valueDate).toBe('2026-03-03');
    expect(extension(second, 'reviewActionCode')?.valueCodeableConcept).toEqual({ coding: [{ system: 'https://codesystem.x12.org/005010/306', code: 'A1' }] });
    expect(extension(second, 'authorizationNumber')?.valueString).toBe('AUTH-1');
    expect(extension(first, 'reviewActionCode')).toBeUndefined();
  });

  test('who asks, whom, and about whom', () => {
    const { bundle } = mapped(INQUIRY_NUMBER);
    expect(bundle.entry!.map(({ resource }) => resource!.resourceType).toSorted()).toEqual(['Claim', 'Coverage', 'Organization', 'Organization', 'Patient']);
    const claim = claimOf({ bundle });
    const named = (reference: string | undefined): unknown => bundle.entry!.find(({ fullUrl }) => fullUrl === reference)?.resource;
    expect(named(claim.provider.reference)).toMatchObject({ name: 'LAKESIDE CLINIC', identifier: [{ value: '1234567893' }, { value: '841234567' }] });
    expect(named(claim.insurer?.reference)).toMatchObject({ name: 'SAMPLE HEALTH PLAN' });
    expect(named(claim.insurance[0]!.coverage.reference)).toMatchObject({ subscriberId: 'W1234567' });
  });

  test.each<[string, string[]]>([
    ['a number alone', INQUIRY_NUMBER],
    ['a member alone', INQUIRY_MEMBER],
    ['a type of service', [...INQUIRY_TOP, 'HL*4*3*EV*0', 'UM*HS**3']],
    ['nothing but the member, no level below', INQUIRY_TOP.map((segment) => segment.replace('HL*3*2*22*1', 'HL*3*2*22*0'))],
  ])('%s asks about any service', (_, body) => {
    const { item } = claimOf(mapped(body));
    expect(item).toHaveLength(1);
    expect(item![0]!.productOrService).toEqual({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'not-applicable' }] });
  });

  test('a second trace number has no place, and the account says so', () => {
    const result = mapped(INQUIRY_NUMBER.flatMap((segment) => (segment.startsWith('TRN') ? [segment, 'TRN*1*ASK-9*9123456789'] : [segment])));
    expect(claimOf(result).identifier).toMatchObject([{ value: 'ASK-2' }]);
    expect(result.ledger.some(({ path }) => path.startsWith('Bundle.entry[0].resource.identifier[1]'))).toBe(false);
    expect(result.unmapped.map(({ source }) => source)).toContain('2000E.TRN02');
  });

  test('the trace number is the nearest one to the question', () => {
    expect(claimOf(mapped(INQUIRY_MEMBER)).identifier).toMatchObject([{ value: 'ASK-3' }]);
    expect(claimOf(mapped(INQUIRY_TOP)).identifier).toMatchObject([{ value: 'INQ-1' }]);
  });

  test('a dependent is the patient', () => {
    const { bundle, context } = mapped(INQUIRY_MEMBER);
    expect(bundle.entry!.find(({ fullUrl }) => fullUrl === claimOf({ bundle }).patient.reference)?.resource).toMatchObject({ name: [{ family: 'DOE', given: ['SAM'] }] });
    expect(context).toMatchObject({ guide, purpose: '28', answerAt: 'event', event: { segments: [], names: [] }, services: [] });
  });

  test('every value has a source or is told as unmapped', () => {
    const { ledger, unmapped } = mapped(INQUIRY_LINES);
    expect(ledger).toContainEqual(expect.objectContaining({ source: '2000F.HCR01' }));
    expect(unmapped.map(({ source }) => source)).toEqual(expect.not.arrayContaining(['2000F.HCR01', '2000F.DTP03', '2000E.REF02']));
  });

  test.each([['PASClaimInquiryBundleExample']])('to X12 and back: %s', (name) => {
    const folder = sharedFolder('pas-examples', 'ig-pas-2.2.1');
    if (folder === undefined) return;
    const bundle = JSON.parse(readFileSync(join(folder, `Bundle-${name}.json`), 'utf8')) as Bundle;
    const written = inquiryInterchange(bundle, envelope);
    expect(written.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [transaction] = readDelivery(written.bytes).interchanges[0]!.groups[0]!.transactions;
    expect(transaction!.errors).toEqual([]);
    const claim = claimOf(transaction!.request!);
    expect(claim.item!.map(codeOf)).toEqual(['G0154', 'B4184']);
    expect(extension(claim.item![1], 'reviewActionCode')?.valueCodeableConcept?.coding?.[0]?.code).toBe('A1');
    for (const date of ['Issue', 'Effective', 'Expiration']) expect(extension(claim.item![1], `itemCertification${date}Date`)).toEqual(extension(claimOf({ bundle }).item![1], `itemCertification${date}Date`));
  });

  test('every search value of an event comes back', () => {
    const event = ['TRN*1*ASK-4*9123456789', 'UM*HS*I*3*11:B*AA:::WI*U', 'HCR*A4', 'REF*BB*AUTH-1', 'REF*NT*ADM-1', 'DTP*439*D8*20260220', 'DTP*AAH*RD8*20260301-20260331', 'DTP*435*D8*20260401', 'DTP*096*D8*20260405', 'DTP*102*D8*20260302', 'DTP*036*D8*20260601', 'DTP*007*D8*20260303', 'HI*ABK:M545', 'HSD*VS*6'];
    const written = Buffer.from(inquiryInterchange(mapped([...INQUIRY_TOP, 'HL*4*3*EV*0', ...event]).bundle, envelope).bytes).toString('latin1').split('~\n');
    expect(written.slice(written.indexOf('HL*4*3*EV*0') + 1, -4)).toEqual(event);
  });

  test.each([['lines', INQUIRY_LINES], ['number', INQUIRY_NUMBER], ['member', INQUIRY_MEMBER]] as const)('twice there and back is once: %s', (_, body) => {
    const once = inquiryInterchange(mapped(body).bundle, envelope).bytes;
    const [again] = readDelivery(once).interchanges[0]!.groups[0]!.transactions;
    expect(again!.errors).toEqual([]);
    expect(Buffer.from(inquiryInterchange(again!.request!.bundle, envelope).bytes)).toEqual(Buffer.from(once));
  });
});

const review = (action: string, number?: string): Extension[] => [{
  url: `${PAS}reviewAction`,
  extension: [{ url: `${PAS}reviewActionCode`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/306', code: action }] } }, ...(number === undefined ? [] : [{ url: 'number', valueString: number }])],
}];

/** An authorization of a request, every line decided alike. */
function authorization(request: readonly string[], action: string, number?: string): FoundAuthorization {
  const { bundle } = mapped(request, '005010X217');
  const claim = claimOf({ bundle });
  const response: ClaimResponse = {
    resourceType: 'ClaimResponse', status: 'active', use: 'preauthorization', type: claim.type, patient: claim.patient, created: claim.created, insurer: claim.insurer!, outcome: 'complete',
    item: claim.item!.map(({ sequence }) => ({ itemSequence: sequence, extension: [{ url: `${PAS}administrationReferenceNumber`, valueString: 'R1' }], adjudication: [{ category: { coding: [{ code: 'submitted' }] }, extension: review(action, number) }] })),
  };
  return { request: bundle, answer: { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:answer', resource: response }] } };
}

function respond(body: readonly string[], found: readonly FoundAuthorization[]): { readings: ResponseReading[]; text: string[] } {
  const interchangeReceived = received(body);
  const group = interchangeReceived.groups[0]!;
  const { segments, issues } = inquiryResponseFor(group.transactions[0]!.request!.context, found, stamps);
  expect(issues).toEqual([]);
  const parts = { responses: [{ group, transactions: [segments] }] };
  expect(answerGroupCount(interchangeReceived, parts)).toBe(2);
  const written = writeAcknowledgment(interchangeReceived, { date: '20260303', time: '1000', interchangeControlNumber: 5, groupControlNumbers: [6, 9] }, parts)!;
  const [back] = readDelivery(written.bytes).interchanges;
  expect([back!.rejection, back!.issues, back!.groups.map(({ errors, controlNumber, version }) => [errors, controlNumber, version])]).toEqual([undefined, [], [[[], '6', '005010X231A1'], [[], '9', guide]]]);
  return { readings: readResponse(written.bytes), text: Buffer.from(written.bytes).toString('latin1').split('~\n') };
}

describe('what an inquiry is answered', () => {
  test.each<[string, string[], string, string]>([
    ['nothing found', INQUIRY_TOP, 'Y', 'NC'],
    ['nothing of that number', INQUIRY_NUMBER, 'N', 'AA'],
    ['nothing of a line\'s number', INQUIRY_LINES, 'N', 'AA'],
  ])('%s', (_, body, valid, code) => {
    const { readings, text } = respond(body, []);
    expect(readings).toMatchObject([{ referenceIdentification: 'INQ-1', isFinal: true, services: [], event: { rejections: [{ loop: '2000E', valid, code, followUp: 'C' }] } }]);
    expect(text.some((segment) => segment.startsWith('HCR'))).toBe(false);
    expect(text).toContain('BHT*0007*11*INQ-1*20260303*1000*18');
  });

  test('an unknown member: AAA at the member, and nothing below', () => {
    const answer: FoundAuthorization = authorization(EVENT_ONLY, 'A1');
    const response = answer.answer.entry![0]!.resource as ClaimResponse;
    response.outcome = 'error';
    delete response.item;
    response.error = [{ code: { coding: [{ system: 'https://codesystem.x12.org/005010/901', code: '75' }] }, extension: [{ url: `${PAS}errorElement`, extension: [{ url: 'error', valueString: '2010C-NM109' }] }] }];
    const { readings, text } = respond(INQUIRY_LINES, [{ answer: answer.answer }]);
    expect(readings).toMatchObject([{ rejections: [{ loop: '2010C', code: '75' }] }]);
    expect(text.filter((segment) => segment.startsWith('HL'))).toEqual(['HL*1**20*1', 'HL*2*1*21*1', 'HL*3*2*22*0']);
  });

  test('an answer that is none is an issue', () => {
    const { context } = mapped(INQUIRY_NUMBER);
    expect(inquiryResponseFor(context, [{ answer: { resourceType: 'Bundle', type: 'collection' } }], stamps).issues).toMatchObject([{ code: 'no-claim-response' }]);
  });

  test('lines of the request with their decisions, traced to the inquiry', () => {
    const { readings, text } = respond(INQUIRY_NUMBER, [authorization(THREE_LINES, 'A1', 'CERT-9')]);
    expect(readings).toHaveLength(1);
    expect(readings[0]!.event!.traces).toEqual([{ type: '2', number: 'ASK-2', organization: '9123456789' }]);
    expect(readings[0]!.services.map(({ procedure, review: decided, references, traces }) => [procedure, decided?.action, decided?.number, references, traces.length])).toEqual(
      ['97151', '97152', '97153'].map((code) => [code, 'A1', 'CERT-9', { NT: 'R1' }, 0]),
    );
    expect(text).toContain('HI*ABK:M545');
    expect(text).toContain('UM*HS*I*1*11:B');
  });

  test('a service on the event is answered on the event, with its quantity and providers', () => {
    const { readings } = respond(INQUIRY_NUMBER, [authorization(EVENT_ONLY, 'A4')]);
    expect(readings).toMatchObject([{ isFinal: false, services: [], event: { review: { action: 'A4' }, references: { NT: 'R1' }, quantity: { qualifier: 'VS', value: '6' }, providers: [{ entity: 'SJ', name: 'WATSON', id: '1987654328' }] } }]);
  });

  test('an event for each authorization, in one response', () => {
    const { readings, text } = respond(INQUIRY_MEMBER, [authorization(DEPENDENT_LINES, 'A3'), authorization(ADMISSION_LINES, 'A4'), authorization(EVENT_ONLY, 'A1', 'CERT-1')]);
    expect(readings.map(({ isFinal, event, services }) => [isFinal, event?.review?.action, services.map(({ review: decided, procedure }) => [decided?.action, procedure])])).toEqual([
      [false, undefined, [['A3', '99213'], ['A3', 'G0299']]],
      [false, undefined, [['A4', '33510']]],
      [false, 'A1', []],
    ]);
    expect(text.filter((segment) => segment.startsWith('HL'))).toEqual(['HL*1**20*1', 'HL*2*1*21*1', 'HL*3*2*22*1', 'HL*4*3*23*1', 'HL*5*4*EV*1', 'HL*6*5*SS*0', 'HL*7*5*SS*0', 'HL*8*4*EV*1', 'HL*9*8*SS*0', 'HL*10*4*EV*0']);
    // The person level carries the trace of an inquiry that has no event.
    expect(text).toContain('TRN*2*ASK-3*9123456789');
  });

  test('the inquirer and the member are those of the inquiry', () => {
    const asked = INQUIRY_NUMBER.map((segment) => segment.replace('LAKESIDE CLINIC*****XX*1234567893', 'HARBOR CLINIC*****XX*1999999984'));
    const { text } = respond(asked, [authorization(THREE_LINES, 'A1', 'CERT-9')]);
    expect(text).toContain('NM1*1P*2*HARBOR CLINIC*****XX*1999999984');
    expect(text.join()).not.toContain('LAKESIDE');
  });

  test('requests and inquiries in one group are answered in a group for each guide', () => {
    const text = interchange([INQUIRY_NUMBER, EVENT_ONLY], { guide }).replace(`ST*278*0002*${guide}`, 'ST*278*0002*005010X217');
    const [both] = readDelivery(bytesOf(text)).interchanges;
    const group = both!.groups[0]!;
    const transactions = group.transactions.map(({ request }) => inquiryResponseFor(request!.context, [], stamps).segments);
    const parts = { responses: [{ group, transactions }] };
    expect(answerGroupCount(both!, parts)).toBe(3);
    expect(() => writeAcknowledgment(both!, { date: '20260303', time: '1000', interchangeControlNumber: 5, groupControlNumbers: [6, 9] }, parts)).toThrow(RangeError);
    const written = writeAcknowledgment(both!, { date: '20260303', time: '1000', interchangeControlNumber: 5, groupControlNumbers: [6, 9, 10] }, parts)!;
    expect(readDelivery(written.bytes).interchanges[0]!.groups.map(({ version, controlNumber }) => [version, controlNumber])).toEqual([['005010X231A1', '6'], [guide, '9'], ['005010X217', '10']]);
  });
});

test('no exchange of segments makes an inquiry throw, and every answer can be read', () => {
  fc.assert(
    fc.property(fc.constantFrom(INQUIRY_LINES, INQUIRY_NUMBER, INQUIRY_MEMBER), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }), (body, moves) => {
      const segments = [...body];
      for (const [from, to] of moves) segments.splice(to % segments.length, 0, ...segments.splice(from % segments.length, 1));
      const [transaction] = received(segments).groups[0]!.transactions;
      if (transaction?.request === undefined) return;
      const { segments: answer } = inquiryResponseFor(transaction.request.context, [authorization(THREE_LINES, 'A1')], stamps);
      expect(answer.at(-1)!.id).toBe('SE');
    }),
    { numRuns: 200 },
  );
});
