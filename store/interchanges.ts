/** Control numbers: those this server gives to interchanges of its own, and those that partners have used. */
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { shardOf } from './shard.ts';

/** Numbers for ISA13 and GS06, from one sequence: never given twice before it wraps, not always next to one another. */
export async function nextControlNumbers(database: Queryable, count: number): Promise<number[]> {
  const { rows } = await database.query<{ number: number }>({ text: `select nextval('interchange_control_number')::integer as number from generate_series(1, $1::integer)`, values: [count] });
  return rows.map(({ number }) => number);
}

/** Where a control key is kept: by itself, not by the delivery that used it. */
export function controlShard(context: Context, key: string): number {
  return shardOf(context.tenant.id, key);
}

/** Which of these control keys belong to another delivery that was answered. */
export async function usedControlKeys(database: Queryable, keys: readonly string[], exceptLanding: string, context: Context): Promise<Set<string>> {
  const { rows } = await database.query<{ key: string }>({
    text: `
      select used.control_key as key
      from unnest($2::smallint[], $3::text[]) as asked (shard, name)
      join interchange_control used on used.tenant = $1 and used.shard = asked.shard and used.control_key = asked.name and used.landing_id <> $4`,
    values: [context.access.tenant, keys.map((key) => controlShard(context, key)), keys, exceptLanding],
  });
  return new Set(rows.map((row) => row.key));
}
