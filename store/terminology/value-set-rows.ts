/** Rows of value sets: the composition, taken apart. What has only an expansion is composed of what it lists. */
import type { ValueSet, ValueSetComposeInclude, ValueSetComposeIncludeConcept } from '@medplum/fhirtypes';
import sql from 'sql-template-tag';
import { composeOf } from '../../terminology/expansion-list.ts';
import type { Queryable } from '../database.ts';
import { stored } from './code-system-rows.ts';

/** Concepts of one include that are kept with the head; of a longer list the rows are read. */
export const mostInHead = 1000;
/** Rows in one statement. */
const batchSize = 10_000;

export interface InstalledRow {
  readonly tenant: number;
  readonly resourceId?: string;
  readonly source?: string;
  readonly generation: number;
  readonly changedAt: Date;
}

export async function insertValueSet(connection: Queryable, valueSet: ValueSet, row: InstalledRow): Promise<void> {
  const { text: _, ...rest } = valueSet;
  const composed: ValueSet = rest.compose === undefined && rest.expansion !== undefined ? { ...rest, compose: composeOf(rest.expansion.contains ?? []) } : rest;
  const includes = [...(composed.compose?.include ?? []).map((include) => ({ include, exclude: false })), ...(composed.compose?.exclude ?? []).map((include) => ({ include, exclude: true }))];
  const head = headOf(composed);
  const { rows: [added] } = await connection.query<{ value_set: number }>(sql`
    insert into value_set (tenant, url, version, resource_id, source, head, generation, changed_at)
    values (${row.tenant}, ${stored(valueSet.url ?? '')}, ${stored(valueSet.version ?? '')}, ${row.resourceId ?? null}, ${row.source ?? ''}, ${JSON.stringify(head)}, ${row.generation}, ${row.changedAt})
    returning value_set`);
  const key = { tenant: row.tenant, valueSet: added!.value_set };
  if (includes.length === 0) return;
  const compositions = includes.map(({ include, exclude }, position) => ({
    position, exclude, system: stored(include.system), version: stored(include.version), value_sets: include.valueSet ?? [],
    filters: stored(include.filter && JSON.stringify(include.filter.map(({ property, op, value }) => ({ property, op, value })))), listed: include.concept?.length,
  }));
  await connection.query(sql`
    insert into value_set_include (tenant, value_set, position, exclude, system, version, value_sets, filters, listed)
    select ${key.tenant}, ${key.valueSet}, row.*
    from json_to_recordset(${JSON.stringify(compositions)}::json) as row (position integer, exclude boolean, system text, version text, value_sets text[], filters text, listed integer)`);
  const concepts = includes.flatMap(({ include }, position) => (include.concept ?? []).map((concept, number) => conceptRow(concept, position, number)));
  for (let start = 0; start < concepts.length; start += batchSize) {
    await connection.query(sql`
      insert into value_set_concept (tenant, value_set, include, position, code, display, extra)
      select ${key.tenant}, ${key.valueSet}, row.*
      from json_to_recordset(${JSON.stringify(concepts.slice(start, start + batchSize))}::json) as row (include integer, position integer, code text, display text, extra text)`);
  }
}

function conceptRow({ code, display, ...more }: ValueSetComposeIncludeConcept, include: number, position: number): Record<string, unknown> {
  return { include, position, code: stored(code), display: stored(display), extra: Object.keys(more).length === 0 ? undefined : stored(JSON.stringify(more)) };
}

function headOf({ compose, ...rest }: ValueSet): ValueSet {
  const cut = (include: ValueSetComposeInclude): ValueSetComposeInclude => {
    if ((include.concept?.length ?? 0) <= mostInHead) return include;
    const { concept: _, ...short } = include;
    return short;
  };
  const { expansion: _, ...head } = rest;
  return compose === undefined ? head : { ...head, compose: { ...compose, include: compose.include?.map(cut), ...(compose.exclude && { exclude: compose.exclude.map(cut) }) } };
}

export async function deleteValueSets(connection: Queryable, tenant: number, valueSets: readonly number[]): Promise<void> {
  if (valueSets.length === 0) return;
  const those = sql`tenant = ${tenant} and value_set = any (${[...valueSets]}::integer[])`;
  await connection.query(sql`
    with includes as (delete from value_set_include where ${those}),
         concepts as (delete from value_set_concept where ${those})
    delete from value_set where ${those}`);
}
