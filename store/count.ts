/** How many resources a search finds. */
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { compileCount } from './search/compile.ts';
import type { TypeQuery } from './search/expression.ts';

/** @throws {Problem} `too-costly` */
export async function countResources(database: Queryable, query: TypeQuery, context: Context): Promise<number> {
  const { rows } = await database.query<{ count: number }>(compileCount(query, context.access, database.statistics));
  return rows[0]!.count;
}

/** So far an estimate counts. */
export const mostCounted = 10_000;

/** How many there are, or that there are more than {@link mostCounted}. */
export async function estimateResources(database: Queryable, query: TypeQuery, context: Context): Promise<{ readonly count: number; readonly exact: boolean }> {
  const { rows } = await database.query<{ count: number }>(compileCount(query, context.access, database.statistics, mostCounted + 1));
  const { count } = rows[0]!;
  return { count: Math.min(count, mostCounted), exact: count <= mostCounted };
}
