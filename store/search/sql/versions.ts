/** Resources and versions by type and id. Access is judged by the current row: who may not see that sees no history of it. */
import sql, { empty, join, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import { accessible } from './access.ts';

const row = sql`r`;

/** The current version of one resource, a deletion included. */
export function oneRow(type: string, id: string, access: Access): Sql {
  return sql`
    select r.id, r.version, r.last_updated, r.deleted, r.content
    from resource r
    where ${accessible(access, row)} and r.type = ${resourceTypeCode(type)} and r.id = ${id}`;
}

/** Many current resources by type and id, deletions left out. */
export function manyRows(keys: readonly { readonly type: string; readonly id: string }[], access: Access): Sql {
  return sql`
    select r.*
    from unnest(${keys.map((key) => resourceTypeCode(key.type))}::smallint[], ${keys.map((key) => key.id)}::text[]) as wanted (type, id)
    cross join lateral (
      select r.type, r.id, r.version, r.last_updated, r.deleted, r.content, r.targets, r.patient
      from resource r
      where ${accessible(access, row)} and r.type = wanted.type and r.id = wanted.id
      offset 0
    ) as r
    where not r.deleted`;
}

export function oneVersion(type: string, id: string, version: number, access: Access): Sql {
  return sql`${versionsOf(type, id, access)} select version, last_updated, deleted, content from versions where version = ${version}`;
}

/** Which time a history is of. */
export interface HistoryWindow {
  /** Versions made at or after this instant (`_since`). */
  readonly since?: Date;
  /** Versions that were current at some time in [low, high) (`_at`). */
  readonly at?: { readonly low: Date; readonly high: Date };
}

/** Versions of one resource, newest first, from below `before`. One more than `limit`. */
export function versionRows(type: string, id: string, before: number | undefined, limit: number, access: Access, { since, at }: HistoryWindow = {}): Sql {
  const conditions = [
    ...(since ? [sql`last_updated >= ${since}`] : []),
    ...(at ? [sql`last_updated < ${at.high} and (until is null or until > ${at.low})`] : []),
  ];
  return sql`
    ${versionsOf(type, id, access)}, wanted as (
      select version, last_updated, deleted, content
      from (select *, lead(last_updated) over (order by version) as until from versions) as told
      ${conditions.length === 0 ? empty : sql`where ${join(conditions, ' and ')}`}
    )
    select version, last_updated, deleted, content, (select count(*)::integer from wanted) as total
    from wanted
    ${before === undefined ? empty : sql`where version < ${before}`}
    order by version desc
    limit ${limit + 1}`;
}

function versionsOf(type: string, id: string, access: Access): Sql {
  return sql`
    with current_version as (
      select r.tenant, r.type, r.id, r.version, r.last_updated, r.deleted, r.content
      from resource r
      where ${accessible(access, row)} and r.type = ${resourceTypeCode(type)} and r.id = ${id}
    ), versions as (
      select version, last_updated, deleted, content from current_version
      union all
      select h.version, h.last_updated, h.deleted, h.content
      from resource_history h join current_version c on h.tenant = c.tenant and h.type = c.type and h.id = c.id
    )`;
}
