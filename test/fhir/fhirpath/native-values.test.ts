/** The values FHIRPath computes with: exact decimals, moments of any precision, quantities and their units. */
import fc from 'fast-check';
import { Exact } from '../../../fhir/fhirpath/native/exact.ts';
import { Moment, type CalendarUnit } from '../../../fhir/fhirpath/native/moments.ts';
import { addQuantities, areEquivalentQuantities, compareQuantities, multiplyQuantities, readQuantity, type Quantity } from '../../../fhir/fhirpath/native/quantities.ts';

const decimals = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.nat({ max: 12 })).map(([units, places]) => new Exact(units, places));

describe('decimals', () => {
  test.each(['', '.', '1.', '.5', '1e', '1,5', ' 1', '0x1', 'NaN', 'Infinity', '1e999999', '9'.repeat(5000)])('%s is none', (text) => expect(Exact.read(text)).toBeUndefined());

  test('keep their digits, and are read as they are written', () => {
    expect(['1.50', '-0.10', '100', '0.000'].map((text) => Exact.read(text)!.toString())).toEqual(['1.50', '-0.10', '100', '0.000']);
    expect([Exact.read('1.5E2')!.toString(), Exact.read('15e-1')!.toString()]).toEqual(['150', '1.5']);
    fc.assert(fc.property(decimals, (value) => expect(Exact.read(value.toString())).toEqual(value)));
  });

  test('what is added can be taken away, what is multiplied divided', () => {
    fc.assert(fc.property(decimals, decimals, (left, right) => {
      expect(left.plus(right).minus(right).compare(left)).toBe(0);
      if (right.units !== 0n) {
        expect(left.times(right).dividedBy(right)!.rounded(left.places).compare(left)).toBe(0);
        expect(left.div(right)!.times(right).plus(left.mod(right)!).compare(left)).toBe(0);
      }
    }));
    expect(Exact.of(1).dividedBy(Exact.of(0))).toBeUndefined();
  });

  test('are rounded to the nearest, down and up', () => {
    const at = (text: string, ...how: Parameters<Exact['rounded']>): string => Exact.read(text)!.rounded(...how).toString();
    expect([at('2.5', 0), at('-2.5', 0), at('2.45', 1), at('1.2', 3)]).toEqual(['3', '-3', '2.5', '1.200']);
    expect([at('-1.1', 0, 'down'), at('-1.9', 0, 'up'), at('1.1', 0, 'up'), at('-1.9', 0, 'zero')]).toEqual(['-2', '-1', '2', '-1']);
  });
});

