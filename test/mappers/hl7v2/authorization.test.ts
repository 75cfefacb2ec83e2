/** PAS response to RPA: what is decided stands where chapter 11 has it, and every value of the payer's is written or told as left out. */
import { describe, expect, test } from '@jest/globals';
import type { Bundle, ClaimResponse } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { answerRequest } from '../../../mappers/hl7v2/inverse/authorization.ts';
import { leavesOf } from '../../../mappers/hl7v2/inverse/unwritten.ts';
import { mapMessage } from '../../../mappers/hl7v2/map.ts';
import { type Hl7Message, valueAt } from '../../../mappers/hl7v2/syntax/message.ts';
import { parseMessage } from '../../../mappers/hl7v2/syntax/parse.ts';
import { writeMessage, writeText } from '../../../mappers/hl7v2/syntax/write.ts';
import { pasExtension, systemOf } from '../../../profiles/pas/names.ts';
import { rqa } from '../../channels/hl7v2/requests.ts';

const stamps = { controlId: 'ANSWER1', now: new Date('2026-03-02T09:00:00.000Z') };
const parse = (text: string): Hl7Message => parseMessage(Buffer.from(text, 'utf8')).message!;
const write = (asked: Hl7Message, answer: Bundle | undefined): ReturnType<typeof answerRequest> => answerRequest(asked, answer, { code: 'AA', issues: [] }, stamps);

interface Item { readonly action: string; readonly number?: string; readonly quantity?: number; readonly instead?: number; readonly words?: readonly string[] }

