/** Numbers, quantities, strings, positions and composites. */
import { Decimal } from '../../../fhir/json.ts';
import { numberRange, writtenNumberRange } from '../../../fhir/search-values/numbers.ts';
import { normalizedString } from '../../../fhir/search-values/strings.ts';
import { valuesOf } from './values-of.ts';

const observation = (value: object) => ({ resourceType: 'Observation', ...value });
const component = (name: string, value: number) => ({ code: { coding: [{ code: name }] }, valueQuantity: { value } });
const prediction = (probabilityDecimal: unknown) => ({ resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal }] });

describe('numbers', () => {
  test.each([[undefined], [null], ['5'], [Number.NaN], [Infinity], [{}], [true], [[5]]])('%p is none', (value) => {
    expect(numberRange(value)).toBeUndefined();
  });

  test.each(['', '.5', '5.', '1e', '0x10', '1e99999', '1e400', ' 1', '1_000'])("'%s' is none", (text) => {
    expect(writtenNumberRange(text)).toBeUndefined();
  });

  test.each([
    ['100', 100, 99.5, 100.5],
    ['100.00', 100, 99.995, 100.005],
    ['1e2', 100, 95, 105],
    ['5.4', 5.4, 5.35, 5.45],
    ['-5.40', -5.4, -5.405, -5.395],
    ['0', 0, -0.5, 0.5],
    ['0.1', 0.1, 0.05, 0.15],
    ['0.00', 0, -0.005, 0.005],
    ['1.50E-3', 0.0015, 0.001495, 0.001505],
    ['1234567890123456', 1234567890123456, 1234567890123455.5, 1234567890123456.5],
  ])('%s is %d, from %d to %d', (text, value, low, high) => {
    expect(writtenNumberRange(text)).toEqual({ value, low, high });
  });

  test('a decimal that keeps its digits keeps its precision', () => {
    expect(valuesOf(prediction(0.5), 'probability')).toEqual([{ value: 0.5, low: 0.45, high: 0.55 }]);
    expect(valuesOf(prediction(new Decimal('0.50')), 'probability')).toEqual([{ value: 0.5, low: 0.495, high: 0.505 }]);
    expect(valuesOf(prediction('0.5'), 'probability')).toEqual([]);
  });
});

