/** How many resources are as is asked: all of them, or as many as it is worth counting. */
import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../context.ts';
import type { TypeQuery } from '../expression.ts';
import type { Statistics } from '../statistics.ts';
import { isCode, ownCode, rowsByFurtherCode } from './code.ts';
import { conjuncts } from './conjuncts.ts';
import { compiler } from './driver.ts';
import { current, rowsOf } from './rows.ts';

export function countRows({ type, where }: TypeQuery, access: Access, statistics: Statistics, most: number | undefined): Sql {
  const rows = rowsOf(type, access, statistics);
  const [condition, ...others] = conjuncts(where);
  if (condition !== undefined && others.length === 0 && isCode(condition)) {
    // Nothing but the code: its index tells without a look at the rows.
    const own = sql`select from resource r where ${current(rows)} and ${ownCode(condition, rows)}`;
    const further = rowsByFurtherCode(condition, rows);
    return most === undefined
      ? sql`select ((select count(*) from (${own}) own) + (select count(*) from (${further}) further))::integer as count`
      : counted(sql`${own} union all select from (${further}) further`, most);
  }
  return counted(compiler.found(where, rows), most);
}

function counted(found: Sql, most: number | undefined): Sql {
  const few = most === undefined ? found : sql`select from (${found}) found limit ${most}::integer`;
  return sql`select count(*)::integer as count from (${few}) counted`;
}
