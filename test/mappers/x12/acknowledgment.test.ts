import { readDelivery, type ReceivedInterchange, type ReceivedTransaction, responseFor, writeAcknowledgment } from '../../../mappers/x12/index.ts';
import { tokenize } from '../../../mappers/x12/tokenizer.ts';
import { bytesOf, EVENT_ONLY, type FixtureEnvelope, interchange, THREE_LINES, TOP } from '../../fixtures/x12/build.ts';

const stamps = { date: '20260302', time: '0920', interchangeControlNumber: 9001, groupControlNumbers: [77, 78] };

const received = (body: readonly string[], envelope: FixtureEnvelope = {}): ReceivedInterchange => readDelivery(bytesOf(interchange([body], envelope))).interchanges[0]!;

/** The segments of the answer, one string each, between ISA and IEA. */
function answerTo(interchangeReceived: ReceivedInterchange): string[] {
  const written = writeAcknowledgment(interchangeReceived, stamps);
  return written === undefined ? [] : Buffer.from(written.bytes).toString('latin1').split('~\n').slice(1, -2);
}

const only = (segments: readonly string[], id: RegExp): string[] => segments.filter((segment) => id.test(segment));

/** A copy of the request with segments replaced, removed (undefined) or added behind. */
function altered(body: readonly string[], changes: Record<string, string | readonly string[] | undefined>): string[] {
  for (const start of Object.keys(changes)) if (!body.some((segment) => segment.startsWith(start))) throw new Error(`no segment ${start}`);
  return body.flatMap((segment) => {
    const key = Object.keys(changes).find((start) => segment.startsWith(start));
    if (key === undefined) return [segment];
    const change = changes[key];
    return change === undefined ? [] : typeof change === 'string' ? [change] : [...change];
  });
}

describe('TA1', () => {
  test.each<[string, string, FixtureEnvelope]>([
    ['accepted', 'TA1*000000101*260302*0915*A*000', {}],
    ['ISA13 and IEA02 differ', 'TA1*000000101*260302*0915*R*001', { ieaControlNumber: '000000102' }],
    ['no sender', 'TA1*000000101*260302*0915*R*006', { isa: { 6: ' '.repeat(15) } }],
    ['no receiver', 'TA1*000000101*260302*0915*R*008', { isa: { 8: ' '.repeat(15) } }],
    ['a date that is none', 'TA1*000000101*000101*0915*R*014', { isa: { 9: '2603AA' } }],
    ['a time that is none', 'TA1*000000101*260302*2560*R*015', { isa: { 10: '2560' } }],
    ['an unknown control version', 'TA1*000000101*260302*0915*R*017', { isa: { 12: '00300' } }],
    ['the version before', 'TA1*000000101*260302*0915*E*017', { isa: { 12: '00401' } }],
    ['a control number with letters', 'TA1*000000000*260302*0915*R*018', { controlNumber: '00000010A' }],
    ['neither production nor test', 'TA1*000000101*260302*0915*R*020', { isa: { 15: 'X' } }],
    ['a wrong group count', 'TA1*000000101*260302*0915*R*021', { ieaCount: '2' }],
    ['an ISA that is not padded', 'TA1*000000101*260302*0915*R*022', { isa: { 6: 'CLINIC' } }],
  ])('%s', (_, ta1, envelope) => {
    const answer = answerTo(received(EVENT_ONLY, envelope));
    expect(answer[0]).toBe(ta1);
    // No 999 to an interchange that was refused.
    expect(only(answer, /^AK1/)).toHaveLength(ta1.includes('*R*') ? 0 : 1);
  });

  test('an end that never comes is 023', () => {
    const cut = readDelivery(bytesOf(interchange([EVENT_ONLY]).replace(/GE\*[^]*$/, ''))).interchanges[0]!;
    expect(answerTo(cut)).toEqual(['TA1*000000101*260302*0915*R*023']);
  });

  test('a duplicate the caller found is 025', () => {
    const written = writeAcknowledgment(received(EVENT_ONLY), stamps, { rejection: { noteCode: '025', message: 'Duplicate.' } });
    expect(Buffer.from(written!.bytes).toString()).toContain('TA1*000000101*260302*0915*R*025~');
  });

  test('not asked for and nothing wrong: only the 999', () => {
    expect(only(answerTo(received(EVENT_ONLY, { isa: { 14: '0' } })), /^TA1/)).toEqual([]);
  });

  test('an interchange of TA1 alone is read and not answered', () => {
    const text = interchange([], { isa: { 14: '0' } }).replace(/GS[^]*GE[^~]*~\n/, 'TA1*000000019*260101*1200*A*000~\n').replace('IEA*1', 'IEA*0');
    const [only1] = readDelivery(bytesOf(text)).interchanges;
    expect(only1).toMatchObject({ groups: [], acknowledgments: [{ controlNumber: '000000019', code: 'A', noteCode: '000' }] });
    expect(only1!.rejection).toBeUndefined();
    expect(writeAcknowledgment(only1!, stamps)).toBeUndefined();
  });

  test('our own answer is read and not answered', () => {
    const answer = writeAcknowledgment(received(EVENT_ONLY), stamps)!;
    const [read] = readDelivery(answer.bytes).interchanges;
    expect(read!.rejection).toBeUndefined();
    expect(read!.groups).toMatchObject([{ functionalIdentifier: 'FA', errors: [], transactions: [{ setIdentifier: '999', errors: [] }] }]);
    expect(writeAcknowledgment(read!, stamps)).toBeUndefined();
  });
});

