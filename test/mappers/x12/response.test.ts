import type { Bundle, ClaimResponse, ClaimResponseAddItem, ClaimResponseItem, CommunicationRequest, Extension, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDelivery, type ReadLine, readResponse, type RequestContext, responseFor, type ResponseReading, type Segment, writeAcknowledgment, type X12Issue } from '../../../mappers/x12/index.ts';
import { valueAt } from '../../../mappers/x12/segment.ts';
import { ADMISSION_LINES, bytesOf, CANCELLATION, DEPENDENT_LINES, EVENT_ONLY, interchange, REQUESTS, THREE_LINES } from '../../fixtures/x12/build.ts';
import { corpusFiles, eachOrSkip, sharedFolder } from '../../fixtures/x12/corpus.ts';

const PAS = 'http://hl7.org/fhir/us/davinci-pas/StructureDefinition/extension-';
const stamps = { date: '20260303', time: '1000', controlNumber: '0007' };

function contextOf(request: readonly string[]): RequestContext {
  return readDelivery(bytesOf(interchange([request]))).interchanges[0]!.groups[0]!.transactions[0]!.request!.context;
}

interface Decision {
  action: string;
  number?: string;
  reasons?: string[];
  secondOpinion?: boolean;
}

function adjudication({ action, number, reasons = [], secondOpinion }: Decision): NonNullable<ClaimResponseItem['adjudication']> {
  const parts: Extension[] = [
    { url: `${PAS}reviewActionCode`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/306', code: action }] } },
    ...(number === undefined ? [] : [{ url: 'number', valueString: number }]),
    ...reasons.map((code) => ({ url: 'reasonCode', valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/external/886', code }] } })),
    ...(secondOpinion === undefined ? [] : [{ url: 'secondSurgicalOpinionFlag', valueBoolean: secondOpinion }]),
  ];
  return [{ extension: [{ url: `${PAS}reviewAction`, extension: parts }], category: { coding: [{ code: 'submitted' }] } }];
}

const item = (sequence: number, decision: Decision, rest: Partial<ClaimResponseItem> = {}): ClaimResponseItem => ({ itemSequence: sequence, adjudication: adjudication(decision), ...rest });

function answer(fields: Partial<ClaimResponse>, others: Resource[] = []): Bundle {
  const response: ClaimResponse = {
    resourceType: 'ClaimResponse', status: 'active', use: 'preauthorization', type: { coding: [{ code: 'professional' }] }, patient: { reference: 'urn:uuid:p' }, created: '2026-03-03', insurer: { reference: 'urn:uuid:i' }, outcome: 'complete', ...fields,
  };
  return { resourceType: 'Bundle', type: 'collection', entry: [response, ...others].map((resource, index) => ({ fullUrl: `https://payer.example/fhir/${resource.resourceType}/${index}`, resource })) };
}

const error = (code: string, element?: string, rest: { followUp?: string; path?: string } = {}): NonNullable<ClaimResponse['error']>[number] => ({
  code: { coding: [{ system: 'https://codesystem.x12.org/005010/901', code }] },
  extension: [
    ...(element === undefined ? [] : [{ url: `${PAS}errorElement`, extension: [{ url: 'error', valueString: element }] }]),
    ...(rest.followUp === undefined ? [] : [{ url: `${PAS}errorFollowupAction`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/889', code: rest.followUp }] } }]),
    ...(rest.path === undefined ? [] : [{ url: `${PAS}errorPath`, valueString: rest.path }]),
  ],
});

/** The response as a reader gets it, through an interchange of its own. */
function respond(request: readonly string[], bundle: Bundle): { reading: ResponseReading; segments: readonly Segment[]; issues: X12Issue[]; text: string[] } {
  const received = readDelivery(bytesOf(interchange([request]))).interchanges[0]!;
  const group = received.groups[0]!;
  const { segments, issues } = responseFor(group.transactions[0]!.request!.context, bundle, stamps);
  const written = writeAcknowledgment(received, { date: '20260303', time: '1000', interchangeControlNumber: 5, groupControlNumbers: [6, 7] }, { responses: [{ group, transactions: [segments] }] })!;
  const [back] = readDelivery(written.bytes).interchanges;
  expect([back!.rejection, back!.issues, back!.groups.map(({ errors }) => errors)]).toEqual([undefined, [], [[], []]]);
  // Counts, control numbers and levels agree, whatever a request's grammar thinks of a response.
  expect(back!.groups[1]!.transactions[0]!.errors.filter(({ segmentId }) => segmentId === 'HL' || segmentId === 'SE')).toEqual(segments.some(({ id, elements }) => id === 'HL' && elements[2]![0]![0] === 'EV') ? [] : expect.any(Array));
  const readings = readResponse(written.bytes);
  expect(readings).toHaveLength(1);
  const all = Buffer.from(written.bytes).toString('latin1').split('~\n');
  return { reading: readings[0]!, segments, issues, text: all.slice(all.findIndex((segment) => segment.startsWith('ST*278'))) };
}

const levels = (segments: readonly Segment[]): string[] => segments.filter(({ id }) => id === 'HL').map((segment) => valueAt(segment, 3));

describe('an error is an AAA, and never beside a decision', () => {
  test.each<[string, readonly string[], string, string, string[], string]>([
    ['2010A', EVENT_ONLY, 'T4', '2010A-NM103', ['20'], 'AAA*N**T4*C'],
    ['2010B', EVENT_ONLY, '43', '2010B-NM109', ['20', '21'], 'AAA*N**43*C'],
    ['2010C', EVENT_ONLY, '72', '2010C-NM109', ['20', '21', '22'], 'AAA*N**72*C'],
    ['2010D', DEPENDENT_LINES, '67', '2010D-NM103', ['20', '21', '22', '23'], 'AAA*N**67*C'],
    ['2000E', DEPENDENT_LINES, 'AF', '2000E-HI01', ['20', '21', '22', '23', 'EV'], 'AAA*N**AF*C'],
    ['2010EA', EVENT_ONLY, '51', '2010EA-NM109', ['20', '21', '22', 'EV'], 'AAA*N**51*C'],
  ])('at %s, with what is below cut off', (loop, request, code, element, expected, aaa) => {
    // A careless answer that holds a decision as well.
    const { reading, segments, text } = respond(request, answer({ outcome: 'error', error: [error(code, element)], item: [item(1, { action: 'A1' })] }));
    expect(levels(segments)).toEqual(expected);
    expect(text.filter((segment) => /^(AAA|HCR)/.test(segment))).toEqual([aaa]);
    expect([...reading.rejections, ...(reading.event?.rejections ?? [])]).toMatchObject([{ loop, code }]);
    // Nothing is said to hang below the last level.
    expect(valueAt(segments.findLast(({ id }) => id === 'HL'), 4)).toBe('0');
  });

  test.each([
    ['42', '2000A', 'AAA*Y**42*P'],
    ['79', '2000A', 'AAA*N**79*C'],
    ['51', '2010B', 'AAA*N**51*C'],
    ['75', '2010C', 'AAA*N**75*C'],
    ['AM', '2000E', 'AAA*N**AM*C'],
    ['AG', '2000E', 'AAA*N**AG*C'],
  ])('code %s without an element goes to %s', (code, loop, aaa) => {
    const { reading, text } = respond(EVENT_ONLY, answer({ outcome: 'error', error: [error(code)] }));
    expect([...reading.rejections, ...(reading.event?.rejections ?? [])]).toMatchObject([{ loop }]);
    expect(text).toContain(aaa);
  });

  test('an error of one line leaves the decisions on the others', () => {
    const { reading } = respond(THREE_LINES, answer({ outcome: 'partial', error: [error('AG', '2000F-SV101', { path: 'Bundle.entry[0].resource.item[1].productOrService' })], item: [item(1, { action: 'A1' }), item(2, { action: 'A1' }), item(3, { action: 'A3' })] }));
    expect(reading.services.map((line) => [line.review?.action, line.rejections.map(({ code }) => code)])).toEqual([['A1', []], [undefined, ['AG']], ['A3', []]]);
  });

  test('the follow-up is the payer\'s own; Y means more will follow', () => {
    const { reading, text } = respond(EVENT_ONLY, answer({ outcome: 'error', error: [error('42', '2000A', { followUp: 'Y' })] }));
    expect(text).toContain('AAA*Y**42*Y');
    expect(reading.isFinal).toBe(false);
  });

  test('an error of a dependent the request does not have is the subscriber\'s', () => {
    expect(respond(EVENT_ONLY, answer({ outcome: 'error', error: [error('67', '2010D-NM103')] })).reading.rejections).toMatchObject([{ loop: '2010C' }]);
  });

  test('an outcome of error that says nothing is: unable to respond', () => {
    expect(respond(EVENT_ONLY, answer({ outcome: 'error' })).text).toContain('AAA*Y**42*P');
  });
});

describe('a decision stands where the service stood', () => {
  test('at the event when the request had no lines', () => {
    const { reading, text, issues } = respond(EVENT_ONLY, answer({ item: [item(1, { action: 'A1', number: 'AUTH0001' })] }));
    expect(issues).toEqual([]);
    expect(reading).toMatchObject({ referenceIdentification: 'REQ-7781', isFinal: true, services: [], event: { review: { action: 'A1', number: 'AUTH0001' }, traces: [{ type: '2', number: 'TR-1', organization: '9123456789' }] } });
    expect(text.slice(0, 3)).toEqual(['ST*278*0007*005010X217', 'BHT*0007*11*REQ-7781*20260303*1000*18', 'HL*1**20*1']);
    expect(text).toContain('UM*SC*I*3*11:B*AA:::WI*U');
    expect(text).toContain('TRN*2*TR-1*9123456789*DEPT7');
  });

  test('at each line when it had some, whatever their order', () => {
    const { reading } = respond(THREE_LINES, answer({ item: [item(3, { action: 'A3', reasons: ['0A'] }), item(1, { action: 'A1', number: 'N1' }), item(2, { action: 'A4' })] }));
    expect(reading.event!.review).toBeUndefined();
    expect(reading.services.map(({ review, traces, procedure }) => [traces[0]!.number, procedure, review])).toEqual([
      ['L1', '97151', { action: 'A1', number: 'N1' }],
      ['L2', '97152', { action: 'A4' }],
      ['L3', '97153', { action: 'A3', reason: '0A' }],
    ]);
    expect(reading.isFinal).toBe(false);
  });

  test.each<[string, string | undefined, string[], string | undefined]>([
    ['agrees', 'A1', ['A1', 'A1', 'A1'], 'A1'],
    ['partial over mixed lines', 'A2', ['A1', 'A3', 'A1'], 'A2'],
    ['contradicts', 'A1', ['A1', 'A3', 'A1'], undefined],
    ['contradicts lines that agree', 'A3', ['A1', 'A1', 'A1'], undefined],
    ['denial over a certified line', 'A3', ['A3', 'A3', 'A1'], undefined],
  ])('a decision on the whole that %s', (_, whole, lines, expected) => {
    const { reading, issues } = respond(THREE_LINES, answer({ adjudication: adjudication({ action: whole! }), item: lines.map((action, index) => item(index + 1, { action })) }));
    expect(reading.event!.review?.action).toBe(expected);
    expect(issues.map((issue) => issue.code)).toEqual(expected === undefined ? ['review-contradicts-lines'] : []);
  });

  test('no decision at all is told', () => {
    expect(respond(EVENT_ONLY, answer({})).issues).toMatchObject([{ code: 'no-decision' }]);
    expect(respond(THREE_LINES, answer({ item: [item(1, { action: 'A1' })] })).issues).toMatchObject([{ code: 'no-decision' }, { code: 'no-decision' }]);
  });

  test('reason, second opinion, and one reason only', () => {
    const { text, issues } = respond(EVENT_ONLY, answer({ item: [item(1, { action: 'A4', reasons: ['0U', '1A'], secondOpinion: true })] }));
    expect(text).toContain('HCR*A4**0U*Y');
    expect(issues).toMatchObject([{ code: 'too-many-reasons' }]);
  });
});

describe('what goes with a decision', () => {
  const dates: Extension[] = [
    { url: `${PAS}itemPreAuthIssueDate`, valueDate: '2026-03-03' },
    { url: `${PAS}itemPreAuthPeriod`, valuePeriod: { start: '2026-03-10', end: '2026-06-10' } },
    { url: `${PAS}administrationReferenceNumber`, valueString: 'ADM-2' },
    { url: `${PAS}authorizationNumber`, valueString: 'AUTH-1' },
  ];

  test('dates and numbers of a line', () => {
    const service: Extension = { url: `${PAS}itemRequestedServiceDate`, valuePeriod: { start: '2026-03-11', end: '2026-03-12' } };
    const { reading } = respond(DEPENDENT_LINES, answer({ item: [item(1, { action: 'A1' }, { extension: [...dates, service] }), item(2, { action: 'A1' })] }));
    expect(reading.services[0]).toMatchObject({ references: { BB: 'AUTH-1', NT: 'ADM-2' }, dates: { 472: '20260311-20260312', 102: '20260303', '007': '20260310', '036': '20260610' } });
    // What the answer does not say is echoed.
    expect(reading.services[1]).toMatchObject({ references: { BB: 'AUTH-0' }, dates: { 472: '20260316-20260330' }, quantity: { qualifier: 'VS', value: '2' }, procedure: 'G0299' });
  });

  test('dates at the event; AAH is the event, not the certification', () => {
    const { reading } = respond(EVENT_ONLY, answer({ item: [item(1, { action: 'A1' }, { extension: dates })] }));
    expect(reading.event!.dates).toEqual({ AAH: '20260310-20260320', 102: '20260303', '007': '20260310', '036': '20260610' });
    expect(reading.event!.references).toEqual({ BB: 'AUTH-1', NT: 'ADM-2' });
  });

  test('admission and discharge go to the event', () => {
    const extension: Extension[] = [{ url: `${PAS}admissionDates`, valueDate: '2026-04-02' }, { url: `${PAS}dischargeDate`, valueDate: '2026-04-06' }];
    expect(respond(ADMISSION_LINES, answer({ item: [item(1, { action: 'A1' }, { extension })] })).reading.event!.dates).toEqual({ 435: '20260402', '096': '20260406' });
  });

  test('notes of a line and notes of the whole', () => {
    const { reading } = respond(THREE_LINES, answer({
      processNote: [{ number: 1, text: 'Not medically\nnecessary.' }, { number: 2, text: 'Call us.' }],
      item: [item(1, { action: 'A3' }, { noteNumber: [1] }), item(2, { action: 'A1' }), item(3, { action: 'A1' })],
    }));
    expect(reading.services.map(({ messages }) => messages)).toEqual([['Not medically necessary.'], [], []]);
    expect(reading.event!.messages).toEqual(['Call us.']);
  });

  test('requested documents', () => {
    const request: CommunicationRequest = {
      resourceType: 'CommunicationRequest', status: 'active', identifier: [{ value: 'ATT-9' }], category: [{ coding: [{ system: 'https://codesystem.x12.org/005010/755', code: '15' }] }],
      medium: [{ coding: [{ system: 'https://codesystem.x12.org/005010/756', code: 'FX' }] }], payload: [{ contentString: '18776-5' }],
    };
    const { reading } = respond(EVENT_ONLY, answer({ item: [item(1, { action: 'A4' })] }, [request]));
    expect(reading.event).toMatchObject({ documents: [{ report: '15', transmission: 'FX', controlNumber: 'ATT-9' }] });
    expect(reading.event!.codes).toEqual([['ABK', 'M545', 'D8', '20260220'], ['ABF', 'E1165'], ['LOI', '18776-5']]);
    const ofLine = respond(THREE_LINES, answer({ item: [1, 2, 3].map((each) => item(each, { action: 'A4' })) }, [{ ...request, extension: [{ url: `${PAS}serviceLineNumber`, valuePositiveInt: 2 }] }]));
    expect(ofLine.reading.services.map(({ documents }) => documents.length)).toEqual([0, 1, 0]);
  });

  test('a Task with a questionnaire names its context in a trace', () => {
    const task: Resource = { resourceType: 'Task', status: 'requested', intent: 'order', input: [{ type: { coding: [{ code: 'questionnaire-context' }] }, valueString: 'CTX-5' }] };
    const { reading } = respond(EVENT_ONLY, answer({ item: [item(1, { action: 'A4' })] }, [task]));
    expect(reading.event!.traces).toEqual([{ type: '2', number: 'TR-1', organization: '9123456789' }, { type: '1', number: 'CTX-5', organization: '9123456789' }]);
    expect(reading.event!.codes.at(-1)).toEqual(['LOI', '102089-0']);
  });
});

describe('modified services', () => {
  const added = (sequence: number, fields: Partial<ClaimResponseAddItem>): ClaimResponseAddItem => ({ itemSequence: [sequence], productOrService: { coding: [{ system: 'https://codesystem.x12.org/005010/1365', code: '3' }] }, adjudication: adjudication({ action: 'A1', number: 'AUTH-9' }), ...fields });

  test('fewer visits at the event', () => {
    const { reading } = respond(EVENT_ONLY, answer({ item: [item(1, { action: 'A6', number: 'AUTH-9' })], addItem: [added(1, { quantity: { value: 3 } })] }));
    expect(reading.event).toMatchObject({ review: { action: 'A6', number: 'AUTH-9' }, quantity: { qualifier: 'VS', value: '3' } });
    expect(reading.services).toEqual([]);
  });

  test('another code and quantity on a line', () => {
    const instead = added(2, { productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '97155' }] }, quantity: { value: 4, system: 'https://codesystem.x12.org/005010/673', code: 'VS' } });
    const { reading, text } = respond(THREE_LINES, answer({ item: [item(1, { action: 'A1' }), item(2, { action: 'A6' }), item(3, { action: 'A1' })], addItem: [instead] }));
    expect(reading.services.map(({ procedure, quantity, review }) => [procedure, quantity?.value, review?.action])).toEqual([['97151', '8', 'A1'], ['97155', '4', 'A6'], ['97153', '8', 'A1']]);
    // What was not changed stays as asked for.
    expect(text).toContain('SV1*HC:97155*50*UN*8');
  });

  test('what is authorized besides becomes a line of its own', () => {
    const besides = added(9, { productOrService: { coding: [{ system: 'http://www.ama-assn.org/go/cpt', code: '97156' }] } });
    const { reading, segments } = respond(THREE_LINES, answer({ item: [1, 2, 3].map((each) => item(each, { action: 'A1' })), addItem: [besides] }));
    expect(reading.services.map(({ procedure }) => procedure)).toEqual(['97151', '97152', '97153', '97156']);
    expect(levels(segments)).toEqual(['20', '21', '22', 'EV', 'SS', 'SS', 'SS', 'SS']);
  });

  test('an authorized provider stands instead of the one asked for', () => {
    const extension: Extension[] = [{ url: `${PAS}itemAuthorizedProvider`, extension: [{ url: 'provider', valueReference: { reference: 'https://payer.example/fhir/Organization/1' } }, { url: `${PAS}authorizedProviderType`, valueCodeableConcept: { coding: [{ system: 'https://codesystem.x12.org/005010/98', code: 'FA' }] } }] }];
    const { reading } = respond(EVENT_ONLY, answer({ item: [item(1, { action: 'A1' }, { extension })] }, [{ resourceType: 'Organization', name: 'OTHER CENTER', identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: '1555555556' }] }]));
    expect(reading.event!.providers).toEqual([{ entity: 'FA', name: 'OTHER CENTER', id: '1555555556' }]);
  });
});

test('every level of the request is echoed', () => {
  const { text } = respond(DEPENDENT_LINES, answer({ item: [item(1, { action: 'A1' }), item(2, { action: 'A1' })] }));
  for (const segment of ['NM1*X3*2*SAMPLE HEALTH PLAN*****PI*SHP01', 'NM1*1P*2*LAKESIDE CLINIC*****XX*1234567893', 'NM1*IL*1*DOE*ALEX*Q**JR*MI*W1234567', 'NM1*QC*1*DOE*SAM', 'HI*ABK:J45909', 'NM1*71*1*GREY*ANN****XX*1222222228', 'NM1*SJ*1*BLUE*IRA****XX*1333333334']) expect(text).toContain(segment);
  expect(respond(CANCELLATION, answer({ item: [item(1, { action: 'C' })] })).text).toContain('UM*HS*3*1*11:B');
});

test('a context survives storage', () => {
  const context = contextOf(DEPENDENT_LINES);
  const bundle = answer({ item: [item(1, { action: 'A1' }), item(2, { action: 'A3' })] });
  expect(responseFor(JSON.parse(JSON.stringify(context)) as RequestContext, bundle, stamps)).toEqual(responseFor(context, bundle, stamps));
});

test('whatever errors and decisions are mixed, no loop holds both and nothing hangs below a rejection', () => {
  const fault = fc.record({ code: fc.constantFrom('04', '15', '42', '51', '72', 'AF', 'AG'), element: fc.option(fc.constantFrom('2000A', '2010B-NM109', '2010C-NM109', '2010D-NM103', '2000E-HI01', '2010EA-NM109', '2000F-SV101', '2010F-NM109', 'nonsense'), { nil: undefined }), line: fc.nat({ max: 4 }) });
  const decision = fc.record({ sequence: fc.integer({ min: 1, max: 4 }), action: fc.constantFrom('A1', 'A3', 'A4', 'A6') });
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(REQUESTS)), fc.array(fault, { minLength: 1, maxLength: 4 }), fc.array(decision, { maxLength: 4 }), fc.option(fc.constantFrom('A1', 'A2'), { nil: undefined }), (request, faults, decisions, whole) => {
      const { reading, segments } = respond(request, answer({
        outcome: 'partial',
        error: faults.map(({ code, element, line }) => error(code, element, { path: `Claim.item[${line}]` })),
        item: decisions.map(({ sequence, action }) => item(sequence, { action })),
        ...(whole === undefined ? {} : { adjudication: adjudication({ action: whole }) }),
      }));
      const loops = [reading.event, ...reading.services].filter((loop) => loop !== undefined);
      for (const loop of loops) expect(loop.review !== undefined && loop.rejections.length > 0).toBe(false);
      if (reading.rejections.length > 0) expect(loops).toEqual([]);
      if ((reading.event?.rejections.length ?? 0) > 0) expect(reading.services).toEqual([]);
      expect(segments.filter(({ id }) => id === 'AAA').length).toBeGreaterThan(0);
    }),
    { numRuns: 150 },
  );
});

