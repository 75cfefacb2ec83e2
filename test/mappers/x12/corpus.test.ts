import fc from 'fast-check';
import { readDelivery, type ReceivedInterchange, writeAcknowledgment } from '../../../mappers/x12/index.ts';
import { bytesOf, EVENT_ONLY, INQUIRIES, interchange, NOTIFICATIONS, REQUESTS } from '../../fixtures/x12/build.ts';
import { corpusFiles, eachOrSkip } from '../../fixtures/x12/corpus.ts';

const stamps = { date: '20260302', time: '0920', interchangeControlNumber: 1, groupControlNumbers: [1, 2] };

interface Expected {
  /** IK501 of the only transaction set. */
  code: 'A' | 'E' | 'R';
  /** IK502 and on. */
  setCodes?: string[];
  /** AK905 and on. */
  groupCodes?: string[];
  /** Some of the IK3 and IK4 segments. */
  faults?: string[];
  /** Codes of the interchange's issues. */
  issues?: string[];
}

const tr3Envelope = ['isa-version', 'isa-repetition', 'gs-guide'];

/** Every file of the 278 corpus by its upstream name. */
const EXPECTED: Record<string, Expected> = {
  'inteligenz-tr3-examples/Example_3_1_1_Request.txt': { code: 'A', issues: tr3Envelope },
  'inteligenz-tr3-examples/Example_3_2_1_Request.txt': { code: 'A', issues: tr3Envelope },
  // TRN03 has nine characters where the guide wants ten: accepted with the error noted.
  'inteligenz-tr3-examples/Example_3_3_1_Request.txt': { code: 'E', setCodes: ['5'], issues: tr3Envelope, faults: ['IK4*3*509*4*987654321'] },
  'edifabric/ServicesReview.txt': { code: 'A', issues: ['gs-functional-identifier'] },
  'cosyte/auth/278-request.edi': { code: 'E', setCodes: ['5'], faults: ['IK3*BHT*2**8', 'IK4*1*1005*7*0078', 'IK3*DTP*13*2000E*8', 'IK4*1*374*7*472'] },
  'cosyte/golden/278-request.edi': { code: 'E', setCodes: ['5'], faults: ['IK4*1*1005*7*0078'] },
  // Responses are no requests: the purpose is not one, and HCR is no segment of a request.
  'inteligenz-tr3-examples/Example_3_1_2_Response.txt': { code: 'R', setCodes: ['5'], faults: ['IK3*BHT*2**8', 'IK4*2*353*7*11', 'IK3*HCR*12*2000E*6'], issues: tr3Envelope },
  'inteligenz-tr3-examples/Example_3_2_2_Response.txt': { code: 'R', setCodes: ['5'], faults: ['IK4*2*353*7*11', 'IK3*HCR*21*2000F*6'], issues: tr3Envelope },
  'inteligenz-tr3-examples/Example_3_3_2_Response.txt': { code: 'R', setCodes: ['5'], faults: ['IK3*NM1*7*2010B*8', 'IK4*8*66*5*8189991234', 'IK4*9*67*1'], issues: tr3Envelope },
  // A response that says it is a notification: the guide is read by now, and its purposes are others.
  'cosyte/auth/278-comprehensive.edi': { code: 'R', setCodes: ['5'], groupCodes: ['4'], faults: ['IK4*2*353*7*11', 'IK4*1*1005*7*0078', 'IK3*NM1*11*2010D*8', 'IK4*8*66*I10*MI', 'IK3*DTP*19*2000E*7', 'IK3*HL*27**8', 'IK4*3*735*7*ZZ'] },
  'cosyte/auth/278-edge.edi': { code: 'R', setCodes: ['5'], groupCodes: ['4'], faults: ['IK4*3*1705*1', 'IK3*DMG*5*2010A*2', 'IK3*HCR*8*2010A*6', 'IK3*DMG*14*2000C*2', 'IK4*1:1*1270*1', 'IK3*UM*17*2000E*3'] },
  // Its inquiries hang the event's segments on a dependent without a name, and its responses say they are requests.
  'aurelianware-NEGATIVE/inquiry/x215-error-response.edi': { code: 'R', setCodes: ['5', '4'], faults: ['IK3*NM1*8*2010C*3', 'IK4*1*481*7*2', 'IK3*UM*10*2000D*2'] },
  'aurelianware-NEGATIVE/inquiry/x215-inquiry-by-auth-number-request.edi': { code: 'R', setCodes: ['5'], faults: ['IK4*2*353*7*13', 'IK3*REF*8*2000C*2', 'IK3*NM1*9*2010C*3', 'IK3*HCR*12*2000D*2', 'IK3*NM1*14*2010D*3'] },
  'aurelianware-NEGATIVE/inquiry/x215-inquiry-by-auth-number-response.edi': { code: 'R', setCodes: ['5', '4'], faults: ['IK4*1*481*7*2', 'IK3*HCR*14*2000D*2', 'IK3*QTY*17*2000D*6'] },
  'aurelianware-NEGATIVE/request/x217-inpatient-request.edi': { code: 'R', setCodes: ['5'], groupCodes: ['1'], faults: ['IK4*3*1705*1', 'IK4*6*640*7*RQ', 'IK3*UM*4*2000A*2', 'IK4*1*98*7*IL', 'IK4*3*735*7*19', 'IK3*HL*17*2000C*3'] },
  'aurelianware-NEGATIVE/request/x217-inpatient-response-approved.edi': { code: 'R', setCodes: ['5'], groupCodes: ['1'], faults: ['IK4*2*353*7*08', 'IK4*3*735*7*19', 'IK4*8*66*5*9876543210'] },
  'aurelianware-NEGATIVE/request/x217-inpatient-response-denied.edi': { code: 'R', setCodes: ['5'], groupCodes: ['1'], faults: ['IK4*2*353*7*08', 'IK3*HL*11*2000B*3'] },
  'aurelianware-NEGATIVE/request/x217-inpatient-response-pended.edi': { code: 'R', setCodes: ['5'], groupCodes: ['1'], faults: ['IK4*2*353*7*08', 'IK3*HL*13*2000B*3'] },
  'aurelianware-NEGATIVE/request/x217-outpatient-response.edi': { code: 'R', setCodes: ['5', '4'], groupCodes: ['1'], faults: ['IK4*2*353*7*08', 'IK3*HL*14*2000B*3'] },
  'aurelianware-NEGATIVE/request/x217-revision-request.edi': { code: 'R', setCodes: ['5', '4'], groupCodes: ['1'], faults: ['IK4*6*640*7*RQ', 'IK3*UM*4*2000A*2', 'IK3*TRN*9*2010A*2'] },
  'aurelianware-NEGATIVE/test-x12-278-review-request.edi': { code: 'R', setCodes: ['5'], faults: ['IK3*UM*12*2000D*2', 'IK3*HCR*13*2000D*6', 'IK3*NM1*15*2010D*3', 'IK3*HL*15*2000E*3'] },
};

