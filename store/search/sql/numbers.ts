/**
 * Numbers, quantities and places in SQL. A stored number is a range whose ends belong to it; that of a plain number is a
 * point. A number in a search covers [low, high) when it is asked to be equal, by the precision it is written with, and is
 * a point in every other comparison (https://hl7.org/fhir/R4/search.html#prefix).
 */
import sql, { type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { NearCondition, NumberCondition, NumberRangeTest } from '../expression.ts';
import { tokenSystem } from './dates.ts';
import { allOf, type Rows } from './rows.ts';

function numberComparison({ comparison, value, low, high }: NumberRangeTest, valueLow: Sql, valueHigh: Sql): Sql {
  const number = (n: number): Sql => sql`${n}::double precision`;
  switch (comparison) {
    case 'eq': return sql`(${valueLow} >= ${number(low)} and ${valueHigh} < ${number(high)})`;
    case 'ne': return sql`not (${valueLow} >= ${number(low)} and ${valueHigh} < ${number(high)})`;
    case 'gt': return sql`${valueHigh} > ${number(value)}`;
    case 'lt': return sql`${valueLow} < ${number(value)}`;
    case 'ge': return sql`${valueHigh} >= ${number(value)}`;
    case 'le': return sql`${valueLow} <= ${number(value)}`;
    case 'sa': return sql`${valueLow} > ${number(value)}`;
    case 'eb': return sql`${valueHigh} < ${number(value)}`;
    case 'ap': return sql`(${valueLow} <= ${number(high)} and ${valueHigh} >= ${number(low)})`;
  }
}

/** Where in the index by lower end such numbers are. */
function lowerEnds({ comparison, value, low, high }: NumberRangeTest): readonly Sql[] {
  switch (comparison) {
    case 'eq': return [sql`x.low >= ${low}::double precision`, sql`x.low < ${high}::double precision`];
    case 'lt': case 'le': case 'eb': return [sql`x.low <= ${value}::double precision`];
    case 'sa': return [sql`x.low > ${value}::double precision`];
    case 'ap': return [sql`x.low <= ${high}::double precision`];
    default: return [];
  }
}

function asAsked({ test, second, unit, tokenSystem: system }: NumberCondition): Sql {
  const conditions = [numberComparison(test, sql`x.low`, sql`x.high`)];
  if (second) conditions.push(numberComparison(second, sql`x.second_low`, sql`x.second_high`));
  if (unit?.system !== undefined) conditions.push(sql`x.system = ${unit.system}`);
  if (unit?.code !== undefined) conditions.push(unit.system === undefined ? sql`(x.code = ${unit.code} or x.unit = ${unit.code})` : sql`x.code = ${unit.code}`);
  return sql`${allOf(conditions)} ${tokenSystem(system)}`;
}

export function numberTest(condition: NumberCondition, rows: Rows): Sql {
  return ofResource(condition.scope, asAsked(condition), rows);
}

export function idsByNumber(condition: NumberCondition): Sql {
  return ofScope(condition.scope, allOf([...lowerEnds(condition.test), asAsked(condition)]));
}

/** Mean radius of the Earth in kilometres (IUGG). */
const radius = 6371.0088;

/** By the haversine formula, which knows no edge of the map; the index finds the band of latitudes. */
function isNear({ latitude, longitude, kilometres }: NearCondition): Sql {
  const band = (kilometres / radius) * (180 / Math.PI) + 1e-9;
  const half = (from: Sql, to: number): Sql => sql`power(sin(radians(${from} - ${to}::double precision) / 2), 2)`;
  return sql`x.low >= ${latitude - band}::double precision and x.low <= ${latitude + band}::double precision and 2 * ${radius}::double precision * asin(least(1, sqrt(
    ${half(sql`x.low`, latitude)} + cos(radians(${latitude}::double precision)) * cos(radians(x.low)) * ${half(sql`x.second_low`, longitude)}))) <= ${kilometres}::double precision`;
}

export function nearTest(condition: NearCondition, rows: Rows): Sql {
  return ofResource(condition.scope, isNear(condition), rows);
}

export function idsNear(condition: NearCondition): Sql {
  return ofScope(condition.scope, isNear(condition));
}

function ofResource(scope: bigint, asked: Sql, { row, type }: Rows): Sql {
  return sql`(
    select true from index_number x
    where x.tenant = ${row}.tenant and x.type = ${resourceTypeCode(type)} and x.id = ${row}.id and x.scope = ${scope}::bigint and ${asked}
    limit 1)`;
}

function ofScope(scope: bigint, asked: Sql): Sql {
  return sql`select distinct x.id from index_number x where x.scope = ${scope}::bigint and ${asked}`;
}
