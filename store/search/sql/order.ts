/**
 * Orders in SQL: the values that a row is sorted by, and what comes behind a place. Missing values come last both ways;
 * the last criterion is the id, so that every order is total and a place in it stays right while rows come and go.
 */
import sql, { join, raw, type Sql } from 'sql-template-tag';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { Order, Place, SortKey } from '../expression.ts';
import type { Rows } from './rows.ts';

/** Texts are sorted by as much of them as their index has. */
const sortedCharacters = 128;

/** The value by which a row is sorted: the least of several going up, the greatest going down. */
export function sortValue(key: SortKey, { row, type }: Rows): Sql {
  switch (key.by) {
    case 'id': return sql`${row}.id`;
    case 'changed': return sql`${row}.last_updated`;
    case 'principal-date': return sql`${row}.date_low`;
    case 'content': return sql`left(case when ${row}.content ~ '\\\\u(0000|[dD][89a-fA-F])' then null else coalesce(${join(
      key.paths.map((path) => sql`jsonb_path_query_first(${row}.content::jsonb, ${path}::jsonpath, '{}', true)`), ', ')}) #>> '{}' end, ${sortedCharacters}::integer) collate "C"`;
    default: {
      const { table, value } = entries[key.by];
      return sql`(select ${key.descending ? sql`max(${value})` : sql`min(${value})`} from ${table} x where x.tenant = ${row}.tenant and x.type = ${resourceTypeCode(type)} and x.id = ${row}.id and x.scope = ${key.scope}::bigint)`;
    }
  }
}

const entries = {
  date: { table: sql`index_date`, value: sql`x.low` },
  string: { table: sql`index_string`, value: sql`left(x.value, 128)` },
  number: { table: sql`index_number`, value: sql`x.low` },
};

/** Names of the columns with the values of the sort keys. */
export function columnsOf(order: Order): readonly Sql[] {
  return order.map((_, index) => raw(`s${index}`));
}

/** Whether resources with equal keys go by their ids upwards. */
export function idsAscend(order: Order): boolean {
  const [first] = order;
  return first !== undefined && (first.by === 'id' ? !first.descending : first.descending);
}

/** `order by` over rows that have the columns of the order. */
export function orderBy(order: Order): Sql {
  const keys = columnsOf(order).map((column, index) => order[index]!.descending ? sql`${column} desc nulls last` : sql`${column} asc nulls last`);
  return sql`order by ${join([...keys, idsAscend(order) ? sql`id asc` : sql`id desc`, sql`type asc`], ', ')}`;
}

const typeOfKey: Readonly<Record<SortKey['by'], Sql>> = {
  'id': sql`text`, 'changed': sql`timestamptz`, 'principal-date': sql`timestamptz`, 'date': sql`timestamptz`, 'string': sql`text`, 'number': sql`double precision`, 'content': sql`text`,
};

/** The value of a key at a place, as PostgreSQL compares it. */
export function placeValue(key: SortKey, value: string | number): Sql {
  return sql`${String(value)}::${typeOfKey[key.by]}`;
}

/** Behind the place: further on by a key, and like it by those before. `type` is of the rows, for those equal in all. */
export function behind(place: Place, order: Order, type: string): Sql {
  const alternatives: Sql[] = [];
  const equal: Sql[] = [];
  for (const [index, column] of columnsOf(order).entries()) {
    const key = order[index]!;
    const value = place.values[index] ?? null;
    if (value === null) {
      equal.push(sql`${column} is null`);
      continue;
    }
    const at = placeValue(key, value);
    alternatives.push(sql`(${join([...equal, sql`(${column} ${key.descending ? sql`<` : sql`>`} ${at} or ${column} is null)`], ' and ')})`);
    equal.push(sql`${column} = ${at}`);
  }
  alternatives.push(sql`(${join([...equal, idBehind(place, order, type)], ' and ')})`);
  return sql`(${join(alternatives, ' or ')})`;
}

export function idBehind(place: Place, order: Order, type: string): Sql {
  return sql`id ${afterPlace(place, order, type)}`;
}

/** The comparison that ids behind the place hold. */
export function afterPlace(place: Place, order: Order, type: string): Sql {
  const typeIsBehind = resourceTypeCode(type) > resourceTypeCode(place.type);
  if (idsAscend(order)) return typeIsBehind ? sql`>= ${place.id}` : sql`> ${place.id}`;
  return typeIsBehind ? sql`<= ${place.id}` : sql`< ${place.id}`;
}
