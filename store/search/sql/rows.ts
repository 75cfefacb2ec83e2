/**
 * The rows that a condition is about: current resources of one type, under a name in the statement. A condition on
 * resources that refer to these, or that these refer to, speaks of rows under another name inside of it.
 */
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import type { Statistics } from '../statistics.ts';
import { accessible } from './access.ts';

export interface Rows {
  readonly type: string;
  readonly access: Access;
  readonly statistics: Statistics;
  readonly depth: number;
  /** So many of them will be tested, about; unknown in a tree within another. */
  readonly tested?: number;
  /** Their name. */
  readonly row: Sql;
}

export function rowsOf(type: string, access: Access, statistics: Statistics): Rows {
  return { type, access, statistics, depth: 0, row: raw('r') };
}

/** Other rows, for a condition within one on `outer`. */
export function rowsWithin(outer: Rows, type: string): Rows {
  const depth = outer.depth + 1;
  const { access, statistics } = outer;
  return { type, access, statistics, depth, row: raw(`r${depth}`) };
}

/** Of the type, not deleted, and such as the request may see. */
export function current({ access, type, row }: Rows): Sql {
  return sql`${accessible(access, row)} and ${row}.type = ${resourceTypeCode(type)} and not ${row}.deleted`;
}

export function allOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : join(conditions, ' and ');
}

export function anyOf(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`false` : sql`(${join(conditions, ' or ')})`;
}

/** Numbers of 64 bits as one parameter, whatever their number. */
export function bigints(values: readonly bigint[]): string {
  return `{${values.join(',')}}`;
}
