/**
 * Search parameters of a tenant's own, as far as writing is concerned: a SearchParameter is checked before it is
 * written, and together with it the set of the tenant gets its next version, what is stored is put down to be indexed
 * again, and every process is told.
 *
 * Every statement that writes resources says by which version of the set it indexed them, and is refused where that
 * is not the current one any more. So what starts to be written after a definition is indexed by it, in whatever process,
 * however late the news; what had started before, the reindexing waits for (store/jobs/reindex.ts).
 */
import sql, { join, type Sql } from 'sql-template-tag';
import { concreteTypes, customParameter, isInForce } from '../../fhir/custom-parameter.ts';
import { Problem } from '../../fhir/problems.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { extendedParameters, standardParameters, type SearchParameter, type SearchParameterSet } from '../../fhir/search-parameters.ts';
import type { Context } from '../context.ts';
import { failureCode } from '../failures.ts';
import type { Change } from './changes.ts';
import { bigints, smallints, texts } from './columns.ts';
import type { Part } from './part.ts';

/** What a version of a SearchParameter does to the set of its tenant. */
export interface DefinitionChange {
  readonly kind: 'addition' | 'removal';
  /** The parameter's code. */
  readonly name: string;
  /** Numbers of the types that are to be indexed again. */
  readonly types: readonly number[];
}

interface WrittenRow {
  readonly tenant: number;
  readonly id: string;
  readonly lastUpdated: Date;
  readonly indexedBy: number;
  readonly definition?: DefinitionChange;
}

/** The channel on which processes tell each other: `changed TENANT`, `progress TENANT SUBJECT PERCENT`. */
export const definitionsChannel = 'priora_definitions';

export function isDefinition(change: Change): boolean {
  return 'resource' in change ? change.resource.resourceType === 'SearchParameter' : change.kind === 'delete' && change.type === 'SearchParameter';
}

/**
 * The changes with what each SearchParameter among them defines, checked against the tenant's set and against those
 * before it in the same commit.
 * @throws {Problem} `search-parameter-unusable`, `search-parameter-taken`, `search-parameter-in-use`
 */
export async function withDefinitions(changes: readonly Change[], context: Context): Promise<readonly Change[]> {
  if (!changes.some(isDefinition)) return changes;
  let set = context.parameters;
  const checked: Change[] = [];
  for (const change of changes) {
    if (!isDefinition(change)) {
      checked.push(change);
      continue;
    }
    const defined = 'resource' in change ? change.resource : undefined;
    const id = change.kind === 'delete' || change.kind === 'create' ? change.id : defined?.id;
    const parameter = defined && isInForce(defined) ? customParameter({ ...defined, id }, set) : undefined;
    const before = id === undefined ? undefined : ownParameter(set, id);
    if (before && !(parameter && sameMeaning(before, parameter))) assertNotPart(before, set);
    // Without versions and progress: it serves the checks of this commit alone.
    set = extendedParameters(standardParameters, [...(set.own ?? []).filter((one) => one !== before), ...(parameter ? [parameter] : [])]);
    checked.push(parameter && 'resource' in change ? { ...change, defines: parameter } : change);
  }
  return checked;
}

/** A composite would be indexed by what its parts were, or not at all, until it is looked at again. @throws {Problem} `search-parameter-in-use` */
function assertNotPart(parameter: SearchParameter, set: SearchParameterSet): void {
  const whole = set.own?.find(({ component }) => component?.some(({ definition }) => definition === parameter.url));
  if (whole) throw new Problem('search-parameter-in-use', { name: whole.code });
}

function ownParameter(set: SearchParameterSet, id: string): SearchParameter | undefined {
  return set.own?.find(({ source }) => source === id);
}

/** What it changes that a SearchParameter is now as `after` says (undefined: not in force); undefined where it changes nothing. */
export function definitionChange(id: string, after: SearchParameter | undefined, set: SearchParameterSet): DefinitionChange | undefined {
  const before = ownParameter(set, id);
  if (before === undefined && after === undefined) return undefined;
  if (before !== undefined && after !== undefined && sameMeaning(before, after)) return undefined;
  const types = [...new Set([before, after].flatMap((parameter) => parameter ? concreteTypes(parameter.base) : []))].map(resourceTypeCode);
  return { kind: after ? 'addition' : 'removal', name: (after ?? before)!.code, types };
}

function sameMeaning(a: SearchParameter, b: SearchParameter): boolean {
  const meaning = ({ url, code, type, base, expression, target, component }: SearchParameter): string => JSON.stringify([url, code, type, base, expression, target, component]);
  return meaning(a) === meaning(b);
}

