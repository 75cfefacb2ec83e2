/** Rows of concept maps: one for each source and target. */
import type { ConceptMap, ConceptMapGroupElement } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import type { Queryable } from '../database.ts';
import { stored } from './code-system-rows.ts';
import type { InstalledRow } from './value-set-rows.ts';

/** Rows in one statement. */
const batchSize = 10_000;

export async function insertConceptMap(connection: Queryable, conceptMap: ConceptMap, row: InstalledRow): Promise<void> {
  const { text: _, ...rest } = conceptMap;
  const head = { ...rest, ...(rest.group && { group: rest.group.map(({ element: __, ...group }) => group) }) };
  const { rows: [added] } = await connection.query<{ map: number }>(sql`
    insert into concept_map (tenant, url, version, resource_id, source, source_scope, target_scope, head, generation, changed_at)
    values (${row.tenant}, ${stored(conceptMap.url ?? '')}, ${stored(conceptMap.version ?? '')}, ${row.resourceId ?? null}, ${row.source ?? ''},
            ${stored(scopeOf(conceptMap.sourceUri ?? conceptMap.sourceCanonical))}, ${stored(scopeOf(conceptMap.targetUri ?? conceptMap.targetCanonical))}, ${JSON.stringify(head)}, ${row.generation}, ${row.changedAt})
    returning map`);
  const elements = (conceptMap.group ?? []).flatMap(({ source, target, element }, group) => (element ?? []).flatMap((one) => elementRows(one).map((more) => ({
    map_group: group, source_system: stored(source ?? ''), target_system: stored(target ?? ''), ...more,
  }))));
  for (let start = 0; start < elements.length; start += batchSize) {
    const some = elements.slice(start, start + batchSize).map((element, index) => ({ ...element, position: start + index }));
    await connection.query(sql`
      insert into concept_map_element (tenant, map, map_group, position, source_system, source_code, target_system, target_code, target_display, equivalence, comment, extra)
      select ${row.tenant}, ${added!.map}, row.*
      from json_to_recordset(${JSON.stringify(some)}::json) as row (map_group integer, position integer, source_system text, source_code text, target_system text, target_code text, target_display text, equivalence text, comment text, extra text)`);
  }
}

function scopeOf(canonical: string | undefined): string {
  return canonical?.split('|')[0] ?? '';
}

function elementRows({ code, target }: ConceptMapGroupElement): Record<string, unknown>[] {
  if (code === undefined) return [];
  if (target === undefined || target.length === 0) return [{ source_code: stored(code), equivalence: 'unmatched' }];
  return target.map(({ code: to, display, equivalence, comment, dependsOn, product }) => ({
    source_code: stored(code), target_code: stored(to), target_display: stored(display), equivalence: equivalence ?? 'equivalent', comment: stored(comment),
    extra: dependsOn || product ? stored(JSON.stringify({ ...(dependsOn && { dependsOn }), ...(product && { product }) })) : undefined,
  }));
}

export async function deleteConceptMaps(connection: Queryable, tenant: number, maps: readonly number[]): Promise<void> {
  if (maps.length === 0) return;
  const those = sql`tenant = ${tenant} and map = any (${[...maps]}::integer[])`;
  await connection.query(sql`with elements as (delete from concept_map_element where ${those}) delete from concept_map where ${those}`);
}
