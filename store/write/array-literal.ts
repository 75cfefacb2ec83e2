/**
 * Array literals. Arrays of different lengths do not fit into one array parameter of PostgreSQL; each travels as text
 * and is cast where it arrives.
 */

/** A `text[]` as PostgreSQL writes it (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO). */
export function textArray(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replace(/["\\]/g, String.raw`\$&`)}"`).join(',')}}`;
}
