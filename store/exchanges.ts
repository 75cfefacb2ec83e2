/** Reading what was exchanged about authorizations, in the order in which it was asked. */
import sql, { join } from 'sql-template-tag';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import type { ExchangeRow } from './write/changes.ts';

export interface ExchangeQuery {
  /** Instants, the first included. */
  readonly since?: Date;
  readonly until?: Date;
  readonly exchange?: string;
  readonly rail?: string;
  readonly plan?: string;
  readonly after?: { readonly requestedAt: Date; readonly id: string };
  readonly limit: number;
}

export type StoredExchange = Omit<ExchangeRow, 'shard'>;

interface Row {
  id: string; exchange: ExchangeRow['exchange']; rail: string; requested_at: Date; responded_at: Date; status: number | null; plan: string | null; line_of_business: string | null; authorization_id: string | null; detail: string;
}

export async function exchangesIn(database: Queryable, asked: ExchangeQuery, context: Context): Promise<StoredExchange[]> {
  const conditions = [
    sql`tenant = ${context.access.tenant}`,
    ...(asked.since === undefined ? [] : [sql`requested_at >= ${asked.since}`]), ...(asked.until === undefined ? [] : [sql`requested_at < ${asked.until}`]),
    ...(asked.exchange === undefined ? [] : [sql`exchange = ${asked.exchange}`]), ...(asked.rail === undefined ? [] : [sql`rail = ${asked.rail}`]), ...(asked.plan === undefined ? [] : [sql`plan = ${asked.plan}`]),
    ...(asked.after === undefined ? [] : [sql`(requested_at, id) > (${asked.after.requestedAt}::timestamptz, ${asked.after.id}::uuid)`]),
  ];
  const statement = sql`
    select id, exchange, rail, requested_at, responded_at, status, plan, line_of_business, authorization_id, detail
    from prior_authorization_exchange
    where ${join(conditions, ' and ')}
    order by requested_at, id
    limit ${asked.limit}`;
  const { rows } = await database.query<Row>({ text: statement.text, values: [...statement.values] });
  return rows.map((row) => ({
    id: row.id, exchange: row.exchange, rail: row.rail, requestedAt: row.requested_at, respondedAt: row.responded_at, detail: row.detail,
    ...(row.status !== null && { status: row.status }), ...(row.plan !== null && { plan: row.plan }), ...(row.line_of_business !== null && { lineOfBusiness: row.line_of_business }),
    ...(row.authorization_id !== null && { authorization: row.authorization_id }),
  }));
}
