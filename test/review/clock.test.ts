/** Clock rules: which one holds, and how its time is counted on a plan's calendar. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { federalHolidays, isBusinessDay } from '../../review/clock/calendar.ts';
import { checkClock } from '../../review/clock/check.ts';
import { countFrom, localDay, type Counting } from '../../review/clock/count.ts';
import { loadClocks } from '../../review/clock/load.ts';
import type { ClockBook, ClockRule, PlanCalendar, Urgency } from '../../review/clock/rules.ts';
import { clockFor } from '../../review/clock/select.ts';

const empty: ClockBook = { plans: [], rules: [] };
const rule = (more: Partial<ClockRule> = {}): ClockRule => ({ id: 'r', title: 'R', source: 'S', urgency: 'standard', lineOfBusiness: ['commercial'], within: { amount: 15, unit: 'calendar-days' }, ...more });
const file = (more: object): unknown => ({ schemaVersion: 1, title: 'T', ...more });

test.each<[string, unknown, string]>([
  ['nothing', undefined, ''], ['no title', { schemaVersion: 1 }, ''], ['another version', file({ schemaVersion: 2 }), '/schemaVersion'],
  ['an unknown line of business', file({ plans: [{ plan: 'P', lineOfBusiness: 'dental' }] }), '/plans/0/lineOfBusiness'],
  ['a time zone that is none', file({ plans: [{ plan: 'P', lineOfBusiness: 'other', timeZone: 'Mars/Olympus' }] }), '/plans/0/timeZone'],
  ['a holiday that is no day', file({ plans: [{ plan: 'P', lineOfBusiness: 'other', holidays: ['2026-02-30'] }] }), '/plans/0/holidays/0'],
  ['a plan twice', file({ plans: [{ plan: 'P', lineOfBusiness: 'other' }, { plan: 'P', lineOfBusiness: 'qhp' }] }), '/plans/1/plan'],
  ['a rule without its source', file({ rules: [{ ...rule(), source: ' ' }] }), '/rules/0/source'],
  ['no time at all', file({ rules: [rule({ within: { amount: 0, unit: 'hours' } })] }), '/rules/0/within/amount'],
  ['weeks', file({ rules: [{ ...rule(), within: { amount: 1, unit: 'weeks' } }] }), '/rules/0/within/unit'],
  ['a rule twice', file({ rules: [rule(), rule()] }), '/rules/1/id'],
  ['an end before the beginning', file({ rules: [rule({ effective: { from: '2026-02-01', to: '2026-01-01' } })] }), '/rules/0/effective'],
  ['a pause for an extension that there is not', file({ rules: [rule({ pause: { when: 'extended-for-information', atMost: { amount: 45, unit: 'calendar-days' } } })] }), '/rules/0/pause'],
  ['a downgrade of what is standard', file({ rules: [rule({ downgrade: true })] }), '/rules/0/downgrade'],
  ['more time because it is not urgent', file({ rules: [rule({ extension: { by: { amount: 1, unit: 'hours' }, grounds: ['not-urgent'] } })] }), '/rules/0/extension/grounds/0'],
  ['an unknown property', file({ rules: [{ ...rule(), weight: 1 }] }), '/rules/0/weight'],
])('%s is refused, with the place', (_, value, pointer) => {
  const checked = checkClock(value, empty);
  expect('problems' in checked ? checked.problems.map((problem) => problem.pointer) : []).toContain(pointer);
});

test('a file may not say again what another has said', () => {
  expect(checkClock(file({ rules: [rule()] }), { ...empty, rules: [rule()] })).toMatchObject({ problems: [{ pointer: '/rules/0/id' }] });
});

const plan = (more: Partial<PlanCalendar> = {}): PlanCalendar => ({ plan: 'P', lineOfBusiness: 'medicare-advantage', ...more });
const due = (book: ClockBook, at: string, urgency: Urgency = 'standard'): [string, string] => {
  const clock = clockFor(book, { plan: 'P', urgency, receivedAt: new Date(at) });
  return [clock.rule.id, clock.dueAt.toISOString()];
};

describe('shipped rules', () => {
  let shipped: ClockBook;
  beforeAll(async () => { shipped = await loadClocks(undefined); });
  const book = (more: Partial<PlanCalendar>, rules: readonly ClockRule[] = []): ClockBook => ({ plans: [plan(more)], rules: [...shipped.rules, ...rules] });

  test.each<[PlanCalendar['lineOfBusiness'], string, string, number]>([
    ['medicare-advantage', 'ma-standard', 'ma-expedited', 7], ['medicaid-fee-for-service', 'medicaid-ffs-standard', 'medicaid-ffs-expedited', 7], ['medicaid-managed-care', 'managed-care-standard', 'managed-care-expedited', 7],
    ['chip-fee-for-service', 'chip-ffs-standard', 'chip-ffs-expedited', 7], ['chip-managed-care', 'managed-care-standard', 'managed-care-expedited', 7],
    ['qhp', 'claims-regulation-standard', 'claims-regulation-urgent', 15], ['commercial', 'claims-regulation-standard', 'claims-regulation-urgent', 15], ['other', 'unspecified-standard', 'unspecified-expedited', 7],
  ])('%s: %s in days, %s in 72 hours', (lineOfBusiness, standard, expedited, days) => {
    expect(due(book({ lineOfBusiness }), '2026-05-04T10:00:00Z')).toEqual([standard, `2026-05-${String(4 + days).padStart(2, '0')}T10:00:00.000Z`]);
    expect(due(book({ lineOfBusiness }), '2026-05-04T10:00:00Z', 'expedited')).toEqual([expedited, '2026-05-07T10:00:00.000Z']);
  });

  test('a plan that nobody has told of has the precaution, and no more time than that', () => {
    const clock = clockFor(shipped, { plan: 'UNKNOWN', urgency: 'standard', receivedAt: new Date('2026-05-04T10:00:00Z') });
    expect(clock.rule).toMatchObject({ id: 'unspecified-standard' });
    expect(clock.rule.extension).toBeUndefined();
    expect(clockFor(shipped, { plan: undefined, urgency: 'expedited', receivedAt: new Date('1999-01-01T00:00:00Z') }).rule.id).toBe('unspecified-expedited');
  });

  test('a state that asks for less time is kept; not by Medicare Advantage, and not elsewhere', () => {
    const strict = rule({ id: 'strict', lineOfBusiness: ['medicare-advantage', 'commercial', 'medicaid-managed-care'], states: ['CA'], within: { amount: 2, unit: 'calendar-days' } });
    expect(due(book({ lineOfBusiness: 'medicaid-managed-care', state: 'CA' }, [strict]), '2026-05-04T10:00:00Z')[0]).toBe('strict');
    expect(due(book({ lineOfBusiness: 'medicaid-managed-care', state: 'NV' }, [strict]), '2026-05-04T10:00:00Z')[0]).toBe('managed-care-standard');
    expect(due(book({ lineOfBusiness: 'medicaid-managed-care' }, [strict]), '2026-05-04T10:00:00Z')[0]).toBe('managed-care-standard');
    expect(due(book({ lineOfBusiness: 'medicare-advantage', state: 'CA' }, [strict]), '2026-05-04T10:00:00Z')[0]).toBe('ma-standard');
  });

  test('a state that allows more time gives none', () => {
    const lax = rule({ id: 'lax', states: ['CA'], within: { amount: 60, unit: 'calendar-days' } });
    expect(due(book({ lineOfBusiness: 'commercial', state: 'CA' }, [lax]), '2026-05-04T10:00:00Z')[0]).toBe('claims-regulation-standard');
  });

  test('the rule of the day of receipt where the plan is', () => {
    const until = rule({ id: 'until', effective: { to: '2026-05-03' }, within: { amount: 1, unit: 'calendar-days' } });
    expect(due(book({ lineOfBusiness: 'commercial', timeZone: 'America/Los_Angeles' }, [until]), '2026-05-04T06:59:59Z')[0]).toBe('until');
    expect(due(book({ lineOfBusiness: 'commercial', timeZone: 'America/Los_Angeles' }, [until]), '2026-05-04T07:00:00Z')[0]).toBe('claims-regulation-standard');
  });

  test('every rule says where it comes from, and when it is at risk', () => {
    for (const { source } of shipped.rules) expect(source).toMatch(/CFR|CMS-0057-F/);
    const { dueAt, atRiskAt } = clockFor(book({}), { plan: 'P', urgency: 'standard', receivedAt: new Date('2026-05-04T10:00:00Z') });
    expect(dueAt.getTime() - atRiskAt.getTime()).toBe(48 * 3_600_000);
  });
});

describe('federal holidays', () => {
  // https://www.opm.gov/policy-data-oversight/pay-leave/federal-holidays/
  test.each<[number, string[]]>([
    [2026, ['2026-01-01', '2026-01-19', '2026-02-16', '2026-05-25', '2026-06-19', '2026-07-03', '2026-09-07', '2026-10-12', '2026-11-11', '2026-11-26', '2026-12-25']],
    [2027, ['2027-01-01', '2027-01-18', '2027-02-15', '2027-05-31', '2027-06-18', '2027-07-05', '2027-09-06', '2027-10-11', '2027-11-11', '2027-11-25', '2027-12-24', '2027-12-31']],
    [2022, ['2022-01-17', '2022-02-21', '2022-05-30', '2022-06-20', '2022-07-04', '2022-09-05', '2022-10-10', '2022-11-11', '2022-11-24', '2022-12-26']],
  ])('%i', (year, days) => {
    expect([...federalHolidays(year)].toSorted()).toEqual(days);
  });

  test('Juneteenth is one since 2021', () => {
    expect(federalHolidays(2020).has('2020-06-19')).toBe(false);
    expect(federalHolidays(2021).has('2021-06-18')).toBe(true);
  });
});

describe('counting', () => {
  const losAngeles: Counting = { timeZone: 'America/Los_Angeles' };
  test.each<[string, string, Parameters<typeof countFrom>[1], Counting, Parameters<typeof countFrom>[3], string]>([
    ['hours are hours over a change of daylight saving', '2026-03-07T20:00:00Z', { amount: 72, unit: 'hours' }, losAngeles, undefined, '2026-03-10T20:00:00.000Z'],
    ['calendar days keep the time of day', '2026-03-07T20:00:00Z', { amount: 7, unit: 'calendar-days' }, losAngeles, undefined, '2026-03-14T19:00:00.000Z'],
    ['into an hour that is not there', '2026-03-01T10:30:00Z', { amount: 7, unit: 'calendar-days' }, losAngeles, undefined, '2026-03-08T10:30:00.000Z'],
    ['to the end of the day', '2026-05-04T10:00:00Z', { amount: 1, unit: 'calendar-days' }, losAngeles, 'end-of-day', '2026-05-06T06:59:59.999Z'],
    ['business days: a weekend', '2026-05-08T18:00:00Z', { amount: 1, unit: 'business-days' }, losAngeles, 'close-of-business', '2026-05-12T00:00:00.000Z'],
    ['business days: a federal holiday', '2026-07-02T18:00:00Z', { amount: 1, unit: 'business-days' }, losAngeles, undefined, '2026-07-06T18:00:00.000Z'],
    ['business days: a plan that works on it', '2026-07-02T18:00:00Z', { amount: 1, unit: 'business-days' }, { ...losAngeles, federalHolidays: false }, undefined, '2026-07-03T18:00:00.000Z'],
    ['business days: a day of its own', '2026-11-25T18:00:00Z', { amount: 1, unit: 'business-days' }, { ...losAngeles, holidays: ['2026-11-27'] }, undefined, '2026-11-30T18:00:00.000Z'],
    ['business days: received on a Saturday evening', '2026-05-10T03:00:00Z', { amount: 1, unit: 'business-days' }, { ...losAngeles, closeOfBusiness: '16:30' }, 'close-of-business', '2026-05-11T23:30:00.000Z'],
    ['business days: New Year\'s Day kept on 31 December', '2027-12-30T18:00:00Z', { amount: 1, unit: 'business-days' }, losAngeles, undefined, '2028-01-03T18:00:00.000Z'],
  ])('%s', (_, from, span, counting, ends, to) => {
    expect(countFrom(new Date(from), span, counting, ends).toISOString()).toBe(to);
  });

  test('the day is that of the plan', () => {
    expect(localDay(new Date('2027-01-01T04:00:00Z'), { timeZone: 'America/New_York' })).toBe('2026-12-31');
    expect(localDay(new Date('2027-01-01T04:00:00Z'), {})).toBe('2027-01-01');
  });

  const zones = fc.constantFrom('utc', 'America/New_York', 'America/Los_Angeles', 'Pacific/Honolulu', 'America/Phoenix');
  const instants = fc.date({ min: new Date('2024-01-01'), max: new Date('2031-01-01'), noInvalidDate: true });
  test('later receipt is never due earlier, more time never sooner, and business days end on one', () => {
    fc.assert(fc.property(instants, fc.integer({ min: 0, max: 40 * 3_600_000 }), fc.integer({ min: 1, max: 20 }), fc.constantFrom('hours' as const, 'calendar-days' as const, 'business-days' as const), zones, (from, later, amount, unit, timeZone) => {
      const at = countFrom(from, { amount, unit }, { timeZone }, 'end-of-day');
      expect(countFrom(new Date(from.getTime() + later), { amount, unit }, { timeZone }, 'end-of-day').getTime()).toBeGreaterThanOrEqual(at.getTime());
      expect(countFrom(from, { amount: amount + 1, unit }, { timeZone }, 'end-of-day').getTime()).toBeGreaterThan(at.getTime());
      if (unit === 'business-days') expect(isBusinessDay(DateTime.fromJSDate(at, { zone: timeZone }).toISODate()!, {})).toBe(true);
    }), { numRuns: 300 });
  });
});
