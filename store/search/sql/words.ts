/** Words of narratives (`_text`) and of whole resources (`_content`) in SQL (https://hl7.org/fhir/R4/search.html#content). */
import sql, { type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Rows } from './rows.ts';

export function narrativeTest(query: string, { row, type }: Rows): Sql {
  return sql`(
    select true from index_narrative x
    where x.tenant = ${row}.tenant and x.type = ${resourceTypeCode(type)} and x.id = ${row}.id and x.words @@ websearch_to_tsquery('simple', ${query})
    limit 1)`;
}

export function idsByNarrative(query: string, { type, access }: Rows): Sql {
  return sql`select distinct x.id from index_narrative x where x.words @@ websearch_to_tsquery('simple', ${query}) and x.tenant = ${access.tenant} and x.type = ${resourceTypeCode(type)}`;
}

/**
 * The values of a resource, not the names of its elements. JSON that PostgreSQL cannot unescape (U+0000, halves of pairs)
 * is taken as it is written, and of what is larger than a word list may be only the beginning.
 */
export function contentTest(query: string, { row }: Rows): Sql {
  return sql`(case
    when octet_length(${row}.content) > 400000 then to_tsvector('simple', left(${row}.content, 100000))
    when ${row}.content ~ '\\\\u(0000|[dD][89a-fA-F])' then to_tsvector('simple', ${row}.content)
    else json_to_tsvector('simple', ${row}.content::json, '["string", "numeric"]') end @@ websearch_to_tsquery('simple', ${query}))`;
}
