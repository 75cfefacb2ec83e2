/**
 * The one place where SQL over resources is made: expression trees in, parameterised statements out. The access
 * predicate of the context is part of every statement.
 */
import sql, { empty, join, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Access } from '../context.ts';
import type { Statement } from '../database.ts';
import type { Expression, Order, Place, ResourceQuery, TypeQuery } from './expression.ts';

/** A page. One row more than the page holds tells whether there is a next one. */
export function compilePage(query: ResourceQuery, access: Access): Statement {
  const [only] = query.of;
  const { source, rest } = drivenBy(only!.where);
  const after = query.after === undefined ? empty : sql`and ${behind(query.after, query.order)}`;
  return statement(sql`
    ${source}
    select r.type, r.id, r.version, r.last_updated, r.content
    from ${source === empty ? sql`resource` : sql`matched`} r
    where ${accessible(access)} and r.type = ${resourceTypeCode(only!.type)} and not r.deleted and ${condition(rest)} ${after}
    order by ${byChange(query.order) ? sql`r.last_updated desc, r.id` : sql`r.id desc`}
    limit ${query.limit + 1}`);
}

function byChange(order: Order): boolean {
  return order[0]?.by === 'changed';
}

function behind(place: Place, order: Order): Sql {
  if (!byChange(order)) return sql`r.id < ${place.id}`;
  const changed = new Date(String(place.values[0]));
  return sql`(r.last_updated <= ${changed} and (r.last_updated < ${changed} or r.id > ${place.id}))`;
}

export function compileCount(query: TypeQuery, access: Access): Statement {
  const { source, rest } = drivenBy(query.where);
  return statement(sql`
    ${source}
    select count(*)::integer as count
    from ${source === empty ? sql`resource` : sql`matched`} r
    where ${accessible(access)} and r.type = ${resourceTypeCode(query.type)} and not r.deleted and ${condition(rest)}`);
}

/** The current version of one resource, a deletion included. */
export function compileRead(type: string, id: string, access: Access): Statement {
  return { ...statement(sql`
    select r.id, r.version, r.last_updated, r.deleted, r.content
    from resource r
    where ${accessible(access)} and r.type = ${resourceTypeCode(type)} and r.id = ${id}`), name: 'read' };
}

/** Many current resources by type and id, deletions left out. */
export function compileReadMany(keys: readonly { type: string; id: string }[], access: Access): Statement {
  return statement(sql`
    select r.*
    from unnest(${keys.map((key) => resourceTypeCode(key.type))}::smallint[], ${keys.map((key) => key.id)}::text[]) as wanted (type, id)
    cross join lateral (
      select r.type, r.id, r.version, r.last_updated, r.content
      from resource r
      where ${accessible(access)} and r.type = wanted.type and r.id = wanted.id and not r.deleted
      offset 0
    ) as r`);
}

/** One version, current or superseded. Access is judged by the current row: who may not see that sees no history of it. */
export function compileReadVersion(type: string, id: string, version: number, access: Access): Statement {
  return statement(sql`${versionsOf(type, id, access)} where version = ${version}`);
}

/** Versions of one resource, newest first, from below `before`. One more than `limit`. */
export function compileHistory(type: string, id: string, before: number | undefined, limit: number, access: Access): Statement {
  const older = before === undefined ? empty : sql`where version < ${before}`;
  return statement(sql`${versionsOf(type, id, access)} ${older} order by version desc limit ${limit + 1}`);
}

function versionsOf(type: string, id: string, access: Access): Sql {
  return sql`
    with current_version as (
      select r.tenant, r.type, r.id, r.version, r.last_updated, r.deleted, r.content
      from resource r
      where ${accessible(access)} and r.type = ${resourceTypeCode(type)} and r.id = ${id}
    ), versions as (
      select version, last_updated, deleted, content from current_version
      union all
      select h.version, h.last_updated, h.deleted, h.content
      from resource_history h join current_version c on h.tenant = c.tenant and h.type = c.type and h.id = c.id
    )
    select version, last_updated, deleted, content, (select count(*)::integer from versions) as total from versions`;
}

/** Every different label in the meta of resources that have any of the present numbers, and how many such resources there are, up to one more than `limit`. */
export function compileLabels(type: string | undefined, present: readonly number[], limit: number, access: Access): Statement {
  return statement(sql`
    with labelled as (
      select r.content
      from resource r
      where ${accessible(access)} and not r.deleted and r.present && ${[...present]}::integer[] ${type === undefined ? empty : sql`and r.type = ${resourceTypeCode(type)}`}
      limit ${limit + 1}
    )
    select distinct lists.kind, label.value::text as value, (select count(*)::integer from labelled) as count
    from labelled l
    cross join lateral (values
      ('profile', l.content::json #> '{meta,profile}'), ('security', l.content::json #> '{meta,security}'), ('tag', l.content::json #> '{meta,tag}')
    ) as lists (kind, list)
    cross join lateral json_array_elements(lists.list) as label (value)`);
}

/**
 * Selective keys first, behind a fence, and alone: tenant and type are in the hash already, and written beside it the
 * planner counts them twice and reads the whole primary key (docs/decisions/0002-search-index-layout.md, plan traps).
 * The access predicate is applied to what comes out, like every other condition.
 */
function drivenBy(where: Expression): { source: Sql; rest: Expression } {
  const conditions = where.kind === 'all' ? where.of : [where];
  const driving = conditions.filter((part) => part.kind === 'key' && part.selective);
  if (driving.length === 0) return { source: empty, rest: where };
  return {
    source: sql`with matched as materialized (select r.* from resource r where ${join(driving.map(condition), ' and ')})`,
    rest: { kind: 'all', of: conditions.filter((part) => !driving.includes(part)) },
  };
}

/** Which rows this request may see at all. Scopes and compartments are added here and nowhere else. */
function accessible(access: Access): Sql {
  return sql`r.tenant = ${access.tenant}`;
}

function condition(expression: Expression): Sql {
  switch (expression.kind) {
    case 'all': return expression.of.length === 0 ? sql`true` : sql`(${join(expression.of.map(condition), ' and ')})`;
    case 'any': return expression.of.length === 0 ? sql`false` : sql`(${join(expression.of.map(condition), ' or ')})`;
    case 'id': return sql`r.id = any(${[...expression.ids]}::text[])`;
    // "Contains" has good estimates for one key; "overlaps" takes alternatives in one index scan.
    case 'key': return expression.anyOf.length === 1
      ? sql`r.keys @> ${arrayLiteral(expression.anyOf)}::bigint[]`
      : sql`r.keys && ${arrayLiteral(expression.anyOf)}::bigint[]`;
    case 'patient': return sql`r.patient = ${expression.id}`;
    case 'changed': {
      const bounds: Sql[] = [];
      if (expression.from) bounds.push(sql`r.last_updated >= ${expression.from}`);
      if (expression.to) bounds.push(sql`r.last_updated < ${expression.to}`);
      return bounds.length === 0 ? sql`true` : sql`(${join(bounds, ' and ')})`;
    }
    default: throw new RangeError(`Not compiled yet: ${expression.kind}`);
  }
}

function arrayLiteral(keys: readonly bigint[]): string {
  return `{${keys.join(',')}}`;
}

function statement(fragment: Sql): Statement {
  return { text: fragment.text, values: [...fragment.values] };
}
