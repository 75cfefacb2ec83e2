/** Control numbers: those this server gives to interchanges of its own, and those that partners have used. */
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';

/** The next ISA13. */
export async function nextControlNumber(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ number: number }>({ text: `select nextval('interchange_control_number')::integer as number` });
  return rows[0]!.number;
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
