/** Records of which the ledger says that a message made their first version, with all messages that have made a version of them. */
import sql from 'sql-template-tag';
import { resourceTypeCode, resourceTypeOfCode } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { accessible } from './search/sql/access.ts';

export interface ToldRecord {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  /** JSON text. */
  readonly content: string;
  /** The messages behind its versions, one for each version that a message made. */
  readonly messages: readonly { readonly kind: string; readonly author: string | null; readonly landing: string }[];
}

/** In the order of types and ids. @param after the last that was seen */
export async function recordsToldByMessages(database: Queryable, types: readonly string[], after: Pick<ToldRecord, 'type' | 'id'> | undefined, limit: number, context: Context): Promise<readonly ToldRecord[]> {
  const { rows } = await database.query<{ type: number; id: string; version: number; content: string; messages: ToldRecord['messages'] }>(sql`
    select r.type, r.id, r.version, r.content, told.messages
    from ledger first
    join resource r on r.tenant = first.tenant and r.type = first.type and r.id = first.id and r.shard = first.shard and not r.deleted
    cross join lateral (
      select json_agg(json_build_object('kind', m.kind, 'author', m.author, 'landing', m.landing_id) order by l.version) as messages
      from ledger l
      join inbox_message m on m.tenant = l.tenant and m.shard = l.message_shard and m.id = l.message_id
      where l.tenant = first.tenant and l.type = first.type and l.id = first.id and l.shard = first.shard
    ) as told
    where first.tenant = ${context.access.tenant} and first.version = 1 and first.type = any(${types.map(resourceTypeCode)}::smallint[])
      and (first.type, first.id) > (${after === undefined ? 0 : resourceTypeCode(after.type)}::smallint, ${after?.id ?? ''})
      and ${accessible(context.access, sql`r`)}
    order by first.type, first.id
    limit ${limit}`);
  return rows.map((row) => ({ ...row, type: resourceTypeOfCode(row.type), messages: row.messages ?? [] }));
}
