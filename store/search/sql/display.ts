/** Texts of codes in SQL (`:text`): the texts are found in a table of their own, and by their keys the resources. */
import sql, { type Sql } from 'sql-template-tag';
import type { Expression } from '../expression.ts';
import type { Rows } from './rows.ts';
import { textRange, textTest } from './strings.ts';

type DisplayCondition = Extract<Expression, { kind: 'display' }>;

export function displayKeys({ scope, match, value }: DisplayCondition, { access }: Rows): Sql {
  const range = textRange(sql`x.value`, match, value);
  return sql`array(select x.key from display x where x.tenant = ${access.tenant} and x.scope = ${scope}::bigint ${range ? sql`and ${range}` : sql``} and ${textTest(sql`x.value`, match, value)})`;
}
