/**
 * What a tenant has posted of StructureDefinitions, ValueSets and CodeSystems, over installed packages and what ships. Each
 * table is made when it is first asked for, and remembered by the text that it was made of for as long as that is there:
 * a write of one definition does not make the others anew.
 */
import sql from 'sql-template-tag';
import { parseJson } from '../../fhir/json.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Definitions } from '../../profiles/definitions.ts';
import { distillCodeSystem, distillValueSet } from '../../profiles/distill/codes.ts';
import { textOf, type JsonObject } from '../../profiles/distill/json-parts.ts';
import { postedSource } from '../../profiles/distill/source.ts';
import { once, TableIndex, type Later } from '../../profiles/packages/table-index.ts';
import type { CodeSystemTable, ValueSetTable } from '../../profiles/tables/code-tables.ts';
import type { Access } from '../context.ts';
import type { Queryable } from '../database.ts';
import { accessible } from '../search/sql/access.ts';
import { finder, PostedStructure } from './posted-structure.ts';

export interface TenantDefinitions {
  readonly definitions: Definitions;
}

interface Named {
  readonly url: string;
  readonly version: string;
}

type Posted =
  | Named & { readonly kind: 'structure'; readonly structure: PostedStructure }
  | Named & { readonly kind: 'value set'; readonly table: Later<ValueSetTable> }
  | Named & { readonly kind: 'code system'; readonly table: Later<CodeSystemTable> };

/** What was made of a tenant's definitions, by their texts; undefined for what nobody can ask for, because it has no url. */
export type PostedMemory = Map<string, Posted | undefined>;

/**
 * @param below what there is for all tenants
 * @param memory of this tenant; what is not there any more goes from it
 */
export async function readPosted(database: Queryable, access: Access, below: TableIndex, memory: PostedMemory): Promise<TenantDefinitions> {
  const types = ['StructureDefinition', 'ValueSet', 'CodeSystem'].map(resourceTypeCode);
  const { rows } = await database.query<{ content: string }>(sql`
    select r.content from resource r
    where ${accessible(access, sql`r`)} and r.type = any(${types}::smallint[]) and not r.deleted order by r.type, r.id`);
  const there: PostedMemory = new Map(rows.map(({ content }) => [content, memory.has(content) ? memory.get(content) : postedOf(content)]));
  memory.clear();
  for (const [content, posted] of there) memory.set(content, posted);
  return { definitions: there.size === 0 ? below : indexOf([...there.values()].filter((posted) => posted !== undefined), below) };
}

function postedOf(content: string): Posted | undefined {
  const resource = parseJson(content) as JsonObject;
  const url = textOf(resource['url']);
  if (url === undefined) return undefined;
  const named = { url, version: textOf(resource['version']) ?? '' };
  if (resource['resourceType'] === 'StructureDefinition') return { ...named, kind: 'structure', structure: new PostedStructure(resource, content) };
  // The text is read once more when it is asked for: most are not.
  const reread = (): JsonObject => parseJson(content) as JsonObject;
  if (resource['resourceType'] === 'ValueSet') return { ...named, kind: 'value set', table: once(() => distillValueSet(reread(), postedSource)) };
  return { ...named, kind: 'code system', table: once(() => distillCodeSystem(reread(), postedSource)) };
}

function indexOf(all: readonly Posted[], below: TableIndex): TableIndex {
  const index = new TableIndex();
  const find = finder(all.flatMap((posted) => posted.kind === 'structure' ? [posted.structure] : []), below);
  for (const posted of all) {
    const { url, version } = posted;
    if (posted.kind === 'structure') index.addStructure(url, version, once(() => posted.structure.made(find)));
    else if (posted.kind === 'value set') index.addValueSet(url, version, posted.table);
    else index.addCodeSystem(url, version, posted.table);
  }
  index.addAll(below);
  return index;
}
