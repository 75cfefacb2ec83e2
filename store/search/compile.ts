/**
 * The one place where SQL over resources is made: expression trees in, parameterised statements out. The access predicate
 * of the context is part of every statement (sql/access.ts).
 */
import sql, { join, type Sql } from 'sql-template-tag';
import { standardParameters, type SearchParameterSet } from '../../fhir/search-parameters.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import type { Access } from '../context.ts';
import type { Statement } from '../database.ts';
import type { Inclusion, Order, ResourceQuery, TypeQuery } from './expression.ts';
import { countRows } from './sql/count.ts';
import { changeRows, type HistoryQuery } from './sql/history.ts';
import { entriesRow, type EntriesFrame } from './sql/entries.ts';
import { includedRows } from './sql/include.ts';
import { columnsOf, orderBy } from './sql/order.ts';
import { pageRows } from './sql/page.ts';
import { labelRows } from './sql/labels.ts';
import { recordRows, type RecordQuery } from './sql/record.ts';
import { reading, search } from './sql/statement.ts';
import { manyRows, oneRow, oneVersion, versionRows, type HistoryWindow } from './sql/versions.ts';
import { unknownStatistics, type Statistics } from './statistics.ts';

/**
 * A page, with what goes along with it (`included`). One match more than the page holds tells whether there is a next one.
 * `places` has the values that a row is sorted by, as texts.
 */
export function compilePage(query: ResourceQuery, access: Access, statistics: Statistics = unknownStatistics, parameters: SearchParameterSet = standardParameters): Statement {
  const rows = pageRows(query, access, statistics);
  const columns = sql`r.type, r.id, r.version, r.last_updated, r.content`;
  if (query.include.length === 0) return search(sql`select ${columns}, ${placesOf(query.order)} as places from (${rows}) r ${orderBy(query.order)}`);
  return search(sql`
    with page as materialized (${rows}),
    seeds as materialized (select * from page ${orderBy(query.order)} limit ${query.limit}::integer)
    select false as included, ${columns}, ${placesOf(query.order)} as places from (select * from page ${orderBy(query.order)}) r
    union all
    select true, ${columns}, null from (${includedRows(query.include, sql`seeds`, sql`seeds`, access, parameters)}) r`);
}

/** A page as the text of its Bundle entries (sql/entries.ts). */
export function compileEntries(query: ResourceQuery, frame: EntriesFrame, access: Access, statistics: Statistics = unknownStatistics, parameters: SearchParameterSet = standardParameters): Statement {
  return search(entriesRow(query, access, statistics, parameters, frame));
}

function placesOf(order: Order): Sql {
  const values = columnsOf(order).map((column) => sql`r.${column}::text`);
  return values.length === 0 ? sql`null::text[]` : sql`array[${join(values, ', ')}]`;
}

/** What goes along with resources that are at hand already, and is not among `known`. */
export function compileInclusion(inclusions: readonly Inclusion[], seeds: readonly Key[], known: readonly Key[], access: Access, parameters: SearchParameterSet = standardParameters): Statement {
  const knownRows = sql`(select * from unnest(${known.map((key) => resourceTypeCode(key.type))}::smallint[], ${known.map((key) => key.id)}::text[]) as known (type, id))`;
  return search(sql`
    with seeds as materialized (${manyRows(seeds, access)})
    select r.type, r.id, r.version, r.last_updated, r.content from (${includedRows(inclusions, sql`seeds`, knownRows, access, parameters)}) r`);
}

/** How many there are; where `most` is given, counting stops there. */
export function compileCount(query: TypeQuery, access: Access, statistics: Statistics = unknownStatistics, most?: number): Statement {
  return search(countRows(query, access, statistics, most));
}

interface Key {
  readonly type: string;
  readonly id: string;
}

/** The current version of one resource, a deletion included. */
export function compileRead(type: string, id: string, access: Access): Statement {
  return { ...reading(oneRow(type, id, access)), name: 'read' };
}

/** Many current resources by type and id, deletions left out. */
export function compileReadMany(keys: readonly Key[], access: Access): Statement {
  return reading(manyRows(keys, access));
}

/** One version, current or superseded. */
export function compileReadVersion(type: string, id: string, version: number, access: Access): Statement {
  return reading(oneVersion(type, id, version, access));
}

/** Versions of one resource, newest first, from below `before`. */
export function compileHistory(type: string, id: string, before: number | undefined, limit: number, access: Access, window: HistoryWindow = {}): Statement {
  return reading(versionRows(type, id, before, limit, access, window));
}

/** Changes of a type, or of all, newest first. */
export function compileChanges(query: HistoryQuery, access: Access): Statement {
  return search(changeRows(query, access));
}

/** Labels of the resources that have any of the present numbers, of one type or all. */
export function compileLabels(type: string | undefined, present: readonly number[], limit: number, access: Access): Statement {
  return search(labelRows(type, present, limit, access));
}

/** A page of what is in a compartment. One more than the page holds tells whether there is a next one. */
export function compileRecord(query: RecordQuery, access: Access): Statement {
  return search(recordRows(query, access));
}
