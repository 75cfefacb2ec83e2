/** Which profiles, tags and security labels a tenant's resources have (`$meta` of a type, or of everything). */
import { Problem } from '../fhir/problems.ts';
import { resourceTypeCode, resourceTypes } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { compileLabels } from './search/compile.ts';
import { keyMaker } from './search-keys.ts';

/** Profiles, tags and security labels as they stand in meta. */
export interface LabelsInUse {
  readonly profile: readonly string[];
  readonly security: readonly { readonly system?: string; readonly code?: string }[];
  readonly tag: readonly { readonly system?: string; readonly code?: string }[];
}

/** Labels are in no index as they are written, so the resources that have any are read, and no more of them than this. */
const mostLabelled = 20_000;

/** The different labels of the resources of one type, or of all. @throws {Problem} `labels-too-many` */
export async function readLabelsInUse(database: Queryable, type: string | undefined, context: Context): Promise<LabelsInUse> {
  const types = type === undefined ? resourceTypes : [type];
  const present = types.flatMap((one) => {
    const make = keyMaker(context.tenant.id, resourceTypeCode(one));
    return ['_profile', '_security', '_tag'].map((code) => make.present(code));
  });
  const { rows } = await database.query<{ kind: string; value: string; count: number }>(compileLabels(type, present, mostLabelled, context.access));
  if ((rows[0]?.count ?? 0) > mostLabelled) throw new Problem('labels-too-many', { limit: mostLabelled });
  const labels = <T>(kind: string): T[] => rows.filter((row) => row.kind === kind).map(({ value }) => JSON.parse(value) as T);
  return { profile: labels('profile'), security: labels('security'), tag: labels('tag') };
}
