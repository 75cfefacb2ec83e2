/** Labels of resources: the profiles, security labels and tags of their metadata. */
import sql, { empty, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Access } from '../../context.ts';
import { accessible } from './access.ts';

/** Every different label in the meta of resources that have any of the present numbers, and how many such resources there are, up to one more than `limit`. */
export function labelRows(type: string | undefined, present: readonly number[], limit: number, access: Access): Sql {
  return sql`
    with labelled as (
      select r.content
      from resource r
      where ${accessible(access, sql`r`)} and not r.deleted and r.present && ${[...present]}::integer[] ${type === undefined ? empty : sql`and r.type = ${resourceTypeCode(type)}`}
      limit ${limit + 1}
    )
    select distinct lists.kind, label.value::text as value, (select count(*)::integer from labelled) as count
    from labelled l
    cross join lateral (values
      ('profile', l.content::json #> '{meta,profile}'), ('security', l.content::json #> '{meta,security}'), ('tag', l.content::json #> '{meta,tag}')
    ) as lists (kind, list)
    cross join lateral json_array_elements(lists.list) as label (value)`;
}
