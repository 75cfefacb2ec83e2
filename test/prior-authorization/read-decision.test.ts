/** The body of $decide: nothing in it is passed over in silence, and a name and a text must be ones. */
import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { moreThanAsked } from '../../operations/prior-authorization/more-than-asked.ts';
import { readDecision } from '../../operations/prior-authorization/read-decision.ts';

const author: ParametersParameter = { name: 'author', valueReference: { display: 'Dr. Ines Moreau' } };
const sequence: ParametersParameter = { name: 'sequence', valuePositiveInt: 1 };
const act = (action: string): ParametersParameter => ({ name: 'action', valueCode: action });
const reason: ParametersParameter = { name: 'reason', valueCodeableConcept: { coding: [{ system: 'urn:test', code: 'x' }] } };
const text: ParametersParameter = { name: 'text', valueString: 'A reason.' };
const quantity: ParametersParameter = { name: 'quantity', valueQuantity: { value: 6, unit: 'month' } };
const period: ParametersParameter = { name: 'period', valuePeriod: { start: '2026-03-02' } };
const information: ParametersParameter = { name: 'information', valueCodeableConcept: { coding: [{ code: 'x' }] } };
const product: ParametersParameter = { name: 'productOrService', valueCodeableConcept: { text: 'Another' } };
const price: ParametersParameter = { name: 'unitPrice', valueMoney: { value: 1 } };

const item = (...part: ParametersParameter[]): ParametersParameter => ({ name: 'item', part });
const body = (...parameter: ParametersParameter[]): Parameters => ({ resourceType: 'Parameters', parameter });
const decide = (...part: ParametersParameter[]): Parameters => body(author, item(sequence, ...part));

function rulesOf(parameters: Parameters): string[] {
  try {
    readDecision(parameters);
    return [];
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.issues.map((issue) => issue.code)).toEqual(error.issues.map(() => 'decision-invalid'));
    return error.issues.map((issue) => String(issue.details?.['rule']));
  }
}

describe('passed over in silence', () => {
  const once = (name: string): string => `${name} may be given only once.`;
  const unknown = 'The operation has no parameter of this name here.';
  test.each<[string, Parameters, string]>([
    ['two authors', body(author, { name: 'author', valueReference: { display: 'Dr. No' } }, item(sequence, act('certify'))), once('author')],
    ['two specialties', body(author, ...[1, 2].map(() => ({ name: 'specialty', valueCodeableConcept: { text: 'x' } })), item(sequence, act('certify'))), once('specialty')],
    ['two actions', decide(act('certify'), act('deny')), once('action')],
    ['two items in one', decide({ name: 'sequence', valuePositiveInt: 2 }, act('certify')), once('sequence')],
    ['two texts', decide(act('deny'), reason, text, text), once('text')],
    ['two reasons', decide(act('deny'), reason, reason, text), once('reason')],
    ['two quantities', decide(act('modify'), reason, text, quantity, quantity), once('quantity')],
    ['an unknown parameter', body(author, { name: 'dryRun', valueBoolean: true }, item(sequence, act('certify'))), unknown],
    ['the result as a parameter', body(author, { name: 'return', valueString: 'x' }, item(sequence, act('certify'))), unknown],
    ['an unknown part', decide(act('certify'), { name: 'limit', valueInteger: 1 }), unknown],
    ['a part where a parameter stands', body(author, act('certify'), item(sequence, act('certify'))), unknown],
    ['a name in capitals', body(author, { name: 'Specialty', valueCodeableConcept: { text: 'x' } }, item(sequence, act('certify'))), unknown],
    ['a reason in words only', decide(act('certify'), { name: 'text', valueMarkdown: 'x' }), 'text must be of type string, and nothing else.'],
    ['an item with a value', body(author, { ...item(sequence, act('certify')), valueString: 'deny' }), 'item must be in parts, and nothing else.'],
    ['an author with parts', body({ ...author, part: [act('deny')] }, item(sequence, act('certify'))), 'author must be of type Reference, and nothing else.'],
    ['a modifier extension', decide({ ...act('certify'), modifierExtension: [{ url: 'urn:not', valueBoolean: true }] }), 'action must be of type code, and nothing else.'],
    ['a text without one', decide(act('certify'), { name: 'text' }), 'text must have a value.'],
    ...([
      ['certify', quantity], ['certify', reason], ['certify', product], ['certify', price], ['certify', information],
      ['deny', quantity], ['deny', period], ['deny', price], ['deny', product], ['deny', information],
      ['pend', quantity], ['pend', period], ['pend', reason], ['modify', information],
    ] as const).map(([action, part]): [string, Parameters, string] => [
      `${part.name} beside ${action}`, decide(act(action), ...(['deny', 'modify'].includes(action) ? [reason, text] : []), ...(action === 'modify' ? [quantity] : []), part), `${part.name} does not belong to ${action}.`,
    ]),
    ['a quantity without a value', decide(act('modify'), reason, text, { name: 'quantity', valueQuantity: { unit: 'month' } }), 'quantity must have a number as its value.'],
    ['a quantity of at least so much', decide(act('modify'), reason, text, { name: 'quantity', valueQuantity: { value: 6, comparator: '>=' } }), 'quantity must be exact, without a comparator.'],
    ['a price without a value', decide(act('modify'), reason, text, { name: 'unitPrice', valueMoney: { currency: 'USD' } }), 'unitPrice must have a number as its value.'],
    ['a negative price', decide(act('modify'), reason, text, { name: 'unitPrice', valueMoney: { value: -1 } }), 'unitPrice must not be negative.'],
    ['a service without a name', decide(act('modify'), reason, text, { name: 'productOrService', valueCodeableConcept: { coding: [{ system: 'urn:test' }] } }), 'productOrService must have a code or a text.'],
  ])('%s', (_, parameters, rule) => {
    expect(rulesOf(parameters)).toEqual([rule]);
  });

  test('a name that was sent is not repeated', () => {
    expect(JSON.stringify(rulesOf(body(author, { name: 'Xanthippe' }, item(sequence, act('certify')))))).not.toContain('Xanthippe');
  });
});

