/**
 * What goes along with the matches: `_include` and `_revinclude` in SQL (https://hl7.org/fhir/R4/search.html#include).
 * `seeds` is the name of rows with type, id, targets and patient, which have the references or are referred to.
 */
import sql, { join, type Sql } from 'sql-template-tag';
import { resourceTypeCode, resourceTypes } from '../../../fhir/resource-types.ts';
import type { SearchParameterSet } from '../../../fhir/search-parameters.ts';
import { ownPatientParameters } from '../../../fhir/single-valued.ts';
import type { Access } from '../../context.ts';
import type { Inclusion } from '../expression.ts';
import { accessible } from './access.ts';
import { referenceKey } from './keys.ts';

/** So many resources go along at most; the answer says when there are more. */
export const mostIncluded = 1000;

const columns = sql`r.type, r.id, r.version, r.last_updated, r.content, r.targets, r.patient`;

/** The resources that go along with the seeds, each once, and none that `known` (rows with type and id) has. */
export function includedRows(inclusions: readonly Inclusion[], seeds: Sql, known: Sql, access: Access, parameters: SearchParameterSet): Sql {
  const forward = inclusions.filter(({ direction }) => direction === 'include');
  const backward = inclusions.filter(({ direction }) => direction === 'revinclude');
  const parts = [
    ...(forward.length > 0 ? [referredTo(forward, seeds, access)] : []),
    ...backward.flatMap((inclusion) => referring(inclusion, seeds, access, parameters)),
  ];
  // Of several ways to the same resource one is enough.
  return sql`
    select distinct on (r.type, r.id) r.* from (${join(parts.map((part) => sql`(${part} limit ${mostIncluded + 1}::integer)`), ' union all ')}) r
    where not exists (select from ${known} k where k.type = r.type and k.id = r.id)
    limit ${mostIncluded + 1}::integer`;
}

/** The targets of the seeds' references, by primary key. */
function referredTo(inclusions: readonly Inclusion[], seeds: Sql, access: Access): Sql {
  const names = join(inclusions.map(({ source, parameter, target }) => {
    const conditions = [sql`s.type = ${resourceTypeCode(source)}`];
    if (parameter !== '*') conditions.push(sql`split_part(x.target, ' ', 1) = ${parameter}`);
    if (target !== undefined) conditions.push(target === 'Patient' ? sql`(x.target like '% =' or x.target like '% Patient/%')` : sql`split_part(split_part(x.target, ' ', 2), '/', 1) = ${target}`);
    return sql`(${join(conditions, ' and ')})`;
  }), ' or ');
  return sql`
    select ${columns}
    from (
      select distinct array_position(${resourceTypes}::text[], split_part(w.reference, '/', 1))::smallint as type, split_part(w.reference, '/', 2) as id
      from (
        select case when x.target like '% =' then 'Patient/' || s.patient else split_part(x.target, ' ', 2) end as reference
        from ${seeds} s cross join lateral unnest(s.targets) x (target)
        where ${names}
      ) w
      offset 0
    ) wanted
    cross join lateral (
      select r.* from resource r where ${accessible(access, sql`r`)} and r.type = wanted.type and r.id = wanted.id
      offset 0
    ) r
    where not r.deleted`;
}

/** What refers to the seeds. */
function referring({ source, parameter, target }: Inclusion, seeds: Sql, access: Access, parameters: SearchParameterSet): readonly Sql[] {
  const sourceType = resourceTypeCode(source);
  const own = ownPatientParameters(source);
  const codes = parameter === '*' ? parameters.of(source).filter(({ type }) => type === 'reference').map(({ code }) => code) : [parameter];
  const parts: Sql[] = [];
  const current = sql`${accessible(access, sql`r`)} and r.type = ${sourceType} and not r.deleted`;
  for (const code of codes) {
    const viaPatient = own.has(code);
    if (viaPatient && (target === undefined || target === 'Patient')) {
      parts.push(sql`
        select ${columns} from ${seeds} s cross join lateral (
          select r.* from resource r where ${current} and r.patient = s.id and ${`${code} =`} = any(r.targets)
          offset 0
        ) r
        where s.type = ${resourceTypeCode('Patient')}`);
    }
    const possible = parameters.find(source, code)?.target ?? ['Resource'];
    const targets = (target === undefined ? (possible.includes('Resource') ? resourceTypes : possible) : [target]).filter((type) => !(viaPatient && type === 'Patient'));
    if (targets.length === 0) continue;
    const keys = targets.length > 4
      ? sql`select ${referenceKeyOfAny(access, source, code)} from ${seeds} s where s.type = any(${targets.map(resourceTypeCode)}::smallint[])`
      : join(targets.map((type) => sql`select ${referenceKey(access, source, code, type, sql`s.id`)} from ${seeds} s where s.type = ${resourceTypeCode(type)}`), ' union all ');
    parts.push(sql`
      select ${columns} from (select r.* from resource r where r.keys && array(${keys}) offset 0) r
      where ${current}`);
  }
  return parts;
}

/** The key of a reference to a seed of whatever type. */
function referenceKeyOfAny(access: Access, source: string, code: string): Sql {
  return referenceKey(access, source, code, undefined, sql`(${resourceTypes}::text[])[s.type] || '/' || s.id`);
}
