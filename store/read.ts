/** The one read path: resources, versions and pages, each through a compiled query with the access predicate in it. */
import { Problem } from '../fhir/problems.ts';
import { resourceTypeCode, resourceTypeOfCode, resourceTypes } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { compileCount, compileHistory, compileLabels, compilePage, compileRead, compileReadMany, compileReadVersion } from './search/compile.ts';
import { keyMaker } from './search-keys.ts';
import type { Order, Place, ResourceQuery, TypeQuery } from './search/expression.ts';

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
export async function readHistory(database: Queryable, type: string, id: string, page: { before?: number; limit: number }, context: Context): Promise<History> {
  const { rows } = await database.query<Row & { total: number }>(compileHistory(type, id, page.before, page.limit, context.access));
  if (rows.length === 0 && page.before === undefined) throw new Problem('not-found', { type, id });
  const versions = rows.slice(0, page.limit).map((row) => versionOf(type, id, row));
  return { total: rows[0]?.total ?? 0, versions, next: rows.length > page.limit ? versions.at(-1)!.version : undefined };
}

/** The newest resources of one type that are found, `limit` at most. */
export async function findSome(database: Queryable, query: TypeQuery & { readonly limit: number }, context: Context): Promise<readonly StoredVersion[]> {
  const { type, where, limit } = query;
  return (await findPage(database, { of: [{ type, where }], limit, order: [], include: [] }, context)).resources;
}

export interface Page {
  readonly resources: readonly StoredVersion[];
  /** Where the next page begins; undefined when this is the last. */
  readonly next: Place | undefined;
}

export async function findPage(database: Queryable, query: ResourceQuery, context: Context): Promise<Page> {
  const { rows } = await database.query<Row & { type: number }>(compilePage(query, context.access));
  const resources = rows.slice(0, query.limit).map((row) => versionOf(resourceTypeOfCode(row.type), row.id, row));
  const last = resources.at(-1);
  return { resources, next: rows.length > query.limit && last ? placeOf(last, query.order) : undefined };
}

function placeOf({ type, id, lastUpdated }: StoredVersion, order: Order): Place {
  return { type, id, values: order.map(() => lastUpdated.toISOString()) };
}

export async function countResources(database: Queryable, query: TypeQuery, context: Context): Promise<number> {
  const { rows } = await database.query<{ count: number }>(compileCount(query, context.access));
  return rows[0]!.count;
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
