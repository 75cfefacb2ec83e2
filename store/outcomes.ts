/**
 * What a plan reports of its decisions: counts and times over a span of days, by urgency, from the outcomes that each
 * commit writes beside its events. Definitions are in docs/guides/metrics.md.
 * Source: 42 CFR 422.122(c), 438.210(f), 440.230(e)(3), 457.732(c), 45 CFR 156.223(c): CMS-0057-F.
 */
import sql, { empty, type Sql } from 'sql-template-tag';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';

export interface OutcomeQuery {
  /** Days where the plan is, YYYY-MM-DD: from the first, to before the second. */
  readonly from: string;
  readonly to: string;
  readonly plan?: string;
  readonly lineOfBusiness?: string;
  /** USPS code. */
  readonly state?: string;
  /** What is one: an item, or a version of a request with all its items. */
  readonly count: 'items' | 'requests';
}

export interface OutcomeFigures {
  /** All that were decided for the first time; the whole of which the others are a part. */
  readonly decided: number;
  readonly approved: number;
  /** Approved in part: modified items, requests of which some was approved. */
  readonly approvedInPart: number;
  readonly denied: number;
  /** Of those decided whose time was extended. */
  readonly extended: number;
  readonly extendedThenApproved: number;
  /** Appeals that were decided in the span, and those of them that were approved. */
  readonly appealed: number;
  readonly approvedAfterAppeal: number;
  /** Seconds from submission to decision; undefined where nothing was decided. */
  readonly averageSeconds: number | undefined;
  readonly medianSeconds: number | undefined;
}

export interface Outcomes {
  readonly standard: OutcomeFigures;
  readonly expedited: OutcomeFigures;
  readonly all: OutcomeFigures;
}

interface Row {
  expedited: boolean | null;
  decided: number; approved: number; in_part: number; denied: number; extended: number; extended_approved: number; appealed: number; approved_after_appeal: number;
  average: number | null; median: number | null;
}

export async function outcomesBetween(database: Queryable, asked: OutcomeQuery, context: Context): Promise<Outcomes> {
  const statement = sql`
    with counted as (${asked.count === 'items' ? items(asked, context) : requests(asked, context)})
    select expedited,
           count(*) filter (where not appeal)::integer as decided,
           count(*) filter (where not appeal and outcome = 'certified')::integer as approved,
           count(*) filter (where not appeal and outcome = 'modified')::integer as in_part,
           count(*) filter (where not appeal and outcome = 'denied')::integer as denied,
           count(*) filter (where not appeal and extended)::integer as extended,
           count(*) filter (where not appeal and extended and outcome = 'certified')::integer as extended_approved,
           count(*) filter (where appeal)::integer as appealed,
           count(*) filter (where appeal and outcome = 'certified')::integer as approved_after_appeal,
           avg(seconds) filter (where not appeal) as average,
           percentile_cont(0.5) within group (order by seconds) filter (where not appeal) as median
    from counted
    group by grouping sets ((expedited), ())`;
  const { rows } = await database.query<Row>({ text: statement.text, values: [...statement.values] });
  const figures = (expedited: boolean | null): OutcomeFigures => figuresOf(rows.find((row) => row.expedited === expedited));
  return { standard: figures(false), expedited: figures(true), all: figures(null) };
}

const seconds = sql`extract(epoch from decided_at - submitted_at)::double precision as seconds`;

function items(asked: OutcomeQuery, context: Context): Sql {
  return sql`
    select expedited, extended, appeal, outcome, ${seconds}
    from prior_authorization_outcome
    where ${ofPlan(asked, context)} and decided_on >= ${asked.from}::date and decided_on < ${asked.to}::date`;
}

/**
 * A version of a request is decided when the last item that it asks for is: by then all of them count, whenever each was
 * decided. Its appeals are a request of their own.
 */
function requests(asked: OutcomeQuery, context: Context): Sql {
  return sql`
    select bool_or(expedited) as expedited, bool_or(extended) as extended, appeal,
           case when bool_and(outcome = 'certified') then 'certified' when bool_and(outcome = 'denied') then 'denied' else 'modified' end as outcome,
           extract(epoch from max(decided_at) - min(submitted_at))::double precision as seconds
    from prior_authorization_outcome o
    where ${ofPlan(asked, context)}
      and not exists (
        select from prior_authorization_item i
        where i.tenant = o.tenant and i.shard = o.shard and i.authorization_id = o.authorization_id and i.asked_version = o.version and i.status in ('requested', 'pended'))
    group by shard, authorization_id, version, appeal
    having max(decided_on) >= ${asked.from}::date and max(decided_on) < ${asked.to}::date`;
}

function ofPlan({ plan, lineOfBusiness, state }: OutcomeQuery, context: Context): Sql {
  return sql`tenant = ${context.access.tenant}${plan === undefined ? empty : sql` and plan = ${plan}`}${
    lineOfBusiness === undefined ? empty : sql` and line_of_business = ${lineOfBusiness}`}${state === undefined ? empty : sql` and state = ${state}`}`;
}

function figuresOf(row: Row | undefined): OutcomeFigures {
  return {
    decided: row?.decided ?? 0, approved: row?.approved ?? 0, approvedInPart: row?.in_part ?? 0, denied: row?.denied ?? 0,
    extended: row?.extended ?? 0, extendedThenApproved: row?.extended_approved ?? 0, appealed: row?.appealed ?? 0, approvedAfterAppeal: row?.approved_after_appeal ?? 0,
    averageSeconds: row?.average ?? undefined, medianSeconds: row?.median ?? undefined,
  };
}
