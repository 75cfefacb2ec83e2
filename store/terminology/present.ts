/** Which code systems a tenant sees. */
import sql from 'sql-template-tag';
import type { Access } from '../context.ts';
import type { Queryable } from '../database.ts';
import { visible } from './scope.ts';

export interface PresentCodeSystem {
  readonly url: string;
  readonly versions: readonly string[];
  /** Of these the closure is still being made. */
  readonly unclosed?: readonly string[];
}

/** The first 10,000 by their urls, supplements left out. */
export async function presentCodeSystems(database: Queryable, access: Access): Promise<readonly PresentCodeSystem[]> {
  const { rows } = await database.query<{ url: string; versions: string[]; unclosed: string[] | null }>(sql`
    select s.url, array_agg(distinct s.version order by s.version) as versions, array_agg(s.version order by s.version) filter (where s.closed_up_to is not null) as unclosed
    from code_system s where ${visible(access, sql`s`)} and s.state = 'ready' and s.content not in ('supplement', 'not-present') and s.url <> ''
    group by s.url order by s.url limit 10000`);
  return rows.map(({ unclosed, ...one }) => ({ ...one, ...(unclosed && { unclosed }) }));
}