function acknowledge(received: ReceivedInterchange): string[] {
  return Buffer.from(writeAcknowledgment(received, stamps)?.bytes ?? []).toString('latin1').split('~\n');
}

/** Whatever was received: an answer that can be read again, and no mapped request beside an error. */
function isAnswered(bytes: Uint8Array): boolean {
  for (const received of readDelivery(bytes).interchanges) {
    const answer = writeAcknowledgment(received, stamps);
    if (answer !== undefined && readDelivery(answer.bytes).interchanges[0]?.rejection !== undefined) return false;
    for (const { errors, request } of received.groups.flatMap((group) => group.transactions)) {
      if (request !== undefined && errors.some((error) => error.severity === 'error')) return false;
    }
  }
  return true;
}

const files = corpusFiles('x12-278');

describe('every file of the 278 corpus', () => {
  test('is in the table', () => {
    expect(files.map(({ name }) => name)).toEqual(files.length === 0 ? [] : Object.keys(EXPECTED).toSorted());
  });

  eachOrSkip(files, 'acknowledged', ({ name, bytes }) => {
    const expected = EXPECTED[name]!;
    const { interchanges, issues } = readDelivery(bytes);
    expect(issues).toEqual([]);
    expect(interchanges).toHaveLength(1);
    const [received] = interchanges;
    expect(received!.rejection).toBeUndefined();
    expect(received!.issues.map((issue) => issue.code)).toEqual(expected.issues ?? []);
    const answer = acknowledge(received!);
    expect(answer.find((segment) => segment.startsWith('IK5'))).toBe(['IK5', expected.code, ...(expected.setCodes ?? [])].join('*'));
    expect(answer.find((segment) => segment.startsWith('AK9'))!.split('*').slice(5)).toEqual(expected.groupCodes ?? []);
    for (const fault of expected.faults ?? []) expect(answer).toContain(fault);
    expect(received!.groups[0]!.transactions[0]!.request !== undefined).toBe(expected.code !== 'R');
  });

  eachOrSkip(files, 'the same bytes give the same output', ({ bytes }) => {
    expect(JSON.stringify(readDelivery(bytes))).toBe(JSON.stringify(readDelivery(Uint8Array.from(bytes))));
  });

  test('the mapping of the second TR3 example', () => {
    const file = files.find(({ name }) => name.endsWith('Example_3_2_1_Request.txt'));
    if (file === undefined) return;
    const { request } = readDelivery(file.bytes).interchanges[0]!.groups[0]!.transactions[0]!;
    expect(request!.bundle.entry!.map(({ resource }) => resource!.resourceType)).toEqual(['Claim', 'Organization', 'PractitionerRole', 'Practitioner', 'Patient', 'Coverage', 'Organization', 'PractitionerRole', 'Practitioner', 'Encounter']);
    expect(request!.bundle.entry![0]!.resource).toMatchObject({
      identifier: [{ system: 'urn:trnorg:9012345678', value: '97021001' }],
      type: { coding: [{ code: 'institutional' }] },
      diagnosis: [{ diagnosisCodeableConcept: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/icd9cm', code: '410.90' }] } }],
      item: [{ sequence: 1, careTeamSequence: [2], productOrService: { coding: [{ code: '33510' }] }, servicedDate: '2005-05-16' }],
    });
    expect(request!.context.answerAt).toBe('service');
  });

  test('a service on the event becomes item 1, to be answered there', () => {
    const file = files.find(({ name }) => name.endsWith('Example_3_1_1_Request.txt'));
    if (file === undefined) return;
    const { request } = readDelivery(file.bytes).interchanges[0]!.groups[0]!.transactions[0]!;
    expect(request!.context).toMatchObject({ answerAt: 'event', services: [] });
    expect(request!.bundle.entry![0]!.resource).toMatchObject({
      item: [{ sequence: 1, category: { coding: [{ code: '3' }] }, productOrService: { coding: [{ code: '3', system: 'https://codesystem.x12.org/005010/1365' }] }, quantity: { value: 1, code: 'VS' } }],
    });
  });
});

describe('properties of reading', () => {
  const seeds = [...files.map(({ bytes }) => bytes), ...Object.values(REQUESTS).map((request) => bytesOf(interchange([request]))), ...INQUIRIES.map((inquiry) => bytesOf(interchange([inquiry], { guide: '005010X215' }))), ...Object.values(NOTIFICATIONS).map((notification) => bytesOf(interchange([notification], { guide: '005010X216' })))];

  test('no mutation of any file makes it throw, and every result can be acknowledged', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.oneof(fc.constantFrom(...Buffer.from('*~:^\n\0 A0')), fc.integer({ min: 0, max: 255 })), remove: fc.nat({ max: 40 }) });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 6 }), (seed, changes) => {
        let bytes = [...seed];
        for (const { at, byte, remove } of changes) bytes = [...bytes.slice(0, at % bytes.length), byte, ...bytes.slice((at % bytes.length) + remove)];
        expect(isAnswered(Uint8Array.from(bytes))).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test('no exchange of segments makes it throw', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(REQUESTS)), fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 6 }), (request, moves) => {
        const segments = [...request];
        for (const [from, to] of moves) segments.splice(to % segments.length, 0, ...segments.splice(from % segments.length, 1));
        expect(isAnswered(bytesOf(interchange([segments])))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('a Bundle does not depend on line ends or a byte order mark', () => {
    const text = interchange([EVENT_ONLY]);
    const bundleOf = (each: string): string => JSON.stringify(readDelivery(bytesOf(each)).interchanges[0]!.groups[0]!.transactions[0]!.request!.bundle);
    for (const other of [`\ufeff${text}`, text.replaceAll('\n', ''), text.replaceAll('\n', '\r\n'), `\n\n${text}`]) expect(bundleOf(other)).toBe(bundleOf(text));
  });
});
