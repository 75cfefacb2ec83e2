/** Dates as periods: precision, calendar, zones, open ends. */
import * as fc from 'fast-check';
import { dateRange, periodRange, timingRange } from '../../../fhir/search-values/dates.ts';
import { valuesOf } from './values-of.ts';

const iso = (time: number): string | number => (Number.isFinite(time) ? new Date(time).toISOString() : time);
const written = (range: { low: number; high: number } | undefined): (string | number)[] | undefined => range && [iso(range.low), iso(range.high)];

describe('dateRange', () => {
  test.each([
    [undefined], [null], [2020], [true], [{}], [['2020']],
    [''], ['20'], ['20200'], ['2020-1'], ['2020-00'], ['2020-13'], ['2020-01-00'], ['2020-01-32'], ['2020-04-31'], ['0000'], ['0000-01-01'],
    ['2019-02-29'], ['1900-02-29'], ['2100-02-29'],
    ['2020-01-01T'], ['2020-01-01T10'], ['2020-01-01T24:00:00Z'], ['2020-01-01T10:60:00Z'], ['2020-01-01T10:00:61Z'],
    ['2020-01-01T10:00:00+15:00'], ['2020-01-01T10:00:00+14:01'], ['2020-01-01T10:00:00+01:60'], ['2020-01-01T10:00:00+0100'], ['2020-01-01T10:00:00.Z'],
    ['2020-01-01Z'], ['2020-01-01 10:00:00Z'], [' 2020'], ['2020 '], ['2020\n'], ['-2020'], ['２０２０'],
  ])('%j is no date', (text) => {
    expect(dateRange(text)).toBeUndefined();
  });

  test.each([
    ['2020', '2020-01-01T00:00:00.000Z', '2020-12-31T23:59:59.999Z'],
    ['0001', '0001-01-01T00:00:00.000Z', '0001-12-31T23:59:59.999Z'],
    ['0099-12', '0099-12-01T00:00:00.000Z', '0099-12-31T23:59:59.999Z'],
    ['9999', '9999-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'],
    ['2020-02', '2020-02-01T00:00:00.000Z', '2020-02-29T23:59:59.999Z'],
    ['2019-02', '2019-02-01T00:00:00.000Z', '2019-02-28T23:59:59.999Z'],
    ['2020-12', '2020-12-01T00:00:00.000Z', '2020-12-31T23:59:59.999Z'],
    ['2020-02-29', '2020-02-29T00:00:00.000Z', '2020-02-29T23:59:59.999Z'],
    ['2000-02-29', '2000-02-29T00:00:00.000Z', '2000-02-29T23:59:59.999Z'],
    ['2020-01-01T10:20Z', '2020-01-01T10:20:00.000Z', '2020-01-01T10:20:59.999Z'],
    ['2020-01-01T10:20:30Z', '2020-01-01T10:20:30.000Z', '2020-01-01T10:20:30.999Z'],
    ['2020-01-01T10:20:30', '2020-01-01T10:20:30.000Z', '2020-01-01T10:20:30.999Z'],
    ['2020-01-01T10:20:30.5Z', '2020-01-01T10:20:30.500Z', '2020-01-01T10:20:30.599Z'],
    ['2020-01-01T10:20:30.500Z', '2020-01-01T10:20:30.500Z', '2020-01-01T10:20:30.500Z'],
    ['2020-01-01T10:20:30.123456789Z', '2020-01-01T10:20:30.123Z', '2020-01-01T10:20:30.123Z'],
    ['2020-01-01T00:00:00+14:00', '2019-12-31T10:00:00.000Z', '2019-12-31T10:00:00.999Z'],
    ['2020-12-31T23:59:59-05:00', '2021-01-01T04:59:59.000Z', '2021-01-01T04:59:59.999Z'],
    ['2020-01-01T00:00:00-00:00', '2020-01-01T00:00:00.000Z', '2020-01-01T00:00:00.999Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z', '2017-01-01T00:00:00.999Z'],
    ['2020-06-01T12:00:00+05:45', '2020-06-01T06:15:00.000Z', '2020-06-01T06:15:00.999Z'],
  ])('%s is from %s to %s', (text, low, high) => {
    expect(written(dateRange(text))).toEqual([low, high]);
  });

  test('an instant to the millisecond is itself', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), (date) => {
        expect(dateRange(date.toISOString())).toEqual({ low: date.getTime(), high: date.getTime() });
      }),
    );
  });

  test('less precision contains more', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }), fc.constantFrom(4, 7, 10), (date, length) => {
        const [outer, inner] = [dateRange(date.toISOString().slice(0, length))!, dateRange(date.toISOString())!];
        expect(outer.low <= inner.low && inner.high <= outer.high).toBe(true);
      }),
    );
  });
});

