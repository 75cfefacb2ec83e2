/** Rows of concepts, with their designations and properties, and the concepts that they are. */
import sql, { empty, type Sql } from 'sql-template-tag';
import type { ConceptProperty, Designation, NumberedConcept, PropertyType } from '../../terminology/concepts.ts';
import type { ConceptDetails } from '../../terminology/source.ts';

export interface ConceptRow {
  readonly concept: number | null;
  readonly code: string;
  readonly display: string | null;
  readonly definition: string | null;
  readonly inactive: boolean;
  readonly abstract: boolean;
  readonly extra: string | null;
  readonly designations: readonly (readonly [string, string | null, string | null, string | null, string, string | null])[] | null;
  readonly properties: readonly (readonly [string, PropertyType, string, string | null, string | null])[] | null;
}

export const allDetails: ConceptDetails = { designations: true, properties: true };

/** What a concept is read from; `c` is its row in code_system_concept. */
export function columns({ designations, properties }: ConceptDetails): Sql {
  const named = typeof properties === 'boolean' ? empty : sql` and p.code = any (${[...properties]}::text[])`;
  return sql`c.concept, c.code, c.display, c.definition, c.inactive, c.abstract, c.extra,
    ${designations ? sql`(select json_agg(json_build_array(d.language, d.use_system, d.use_code, d.use_display, d.value, d.extra) order by d.position) from code_system_designation d where d.tenant = c.tenant and d.system = c.system and d.concept = c.concept)` : sql`null::json`} as designations,
    ${properties !== false ? sql`(select json_agg(json_build_array(p.code, p.type, p.value, p.value_system, p.value_display) order by p.position) from code_system_property p where p.tenant = c.tenant and p.system = c.system and p.concept = c.concept${named})` : sql`null::json`} as properties`;
}

export function conceptOf(row: ConceptRow): NumberedConcept {
  return {
    number: row.concept!, code: row.code, inactive: row.inactive, abstract: row.abstract,
    ...(row.display !== null && { display: row.display }), ...(row.definition !== null && { definition: row.definition }),
    designations: (row.designations ?? []).map(([language, system, code, display, value, extra]): Designation => ({
      ...(language !== '' && { language }), ...((system !== null || code !== null) && { use: { ...(system !== null && { system }), ...(code !== null && { code }), ...(display !== null && { display }) } }),
      value, ...(extra !== null && JSON.parse(extra) as object),
    })),
    properties: (row.properties ?? []).map(([code, type, value, system, display]): ConceptProperty => ({ code, type, value, ...(system !== null && { system }), ...(display !== null && { display }) })),
    ...(row.extra !== null && { extra: JSON.parse(row.extra) as Record<string, unknown> }),
  };
}