function response(...items: readonly Item[]): Bundle {
  const notes = items.flatMap(({ words = [] }) => words);
  const claimResponse: ClaimResponse = {
    resourceType: 'ClaimResponse', status: 'active', type: { text: 'x' }, use: 'preauthorization', patient: { reference: 'Patient/p' }, created: '2026-03-02T09:00:00.000Z', insurer: { reference: 'Organization/o' }, outcome: 'complete',
    ...(items[0]?.number !== undefined && { preAuthRef: items[0].number, preAuthPeriod: { start: '2026-03-02', end: '2026-06-02' } }),
    item: items.map(({ action, number, quantity, words = [] }, at) => ({
      itemSequence: at + 1,
      extension: [
        { url: pasExtension.administrationReferenceNumber, valueString: 'R-77' },
        ...(number === undefined ? [] : [{ url: pasExtension.itemPreAuthIssueDate, valueDate: '2026-03-02' }, { url: pasExtension.itemPreAuthPeriod, valuePeriod: { start: '2026-03-02', end: '2026-06-02' } }]),
        ...(quantity === undefined ? [] : [{ url: pasExtension.itemAuthorizedDetail, extension: [{ url: 'quantity', valueQuantity: { value: quantity } }] }]),
      ],
      noteNumber: words.map((text) => notes.indexOf(text) + 1),
      adjudication: [{ category: { text: 'x' }, extension: [{ url: pasExtension.reviewAction, extension: [{ url: pasExtension.reviewActionCode, valueCodeableConcept: { coding: [{ system: systemOf.reviewAction, code: action }] } }, ...(number === undefined ? [] : [{ url: 'number', valueString: number }])] }] }],
    })),
    addItem: items.flatMap(({ instead }, at) => (instead === undefined ? [] : [{ itemSequence: [at + 1], productOrService: { text: 'x' }, quantity: { value: instead }, adjudication: [{ category: { text: 'x' } }] }])),
    processNote: notes.map((text, at) => ({ number: at + 1, text })),
  };
  return { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:1', resource: claimResponse }] };
}

const all = ({ segments }: Hl7Message, id: string): (string | undefined)[][] => segments.filter((segment) => segment.id === id).map((segment) => segment.fields.map((_, at) => valueAt(segment, at)).slice(1));
const status = (message: Hl7Message): string | undefined => valueAt(message.segments.find(({ id }) => id === 'RF1'), 1);

describe('an RPA', () => {
  test('without a decision repeats who asked for whom, and has no word of one', () => {
    const { message, ledger, unwritten } = answerRequest(parse(rqa({ id: '1' })), undefined, { code: 'AE', issues: [{ severity: 'error', code: 'reject-75', text: 'No member has this number.', source: 'PID-3[1]', segment: 5 }] }, stamps);
    expect(message.segments.map(({ id }) => id)).toEqual(['MSH', 'MSA', 'ERR', 'PRD', 'PRD', 'PID', 'IN1', 'DG1', 'PR1']);
    expect([ledger, unwritten]).toEqual([[], []]);
  });

  test('of a Bundle that is no answer says nothing but that the request came', () => {
    expect(write(parse(rqa({ id: '1' })), { resourceType: 'Bundle', type: 'collection' }).message.segments.map(({ id }) => id)).toEqual(['MSH', 'MSA', 'PRD', 'PRD', 'PID', 'IN1', 'DG1', 'PR1']);
  });

  test.each([
    [['A1'], 'A'], [['A6'], 'A'], [['A3'], 'R'], [['A4'], 'P'], [['A1', 'A3'], 'A'], [['A3', 'A4'], 'P'], [['A1', 'A4'], 'P'], [['A3', 'A3'], 'R'],
  ])('of %j says %s for the whole', (actions, expected) => {
    expect(status(write(parse(rqa({ id: '1', services: ['a', 'b'] })), response(...actions.map((action) => ({ action })))).message)).toBe(expected);
  });

  test('never has an AUT for what is not certified', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('A3', 'A4', 'CT', 'XX'), { minLength: 1, maxLength: 4 }), (actions) => {
      expect(all(write(parse(rqa({ id: '1', services: actions })), response(...actions.map((action) => ({ action })))).message, 'AUT')).toEqual([]);
    }));
  });

  test('has what was granted, and what was granted instead', () => {
    const quantities = (item: Item): unknown => all(write(parse(rqa({ id: '1', quantity: '12' })), response(item)).message, 'AUT').map((fields) => fields.slice(7, 9));
    expect(quantities({ action: 'A1', number: 'A-1', quantity: 12 })).toEqual([['12', '12'], ['12', '12']]);
    expect(quantities({ action: 'A6', number: 'A-1', instead: 6 })).toEqual([['12', '6'], ['12', '6']]);
  });

  test('has the plan\'s number in RF1-11, and in words where the sender has a number of its own there', () => {
    const asked = rqa({ id: '1' });
    const taken = asked.replace(/^RF1.*$/m, 'RF1||R||||RQ^EHR|||||OWN-1');
    const free = write(parse(asked), response({ action: 'A4' })).message;
    expect([all(free, 'RF1')[0]![10], all(free, 'NTE').map((fields) => fields[2])]).toEqual(['R-77', ['Pending.']]);
    const { message } = write(parse(taken), response({ action: 'A4' }));
    expect([all(message, 'RF1')[0]![10], all(message, 'NTE').map((fields) => fields[2])]).toEqual(['OWN-1', ['Pending.', 'Reference of the plan: R-77']]);
  });

  test('to a change tells each service under its place in the change, and others as such', () => {
    const asked = parse(rqa({ id: '1', services: ['S', 'T'] }));
    const { message } = answerRequest(asked, response({ action: 'A1', number: 'A-1', quantity: 1 }, { action: 'A3', words: ['no'] }, { action: 'A1', number: 'A-1', quantity: 3 }), { code: 'AA', issues: [] }, stamps, new Map([[1, 3], [2, 2]]));
    expect(message.segments.filter(({ id }) => id === 'PR1' || id === 'AUT').slice(1).map((segment) => segment.id + (segment.id === 'AUT' ? valueAt(segment, 9) : ''))).toEqual(['PR1', 'AUT3', 'PR1']);
    expect(all(message, 'NTE').map((fields) => fields[2])).toEqual(['Another service of the authorization: Certified.', 'Service 2: Denied.', 'Service 2: no', 'Service 1: Certified.']);
  });

  test('without RF1 in the request has one with the status', () => {
    expect(status(write(parse(rqa({ id: '1' }).replace(/^RF1.*\r/m, '')), response({ action: 'A4' })).message)).toBe('P');
  });

  test('has delimiters in words escaped, in the delimiters of the request', () => {
    const asked = parse(rqa({ id: '1' }));
    const { message } = write({ ...asked, delimiters: { field: '|', component: '*', repetition: '~', escape: '\\', subcomponent: '&' } }, response({ action: 'A3', words: ['a|b*c~d\\e&f'] }));
    expect(writeText(message)).toContain(String.raw`NTE|2|O|a\F\b\S\c\R\d\E\e\T\f|1R`);
  });

  test('comes back as the decision that it was', () => {
    const { message } = write(parse(rqa({ id: '1' })), response({ action: 'A1', number: 'A-1', quantity: 2 }));
    const { bundle, issues } = mapMessage(parse(writeText(message)));
    const back = bundle.entry!.map(({ resource }) => resource).find((resource): resource is ClaimResponse => resource?.resourceType === 'ClaimResponse');
    expect(back).toMatchObject({ preAuthRef: 'A-1', preAuthPeriod: { start: '2026-03-02', end: '2026-06-02' } });
    expect(issues.filter(({ code }) => code.startsWith('segment-'))).toEqual([]);
  });

  test('accounts for every value of the payer\'s own: written at the place it names, or left out with a reason', () => {
    const item = fc.record({ action: fc.constantFrom('A1', 'A3', 'A4', 'A6'), number: fc.option(fc.constant('A-1'), { nil: undefined }), quantity: fc.option(fc.integer({ min: 1, max: 99 }), { nil: undefined }), words: fc.uniqueArray(fc.stringMatching(/^[a-z|^~\\&]{1,12}$/), { maxLength: 2 }) });
    fc.assert(fc.property(fc.array(item, { minLength: 1, maxLength: 3 }), (items) => {
      const answer = response(...items.map(({ number, quantity, ...rest }): Item => ({ ...rest, ...(number !== undefined && { number }), ...(quantity !== undefined && { quantity }) })));
      const { message, ledger, unwritten } = write(parse(rqa({ id: '1', services: items.map((_, at) => `S${at}`) })), answer);
      expect(writeMessage(message)).toBeDefined();
      expect(new Set([...ledger, ...unwritten].map(({ path }) => path))).toEqual(new Set(leavesOf(answer)));
      for (const { source, segment } of ledger) {
        const [, id, field] = /^(\w{3})-(\d+)/.exec(source)!;
        const at = message.segments[segment! - 1]!;
        expect([at.id, valueAt(at, Number(field)) === undefined]).toEqual([id, false]);
      }
      expect(unwritten.every(({ reason }) => reason !== '')).toBe(true);
    }));
  });
});

