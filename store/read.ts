/** The one read path: resources, versions and pages, each through a compiled query with the access predicate in it. */
import { Problem } from '../fhir/problems.ts';
import { resourceTypeCode, resourceTypeOfCode, resourceTypes } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { compileChanges, compileCount, compileEntries, compileHistory, compileInclusion, compileLabels, compilePage, compileRead, compileReadMany, compileReadVersion, compileRecord } from './search/compile.ts';
import { keyMaker } from './search-keys.ts';
import type { Expression, Inclusion, Order, Place, ResourceQuery, TypeQuery } from './search/expression.ts';
import type { HistoryPlace, HistoryQuery } from './search/sql/history.ts';
import { mostIncluded } from './search/sql/include.ts';
import type { HistoryWindow } from './search/sql/versions.ts';
import type { RecordQuery } from './search/sql/record.ts';

export interface StoredVersion {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  /** The JSON text as it is stored and returned; empty for a deletion. */
  readonly content: string;
}

interface Row {
  id: string;
  version: number;
  last_updated: Date;
  deleted?: boolean;
  content: string;
}

const versionOf = (type: string, id: string, row: Omit<Row, 'id'>): StoredVersion =>
  ({ type, id, version: row.version, lastUpdated: row.last_updated, deleted: row.deleted ?? false, content: row.content });

/** @throws {Problem} `not-found`, `gone` */
export async function readResource(database: Queryable, type: string, id: string, context: Context): Promise<StoredVersion> {
  const { rows } = await database.query<Row>(compileRead(type, id, context.access));
  const row = rows[0];
  if (!row) throw new Problem('not-found', { type, id });
  if (row.deleted) throw new Problem('gone', { type, id });
  return versionOf(type, id, row);
}

/** Resources by `Type/id`; what is unknown, deleted or out of sight is left out. */
export async function readMany(database: Queryable, keys: readonly { type: string; id: string }[], context: Context): Promise<Map<string, StoredVersion>> {
  if (keys.length === 0) return new Map();
  const { rows } = await database.query<Row & { type: number }>(compileReadMany(keys, context.access));
  return new Map(rows.map((row) => {
    const version = versionOf(resourceTypeOfCode(row.type), row.id, row);
    return [`${version.type}/${version.id}`, version];
  }));
}

/** @throws {Problem} `not-found`, `version-not-found`, `gone` */
export async function readVersion(database: Queryable, type: string, id: string, version: number, context: Context): Promise<StoredVersion> {
  const { rows } = await database.query<Row>(compileReadVersion(type, id, version, context.access));
  const row = rows[0];
  if (!row) throw new Problem('version-not-found', { type, id, version });
  if (row.deleted) throw new Problem('gone', { type, id });
  return versionOf(type, id, row);
}

export interface History {
  readonly total: number;
  readonly versions: readonly StoredVersion[];
  /** The version below which the next page begins. */
  readonly next: number | undefined;
}

/** Versions of one resource, newest first. @throws {Problem} `not-found` */
export async function readHistory(database: Queryable, type: string, id: string, page: HistoryWindow & { before?: number; limit: number }, context: Context): Promise<History> {
  const { rows } = await database.query<Row & { total: number }>(compileHistory(type, id, page.before, page.limit, context.access, page));
  if (rows.length === 0 && page.before === undefined) {
    // Nothing of that time, or nothing at all?
    const known = await database.query(compileRead(type, id, context.access));
    if (known.rows.length === 0) throw new Problem('not-found', { type, id });
  }
  const versions = rows.slice(0, page.limit).map((row) => versionOf(type, id, row));
  return { total: rows[0]?.total ?? 0, versions, next: rows.length > page.limit ? versions.at(-1)!.version : undefined };
}

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

