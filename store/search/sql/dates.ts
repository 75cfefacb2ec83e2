/**
 * Dates in SQL. A date covers [low, high), and so does what is searched for
 * (https://hl7.org/fhir/R4/search.html#prefix).
 *
 * Indexes are by beginning. What lasts a day at most begins less than a day before it ends, so a bound on the end is one
 * on the beginning as well; what lasts longer has an index of its own, by end.
 */
import sql, { empty, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { DateCondition, TokenSystemTest } from '../expression.ts';
import { allOf, type Rows } from './rows.ts';

const day = 86_400_000;

/** Whether a value from `low` to `high` is as is asked. Unknown where there is no value. */
export function dateComparison({ comparison, low, high }: Pick<DateCondition, 'comparison' | 'low' | 'high'>, valueLow: Sql, valueHigh: Sql): Sql {
  switch (comparison) {
    case 'eq': return sql`(${valueLow} >= ${low} and ${valueHigh} <= ${high})`;
    case 'ne': return sql`not (${valueLow} >= ${low} and ${valueHigh} <= ${high})`;
    case 'gt': return sql`${valueHigh} > ${high}`;
    case 'lt': return sql`${valueLow} < ${low}`;
    // What begins within or behind the searched one is contained in it or goes on behind it.
    case 'ge': return sql`(${valueHigh} > ${high} or ${valueLow} >= ${low})`;
    case 'le': return sql`(${valueLow} < ${low} or ${valueHigh} <= ${high})`;
    case 'sa': return sql`${valueLow} >= ${high}`;
    case 'eb': return sql`${valueHigh} <= ${low}`;
    case 'ap': return sql`(${valueLow} < ${high} and ${valueHigh} > ${low})`;
  }
}

/** Where values that are as is asked begin, and end. */
export interface Beginning {
  /** At or behind this, or... */
  readonly from?: Date;
  /** ...longer than a day and ended behind this. */
  readonly longUntil?: Date;
  /** Before this. */
  readonly before?: Date;
}

export function beginningOf({ comparison, low, high }: Pick<DateCondition, 'comparison' | 'low' | 'high'>): Beginning {
  const dayBefore = (date: Date): Date => new Date(date.getTime() - day);
  switch (comparison) {
    case 'eq': return { from: low, before: high };
    case 'ne': return {};
    case 'gt': return { from: dayBefore(high), longUntil: high };
    case 'lt': case 'eb': return { before: low };
    case 'ge': return { from: new Date(Math.min(low.getTime(), high.getTime() - day)), longUntil: high };
    case 'le': return { before: high };
    case 'sa': return { from: high };
    case 'ap': return { from: dayBefore(low), longUntil: low, before: high };
  }
}

export function beginsWithin({ from, before }: Beginning, low: Sql): readonly Sql[] {
  return [...(from ? [sql`${low} >= ${from}`] : []), ...(before ? [sql`${low} < ${before}`] : [])];
}

/** As the partial indexes have it, to the letter. */
export function lastsLong(low: Sql, high: Sql): Sql {
  return sql`${high} at time zone 'UTC' > ${low} at time zone 'UTC' + interval '1 day'`;
}

export function dateTest(condition: DateCondition, rows: Rows): Sql {
  const { row, type } = rows;
  if (condition.scope === 'principal') return dateComparison(condition, sql`${row}.date_low`, sql`${row}.date_high`);
  return sql`(
    select true from index_date x
    where x.tenant = ${row}.tenant and x.type = ${resourceTypeCode(type)} and x.id = ${row}.id and x.scope = ${condition.scope}::bigint
      and ${dateComparison(condition, sql`x.low`, sql`x.high`)} ${tokenSystem(condition.tokenSystem)}
    limit 1)`;
}

/** Ids of what has such a date, of a date that is not in the row. */
export function idsByDate(condition: DateCondition & { readonly scope: bigint }): Sql {
  const bounds = beginningOf(condition);
  const asked = sql`${dateComparison(condition, sql`x.low`, sql`x.high`)} ${tokenSystem(condition.tokenSystem)}`;
  const short = sql`select x.id from index_date x where ${allOf([sql`x.scope = ${condition.scope}::bigint`, ...beginsWithin(bounds, sql`x.low`), asked])}`;
  if (bounds.longUntil === undefined) return sql`select distinct x.id from (${short}) x`;
  return sql`${short} union select x.id from index_date x where x.scope = ${condition.scope}::bigint and ${lastsLong(sql`x.low`, sql`x.high`)} and x.high > ${bounds.longUntil} and ${asked}`;
}

/** Of a composite: the system of its code. */
export function tokenSystem(test: TokenSystemTest | undefined): Sql {
  if (test === undefined) return empty;
  return test === 'none' ? sql`and x.token_system is null` : sql`and x.token_system = ${test.is}::bigint`;
}
