/** The yearly table of decisions: against a plain computation over random histories, and in the forms it goes out in. */
import { randomUUID } from 'node:crypto';
import type { MeasureReport } from '@medplum/fhirtypes';
import fc from 'fast-check';
import type { AuthorizationEvent, EventBody } from '../../operations/prior-authorization/events.ts';
import { headerOf } from '../../operations/prior-authorization/record/header.ts';
import { outcomeRows } from '../../operations/prior-authorization/record/outcome-rows.ts';
import { eventRow } from '../../operations/prior-authorization/rows.ts';
import { fold } from '../../operations/prior-authorization/state.ts';
import type { Context } from '../../store/context.ts';
import { outcomesBetween, type OutcomeFigures } from '../../store/outcomes.ts';
import { commit } from '../../store/write/commit.ts';
import { serverContext } from '../../server/publish-definitions.ts';
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
let context: Context;
beforeAll(async () => {
  house = await openHouse({ demo: true, startAt: '2027-02-01T12:00:00.000Z' });
  context = serverContext(house.server.house, 'metrics');
});
afterAll(async () => { await house.close(); });

const hour = 3_600_000;
const person = { kind: 'person', name: 'Dr. Ines Moreau' } as const;
const reason = { system: 'urn:test', code: 'information-needed', text: 'A reason.' };
const basis = (lineOfBusiness: string) => ({ rule: 'r', title: 'R', source: 'S', lineOfBusiness, atRiskHours: 1, downgrade: true, extension: { by: { amount: 14, unit: 'calendar-days' }, grounds: ['information-needed'] } }) as const;

/** What happens to one item, in hours after it was asked for. */
interface Story { readonly decision: 'certified' | 'denied' | 'modified' | 'none' | 'cancelled'; readonly after: number; readonly isExtended: boolean; readonly again: { readonly decision: 'certified' | 'denied' | 'modified' | 'none'; readonly after: number } | undefined }
interface History { readonly at: Date; readonly expedited: boolean; readonly plan: string; readonly lineOfBusiness: string; readonly isDowngraded: boolean; readonly stories: readonly Story[] }

const after = fc.integer({ min: 1, max: 60 });
const history: fc.Arbitrary<History> = fc.record({
  at: fc.date({ min: new Date('2025-12-25T00:00:00Z'), max: new Date('2027-01-03T00:00:00Z'), noInvalidDate: true }), expedited: fc.boolean(), plan: fc.constantFrom('P', 'Q'), lineOfBusiness: fc.constantFrom('qhp', 'medicare-advantage'), isDowngraded: fc.boolean(),
  stories: fc.array(fc.record({
    decision: fc.constantFrom('certified', 'denied', 'modified', 'none', 'cancelled'), after, isExtended: fc.boolean(),
    again: fc.option(fc.record({ decision: fc.constantFrom('certified', 'denied', 'modified', 'none'), after }), { nil: undefined }),
  }), { minLength: 1, maxLength: 4 }),
});

