/** Fragments of concepts on their way from the files of a release to the tables: kept, found by concept, removed. */
import sql from 'sql-template-tag';
import type { Fragment } from '../../terminology/import/release.ts';
import type { Queryable } from '../database.ts';
import { stored, type SystemKey } from './code-system-rows.ts';

export interface PlacedFragment {
  readonly place: number;
  readonly fragment: Fragment;
}

/** A place: the number of the file, of the row, and of the fragment in it. All three together are below 2^53. */
export function placeOf(part: number, row: number, number: number): number {
  return (part * 2 ** 30 + row) * 16 + Math.min(number, 15);
}

/** The file of a place. */
export function partOf(place: number): number {
  return Math.floor(place / 2 ** 34);
}

/** The row of a place, from 1. */
export function rowOf(place: number): number {
  return Math.floor(place / 16) % 2 ** 30;
}

/**
 * Keeps fragments. @returns the place of a concept that was told before; undefined where all are new
 */
export async function keepFragments(connection: Queryable, { tenant, system }: SystemKey, fragments: readonly PlacedFragment[]): Promise<number | undefined> {
  if (fragments.length === 0) return undefined;
  const rows = JSON.stringify(fragments.map(({ place, fragment }) => {
    const { kind, code, ...rest } = fragment;
    return { p: place, k: kind, c: stored(code), t: 'target' in fragment ? stored(fragment.target) : undefined, b: stored(JSON.stringify(rest)) };
  }));
  const { rows: [repeated] } = await connection.query<{ place: string | null }>(sql`
    with sent as (
      select * from json_to_recordset(${rows}::json) as row (p bigint, k text, c text, t text, b text)
    ), kept as (
      insert into terminology_fragment (tenant, system, place, kind, code, target, body)
      select ${tenant}::smallint, ${system}::integer, p, k, c, t, b from sent
      on conflict do nothing
      returning place, kind
    )
    select min(p) as place from sent where k = 'concept' and not exists (select from kept where kept.place = sent.p and kept.kind = 'concept')`);
  return repeated?.place == null ? undefined : Number(repeated.place);
}

export async function hasFragments(connection: Queryable, { tenant, system }: SystemKey): Promise<boolean> {
  const { rows } = await connection.query(sql`select from terminology_fragment where tenant = ${tenant}::smallint and system = ${system}::integer limit 1`);
  return rows.length > 0;
}

export async function countConcepts(connection: Queryable, { tenant, system }: SystemKey): Promise<number> {
  const { rows: [counted] } = await connection.query<{ count: string }>(sql`
    select count(*) as count from terminology_fragment where tenant = ${tenant}::smallint and system = ${system}::integer and kind = 'concept'`);
  return Number(counted!.count);
}

/** The concepts that come next, each with its fragments in their order. */
export interface FragmentPage {
  readonly concepts: readonly (readonly Fragment[])[];
  readonly lastPlace: number;
}

export async function nextConcepts(connection: Queryable, { tenant, system }: SystemKey, after: number, limit: number): Promise<FragmentPage> {
  const { rows: told } = await connection.query<{ code: string; place: string }>(sql`
    select code, place from terminology_fragment
    where tenant = ${tenant}::smallint and system = ${system}::integer and kind = 'concept' and place > ${after}::bigint order by place limit ${limit}`);
  if (told.length === 0) return { concepts: [], lastPlace: after };
  const byCode = await fragmentsOf(connection, { tenant, system }, told.map(({ code }) => code));
  return { concepts: told.map(({ code }) => byCode.get(code) ?? []), lastPlace: Number(told.at(-1)!.place) };
}

/** Fragments by the code that they are about. */
export async function fragmentsOf(connection: Queryable, { tenant, system }: SystemKey, codes: readonly string[]): Promise<ReadonlyMap<string, readonly Fragment[]>> {
  const byCode = new Map<string, Fragment[]>();
  if (codes.length === 0) return byCode;
  const { rows } = await connection.query<{ code: string; kind: string; body: string }>(sql`
    select code, kind, body from terminology_fragment
    where tenant = ${tenant}::smallint and system = ${system}::integer and code = any (${[...codes]}::text[]) and kind not in ('parent', 'member', 'list')
    order by place`);
  for (const { code, kind, body } of rows) {
    const fragment = { kind, code, ...JSON.parse(body) as object } as Fragment;
    const list = byCode.get(code);
    if (list === undefined) byCode.set(code, [fragment]);
    else list.push(fragment);
  }
  return byCode;
}

/** Removes them. Where no other import has any, without looking at each. */
export async function removeFragments(connection: Queryable, { tenant, system }: SystemKey): Promise<void> {
  await connection.query(sql`lock table terminology_fragment in access exclusive mode`);
  const { rows: others } = await connection.query(sql`
    select from terminology_import where (tenant, system) <> (${tenant}::smallint, ${system}::integer) limit 1`);
  if (others.length === 0) await connection.query({ text: 'truncate terminology_fragment' });
  else await connection.query(sql`delete from terminology_fragment where tenant = ${tenant}::smallint and system = ${system}::integer`);
}