describe('moments', () => {
  test.each([['Date', '2023-02-29'], ['Date', '2023-13'], ['Date', '2023-1-1'], ['Date', '20230101'], ['DateTime', '2023-01-01T24:00'], ['DateTime', '2023-01-01T10:60:00Z'], ['DateTime', '2023-01-01 10:00'], ['Time', '25:00'], ['Time', '10'.repeat(50)]] as const)('%s %s is none', (kind, text) => {
    expect(Moment.read(kind, text)).toBeUndefined();
  });

  const read = (text: string): Moment => Moment.read(text.includes('T') ? 'DateTime' : 'Date', text)!;

  test('are compared as far as they are known', () => {
    const compared = (left: string, right: string): number | undefined => {
      const order = read(left).compare(read(right));
      return order === undefined ? undefined : Math.sign(order);
    };
    expect([compared('2023', '2024-01'), compared('2023', '2023-05'), compared('2023-05', '2023-05'), compared('2023-05-02', '2023-04')]).toEqual([-1, undefined, 0, 1]);
    expect([compared('2023-05-01T10:00:00Z', '2023-05-01T12:00:00+02:00'), compared('2023-05-01T10:00:00', '2023-05-01T10:00:00Z'), compared('2023-05-01T10:00:00', '2023-05-03T10:00:00Z')]).toEqual([0, undefined, -1]);
    fc.assert(fc.property(fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (left, right) => {
      expect(Math.sign(Moment.now(left).compare(Moment.now(right))!)).toBe(Math.sign(left.getTime() - right.getTime()));
      expect(read(left.toISOString()).toString()).toBe(left.toISOString());
      expect(Moment.now(left).toString()).toBe(left.toISOString());
    }));
  });

  test.each<[string, number, CalendarUnit, string]>([
    ['2023-01-31', 1, 'month', '2023-02-28'], ['2024-02-29', 1, 'year', '2025-02-28'], ['2023-03-31', -1, 'month', '2023-02-28'], ['2023-12-31', 1, 'day', '2024-01-01'], ['2023', 24, 'month', '2025'], ['2023-05', 45, 'day', '2023-06'],
    ['2023-05-01', 25, 'hour', '2023-05-02'], ['2023-05-01', 1.9, 'day', '2023-05-02'], ['2023-05-01T10:30', 90, 'second', '2023-05-01T10:31'], ['2023-05-01T23:59:59.500Z', 0.5, 'second', '2023-05-02T00:00:00.000Z'], ['2023-05-01T10:00:00+02:00', 2, 'week', '2023-05-15T10:00:00+02:00'],
  ])('%s and %d %s is %s', (text, amount, unit, expected) => expect(read(text).plus(amount, unit).toString()).toBe(expected));

  test('a time of day goes around', () => expect(Moment.read('Time', '23:30:00')!.plus(45, 'minute').toString()).toBe('00:15:00'));
});

describe('quantities', () => {
  const quantity = (text: string): Quantity => readQuantity(text)!;

  test.each(['', "1 'mg", 'mg', "1 'mg' 2", '1 wk', "1.'mg'"])('%s is none', (text) => expect(readQuantity(text)).toBeUndefined());

  test.each<[string, string, number | undefined]>([
    ["1 'kg'", "1000 'g'", 0], ["1 'mg/dL'", "10 'mg/L'", 0], ["1 'mm[Hg]'", "133.322 'Pa'", 0], ["98.6 '[degF]'", "37 'Cel'", undefined], ["1 'mg'", "1 'mL'", undefined], ["5 'unknown'", "5 'unknown'", 0], ["5 'unknown'", "6 'known'", undefined],
    ["1 '[in_i]'", "2.54 'cm'", 0], ["1 'm2'", "10000 'cm2'", 0], ["1 'mmol/L'", "1 'mol/m3'", 0], ["60 '/min'", "1 'Hz'", 0], ["2 'g{total}'", "2000 'mg'", 0], ['1 year', '12 months', 0], ['1 year', "1 'a'", undefined], ['1 day', "24 'h'", 0], ["1 'ug'", "1 'mg'", -1],
  ])('%s against %s', (left, right, expected) => {
    expect(compareQuantities(quantity(left), quantity(right))).toBe(expected);
    const back = compareQuantities(quantity(right), quantity(left));
    expect(back === undefined ? undefined : 0 - back).toEqual(expected);
  });

  test('are added in the coarser unit, multiplied in base units, and are much the same when rounded', () => {
    expect(String(addQuantities(quantity("1 'kg'"), quantity("500 'g'"), 1))).toBe("1.5 'kg'");
    expect(addQuantities(quantity("1 'kg'"), quantity("1 'm'"), 1)).toBeUndefined();
    expect(String(multiplyQuantities(quantity("2 'cm'"), quantity("2 'm'"), 1))).toBe("0.04 'm2'");
    expect(multiplyQuantities(quantity("2 'cm'"), quantity("0 'm'"), -1)).toBeUndefined();
    expect(areEquivalentQuantities(quantity("4 'g'"), quantity("4040 'mg'"))).toBe(true);
    expect(areEquivalentQuantities(quantity("4 'g'"), quantity("4600 'mg'"))).toBe(false);
  });
});
