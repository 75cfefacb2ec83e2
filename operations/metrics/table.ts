/**
 * The table that CMS-0057-F has plans publish each year, as rows: what is measured, of how many, and what came of it.
 * One table, which FHIR, CSV and the public page write in their own ways.
 * Source: 42 CFR 422.122(c)(1) to (10) and its like for the other lines of business.
 */
import type { OutcomeFigures, Outcomes } from '../../store/outcomes.ts';

export type TableUrgency = 'standard' | 'expedited';

export interface ShareRow {
  readonly kind: 'share';
  readonly code: string;
  readonly title: string;
  readonly urgency: TableUrgency;
  readonly numerator: number;
  readonly denominator: number;
  /** Of a hundred, to one decimal; undefined where there is nothing to be a share of. */
  readonly percent: number | undefined;
}

export interface TimeRow {
  readonly kind: 'time';
  readonly code: string;
  readonly title: string;
  readonly urgency: TableUrgency;
  readonly denominator: number;
  /** In days (standard) or hours (expedited), to two decimals; undefined where nothing was decided. */
  readonly value: number | undefined;
  readonly unit: 'd' | 'h';
}

export type TableRow = ShareRow | TimeRow;

export function tableOf({ standard, expedited }: Outcomes): readonly TableRow[] {
  return [...rowsOf('standard', standard), ...rowsOf('expedited', expedited)];
}

function rowsOf(urgency: TableUrgency, figures: OutcomeFigures): TableRow[] {
  const share = (code: string, title: string, numerator: number, denominator = figures.decided): ShareRow => ({
    kind: 'share', code: `${urgency}-${code}`, title, urgency, numerator, denominator,
    percent: denominator === 0 ? undefined : Math.round(numerator * 1000 / denominator) / 10,
  });
  const [unit, length] = urgency === 'standard' ? ['d', 86_400] as const : ['h', 3600] as const;
  const time = (code: string, title: string, value: number | undefined): TimeRow => ({
    kind: 'time', code: `${urgency}-${code}`, title, urgency, denominator: figures.decided, value: value === undefined ? undefined : Math.round(value * 100 / length) / 100, unit,
  });
  return [
    share('approved', 'Approved', figures.approved),
    share('approved-in-part', 'Approved in part', figures.approvedInPart),
    share('denied', 'Denied', figures.denied),
    // An appeal is of a denial of any year, so it is no part of what was decided for the first time in this one.
    share('approved-after-appeal', 'Approved after appeal, of all appeals decided', figures.approvedAfterAppeal, figures.appealed),
    share('extended-then-approved', 'Time extended, then approved', figures.extendedThenApproved),
    time('average-time', 'Average time from submission to decision', figures.averageSeconds),
    time('median-time', 'Median time from submission to decision', figures.medianSeconds),
  ];
}
