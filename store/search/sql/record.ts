/**
 * The record of a compartment: resources of many types that are one patient's or refer to one encounter, in one look at
 * the index by patient or at the keys, whatever the number of types. (A tree for each type would be a branch of the
 * statement for each, and longer to plan than to run.) By id, descending.
 */
import sql, { empty, join, raw, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import type { Place } from '../expression.ts';
import { accessible } from './access.ts';
import { allOf, bigints } from './rows.ts';

export interface RecordQuery {
  readonly types: readonly string[];
  /** Whose rows they are (`resource.patient`); undefined where keys alone find them. */
  readonly patient: string | undefined;
  /** Any of these finds the others. */
  readonly keys: readonly bigint[];
  /** Changed then or later. */
  readonly since: Date | undefined;
  /** Principal dates that overlap [from, until), and what has none. */
  readonly care: { readonly from: Date | undefined; readonly until: Date | undefined; readonly undated: readonly string[] } | undefined;
  readonly after: Pick<Place, 'type' | 'id'> | undefined;
  readonly limit: number;
  /** A page ends with the resource that brings its content to this. */
  readonly bytes: number;
}

const row = raw('r');

/** One more than `limit` where there are more, or as many as come to `bytes`; `found`: how many there were but for that. */
export function recordRows(query: RecordQuery, access: Access): Sql {
  const { patient, keys, limit } = query;
  const visible = sql`${accessible(access, row)} and not r.deleted`;
  // Behind a fence, or a planner that has seen little of the table goes by the types.
  const own = patient === undefined ? empty : sql`select r.* from (select r.* from resource r where ${visible} and r.patient = ${patient} offset 0) r union all`;
  // What is found by a key as well as by its patient is one resource.
  const others = patient === undefined ? empty : sql`and r.patient is distinct from ${patient}`;
  const page = sql`
    select r.type, r.id, r.version, r.last_updated, r.content
    from (
      ${own}
      select r.* from (select r.* from resource r where r.keys && ${bigints(keys)}::bigint[] ${others} offset 0) r where ${visible}
    ) r
    where ${allOf([sql`r.type = any(${codes(query.types)}::smallint[])`, ...changed(query), ...dated(query), ...behind(query)])}
    order by r.id desc, r.type asc
    limit ${limit + 1}::integer`;
  return sql`
    select type, id, version, last_updated, content, found
    from (
      select page.*, count(*) over ()::integer as found,
        sum(octet_length(content)) over (order by id desc, type asc rows between unbounded preceding and 1 preceding) as bytes_before
      from (${page}) page
    ) measured
    where coalesce(bytes_before, 0) < ${query.bytes}::bigint
    order by id desc, type asc`;
}

function codes(types: readonly string[]): number[] {
  return types.map(resourceTypeCode);
}

function changed({ since }: RecordQuery): Sql[] {
  return since === undefined ? [] : [sql`r.last_updated >= ${since}`];
}

function dated({ care }: RecordQuery): Sql[] {
  if (care === undefined) return [];
  const { from, until, undated } = care;
  const bounds = [...(from === undefined ? [] : [sql`r.date_high > ${from}`]), ...(until === undefined ? [] : [sql`r.date_low < ${until}`])];
  return bounds.length === 0 ? [] : [sql`(r.date_low is null or r.type = any(${codes(undated)}::smallint[]) or (${join(bounds, ' and ')}))`];
}

function behind({ after }: RecordQuery): Sql[] {
  return after === undefined ? [] : [sql`(r.id < ${after.id} or (r.id = ${after.id} and r.type > ${resourceTypeCode(after.type)}))`];
}