test('any set of decisions is read back as it was made', () => {
  const decision = fc.record({ action: fc.constantFrom('A1', 'A3', 'A4', 'A6', 'CT'), number: fc.option(fc.stringMatching(/^[A-Z0-9]{1,20}$/), { nil: undefined }), reason: fc.option(fc.constantFrom('0A', '0U', '1B'), { nil: undefined }) });
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(REQUESTS)), fc.array(decision, { minLength: 3, maxLength: 3 }), (request, decisions) => {
      const count = Math.max(1, contextOf(request).services.length);
      const items = decisions.slice(0, count).map(({ action, number, reason }, index) => item(index + 1, { action, ...(number === undefined ? {} : { number }), reasons: reason === undefined ? [] : [reason] }));
      const { reading } = respond(request, answer({ item: items.toReversed() }));
      const lines: (ReadLine | undefined)[] = reading.services.length > 0 ? reading.services : [reading.event];
      expect(lines.map((line) => line?.review)).toEqual(decisions.slice(0, count).map(({ action, number, reason }) => ({ action, ...(number === undefined ? {} : { number }), ...(reason === undefined ? {} : { reason }) })));
      expect(reading.isFinal).toBe(decisions.slice(0, count).every(({ action }) => action !== 'A4'));
    }),
    { numRuns: 60 },
  );
});