/** The log of a history: the first round of all items, then a second version for those that are asked for again. */
function logOf({ at, expedited, plan, lineOfBusiness, isDowngraded, stories }: History): AuthorizationEvent[] {
  const items = stories.map((_, index) => index + 1);
  const received = (version: number, from: Date, changes?: Record<string, 'changed' | 'appealed'>): EventBody => ({
    kind: 'received', version, rail: 'test', receivedAt: from.toISOString(), expedited, dueAt: new Date(from.getTime() + 400 * hour).toISOString(), clock: basis(lineOfBusiness), items, plan,
    administrativeReference: 'R1', certificationNumber: 'A1', stored: {}, ...(changes && { changes }),
  });
  const log: AuthorizationEvent[] = [];
  const add = (body: EventBody, when: Date): void => { log.push({ ...body, sequence: log.length + 1, at: when.toISOString() }); };
  const decide = (kind: Story['decision'], item: number, when: Date): void => {
    if (kind === 'certified') add({ kind, item, authority: person, number: 'A1', period: {}, explanation: '' }, when);
    else if (kind === 'denied') add({ kind, item, authority: person, reason }, when);
    else if (kind === 'modified') add({ kind, item, authority: person, number: 'A1', period: {}, approved: {}, reason }, when);
    else if (kind === 'cancelled') add({ kind, item, authority: { kind: 'requester' } }, when);
  };
  add(received(1, at), at);
  for (const item of items) {
    if (expedited && isDowngraded && item === 1) add({ kind: 'downgraded', item, authority: person, reason, notice: 'N', dueAt: new Date(at.getTime() + 400 * hour).toISOString(), clock: basis(lineOfBusiness) }, at);
    if (stories[item - 1]!.isExtended) add({ kind: 'extended', item, authority: person, reason, notice: 'N', dueAt: new Date(at.getTime() + 500 * hour).toISOString() }, at);
  }
  for (const item of items.toSorted((a, b) => stories[a - 1]!.after - stories[b - 1]!.after)) decide(stories[item - 1]!.decision, item, new Date(at.getTime() + stories[item - 1]!.after * hour));
  const again = items.filter((item) => stories[item - 1]!.again && stories[item - 1]!.decision !== 'none');
  if (again.length > 0) {
    const then = new Date(at.getTime() + 100 * hour);
    add(received(2, then, Object.fromEntries(again.map((item) => [item, stories[item - 1]!.decision === 'denied' ? 'appealed' as const : 'changed' as const]))), then);
    for (const item of again.toSorted((a, b) => stories[a - 1]!.again!.after - stories[b - 1]!.again!.after)) decide(stories[item - 1]!.again!.decision, item, new Date(then.getTime() + stories[item - 1]!.again!.after * hour));
  }
  return log;
}

interface Decided { readonly key: string; readonly plan: string; readonly lineOfBusiness: string; readonly expedited: boolean; readonly extended: boolean; readonly appeal: boolean; readonly outcome: string; readonly submitted: number; readonly decided: number; readonly isWhole: boolean }

/** From the histories alone: neither the log nor the fold is looked at. */
function decisionsOf({ at, expedited, plan, lineOfBusiness, isDowngraded, stories }: History, number: number): Decided[] {
  const then = at.getTime() + 100 * hour;
  const isAgain = (story: Story): boolean => story.again !== undefined && story.decision !== 'none';
  return stories.flatMap(({ decision, after: hours, isExtended, again }, index) => {
    const first = { plan, lineOfBusiness, expedited: expedited && !(isDowngraded && index === 0), outcome: decision };
    const isDecision = decision === 'certified' || decision === 'denied' || decision === 'modified';
    return [
      ...(isDecision ? [{ ...first, key: `${number}/1`, extended: isExtended, appeal: false, submitted: at.getTime(), decided: at.getTime() + hours * hour, isWhole: !stories.some((story) => story.decision === 'none') }] : []),
      ...(again && decision !== 'none' && again.decision !== 'none' ? [{
        ...first, key: `${number}/2${decision === 'denied' ? '/appeal' : ''}`, expedited: decision === 'denied' ? first.expedited : expedited, extended: false, appeal: decision === 'denied', outcome: again.decision, submitted: then, decided: then + again.after * hour,
        isWhole: !stories.some((story) => isAgain(story) && story.again!.decision === 'none'),
      }] : []),
    ];
  });
}

function requestsOf(decisions: readonly Decided[]): Decided[] {
  const whole = decisions.filter(({ isWhole }) => isWhole);
  return [...new Set(whole.map(({ key }) => key))].map((key) => {
    const group = whole.filter((each) => each.key === key);
    const [first] = group;
    const outcomes = new Set(group.map(({ outcome }) => outcome));
    return { ...first!, expedited: group.some((each) => each.expedited), extended: group.some((each) => each.extended), outcome: outcomes.size === 1 ? first!.outcome : 'modified', decided: Math.max(...group.map(({ decided }) => decided)) };
  });
}

