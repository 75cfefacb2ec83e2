/** The yearly report of a plan: what was asked, the figures, the table, and what needs authorization. */
import { Problem } from '../../fhir/problems.ts';
import { linesOfBusiness, type ClockBook } from '../../review/clock/rules.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { outcomesBetween, type OutcomeQuery, type Outcomes } from '../../store/outcomes.ts';
import { servicesOf, type ReviewedService } from './services.ts';
import { tableOf, type TableRow } from './table.ts';

export interface YearlyReport {
  readonly asked: OutcomeQuery & { readonly year: number };
  readonly outcomes: Outcomes;
  readonly table: readonly TableRow[];
  readonly services: readonly ReviewedService[];
  readonly madeAt: Date;
}

export interface ReportSources {
  readonly database: Queryable;
  readonly policies: readonly PolicyPack[];
  readonly clocks: ClockBook;
}

/** Of a parameter by its name in the address. */
export type Read = (name: 'year' | 'plan' | 'line-of-business' | 'state' | 'count') => string | undefined;

const longestPlan = 200;

/** @throws {Problem} `invalid-operation-parameter` */
export async function yearlyReport({ database, policies, clocks }: ReportSources, read: Read, context: Context): Promise<YearlyReport> {
  const asked = readAsked(read);
  const outcomes = await outcomesBetween(database, asked, context);
  return { asked, outcomes, table: tableOf(outcomes), services: servicesOf(policies, clocks, asked), madeAt: context.now() };
}

function readAsked(read: Read): YearlyReport['asked'] {
  const refuse = (name: string, reason: string): never => { throw new Problem('invalid-operation-parameter', { name, reason }); };
  const year = read('year');
  if (year === undefined || !/^(19|20|21)\d\d$/.test(year)) return refuse('year', 'a year of four digits is expected');
  const [plan, lineOfBusiness, state, count = 'items'] = [read('plan'), read('line-of-business'), read('state'), read('count')];
  if (plan !== undefined && (plan === '' || plan.length > longestPlan)) refuse('plan', 'the code of a plan is expected');
  if (lineOfBusiness !== undefined && !linesOfBusiness.some((each) => each === lineOfBusiness)) refuse('line-of-business', `one of ${linesOfBusiness.join(', ')} is expected`);
  if (state !== undefined && !/^[A-Z]{2}$/.test(state)) refuse('state', 'the code of a state, such as CA, is expected');
  if (count !== 'items' && count !== 'requests') return refuse('count', 'items or requests is expected');
  return {
    year: Number(year), from: `${year}-01-01`, to: `${Number(year) + 1}-01-01`, count,
    ...(plan !== undefined && { plan }), ...(lineOfBusiness !== undefined && { lineOfBusiness }), ...(state !== undefined && { state }),
  };
}
