/**
 * Columns of many rows as parameters: one text for each column, whatever the number of rows.
 *
 * An array as the driver writes it has every quote of every JSON text escaped, here and by PostgreSQL when it reads it.
 * A text that is split at a character which none of the values has costs neither. JSON text has no control characters
 * (RFC 8259, section 7); what else goes through here has none by construction (store/index/entries.ts).
 */
import sql, { type Sql } from 'sql-template-tag';

/** Between values; U+001E stands for null. */
const separator = '\u001f';
const absent = '\u001e';

/** An empty text counts as absent: it cannot be told from no values at all. */
export function texts(values: readonly (string | undefined)[]): Sql {
  return sql`string_to_array(${values.map((value) => value === undefined || value === '' ? absent : value).join(separator)}, U&'\\001F', U&'\\001E')`;
}

/** Numbers, dates and hashes: what needs no quoting in an array of PostgreSQL. */
function literal(values: readonly (string | number | bigint | boolean | undefined)[]): string {
  return `{${values.map((value) => value === undefined ? 'null' : String(value)).join(',')}}`;
}

export const smallints = (values: readonly number[]): Sql => sql`${literal(values)}::smallint[]`;
export const integers = (values: readonly (number | undefined)[]): Sql => sql`${literal(values)}::integer[]`;
export const bigints = (values: readonly (bigint | undefined)[]): Sql => sql`${literal(values)}::bigint[]`;
export const doubles = (values: readonly (number | undefined)[]): Sql => sql`${literal(values)}::double precision[]`;
export const booleans = (values: readonly boolean[]): Sql => sql`${literal(values)}::boolean[]`;
export const uuids = (values: readonly (string | undefined)[]): Sql => sql`${literal(values)}::uuid[]`;

/** Instants as PostgreSQL takes them, the infinities included. */
export const instants = (values: readonly (Date | string | undefined)[]): Sql =>
  sql`${literal(values.map((value) => value instanceof Date ? value.toISOString() : value))}::timestamptz[]`;

/** Arrays of different lengths do not fit into one array; each is a text of its own, and cast where it arrives. */
export const arraysOf = (values: readonly (readonly (bigint | number)[])[]): Sql => texts(values.map((array) => `{${array.join(',')}}`));

/** Between the texts of a list within a row: `string_to_array(column, U&'\001D')`. An empty list is null. */
export const lists = (values: readonly (readonly string[])[]): Sql => texts(values.map((list) => list.join('\u001d')));