describe('a name and a text', () => {
  const nothings = ['\u200b', '.', '\u2060\u00ad', '\ufeff', '\u3164', '\uffa0', '\u2800', '\u0301', '- …', '\u{e0041}'];

  test.each([...nothings, '7', '①'])('nobody is called %j', (display) => {
    expect(rulesOf(body({ name: 'author', valueReference: { display } }, item(sequence, act('certify'))))).toEqual(['author must name the person who decides (valueReference.display).']);
  });

  test.each(nothings.flatMap((nothing) => [['deny', nothing], ['modify', nothing]] as const))('to %s is not said with %j', (action, valueString) => {
    const parts = [act(action), reason, { name: 'text', valueString }, ...(action === 'modify' ? [quantity] : [])];
    expect(rulesOf(decide(...parts))).toEqual([`To ${action} needs a text that the patient and the provider can understand.`]);
  });

  test('a code that cannot be seen is none', () => {
    expect(rulesOf(decide(act('deny'), { name: 'reason', valueCodeableConcept: { coding: [{ code: '\u200b' }] } }, text))).toEqual(['To deny needs a reason with a code.']);
  });

  test.each(['山田 太郎', 'Ольга', 'D\u00ed\u200baz', 'Ａｎｎａ', 'X'])('%s is a name', (display) => {
    expect(readDecision(body({ name: 'author', valueReference: { display } }, item(sequence, act('deny'), reason, { name: 'text', valueString: '不足' }))).author.name).toBe(display);
  });

  test('what cannot be seen is no text of a certification either', () => {
    expect(readDecision(decide(act('certify'), { name: 'text', valueString: '\u200b' })).items[0]!.text).toBeUndefined();
  });
});

test('every part in its place is read', () => {
  expect(rulesOf(body(author, { name: 'specialty', valueCodeableConcept: { text: 'Lungs' } },
    item(sequence, act('modify'), reason, text, quantity, period, product, price), item({ name: 'sequence', valueInteger: 2 }, act('pend'), text, information),
    item({ name: 'sequence', valuePositiveInt: 3 }, act('certify'), period, text), item({ name: 'sequence', valuePositiveInt: 4 }, act('deny'), reason, text)))).toEqual([]);
});

describe('more than was asked for', () => {
  const service = { coding: [{ system: 'urn:test', code: 'E1390' }] };
  const asked = { sequence: 1, productOrService: service, quantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'mo', unit: 'month' }, unitPrice: { value: 10, currency: 'USD' as const } };

  test.each([
    ['another number', { quantity: { value: 6, code: 'mo' } }], ['the same unit in words', { quantity: { value: 5.1, unit: 'Month' } }], ['no unit', { quantity: { value: 6 } }],
    ['the same service named', { productOrService: service, quantity: { value: 6 } }],
  ])('quantity: %s', (_, approved) => { expect(moreThanAsked(approved, asked)).toEqual(['quantity']); });

  test.each([['the same currency', { unitPrice: { value: 11, currency: 'USD' as const } }], ['no currency', { unitPrice: { value: 10.01 } }]])('price: %s', (_, approved) => {
    expect(moreThanAsked(approved, asked)).toEqual(['unitPrice']);
  });

  test.each([
    ['as much', { quantity: { value: 5, code: 'mo' } }], ['less', { quantity: { value: 1 }, unitPrice: { value: 9 } }], ['another unit', { quantity: { value: 30, code: 'd', system: 'http://unitsofmeasure.org' } }],
    ['another unit in words', { quantity: { value: 30, unit: 'day' } }], ['another currency', { unitPrice: { value: 11, currency: 'EUR' as const } }],
    ['another service', { productOrService: { coding: [{ system: 'urn:test', code: 'E0431' }] }, quantity: { value: 6 } }],
  ])('not: %s', (_, approved) => { expect(moreThanAsked(approved, asked)).toEqual([]); });

  test('nothing was asked for in numbers', () => { expect(moreThanAsked({ quantity: { value: 6 } }, { sequence: 1, productOrService: service })).toEqual([]); });
});

describe('who decides', () => {
  const byName = (display: string): string[] => rulesOf(body({ name: 'author', valueReference: { display } }, item(sequence, act('certify'))));
  const needed = ['author must name the person who decides (valueReference.display).'];

  test.each([' ', '7', '—', '\u200b', '\u3164', 'n/a', 'N.A.', 'none', 'NULL', 'undefined', '(unknown)', 'Anonymous', 'nobody'])('%j is nobody', (name) => { expect(byName(name)).toEqual(needed); });

  test.each(['Priora', 'PRIORA 0.1.0', 'Priora rule engine', 'Pri\u200bora', 'Ｐｒｉｏｒａ', 'the Priora server', 'Rule engine', 'rules-engine', 'The  rule\u00a0engine of the plan', 'Dr. Rule Engine'])('%j is the server itself', (name) => { expect(byName(name)).toEqual(needed); });

  test.each(['Dr. Ines Moreau', 'A B', '李明', 'Müller', 'Noneta Nullman', 'Lapriora Rossi', 'Moreau, Ines; reviews for Priora', 'Erling Rule', 'Anna Engineer'])('%j is somebody', (name) => { expect(byName(name)).toEqual([]); });
});