function figuresOf(all: readonly Decided[]): OutcomeFigures {
  const first = all.filter(({ appeal }) => !appeal);
  const appeals = all.filter(({ appeal }) => appeal);
  const times = first.map(({ submitted, decided }) => (decided - submitted) / 1000).toSorted((a, b) => a - b);
  const middle = times.length / 2;
  const by = (outcome: string, from: readonly Decided[] = first): number => from.filter((each) => each.outcome === outcome).length;
  return {
    decided: first.length, approved: by('certified'), approvedInPart: by('modified'), denied: by('denied'),
    extended: first.filter(({ extended }) => extended).length, extendedThenApproved: by('certified', first.filter(({ extended }) => extended)),
    appealed: appeals.length, approvedAfterAppeal: by('certified', appeals),
    averageSeconds: times.length === 0 ? undefined : times.reduce((sum, each) => sum + each, 0) / times.length,
    medianSeconds: times.length === 0 ? undefined : times.length % 2 === 1 ? times[Math.floor(middle)]! : (times[middle - 1]! + times[middle]!) / 2,
  };
}

const close = (figures: OutcomeFigures): object => ({ ...figures, averageSeconds: figures.averageSeconds === undefined ? undefined : expect.closeTo(figures.averageSeconds, 3) as number });

test('the figures are those of a plain computation over random histories: items and requests, of all and of one plan, within their year', async () => {
  const histories = fc.sample(history, { numRuns: 250, seed: 20_260_101 });
  for (const each of histories) {
    const events = logOf(each);
    const state = fold(events);
    const [claim, claimResponse] = [randomUUID(), randomUUID()];
    await commit(house.server.house.database, [{
      kind: 'authorization',
      header: headerOf(state, { id: randomUUID(), shard: 1, member: 'm', plan: each.plan, requester: [], claim, claimResponse, receivedAt: each.at }),
      items: [...state.items.values()].map((item) => ({ item: item.sequence, askedVersion: item.clock.version, service: ['urn:s|1'], status: item.status })),
      events: events.map(eventRow), outcomes: outcomeRows(undefined, events),
    }], context);
  }
  const all = histories.flatMap(decisionsOf);
  const [from, to] = ['2026-01-01', '2027-01-01'];
  const inYear = (decisions: readonly Decided[]): Decided[] => decisions.filter(({ decided }) => decided >= Date.parse(from) && decided < Date.parse(to));
  for (const count of ['items', 'requests'] as const) {
    const decisions = inYear(count === 'items' ? all : requestsOf(all));
    for (const filter of [{}, { plan: 'Q' }, { lineOfBusiness: 'qhp' }, { plan: 'P', lineOfBusiness: 'medicare-advantage' }, { state: 'CA' }] as { plan?: string; lineOfBusiness?: string; state?: string }[]) {
      const found = await outcomesBetween(house.server.house.database, { from, to, count, ...filter }, context);
      const mine = decisions.filter((each) => filter.state === undefined && (filter.plan === undefined || each.plan === filter.plan) && (filter.lineOfBusiness === undefined || each.lineOfBusiness === filter.lineOfBusiness));
      expect(found.standard).toEqual(close(figuresOf(mine.filter(({ expedited }) => !expedited))));
      expect(found.expedited).toEqual(close(figuresOf(mine.filter(({ expedited }) => expedited))));
      expect(found.all).toEqual(close(figuresOf(mine)));
    }
    // Of something: an empty table would agree with everything.
    expect(figuresOf(decisions)).toMatchObject({ approvedAfterAppeal: expect.any(Number) as number });
    expect(Math.min(...Object.values(figuresOf(decisions)))).toBeGreaterThan(3);
    expect(decisions.length).toBeLessThan(count === 'items' ? all.length : requestsOf(all).length);
  }
});

