/**
 * The history of a type or of everything, from the log of changes, newest first (https://hl7.org/fhir/R4/http.html#history).
 * A change is told by the version it made; access is judged by the current row.
 */
import sql, { empty, join, type Sql } from 'sql-template-tag';
import { resourceTypeCode, resourceTypes } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import { accessible } from './access.ts';

export interface HistoryQuery {
  /** Undefined: of all types. */
  readonly type?: string;
  readonly limit: number;
  /** Changes at or after this instant (`_since`). */
  readonly since?: Date;
  /** Versions that were current at some time in [low, high) (`_at`). */
  readonly at?: { readonly low: Date; readonly high: Date };
  readonly after?: HistoryPlace;
}

/** Where a page of a history ends: instant and number of a change. */
export interface HistoryPlace {
  readonly at: string;
  readonly position: string;
}

/** One more row than the page has when there are more. */
export function changeRows(query: HistoryQuery, access: Access): Sql {
  const types = query.type === undefined ? resourceTypes.map(resourceTypeCode) : [resourceTypeCode(query.type)];
  // No index has the changes of all types in one order, so each type gives its newest.
  return sql`
    select change.type, change.id, change.version, change.interaction, change.at as last_updated, change.position::text as position, change.content
    from unnest(${types}::smallint[]) as types (type)
    cross join lateral (${changesOfType(query, access)}) change
    order by change.at desc, change.position desc
    limit ${query.limit + 1}::integer`;
}

/**
 * By walking the log behind a fence. What else is to be known of a change is looked up in sub-selects: beside a join
 * the planner would take it that all of the log is wanted, and sort it.
 */
function changesOfType({ since, at, after, limit }: HistoryQuery, access: Access): Sql {
  const conditions = [sql`o.tenant = ${access.tenant} and o.type = types.type and o.interaction in ('create', 'update', 'delete')`];
  if (since) conditions.push(sql`o.at >= ${since}`);
  if (at) conditions.push(sql`o.at < ${at.high}`);
  if (after) conditions.push(sql`o.at <= ${after.at}::timestamptz and (o.at < ${after.at}::timestamptz or o.position < ${after.position}::bigint)`);
  const ofCurrent = (what: Sql, further: Sql): Sql =>
    sql`(select ${what} from resource r where ${accessible(access, sql`r`)} and r.type = o.type and r.id = o.id ${further} limit 1)`;
  const still = at === undefined ? empty : sql`and (o.at >= ${at.low} or r.version = o.version or ${nextVersionAt} > ${at.low})`;
  return sql`
    select o.type, o.id, o.version, o.interaction, o.at, o.position, ${ofCurrent(contentThen, empty)} as content
    from (
      select o.* from outbox o
      where ${join(conditions, ' and ')}
      order by o.at desc, o.position desc offset 0
    ) o
    where ${ofCurrent(sql`true`, still)}
    limit ${limit + 1}::integer`;
}

const earlier = (column: Sql, version: Sql): Sql =>
  sql`(select h.${column} from resource_history h where h.tenant = r.tenant and h.type = r.type and h.id = r.id and h.version = ${version} limit 1)`;

const contentThen = sql`case when r.version = o.version then r.content else ${earlier(sql`content`, sql`o.version`)} end`;

/** When a version ceased to be the current one. */
const nextVersionAt = sql`(case when r.version = o.version + 1 then r.last_updated else ${earlier(sql`last_updated`, sql`o.version + 1`)} end)`;