/** Runs a commit; again with the new set where the tenant's definitions changed while it was made. */
export async function withCurrentDefinitions<T>(context: Context, commit: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await commit();
    } catch (error) {
      if (failureCode(error) !== 'PRDEF') throw error;
      if (attempt === 4 || context.refreshParameters === undefined) throw new Problem('concurrent-change', {}, undefined, { cause: error });
      await context.refreshParameters();
    }
  }
}

/** To be called when a commit has succeeded: whoever made a definition finds it in force. */
export async function followDefinitions(changes: readonly Change[], context: Context): Promise<void> {
  if (changes.some(isDefinition)) await context.refreshParameters?.();
}

/** Demands that the rows were indexed by the current definitions, and writes down what changes of these. */
export function definitionsPart(rows: readonly WrittenRow[]): Part | undefined {
  if (rows.length === 0) return undefined;
  // Rows of one tenant may have been made on both sides of a change; then one of the two is refused.
  const used = [...new Map(rows.map((row) => [`${row.tenant} ${row.indexedBy}`, [row.tenant, row.indexedBy] as const])).values()];
  const [[tenant, version] = [0, 0], ...more] = used;
  const form = more.length === 0 ? 'definitions' : 'definitions-of-many';
  // The usual question is the short one: it goes along with every write.
  const current = more.length === 0
    ? sql`case when coalesce((select d.version from search_definitions d where d.tenant = ${tenant}::smallint), 0) = ${version}::bigint then true else expect_definitions(1) end`
    : sql`expect_definitions((
      select count(*) from unnest(${smallints(used.map(([one]) => one))}, ${bigints(used.map(([, one]) => BigInt(one)))}) as used (tenant, version)
      where used.version <> coalesce((select d.version from search_definitions d where d.tenant = used.tenant), 0)
    ))`;
  const defining = rows.filter((row) => row.definition !== undefined);
  return defining.length === 0 ? { name: form, expressions: [], demand: current } : changingPart(defining, current, form);
}

function changingPart(rows: readonly WrittenRow[], current: Sql, form: string): Part {
  const versions = [...new Map(rows.map((row) => [row.tenant, row.indexedBy + 1]))];
  const tenants = rows.map((row) => row.tenant);
  const definitions = rows.map((row) => row.definition!);
  return {
    name: `${form}-changed-${rows.length}-${versions.length}`,
    expressions: [
      sql`next_definitions as (
      insert into search_definitions as known (tenant, version)
      select * from unnest(${smallints(versions.map(([tenant]) => tenant))}, ${bigints(versions.map(([, version]) => BigInt(version)))}) as next
      on conflict (tenant) do update set version = excluded.version where known.version = excluded.version - 1
      returning 1
    )`,
      sql`reindexing as (
      insert into reindex as known (tenant, subject, kind, name, version, types, state, changed_at)
      select d.tenant, d.subject, d.kind, d.name, d.version, d.types::smallint[], 'waiting', ${rows[0]!.lastUpdated}
      from unnest(${smallints(tenants)}, ${texts(rows.map((row) => row.id))}, ${texts(definitions.map((one) => one.kind))}, ${texts(definitions.map((one) => one.name))},
                  ${bigints(rows.map((row) => BigInt(row.indexedBy + 1)))}, ${texts(definitions.map((one) => `{${one.types.join(',')}}`))}) as d (tenant, subject, kind, name, version, types)
      on conflict (tenant, subject) do update
      set kind = excluded.kind, name = excluded.name, version = excluded.version, state = 'waiting', total = 0, done = 0,
          -- What an earlier change has left to be done is done with this one.
          types = case when known.state = 'done' then excluded.types else (select array_agg(distinct t) from unnest(known.types || excluded.types) t) end,
          at_type = 0, at_id = '', at_shard = -1, changed_at = excluded.changed_at
    )`,
    ],
    demand: join([
      current,
      sql`expect_definitions((select ${versions.length} - count(*) from next_definitions))`,
      ...rows.map((row) => sql`graphile_worker.add_job('reindex', json_build_object('tenant', ${row.tenant}::smallint, 'subject', ${row.id}::text), job_key => ${`reindex ${row.tenant} ${row.id}`}::text)`),
      ...versions.map(([tenant]) => sql`pg_notify(${definitionsChannel}::text, ${`changed ${tenant}`}::text)`),
    ], ', '),
  };
}