describe('asked for', () => {
  test.each(['', '?year=26', '?year=2026&year=2027', '?year=2026&line-of-business=dental', '?year=2026&state=California', '?year=2026&count=members', '?year=2026&plan=', '?year=2026&month=1'])('%s is refused', async (query) => {
    const answer = await send('GET', `${house.fhir}/$pa-metrics${query}`);
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
  });

  test('a MeasureReport, with each share of its whole', async () => {
    const answer = await send('GET', `${house.fhir}/$pa-metrics?year=2026&line-of-business=qhp`);
    expect(answer.status).toBe(200);
    const report = answer.json as MeasureReport;
    expect(report).toMatchObject({ resourceType: 'MeasureReport', status: 'complete', type: 'summary', period: { start: '2026-01-01', end: '2026-12-31' } });
    const group = (code: string): NonNullable<MeasureReport['group']>[number] => report.group!.find((each) => each.code!.coding![0]!.code === code)!;
    const { population, measureScore } = group('standard-approved');
    const [denominator, numerator] = [population![0]!.count!, population![1]!.count!];
    expect(measureScore).toMatchObject({ value: Math.round(numerator * 1000 / denominator) / 10, code: '%' });
    expect(group('standard-decided').population![0]!.count).toBe(denominator);
    expect(group('expedited-median-time').measureScore).toMatchObject({ code: 'h', value: expect.any(Number) as number });
    expect(group('standard-average-time').measureScore).toMatchObject({ code: 'd' });
    // No plan of the demo is a qualified health plan.
    expect(report.contained).toBeUndefined();
    expect(JSON.stringify((await send('GET', `${house.fhir}/$pa-metrics?year=2026&line-of-business=medicare-advantage`)).json.contained)).toContain('DEMO-GOLD');
    expect(await send('POST', `${house.fhir}/$pa-metrics`, { resourceType: 'Parameters', parameter: [{ name: 'year', valueInteger: 2026 }] })).toMatchObject({ status: 200 });
    expect((await send('GET', `${house.fhir}/$pa-metrics?year=2019`)).json.group.find((each: { code: { coding: { code: string }[] } }) => each.code.coding[0]!.code === 'standard-approved').measureScore).toBeUndefined();
  });

  test.each([['?year=2026&_format=csv', {}], ['?year=2026', { accept: 'text/csv' }]])('%s as CSV', async (query, headers) => {
    const answer = await send('GET', `${house.fhir}/$pa-metrics${query}`, undefined, headers);
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const [head, ...rows] = answer.text.split('\r\n');
    expect(head).toBe('year,plan,line_of_business,state,count,urgency,measure,numerator,denominator,value,unit');
    expect(rows.find((row) => row.includes(',standard,approved,'))).toMatch(/^2026,,,,items,standard,approved,\d+,\d+,[\d.]+,%$/);
  });

  test('a page to publish: no script, and nothing of few', async () => {
    const page = await send('GET', `${house.origin}/report/2026`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.text).not.toContain('<script');
    expect(page.text).toMatch(/<th scope="row">Denied<\/th><td class="figure">\d+\.\d %<\/td>/);
    const few = await send('GET', `${house.origin}/report/2027?plan=DEMO-GOLD`);
    expect(few.text).toContain('fewer than 11 decided');
    expect(few.text).toMatch(/<th scope="row">Denied<\/th><td class="figure">not shown<\/td>/);
    const marked = await send('GET', `${house.origin}/report/2026?plan=${encodeURIComponent('<b onmouseover=x>')}`);
    expect(marked.text).toContain('&lt;b onmouseover=x&gt;');
    expect(marked.text).not.toContain('<b onmouseover');
    expect((await send('GET', `${house.origin}/report/20x6`)).status).toBe(400);
    expect((await send('GET', `${house.origin}/report/2026?year=2025`)).status).toBe(400);
  });
});
