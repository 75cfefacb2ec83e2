/** How many resources are as is asked: all of them, or as many as it is worth counting. */
import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../context.ts';
import type { TypeQuery } from '../expression.ts';
import type { Statistics } from '../statistics.ts';
import { compiler } from './driver.ts';
import { rowsOf } from './rows.ts';

export function countRows({ type, where }: TypeQuery, access: Access, statistics: Statistics, most: number | undefined): Sql {
  const found = compiler.found(where, rowsOf(type, access, statistics));
  if (most === undefined) return sql`select count(*)::integer as count from (${found}) found`;
  return sql`select count(*)::integer as count from (select from (${found}) found limit ${most}::integer) counted`;
}
