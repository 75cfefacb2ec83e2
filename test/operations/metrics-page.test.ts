/** What the public page shows of few requests: nothing, and nothing from which it could be reckoned. */
import { reportPage } from '../../operations/metrics/page.ts';
import type { YearlyReport } from '../../operations/metrics/report.ts';
import { tableOf } from '../../operations/metrics/table.ts';
import type { OutcomeFigures } from '../../store/outcomes.ts';

const figures = (approved: number, approvedInPart: number, denied: number, more: Partial<OutcomeFigures> = {}): OutcomeFigures =>
  ({ decided: approved + approvedInPart + denied, approved, approvedInPart, denied, appealed: 0, approvedAfterAppeal: 0, extended: 0, extendedThenApproved: 0, averageSeconds: 3600, medianSeconds: 3600, ...more });

/** Results of the standard requests, by measure. */
function shown(standard: OutcomeFigures): Record<string, string> {
  const report = { asked: { year: 2026, count: 'requests' }, table: tableOf({ standard, expedited: figures(0, 0, 0), all: standard }), services: [], madeAt: new Date('2027-01-10') } as unknown as YearlyReport;
  const [page] = reportPage(report).split('id="expedited"');
  return Object.fromEntries([...page!.matchAll(/<th scope="row">([^<]*)<\/th><td class="figure">([^<]*)<\/td>/g)].map(([, measure, result]) => [measure!, result!]));
}

test('a share that stands for few is not shown, nor the next one, from which it could be reckoned', () => {
  expect(shown(figures(80, 19, 1))).toMatchObject({ Denied: 'not shown', 'Approved in part': 'not shown', Approved: '80.0 %' });
});

test('nor is one that leaves few over', () => {
  expect(shown(figures(99, 0, 1))).toMatchObject({ Approved: 'not shown', Denied: 'not shown' });
});

test('few after an appeal or more time are not shown, and leave the rest as it is', () => {
  expect(shown(figures(60, 20, 20, { appealed: 20, approvedAfterAppeal: 3, extended: 12, extendedThenApproved: 12 }))).toMatchObject({ Approved: '60.0 %', 'Approved in part': '20.0 %', Denied: '20.0 %', 'Approved after appeal, of all appeals decided': 'not shown', 'Time extended, then approved': '12.0 %' });
});

test('enough of everything, and none of something, are shown', () => {
  expect(shown(figures(50, 0, 50))).toMatchObject({ Approved: '50.0 %', 'Approved in part': '0.0 %', Denied: '50.0 %', 'Median time from submission to decision': '0.04 days' });
});
