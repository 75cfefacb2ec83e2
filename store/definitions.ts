/** The search parameters of a tenant as the store has them: the standard's, and what its SearchParameters define. */
import sql from 'sql-template-tag';
import { customParameter, isInForce } from '../fhir/custom-parameter.ts';
import { parseJson } from '../fhir/json.ts';
import { Problem } from '../fhir/problems.ts';
import { resourceTypeCode } from '../fhir/resource-types.ts';
import { extendedParameters, standardParameters, type IndexProgress, type SearchParameter, type SearchParameterSet } from '../fhir/search-parameters.ts';
import type { Access } from './context.ts';
import type { Queryable } from './database.ts';
import { percentOf } from './jobs/reindex.ts';
import { accessible } from './search/sql/access.ts';
import type { Statement } from './statement.ts';

export interface Definitions {
  readonly parameters: SearchParameterSet;
  /** Progress that a set speaks of, by subject (`reindex.subject`): told from outside, read through the set. */
  readonly building: ReadonlyMap<string, { percent: number }>;
  /** Ids of SearchParameters that are active and cannot be used, with the codes of what is wrong: there is a newer server, or an older one was. */
  readonly unusable: readonly { readonly id: string; readonly problem: string }[];
}

interface Row {
  readonly version: string;
  readonly building: readonly { subject: string; kind: string; done: number; total: number }[] | null;
  readonly definitions: readonly { id: string; content: string }[] | null;
}

/**
 * Reads all of it at one moment, for the server itself and not for a request: which parameters there are decides how
 * everybody's resources are indexed, so it sees all of the tenant's SearchParameters, whatever a request may see.
 */
export async function readDefinitions(database: Queryable, tenant: number): Promise<Definitions> {
  const { rows: [row] } = await database.query<Row>(definitionsStatement({ tenant }));
  const building = new Map((row!.building ?? []).map(({ subject, done, total }) => [subject, { percent: percentOf(done, total) }]));
  const { custom, unusable } = await usable(row!.definitions ?? [], building);
  const version = Number(row!.version);
  const release = building.get('');
  const below = version === 0 ? standardParameters : { ...standardParameters, version };
  const parameters = custom.length === 0 ? below : extendedParameters(below, custom);
  return { parameters: release ? allBuilding(parameters, release) : parameters, building, unusable };
}

/** One row: what is in force, what of it is being indexed, and the SearchParameters as they are stored. */
export function definitionsStatement(access: Access): Statement {
  return sql`
    select coalesce((select d.version from search_definitions d where d.tenant = ${access.tenant}), 0) as version,
           (select json_agg(json_build_object('subject', x.subject, 'kind', x.kind, 'done', x.done, 'total', x.total))
            from reindex x where x.tenant = ${access.tenant} and x.state <> 'done' and x.kind <> 'removal') as building,
           (select json_agg(json_build_object('id', r.id, 'content', r.content) order by r.id)
            from resource r where ${accessible(access, sql`r`)} and r.type = ${resourceTypeCode('SearchParameter')} and not r.deleted) as definitions`;
}

/** Composites come last: their parts may be the tenant's own. */
async function usable(definitions: readonly { id: string; content: string }[], building: ReadonlyMap<string, IndexProgress>): Promise<{ custom: SearchParameter[]; unusable: { id: string; problem: string }[] }> {
  const custom: SearchParameter[] = [];
  const unusable: { id: string; problem: string }[] = [];
  const active = definitions.map(({ id, content }) => ({ id, resource: parseJson(content) as { type?: unknown } })).filter(({ resource }) => isInForce(resource));
  for (const { id, resource } of active.toSorted((a, b) => Number(a.resource.type === 'composite') - Number(b.resource.type === 'composite'))) {
    try {
      const parameter = customParameter(resource, extendedParameters(standardParameters, custom));
      const progress = building.get(id);
      if (parameter) custom.push(progress ? { ...parameter, building: progress } : parameter);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      unusable.push({ id, problem: error.code });
    }
  }
  return { custom, unusable };
}

/** What is in columns of its own and always right. */
const inColumns = new Set(['_id', '_lastUpdated']);

/** After a release that indexes differently every answer would miss what is indexed as before. */
function allBuilding(set: SearchParameterSet, building: IndexProgress): SearchParameterSet {
  const marked = new WeakMap<SearchParameter, SearchParameter>();
  const mark = (parameter: SearchParameter): SearchParameter => {
    if (inColumns.has(parameter.code)) return parameter;
    let copy = marked.get(parameter);
    if (copy === undefined) marked.set(parameter, copy = { ...parameter, building });
    return copy;
  };
  const markIfAny = (parameter: SearchParameter | undefined): SearchParameter | undefined => parameter && mark(parameter);
  return {
    ...set,
    find: (type, code) => markIfAny(set.find(type, code)),
    of: (type) => set.of(type).map(mark),
    byUrl: (url) => markIfAny(set.byUrl(url)),
  };
}