describe('quantities', () => {
  test.each([
    [{ valueQuantity: { unit: 'kg' } }],
    [{ valueQuantity: { value: '5' } }],
    [{ valueQuantity: 5 }],
    [{ valueSampledData: { data: 'E L U', origin: { value: 0 } } }],
    [{ valueSampledData: { data: '1 2', origin: {} } }],
    [{ valueSampledData: { data: 5, origin: { value: 0 } } }],
    [{ valueSampledData: { data: '1 2', origin: { value: 0 }, factor: 'two' } }],
    [{ valueString: '5 kg' }],
  ])('%j is none', (value) => {
    expect(valuesOf(observation(value), 'value-quantity')).toEqual([]);
  });

  const unit = { unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' };
  test.each([
    [{ valueQuantity: { value: 5, ...unit } }, { value: 5, low: 4.5, high: 5.5, ...unit }],
    [{ valueQuantity: { value: new Decimal('5.0') } }, { value: 5, low: 4.95, high: 5.05 }],
    [{ valueQuantity: { value: 5, comparator: '<' } }, { value: 5, low: -Infinity, high: 5 }],
    [{ valueQuantity: { value: 5, comparator: '>=' } }, { value: 5, low: 5, high: Infinity }],
    [{ valueSampledData: { data: '1 E -3 U 2', origin: { value: 10, ...unit }, factor: 2 } }, { low: 4, high: 14, ...unit }],
  ])('%j', (value, expected) => {
    expect(valuesOf(observation(value), 'value-quantity')).toEqual([expected]);
  });

  test('Money has the system of currencies', () => {
    expect(valuesOf({ resourceType: 'ChargeItem', priceOverride: { value: 12.5, currency: 'USD' } }, 'price-override')).toEqual([
      { value: 12.5, low: 12.45, high: 12.55, system: 'urn:iso:std:iso:4217', code: 'USD', unit: 'USD' },
    ]);
  });

  test.each([
    [{ low: { value: 30, unit: 'a' }, high: { value: 40, unit: 'a' } }, [{ low: 29.5, high: 40.5, unit: 'a' }]],
    [{ low: { value: 30 } }, [{ low: 29.5, high: Infinity }]],
    [{ high: { value: 40 } }, [{ low: -Infinity, high: 40.5 }]],
    [{ low: { value: 50 }, high: { value: 40 } }, []],
    [{}, []],
  ])('the Range %j', (onsetRange, expected) => {
    expect(valuesOf({ resourceType: 'Condition', onsetRange }, 'onset-age')).toEqual(expected);
  });
});

describe('strings', () => {
  test.each([
    ['  Peter   James ', 'peter james'],
    ['MÜLLER', 'muller'],
    ['Núñez', 'nunez'],
    ['Łódź', 'lodz'],
    ['Straße', 'strasse'],
    ['STRAẞE', 'strasse'],
    ['Ægir Ødegård Þór', 'aegir odegard thor'],
    ['ﬁne', 'fine'],
    ['Ελένη', 'ελενη'],
    ['山田', '山田'],
    ['\u0301', ''],
  ])("'%s' is compared as '%s'", (value, normalized) => {
    expect(normalizedString(value)).toBe(normalized);
  });

  test('normalizing twice changes nothing more', () => {
    for (const value of ['İstanbul', 'Straße', 'ŁÓDŹ', 'ﬃ', 'K', 'Å']) expect(normalizedString(normalizedString(value))).toBe(normalizedString(value));
  });

  test('each part of a name and of an address', () => {
    const patient = {
      resourceType: 'Patient',
      name: [{ use: 'official', text: 'Dr. Ann Doe', family: 'Doe', given: ['Ann', null, 5, 'Lee'], prefix: 'Dr.' }, 'Doe', { family: {} }],
      address: [{ line: ['1 Main St'], city: 'Genève', postalCode: '1200', period: { start: '2020' } }],
    };
    expect(valuesOf(patient, 'name').map((one) => one['value'])).toEqual(['Dr. Ann Doe', 'Doe', 'Ann', 'Lee', 'Dr.']);
    expect(valuesOf(patient, 'given').map((one) => one['value'])).toEqual(['Ann', 'Lee']);
    expect(valuesOf(patient, 'address').map((one) => one['normalized'])).toEqual(['1 main st', 'geneve', '1200']);
    expect(valuesOf(patient, 'address-city')).toEqual([{ value: 'Genève', normalized: 'geneve' }]);
  });
});

describe('positions', () => {
  test.each([[{}], [{ latitude: 91, longitude: 0 }], [{ latitude: 0, longitude: -181 }], [{ latitude: '1', longitude: 2 }], [{ latitude: 1 }], ['1,2']])('%j is none', (position) => {
    expect(valuesOf({ resourceType: 'Location', position }, 'near')).toEqual([]);
  });

  test('latitude and longitude', () => {
    expect(valuesOf({ resourceType: 'Location', position: { latitude: 42.25, longitude: -83.5 } }, 'near')).toEqual([{ latitude: 42.25, longitude: -83.5 }]);
  });
});

describe('composites', () => {
  const code = { coding: [{ system: 's', code: 'a' }, { system: 't', code: 'b' }] };

  test('without one of the parts there is none', () => {
    expect(valuesOf({ resourceType: 'Observation', code }, 'code-value-quantity')).toEqual([]);
    expect(valuesOf({ resourceType: 'Observation', valueQuantity: { value: 5 } }, 'code-value-quantity')).toEqual([]);
    expect(valuesOf({ resourceType: 'Observation', code: 'a', valueQuantity: { value: 5 } }, 'code-value-quantity')).toEqual([]);
  });

  test('every combination of one node, none across nodes', () => {
    const vitals = { resourceType: 'Observation', code, component: [component('systolic', 120), component('diastolic', 80)] };
    expect(valuesOf(vitals, 'component-code-value-quantity')).toEqual([
      { components: [{ code: 'systolic' }, { value: 120, low: 119.5, high: 120.5 }] },
      { components: [{ code: 'diastolic' }, { value: 80, low: 79.5, high: 80.5 }] },
    ]);
    expect(valuesOf({ ...vitals, valueQuantity: { value: 5 } }, 'code-value-quantity')).toEqual([
      { components: [{ system: 's', code: 'a' }, { value: 5, low: 4.5, high: 5.5 }] },
      { components: [{ system: 't', code: 'b' }, { value: 5, low: 4.5, high: 5.5 }] },
    ]);
  });

  test('a component that looks at the whole resource', () => {
    const sequence = { resourceType: 'MolecularSequence', referenceSeq: { chromosome: { coding: [{ code: '12' }] } }, variant: [{ start: 1, end: 2 }] };
    expect(valuesOf(sequence, 'chromosome-variant-coordinate')).toEqual([{ components: [{ code: '12' }, { value: 1, low: 0.5, high: 1.5 }, { value: 2, low: 1.5, high: 2.5 }] }]);
  });

  test('the two parts of a document relationship, in the order of its definition', () => {
    const document = { resourceType: 'DocumentReference', relatesTo: [{ code: 'replaces', target: { reference: 'DocumentReference/1' } }] };
    expect(valuesOf(document, 'relationship')).toEqual([{ components: [{ targetType: 'DocumentReference', targetId: '1' }, { code: 'replaces' }] }]);
  });

  test('a node with thousands of codings is indexed up to a limit', () => {
    const coding = Array.from({ length: 5000 }, (_, index) => ({ code: String(index) }));
    expect(valuesOf({ resourceType: 'Observation', code: { coding }, valueCodeableConcept: { coding } }, 'code-value-concept')).toHaveLength(1000);
  });
});
