/** Control numbers: those this server gives to interchanges of its own, and those that partners have used. */
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';

/** Numbers for ISA13 and GS06, from one sequence: never given twice before it wraps, not always next to one another. */
export async function nextControlNumbers(database: Queryable, count: number): Promise<number[]> {
  const { rows } = await database.query<{ number: number }>({ text: `select nextval('interchange_control_number')::integer as number from generate_series(1, $1::integer)`, values: [count] });
  return rows.map(({ number }) => number);
}

/** Which of these control keys belong to another delivery that was answered. */
export async function usedControlKeys(database: Queryable, keys: readonly string[], exceptLanding: string, context: Context): Promise<Set<string>> {
  const { rows } = await database.query<{ key: string }>({
    text: `
      select distinct key
      from landing, unnest(control_keys) as key
      where tenant = $1 and control_keys && $2::text[] and control_keys <> '{}' and id <> $3 and key = any($2::text[])`,
    values: [context.access.tenant, keys, exceptLanding],
  });
  return new Set(rows.map((row) => row.key));
}
