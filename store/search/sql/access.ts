/** Which rows a request may see at all. Scopes and compartments are added here and nowhere else. */
import sql, { type Sql } from 'sql-template-tag';
import type { Access } from '../../context.ts';

/** True of the rows under the name `row` that may be read. */
export function accessible(access: Access, row: Sql): Sql {
  return sql`${row}.tenant = ${access.tenant}`;
}
