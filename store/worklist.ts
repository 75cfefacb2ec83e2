/**
 * Authorizations that wait for a decision, those first that are due first, and how they stand to their clocks. Whether
 * one is late is computed from the time that is asked at: it is no event, and needs no job that would have to be on time.
 */
import sql, { join, type Sql } from 'sql-template-tag';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';

/** `at-risk`: less time is left than its rule wants; `breached`: none. */
export const forecasts = ['on-time', 'at-risk', 'breached'] as const;
export type Forecast = (typeof forecasts)[number];

export interface OpenAuthorization {
  readonly id: string;
  readonly administrativeReference: string;
  readonly claim: string;
  readonly claimResponse: string;
  readonly task: string | undefined;
  readonly plan: string | undefined;
  readonly lineOfBusiness: string;
  readonly state: string | undefined;
  /** Id of the clock rule. */
  readonly rule: string | undefined;
  readonly expedited: boolean;
  readonly receivedAt: Date;
  readonly dueAt: Date;
  readonly pausedUntil: Date | undefined;
  readonly forecast: Forecast;
}

export interface WorklistQuery {
  readonly forecasts?: readonly Forecast[];
  readonly plan?: string;
  readonly lineOfBusiness?: string;
  readonly expedited?: boolean;
  /** The last one that was read before. */
  readonly after?: { readonly dueAt: Date; readonly id: string };
  readonly limit: number;
}

interface Row {
  id: string; administrative_reference: string; claim: string; claim_response: string; task: string | null; plan: string | null; line_of_business: string; state: string | null;
  clock_rule: string | null; expedited: boolean; received_at: Date; due_at: Date; paused_until: Date | null; forecast: Forecast;
}

const forecastAt = (now: Date): Sql => sql`case when due_at < ${now}::timestamptz then 'breached' when at_risk_at <= ${now}::timestamptz then 'at-risk' else 'on-time' end`;

export async function worklist(database: Queryable, asked: WorklistQuery, context: Context): Promise<OpenAuthorization[]> {
  const now = context.now();
  const conditions = [
    sql`tenant = ${context.access.tenant}`, sql`open`,
    ...(asked.plan === undefined ? [] : [sql`plan = ${asked.plan}`]), ...(asked.lineOfBusiness === undefined ? [] : [sql`line_of_business = ${asked.lineOfBusiness}`]),
    ...(asked.expedited === undefined ? [] : [sql`expedited = ${asked.expedited}`]),
    ...(asked.forecasts === undefined ? [] : [sql`${forecastAt(now)} = any(${[...asked.forecasts]}::text[])`]),
    ...(asked.after === undefined ? [] : [sql`(due_at, id) > (${asked.after.dueAt}::timestamptz, ${asked.after.id}::uuid)`]),
  ];
  const statement = sql`
    select id, administrative_reference, claim, claim_response, task, plan, line_of_business, state, clock_rule, expedited, received_at, due_at,
           case when paused_until > ${now}::timestamptz then paused_until end as paused_until, ${forecastAt(now)} as forecast
    from prior_authorization
    where ${join(conditions, ' and ')}
    order by due_at, id
    limit ${asked.limit}`;
  const { rows } = await database.query<Row>({ text: statement.text, values: [...statement.values] });
  return rows.map((row) => ({
    id: row.id, administrativeReference: row.administrative_reference, claim: row.claim, claimResponse: row.claim_response, task: row.task ?? undefined, plan: row.plan ?? undefined,
    lineOfBusiness: row.line_of_business, state: row.state ?? undefined, rule: row.clock_rule ?? undefined, expedited: row.expedited, receivedAt: row.received_at, dueAt: row.due_at,
    pausedUntil: row.paused_until ?? undefined, forecast: row.forecast,
  }));
}

export interface OpenCount {
  readonly forecast: Forecast;
  readonly expedited: boolean;
  readonly count: number;
}

/** How many of a tenant wait. */
export async function countOpen(database: Queryable, tenant: number, now: Date): Promise<readonly OpenCount[]> {
  const statement = sql`
    select ${forecastAt(now)} as forecast, expedited, count(*)::integer as count
    from prior_authorization
    where tenant = ${tenant} and open
    group by 1, 2`;
  const { rows } = await database.query<OpenCount>({ text: statement.text, values: [...statement.values] });
  return rows;
}