describe('Period', () => {
  test.each([[undefined], [null], ['2020'], [{}], [[]], [{ start: null, end: null }], [{ start: 'soon' }], [{ start: '2020', end: 'later' }], [{ start: '2021', end: '2020' }], [{ end: 7 }]])('%j is none', (period) => {
    expect(periodRange(period)).toBeUndefined();
  });

  test.each([
    [{ start: '2020', end: '2020-06' }, '2020-01-01T00:00:00.000Z', '2020-06-30T23:59:59.999Z'],
    [{ start: '2020-01-01' }, '2020-01-01T00:00:00.000Z', Infinity],
    [{ end: '2020-01-01' }, -Infinity, '2020-01-01T23:59:59.999Z'],
    [{ start: '2020-03-01T10:00:00Z', end: '2020-03-01' }, '2020-03-01T10:00:00.000Z', '2020-03-01T23:59:59.999Z'],
  ])('%j is from %s to %s', (period, low, high) => {
    expect(written(periodRange(period))).toEqual([low, high]);
  });
});

describe('Timing', () => {
  test.each([[{}], [{ event: ['soon', null, 5] }], [{ repeat: { boundsDuration: { value: 5 } } }], [{ repeat: 'daily' }], ['2020']])('%j has no limits', (timing) => {
    expect(timingRange(timing)).toBeUndefined();
  });

  test.each([
    [{ event: ['2020-05-02', '2020-03', 'soon'] }, '2020-03-01T00:00:00.000Z', '2020-05-02T23:59:59.999Z'],
    [{ repeat: { boundsPeriod: { start: '2020' } } }, '2020-01-01T00:00:00.000Z', Infinity],
    [{ event: ['2019'], repeat: { boundsPeriod: { start: '2020', end: '2021' } } }, '2019-01-01T00:00:00.000Z', '2021-12-31T23:59:59.999Z'],
  ])('%j is from %s to %s', (timing, low, high) => {
    expect(written(timingRange(timing))).toEqual([low, high]);
  });
});

test.each([
  [{ resourceType: 'Observation', effectiveDateTime: '2020' }, 'date', 1],
  [{ resourceType: 'Observation', effectiveInstant: '2020-01-01T00:00:00.000Z' }, 'date', 1],
  [{ resourceType: 'Observation', effectivePeriod: { start: '2020' } }, 'date', 1],
  [{ resourceType: 'Observation', effectiveTiming: { event: ['2020'] } }, 'date', 1],
  [{ resourceType: 'Observation', effectiveDateTime: ['2020'] }, 'date', 1],
  [{ resourceType: 'Observation', effectiveDateTime: { start: '2020' } }, 'date', 0],
  [{ resourceType: 'Patient', birthDate: '2020-02-30' }, 'birthdate', 0],
  [{ resourceType: 'Patient', deceasedBoolean: true }, 'death-date', 0],
])('%j has %s %i times', (resource, code, count) => {
  expect(valuesOf(resource, code)).toHaveLength(count);
});
