/** Strings in SQL (https://hl7.org/fhir/R4/search.html#string), and texts of codes, which are alike. */
import sql, { type Sql } from 'sql-template-tag';
import { normalizedString } from '../../../fhir/search-values/strings.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { StringCondition, TextMatch } from '../expression.ts';
import { tokenSystem } from './dates.ts';
import type { Rows } from './rows.ts';

/** As many characters of a text as its index has. */
const indexed = 128;

/** Behind every text with the same beginning. */
const lastCharacter = '\u{10FFFF}';

export function textTest(column: Sql, match: TextMatch, value: string): Sql {
  switch (match) {
    case 'starts': return sql`starts_with(${column}, ${value})`;
    case 'contains': return sql`strpos(${column}, ${value}) > 0`;
    case 'ends': return sql`right(${column}, char_length(${value})) = ${value}`;
    case 'equals': return sql`${column} = ${value}`;
  }
}

/** The part of an index by `left(value, 128)` where texts are that match; undefined where they may be anywhere. */
export function textRange(value: Sql, match: TextMatch, wanted: string): Sql | undefined {
  const start = Array.from(wanted).slice(0, indexed).join('');
  if (match === 'equals') return sql`left(${value}, 128) = ${start}`;
  return match === 'starts' ? sql`left(${value}, 128) >= ${start} and left(${value}, 128) < ${start + lastCharacter}` : undefined;
}

export function stringTest(condition: StringCondition, { row, type }: Rows): Sql {
  return sql`(
    select true from index_string x
    where x.tenant = ${row}.tenant and x.type = ${resourceTypeCode(type)} and x.id = ${row}.id and x.scope = ${condition.scope}::bigint and ${asAsked(condition)}
    limit 1)`;
}

/** Ids of what has such a string. */
export function idsByString(condition: StringCondition): Sql {
  const range = rangeOf(condition);
  return sql`select distinct x.id from index_string x where x.scope = ${condition.scope}::bigint ${range ? sql`and ${range}` : sql``} and ${asAsked(condition)}`;
}

function asAsked({ match, value, exact, tokenSystem: system }: StringCondition): Sql {
  return sql`${textTest(exact ? sql`x.written` : sql`x.value`, match, value)} ${tokenSystem(system)}`;
}

/** What is written alike is normalized alike; of parts that need not be so. */
function rangeOf({ match, value, exact }: StringCondition): Sql | undefined {
  if (!exact) return textRange(sql`x.value`, match, value);
  return match === 'equals' ? textRange(sql`x.value`, 'equals', normalizedString(value)) : undefined;
}
