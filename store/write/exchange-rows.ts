/**
 * What was exchanged about authorizations. A request that is planned again because somebody else was faster has the same
 * id, and is told of once.
 */
import sql from 'sql-template-tag';
import type { Context } from '../context.ts';
import type { ExchangeRow } from './changes.ts';
import type { Part } from './part.ts';

export function exchangesPart(context: Context, rows: readonly ExchangeRow[]): readonly Part[] {
  if (rows.length === 0) return [];
  return [{
    name: 'exchanges',
    expressions: [sql`exchanged as (
      insert into prior_authorization_exchange (tenant, shard, id, exchange, rail, requested_at, responded_at, status, plan, line_of_business, authorization_id, detail)
      select ${context.tenant.id}::smallint, row.*
      from unnest(${rows.map(({ shard }) => shard)}::smallint[], ${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ exchange }) => exchange)}::text[], ${rows.map(({ rail }) => rail)}::text[],
                  ${rows.map(({ requestedAt }) => requestedAt)}::timestamptz[], ${rows.map(({ respondedAt }) => respondedAt)}::timestamptz[], ${rows.map(({ status }) => status ?? null)}::smallint[],
                  ${rows.map(({ plan }) => plan ?? null)}::text[], ${rows.map(({ lineOfBusiness }) => lineOfBusiness ?? null)}::text[], ${rows.map(({ authorization }) => authorization ?? null)}::uuid[],
                  ${rows.map(({ detail }) => detail)}::text[]) as row
      on conflict do nothing
    )`],
  }];
}
