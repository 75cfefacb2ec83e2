/** Entries of the log that are none, and those that must be read back as they were written. */
import { readLog } from '../../operations/prior-authorization/read-log.ts';

const place = { sequence: 2, at: '2026-03-02T09:00:00.000Z', item: 1 };
const person = { kind: 'person', name: 'Dr. Ines Moreau' };
const rule = { kind: 'administrative-rule', rule: { title: 'Excluded' } };
const criterion = { kind: 'clinical-criterion', rule: { title: 'Oxygen' }, truth: 'not-met' };
const reason = { system: 'urn:test', code: 'x', text: 'A reason.' };
const denied = { ...place, kind: 'denied', authority: person, reason };
const received = {
  sequence: 1, at: place.at, kind: 'received', version: 1, rail: 'fhir', receivedAt: place.at, expedited: false, dueAt: place.at,
  items: [1], administrativeReference: 'R1', certificationNumber: 'A1', stored: {},
};

test.each<[string, unknown]>([
  ['null', null], ['a list', []], ['a word', 'denied'], ['nothing in it', {}],
  ['no kind', { ...denied, kind: undefined }], ['an unknown kind', { ...denied, kind: 'reduced' }], ['a kind from the prototype', { ...denied, kind: 'constructor' }], ['a kind that is a list', { ...denied, kind: ['denied'] }],
  ['no authority', { ...denied, authority: undefined }], ['an unknown authority', { ...denied, authority: { kind: 'model', name: 'A' } }], ['an authority that is a word', { ...denied, authority: 'person' }],
  ['an authority from the prototype', { ...denied, authority: { kind: 'toString' } }], ['intake that denies', { ...denied, authority: { kind: 'intake' } }],
  ['a person without a name', { ...denied, authority: { kind: 'person' } }], ['a person whose name is blank', { ...denied, authority: { kind: 'person', name: ' ' } }],
  ['a rule without its name', { ...denied, authority: { kind: 'administrative-rule' } }], ['a criterion that says nothing', { ...denied, kind: 'pended', explanation: '', authority: { ...criterion, truth: undefined } }],
  ['a denial without a reason', { ...denied, reason: undefined }], ['a denial without a code', { ...denied, reason: { ...reason, code: '' } }], ['a denial without words', { ...denied, reason: { ...reason, text: ' ' } }],
  ['a modification of nothing', { ...denied, kind: 'modified', number: 'A1', period: {} }], ['a certification without a number', { ...denied, kind: 'certified', period: {}, explanation: '' }],
  ['no item', { ...denied, item: undefined }], ['an item in words', { ...denied, item: '1' }], ['no place', { ...denied, sequence: undefined }], ['no time', { ...denied, at: undefined }],
  ['a change of no item', { ...received, version: 2, changes: { a: 'changed' } }], ['a change that there is not', { ...received, version: 2, changes: { 1: 'reduced' } }], ['changes in a word', { ...received, version: 2, changes: 'changed' }],
  ['an answer to nothing', { ...received, version: 2, answered: [{ item: 1 }] }], ['a refusal in words', { ...received, version: 2, refused: ['1'] }], ['a cancellation of nothing', { ...place, item: undefined, kind: 'cancelled', authority: { kind: 'requester' } }],
  ['more time without a notice', { ...place, kind: 'extended', authority: person, reason, dueAt: place.at }], ['more time without a reason', { ...place, kind: 'extended', authority: person, notice: 'More.', dueAt: place.at }],
  ['more time until some day', { ...place, kind: 'extended', authority: person, reason, notice: 'More.', dueAt: '2026-03-20' }], ['a pause without end', { ...place, kind: 'paused', authority: rule, dueAt: place.at }],
  ['a clock that goes on to nowhere', { ...place, kind: 'resumed', authority: rule, dueAt: 'soon' }], ['a downgrade without its rule', { ...place, kind: 'downgraded', authority: person, reason, notice: 'No.', dueAt: place.at }],
  ['a receipt whose clock has no source', { ...received, clock: { rule: 'r', title: 'R', lineOfBusiness: 'qhp', atRiskHours: 1 } }],
  ['a receipt of nothing', { ...received, items: undefined }], ['a receipt of words', { ...received, items: ['1'] }],
])('%s is no entry', (_, entry) => {
  expect(() => readLog(JSON.stringify([entry]))).toThrow(RangeError);
});

test('what it refuses is not in the words of the refusal', () => {
  expect(() => readLog(JSON.stringify([{ ...denied, kind: 'Xanthippe' }]))).toThrow(/^An entry in the log of an authorization is none\.$/);
});

test.each<[string, object]>([
  ['a receipt', received], ['a denial by a person', denied], ['a denial by a rule', { ...denied, authority: rule }],
  ['an update', { ...received, version: 2, changes: { 1: 'changed', 2: 'added' }, answered: [{ item: 1, system: 'http://loinc.org', code: '18776-5' }], refused: [3], certifiedFor: { 1: { quantity: { value: 6 } } } }],
  ['a cancellation', { ...place, kind: 'cancelled', authority: { kind: 'requester', identifier: 'urn:test|1' } }],
  ['a modification', { ...denied, kind: 'modified', number: 'A1', period: { end: '2026-06-01' }, approved: { quantity: { value: 6 } } }],
  ['a certification', { ...place, kind: 'certified', authority: criterion, number: 'A1', period: {}, explanation: '' }], ['a question', { ...place, kind: 'pended', authority: criterion, explanation: '' }],
  ['more time', { ...place, kind: 'extended', authority: person, reason, notice: 'More.', dueAt: place.at }], ['a pause', { ...place, kind: 'paused', authority: rule, until: place.at, dueAt: place.at }], ['its end', { ...place, kind: 'resumed', authority: rule, dueAt: place.at }],
  ['a downgrade', { ...place, kind: 'downgraded', authority: person, reason, notice: 'No.', dueAt: place.at, clock: { rule: 'r', title: 'R', source: 'S', lineOfBusiness: 'qhp', atRiskHours: 1 } }],
  ['what is wanted', { ...place, kind: 'information-requested', authority: rule, wanted: [{ system: 'http://loinc.org', code: '18776-5', text: 'Plan' }] }],
])('%s is read as it was written', (_, entry) => {
  expect(readLog(JSON.stringify([entry]))).toEqual([entry]);
});