describe('the published responses', () => {
  const published: Record<string, unknown> = {
    'inteligenz-tr3-examples/Example_3_1_2_Response.txt': { isFinal: true, event: { review: { action: 'A1', number: 'AUTH0001' }, dates: { AAH: '20050502-20050602' }, quantity: { qualifier: 'VS', value: '1' } }, services: [] },
    'inteligenz-tr3-examples/Example_3_2_2_Response.txt': { isFinal: true, event: { review: { action: 'A6', number: 'AUTH0002' }, quantity: { value: '5' } }, services: [{ review: { action: 'A1', number: 'AUTH0002' }, procedure: '33510' }] },
    'inteligenz-tr3-examples/Example_3_3_2_Response.txt': { isFinal: false, event: { review: { action: 'A4', reason: '0U' }, references: { NT: 'P20030216001' }, documents: [{ report: 'AS', transmission: 'VO' }] } },
  };
  eachOrSkip(corpusFiles('x12-278').filter(({ name }) => name in published), 'is read', ({ name, bytes }) => {
    expect(readResponse(bytes)).toMatchObject([published[name]]);
  });
});

describe('the response examples of PAS 2.2.1', () => {
  const folder = sharedFolder('pas-examples', 'ig-pas-2.2.1');
  const load = (name: string): { name: string; bundle: Bundle }[] => (folder === undefined ? [] : [{ name, bundle: JSON.parse(readFileSync(join(folder, `Bundle-${name}.json`), 'utf8')) as Bundle }]);

  eachOrSkip(load('ReferralAuthorizationResponseBundleExample'), 'approval', ({ bundle }) => {
    const { reading } = respond(EVENT_ONLY, bundle);
    expect(reading.event).toMatchObject({ review: { action: 'A1', number: 'AUTH0001' }, dates: { AAH: '20050502-20050602', 102: '20050502', '007': '20050502', '036': '20050602' }, quantity: { qualifier: 'VS', value: '1' }, providers: [{ entity: 'SJ', name: 'WATSON' }] });
  });
  eachOrSkip(load('ReferralPendingAuthorizationResponseBundleExample'), 'pended', ({ bundle }) => {
    expect(respond(EVENT_ONLY, bundle).reading).toMatchObject({ isFinal: false, event: { review: { action: 'A4' }, references: { NT: 'PEND0001' } } });
  });
  eachOrSkip(load('RejectionResponseBundleExample'), 'denial', ({ bundle }) => {
    expect(respond(EVENT_ONLY, bundle).reading).toMatchObject({ isFinal: true, event: { review: { action: 'A3' } } });
  });
  eachOrSkip(load('ErrorResponseBundleExample'), 'error', ({ bundle }) => {
    const { reading, segments } = respond(EVENT_ONLY, bundle);
    expect(reading.rejections).toEqual([{ loop: '2000A', valid: 'N', code: '04', followUp: 'C' }, { loop: '2010A', valid: 'N', code: 'T4', followUp: 'C' }]);
    expect(levels(segments)).toEqual(['20']);
  });
});

test('bytes that are no response read as none', () => {
  expect(readResponse(bytesOf(interchange([EVENT_ONLY])))).toEqual([]);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readResponse(bytes).length === 0));
});