describe('999', () => {
  const member = 'CTX*SUBSCRIBER NAME NM109:W1234567';
  const trace = 'CTX*TRN02:TR-1';

  test('accepted', () => {
    expect(answerTo(received(EVENT_ONLY)).slice(1)).toEqual([
      'GS*FA*PAYERAPP*CLINICAPP*20260302*0920*77*X*005010X231A1',
      'ST*999*0001*005010X231A1',
      'AK1*HI*55*005010X217',
      'AK2*278*0001*005010X217',
      'IK5*A',
      'AK9*A*1*1*1',
      'SE*6*0001',
      'GE*1*77',
    ]);
  });

  // Positions count from ST = 1: BHT 2, HL 3, NM1 4, HL 5, NM1 6, REF 7, N3 8, N4 9, PER 10, HL 11, NM1 12, REF 13, N3 14, N4 15, DMG 16, HL 17, TRN 18, UM 19 ...
  test.each<[string, Record<string, string | readonly string[] | undefined>, string[]]>([
    ['wrong structure code', { BHT: 'BHT*0009*13*REQ-7781*20260302*0914' }, ['IK3*BHT*2**8', 'IK4*1*1005*7*0009', 'IK5*R*5']],
    ['wrong purpose', { BHT: 'BHT*0007*08*REQ-7781*20260302*0914' }, ['IK3*BHT*2**8', 'IK4*2*353*7*08', 'IK5*R*5']],
    ['a date that is none', { BHT: 'BHT*0007*13*REQ-7781*20260231*0914' }, ['IK3*BHT*2**8', 'IK4*4*373*8*20260231', 'IK5*R*5']],
    ['a time that is none', { BHT: 'BHT*0007*13*REQ-7781*20260302*9914' }, ['IK3*BHT*2**8', 'IK4*5*337*9*9914', 'IK5*R*5']],
    ['a required element missing', { 'NM1*IL': 'NM1*IL*1*DOE*ALEX' }, ['IK3*NM1*12*2010C*8', 'IK4*8*66*1', 'IK4*9*67*1', 'IK5*R*5']],
    ['half of a pair', { 'NM1*SJ': 'NM1*SJ*1*WATSON*SUSAN*****1987654328' }, ['IK3*NM1*30*2010EA*8', trace, 'IK4*8*66*2', 'IK5*R*5']],
    ['too long', { 'N4*MADISON*WI*53711': 'N4*MADISON*WIS*53711' }, ['IK3*N4*15*2010C*8', member, 'IK4*2*156*5*WIS', 'IK5*R*5']],
    ['too short', { 'N3*1 ELM': ['N3*1 ELM', 'N4*X*WI*53711'], 'N4*MADISON*WI*53711': undefined }, ['IK3*N4*15*2010C*8', member, 'IK4*1*19*4*X', 'IK5*R*5']],
    ['not a number', { HSD: 'HSD*VS*SIX' }, ['IK3*HSD*24*2000E*8', trace, 'IK4*2*380*6*SIX', 'IK5*R*5']],
    ['too many elements', { MSG: 'MSG*HELLO****X' }, ['IK3*MSG*29*2000E*8', trace, 'IK4*5**3*X', 'IK5*R*5']],
    ['components where there are none', { HSD: 'HSD*VS:X*6' }, ['IK3*HSD*24*2000E*8', trace, 'IK4*1*673*13', 'IK5*R*5']],
    ['a component missing', { HI: 'HI*:M545' }, ['IK3*HI*23*2000E*8', trace, 'IK4*1:1*1270*1', 'IK5*R*5']],
    ['a bad date in a composite', { HI: 'HI*ABK:M545:D8:20269999' }, ['IK3*HI*23*2000E*8', trace, 'IK4*1:4*1251*8*20269999', 'IK5*R*5']],
    ['an element that does not repeat', { HSD: 'HSD*VS*6^7' }, ['IK3*HSD*24*2000E*8', trace, 'IK4*2*380*12', 'IK5*R*5']],
    ['a qualifier of another place', { 'DTP*AAH': 'DTP*102*D8*20260310' }, ['IK3*DTP*22*2000E*8', trace, 'IK4*1*374*7*102', 'IK5*R*5']],
    ['a segment missing', { UM: undefined }, ['IK3*UM*19*2000E*3', trace, 'IK5*R*5']],
    ['a segment of another loop', { 'N3*1 ELM': ['N3*1 ELM', 'UM*SC*I'] }, ['IK3*UM*15*2010C*2', member, 'IK5*R*5']],
    ['a segment of another transaction set', { MSG: ['STC*A1', 'MSG*X'] }, ['IK3*STC*29*2000E*6', trace, 'IK5*R*5']],
    ['a segment nobody knows', { MSG: ['Z9Z*A1', 'MSG*X'] }, ['IK3*Z9Z*29*2000E*1', trace, 'IK5*R*5']],
    ['a segment too often', { MSG: ['MSG*ONE', 'MSG*TWO'] }, ['IK3*MSG*30*2000E*5', trace, 'IK5*R*5']],
    ['segments out of order', { UM: undefined, HI: ['HI*ABK:M545', 'UM*SC*I'] }, ['IK3*UM*23*2000E*7', trace, 'IK5*R*5']],
    ['a parent that is not there', { 'HL*3': 'HL*3*9*22*1' }, ['IK3*HL*11*2000C*8', member, 'IK4*2*734*7*9', 'IK5*R*5']],
    ['levels not numbered', { 'HL*4': 'HL*7*3*EV*0' }, ['IK3*HL*17*2000E*8', trace, 'IK4*1*628*7*7', 'IK5*R*5']],
    ['a segment that is due and comes late', { HSD: undefined, MSG: ['MSG*X', 'HSD*VS*6'] }, ['IK3*HSD*29*2000E*7', trace, 'IK5*R*5']],
    ['a state beside a subdivision without its country', { 'N4*MADISON*WI*53711': 'N4*MADISON*WI*53711****QC' }, ['IK3*N4*15*2010C*8', member, 'IK4*7*1715*10', 'IK4*4*26*2', 'IK5*R*5']],
    ['half of a transport weight', { CR6: ['CR1*LB**I', 'CR6*1*20260301'] }, ['IK3*CR1*27*2000E*8', trace, 'IK4*2*81*2', 'IK5*R*5']],
    ['a period count without its period', { HSD: 'HSD*VS*6*WK*1**3' }, ['IK3*HSD*24*2000E*8', trace, 'IK4*5*615*2', 'IK5*R*5']],
    ['what this guide has no use for', { 'N4*MADISON*WI*53711': 'N4*MADISON*WI*53711**CY*DANE' }, ['IK3*N4*15*2010C*8', member, 'IK4*5*309*I10*CY', 'IK4*6*310*I10*DANE', 'IK5*E*5']],
    ['an unknown level', { 'HL*4': 'HL*4*3*19*0' }, ['IK3*HL*17**8', member, 'IK4*3*735*7*19', 'IK3*HL*33*2000E*3', member, 'IK5*R*5']],
    ['a child code that does not agree', { 'HL*4': 'HL*4*3*EV*1' }, ['IK3*HL*17*2000E*8', trace, 'IK4*4*736*7*1', 'IK5*E*5']],
    ['a trace organization of nine characters', { TRN: 'TRN*1*TR-1*912345678' }, ['IK3*TRN*18*2000E*8', trace, 'IK4*3*509*4*912345678', 'IK5*E*5']],
  ])('%s', (_, changes, expected) => {
    const answer = only(answerTo(received(altered(EVENT_ONLY, changes))), /^(IK|CTX)/);
    expect(answer).toEqual(expected);
  });

  test('professional and institutional services in one request', () => {
    const mixed = altered(THREE_LINES, { 'SV1*HC:97152': 'SV2**HC:97152' });
    expect(only(answerTo(received(mixed)), /^(IK|CTX)/)).toEqual(['IK3*SV2*31*2000F*I9', 'CTX*SITUATIONAL TRIGGER*SV2*31*2000F', 'CTX*TRN02:L2', 'IK5*R*5']);
  });

  test.each<[string, FixtureEnvelope, RegExp, string[]]>([
    ['SE01 does not count', { segmentCount: 99 }, /^(IK|AK9)/, ['IK5*R*4', 'AK9*R*1*1*0']],
    ['SE02 differs', { seControlNumber: '0009' }, /^(IK|AK9)/, ['IK5*R*3', 'AK9*R*1*1*0']],
    ['another guide', { guide: '005010X999' }, /^(IK|AK9)/, ['IK5*R*I6', 'AK9*R*1*1*0']],
    ['another functional group', { functionalIdentifier: 'HS' }, /^(AK1|AK9)/, ['AK1*HS*55*005010X217', 'AK9*R*1*1*0*1']],
    ['GE01 does not count', { geCount: '3' }, /^AK9/, ['AK9*R*3*1*0*5']],
    ['GE02 differs', { geControlNumber: '56' }, /^AK9/, ['AK9*R*1*1*0*4']],
  ])('%s', (_, envelope, ids, expected) => {
    const read = received(EVENT_ONLY, envelope);
    expect(only(answerTo(read), ids)).toEqual(expected);
    expect(read.groups[0]!.transactions[0]!.request).toBeUndefined();
  });

  test('one of two transaction sets rejected: P', () => {
    const two = readDelivery(bytesOf(interchange([EVENT_ONLY, altered(EVENT_ONLY, { UM: undefined })]))).interchanges[0]!;
    expect(only(answerTo(two), /^(IK5|AK9)/)).toEqual(['IK5*A', 'IK5*R*5', 'AK9*P*2*2*1']);
  });

  test('the same control number twice in a group', () => {
    const text = interchange([EVENT_ONLY, EVENT_ONLY]).replaceAll('ST*278*0002', 'ST*278*0001').replaceAll('*0002~', '*0001~');
    const twice = readDelivery(bytesOf(text)).interchanges[0]!;
    expect(only(answerTo(twice), /^IK5/)).toEqual(['IK5*A', 'IK5*R*23']);
  });

  test('levels beyond the event are missing together', () => {
    expect(only(answerTo(received(TOP)), /^IK/)).toEqual(['IK3*HL*11*2000C*8', 'IK4*4*736*7*1', 'IK3*HL*17*2000E*3', 'IK5*R*5']);
  });

  test('texts of issues hold no value of the data', () => {
    const bad = received(altered(EVENT_ONLY, { 'NM1*IL': 'NM1*IL*1*SECRETNAME*ALEX*Q**JR*XX*SECRETNUMBER', HSD: 'HSD*VS*SECRET' }));
    const transaction = bad.groups[0]!.transactions[0]! satisfies ReceivedTransaction;
    expect(transaction.issues.length).toBeGreaterThan(1);
    expect(JSON.stringify([transaction.issues, bad.issues])).not.toContain('SECRET');
  });

  test('the answer is an interchange of its own, addressed back', () => {
    const written = writeAcknowledgment(received(EVENT_ONLY), stamps)!;
    const [answer] = tokenize(written.bytes).interchanges;
    expect(answer!.fixedWidth).toBe(true);
    const [read] = readDelivery(written.bytes).interchanges;
    expect(read!.control).toMatchObject({ sender: { id: 'PAYER' }, receiver: { id: 'CLINIC' }, controlNumber: '000009001', usage: 'T' });
    expect(read!.issues).toEqual([]);
  });
});

test('a response Bundle without a ClaimResponse is an issue', () => {
  const { request } = received(EVENT_ONLY).groups[0]!.transactions[0]!;
  expect(responseFor(request!.context, { resourceType: 'Bundle', type: 'collection' }, { date: '20260302', time: '0920', controlNumber: '0001' })).toMatchObject({ segments: [], issues: [{ code: 'no-claim-response' }] });
});
