/** Resources by what is searched for, a page at a time, with what goes along with them. */
import { resourceTypeOfCode } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { versionOf, type StoredVersion, type VersionRow } from './read.ts';
import { compileInclusion, compilePage, compileRecord } from './search/compile.ts';
import type { Inclusion, Order, Place, ResourceQuery, TypeQuery } from './search/expression.ts';
import { mostIncluded } from './search/sql/include.ts';
import type { RecordQuery } from './search/sql/record.ts';

/** The newest resources of one type that are found, `limit` at most. */
export async function findSome(database: Queryable, query: TypeQuery & { readonly limit: number }, context: Context): Promise<readonly StoredVersion[]> {
  const { type, where, limit } = query;
  return (await findPage(database, { of: [{ type, where }], limit, order: [], include: [] }, context)).resources;
}

export interface Page {
  /** The matches, in the order that was asked for. */
  readonly resources: readonly StoredVersion[];
  /** What goes along with them (`_include`, `_revinclude`), each once and none that is a match on this page. */
  readonly included: readonly StoredVersion[];
  /** There is more to go along with them than goes along with one page. */
  readonly includesCut: boolean;
  /** Where the next page begins; undefined when this is the last. */
  readonly next: Place | undefined;
}

interface FoundRow extends VersionRow {
  type: number;
  included?: boolean;
  places: (string | null)[] | null;
}

/** @throws {Problem} `too-costly` */
export async function findPage(database: Queryable, query: ResourceQuery, context: Context): Promise<Page> {
  if (query.of.length === 0) return { resources: [], included: [], includesCut: false, next: undefined };
  const { rows } = await database.query<FoundRow>(compilePage(query, context.access, database.statistics, context.parameters));
  const found = rows.filter((row) => row.included !== true);
  const matches = found.slice(0, query.limit);
  const resources = matches.map(resourceOf);
  const first = rows.filter((row) => row.included === true).map(resourceOf);
  const { included, cut } = query.include.length === 0 ? { included: [], cut: false } : await includeOn(database, query.include, resources, first, context);
  const last = matches.at(-1);
  return { resources, included, includesCut: cut, next: found.length > query.limit && last ? placeOf(last, query.order) : undefined };
}

const resourceOf = (row: Omit<FoundRow, 'places'>): StoredVersion => versionOf(resourceTypeOfCode(row.type), row.id, row);

function placeOf(row: FoundRow, order: Order): Place {
  const values = order.map((key, index) => key.by === 'changed' ? row.last_updated.toISOString() : row.places?.[index] ?? null);
  return { type: resourceTypeOfCode(row.type), id: row.id, values };
}

/** More rounds than references lead on in any chart; cycles end by themselves, because nothing goes along twice. */
const mostRounds = 8;

/** `:iterate`: what goes along with what goes along, round by round, until nothing new comes. */
async function includeOn(database: Queryable, inclusions: readonly Inclusion[], matches: readonly StoredVersion[], first: readonly StoredVersion[], context: Context): Promise<{ included: readonly StoredVersion[]; cut: boolean }> {
  const again = inclusions.filter(({ iterate }) => iterate);
  const included = first.slice(0, mostIncluded);
  let cut = first.length > mostIncluded;
  let seeds: readonly StoredVersion[] = included;
  for (let round = 1; again.length > 0 && seeds.length > 0 && !cut; round += 1) {
    const { rows } = await database.query<FoundRow>(compileInclusion(again, seeds, [...matches, ...included], context.access, context.parameters));
    const room = mostIncluded - included.length;
    cut = rows.length > room || (rows.length > 0 && round === mostRounds);
    seeds = rows.slice(0, room).map(resourceOf);
    included.push(...seeds);
  }
  return { included, cut };
}

/** So many are asked about at a time: what refers to them comes within what goes along with one page. */
const referredTogether = 100;

/** What refers to resources by one reference parameter, each once. `cut`: there is more than is told. @throws {Problem} `too-costly` */
export async function findReferring(database: Queryable, { source, parameter }: Pick<Inclusion, 'source' | 'parameter'>, targets: readonly StoredVersion[], context: Context): Promise<{ readonly resources: readonly StoredVersion[]; readonly cut: boolean }> {
  const found = new Map<string, StoredVersion>();
  let cut = false;
  for (let from = 0; from < targets.length; from += referredTogether) {
    const { rows } = await database.query<FoundRow>(compileInclusion([{ direction: 'revinclude', source, parameter, iterate: false }], targets.slice(from, from + referredTogether), [], context.access, context.parameters));
    cut ||= rows.length > mostIncluded;
    for (const resource of rows.map(resourceOf)) found.set(resource.id, resource);
  }
  return { resources: [...found.values()], cut };
}

/** A page of what is in a compartment, of whatever types. @throws {Problem} `too-costly` */
export async function findRecord(database: Queryable, query: RecordQuery, context: Context): Promise<{ readonly resources: readonly StoredVersion[]; readonly next: Place | undefined }> {
  if (query.types.length === 0) return { resources: [], next: undefined };
  const { rows } = await database.query<FoundRow & { found: number }>(compileRecord(query, context.access));
  const resources = rows.slice(0, query.limit).map(resourceOf);
  const last = resources.at(-1);
  return { resources, next: last && rows[0]!.found > resources.length ? { values: [], type: last.type, id: last.id } : undefined };
}