interface FoundRow extends Row {
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

/** A page as it goes into a Bundle. */
export interface EntriesPage {
  /** How many matches are on the page. */
  readonly count: number;
  /** The entries of matches and of what goes along with them, as JSON without the brackets; empty where there are none. */
  readonly entries: string;
  readonly includesCut: boolean;
  readonly next: Place | undefined;
}

interface EntriesRow {
  found: number;
  entries: string | null;
  included: number;
  binaries: boolean;
  last_type: number | null;
  last_id: string | null;
  last_changed: Date | null;
  places: (string | null)[] | null;
}

/**
 * The same page as {@link findPage} finds, put together by PostgreSQL. Undefined where it takes more than one look (`:iterate`),
 * or where Binaries are on it, whose contents are elsewhere.
 * @throws {Problem} `too-costly`, `answer-too-large`
 */
export async function findEntries(database: Queryable, query: ResourceQuery, context: Context): Promise<EntriesPage | undefined> {
  if (query.of.length === 0) return { count: 0, entries: '', includesCut: false, next: undefined };
  if (query.of.some(({ type }) => type === 'Binary') || query.include.some(({ iterate }) => iterate)) return undefined;
  // A row or two are read sooner than they are put together.
  if (query.include.length === 0 && query.of.every(({ where }) => findsFew(where))) return undefined;
  const { rows: [row] } = await database.query<EntriesRow>(compileEntries(query, { base: context.base, mostBytes: largestPage }, context.access, database.statistics, context.parameters));
  const { found, entries, included, binaries, last_type: type, last_id: id, last_changed: changed, places } = row!;
  if (binaries) return undefined;
  if (found > 0 && entries === null) throw new Problem('answer-too-large', { limit: largestPage });
  const values = query.order.map((key, index) => key.by === 'changed' ? changed?.toISOString() ?? null : places?.[index] ?? null);
  const next = found > query.limit && type !== null && id !== null ? { type: resourceTypeOfCode(type), id, values } : undefined;
  return { count: Math.min(found, query.limit), entries: entries ?? '', includesCut: included > mostIncluded, next };
}

/** By an identifier, or an id: not by what many may refer to. */
function findsFew(where: Expression): boolean {
  switch (where.kind) {
    case 'id': return where.ids.length <= 3;
    case 'key': return where.selective && where.patient === undefined && where.anyOf.length <= 3;
    case 'all': return where.of.some(findsFew);
    default: return false;
  }
}

/** Bytes of resources on one page: several pages are under way at once, and each is in memory whole. */
const largestPage = 64 * 1024 * 1024;

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

/** A page of what is in a compartment, of whatever types. @throws {Problem} `too-costly` */
export async function findRecord(database: Queryable, query: RecordQuery, context: Context): Promise<{ readonly resources: readonly StoredVersion[]; readonly next: Place | undefined }> {
  if (query.types.length === 0) return { resources: [], next: undefined };
  const { rows } = await database.query<FoundRow & { found: number }>(compileRecord(query, context.access));
  const resources = rows.slice(0, query.limit).map(resourceOf);
  const last = resources.at(-1);
  return { resources, next: last && rows[0]!.found > resources.length ? { values: [], type: last.type, id: last.id } : undefined };
}

/** @throws {Problem} `too-costly` */
export async function countResources(database: Queryable, query: TypeQuery, context: Context): Promise<number> {
  const { rows } = await database.query<{ count: number }>(compileCount(query, context.access, database.statistics));
  return rows[0]!.count;
}

/** So far an estimate counts. */
export const mostCounted = 10_000;

/** How many there are, or that there are more than {@link mostCounted}. */
export async function estimateResources(database: Queryable, query: TypeQuery, context: Context): Promise<{ readonly count: number; readonly exact: boolean }> {
  const { rows } = await database.query<{ count: number }>(compileCount(query, context.access, database.statistics, mostCounted + 1));
  const { count } = rows[0]!;
  return { count: Math.min(count, mostCounted), exact: count <= mostCounted };
}

/** A change as the log of changes has it, with the version it made. */
export interface Change extends StoredVersion {
  readonly interaction: 'create' | 'update' | 'delete';
}

export interface Changes {
  readonly changes: readonly Change[];
  /** Where the next page begins; undefined when this is the last. */
  readonly next: HistoryPlace | undefined;
}

/** The history of a type, or of all types, newest first. @throws {Problem} `too-costly` */
export async function readChanges(database: Queryable, query: HistoryQuery, context: Context): Promise<Changes> {
  const { rows } = await database.query<Row & { type: number; interaction: Change['interaction']; position: string }>(compileChanges(query, context.access));
  const page = rows.slice(0, query.limit);
  const changes = page.map((row) => ({ ...versionOf(resourceTypeOfCode(row.type), row.id, row), deleted: row.interaction === 'delete', interaction: row.interaction }));
  const last = page.at(-1);
  return { changes, next: rows.length > query.limit && last ? { at: last.last_updated.toISOString(), position: last.position } : undefined };
}

/** Profiles, tags and security labels as they stand in meta. */
export interface LabelsInUse {
  readonly profile: readonly string[];
  readonly security: readonly { readonly system?: string; readonly code?: string }[];
  readonly tag: readonly { readonly system?: string; readonly code?: string }[];
}

/** Labels are in no index as they are written, so the resources that have any are read, and no more of them than this. */
const mostLabelled = 20_000;

/** The different labels of the resources of one type, or of all. @throws {Problem} `labels-too-many` */
export async function readLabelsInUse(database: Queryable, type: string | undefined, context: Context): Promise<LabelsInUse> {
  const types = type === undefined ? resourceTypes : [type];
  const present = types.flatMap((one) => {
    const make = keyMaker(context.tenant.id, resourceTypeCode(one));
    return ['_profile', '_security', '_tag'].map((code) => make.present(code));
  });
  const { rows } = await database.query<{ kind: string; value: string; count: number }>(compileLabels(type, present, mostLabelled, context.access));
  if ((rows[0]?.count ?? 0) > mostLabelled) throw new Problem('labels-too-many', { limit: mostLabelled });
  const labels = <T>(kind: string): T[] => rows.filter((row) => row.kind === kind).map(({ value }) => JSON.parse(value) as T);
  return { profile: labels('profile'), security: labels('security'), tag: labels('tag') };
}