test('a request of any form is answered by what can be sent and read again', () => {
  const text = rqa({ id: '1', services: ['A', 'B'], quantity: '3', saturation: 90 });
  const broken = fc.array(fc.tuple(fc.nat(text.length - 1), fc.constantFrom('|', '^', '~', '&', '\\', '\r', 'PR1', 'AUT|', '"', '\u0001', 'é', '')), { maxLength: 12 });
  fc.assert(fc.property(broken, fc.boolean(), (changes, decided) => {
    let sent = text;
    for (const [at, by] of changes) sent = sent.slice(0, at) + by + sent.slice(at + 1);
    const asked = parseMessage(Buffer.from(sent, 'utf8')).message;
    if (asked === undefined) return;
    const { message } = write(asked, decided ? response({ action: 'A1', number: 'A-1' }, { action: 'A3', words: ['no'] }) : undefined);
    const bytes = writeMessage(message);
    expect(bytes).toBeDefined();
    const back = parseMessage(bytes!).message;
    expect(back?.segments.map(({ id }) => id)).toEqual(message.segments.map(({ id }) => id));
    expect(valueAt(back?.segments[0], 9)).toBe('RPA');
  }), { numRuns: 500 });
});

test('an RQA without RF1 is a request all the same', () => {
  const { bundle } = mapMessage(parse(rqa({ id: '1' }).replace(/^RF1.*\r/m, '')));
  expect(bundle.entry![0]!.resource).toMatchObject({ resourceType: 'Claim', use: 'preauthorization', diagnosis: [{ diagnosisCodeableConcept: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'J44.9' }] } }], item: [{ productOrService: { coding: [{ code: 'E1390' }] } }] });
  const requester = bundle.entry!.find(({ fullUrl }) => fullUrl === (bundle.entry![0]!.resource as { provider?: { reference?: string } }).provider?.reference);
  expect(requester?.resource).toMatchObject({ identifier: [{ system: systemOf.npi, value: '1999999984' }] });
});

describe('a change or cancellation names what it is about', () => {
  const relatedOf = (event: string, asked: { authorization?: string; reference?: string; number?: string }): unknown => {
    const { bundle } = mapMessage(parse(rqa({ id: '1', type: `RQA^${event}^RQA_I08`, number: '', ...asked })));
    return (bundle.entry![0]!.resource as { related?: { claim?: { identifier?: unknown } }[] }).related?.[0]?.claim?.identifier;
  };

  test.each([
    ['by the number of the authorization before all others', { authorization: 'A-1', reference: 'R-1', number: 'RQ-1' }, { system: systemOf.referenceQualifier, type: { coding: [{ code: 'BB' }] }, value: 'A-1' }],
    ['by the requester\'s own number', { reference: 'R-1', number: 'RQ-1' }, { value: 'RQ-1', assigner: { display: 'EHR' } }],
    ['by the number that the plan gave', { reference: 'R-1' }, { system: systemOf.referenceQualifier, type: { coding: [{ code: 'NT' }] }, value: 'R-1' }],
  ])('%s', (_, asked, expected) => {
    expect(relatedOf('I09', asked)).toMatchObject(expected);
    expect(relatedOf('I11', asked)).toMatchObject(expected);
    expect(relatedOf('I08', asked)).toBeUndefined();
  });

  test('and a cancellation says that it is one', () => {
    expect(mapMessage(parse(rqa({ id: '1', type: 'RQA^I11^RQA_I08' }))).bundle.entry![0]!.resource).toMatchObject({ status: 'cancelled' });
  });
});

test('evidence is named by the Claim, and that of each request is its own', () => {
  const evidenceOf = (id: string): (string | undefined)[] => {
    const claim = mapMessage(parse(rqa({ id, saturation: 90 }))).bundle.entry![0]!.resource as { supportingInfo?: { valueReference?: { reference?: string } }[] };
    return (claim.supportingInfo ?? []).map(({ valueReference }) => valueReference?.reference);
  };
  const [first, second] = [evidenceOf('1'), evidenceOf('2')];
  expect(first).toHaveLength(1);
  expect(first.filter((url) => second.includes(url))).toEqual([]);
});
