/**
 * Resources and versions by type and id.
 *
 * This file and its neighbours (find.ts, find-entries.ts, count.ts, history.ts, labels.ts) are the one read path: each reads
 * by a compiled query that has the access predicate in it (search/compile.ts).
 */
import { Problem } from '../fhir/problems.ts';
import { resourceTypeOfCode } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { compileRead, compileReadMany, compileReadVersion } from './search/compile.ts';

export interface StoredVersion {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  /** The JSON text as it is stored and returned; empty for a deletion. */
  readonly content: string;
}

/** What a statement says of a version, its type aside. */
export interface VersionRow {
  id: string;
  version: number;
  last_updated: Date;
  deleted?: boolean;
  content: string;
}

export function versionOf(type: string, id: string, row: Omit<VersionRow, 'id'>): StoredVersion {
  return { type, id, version: row.version, lastUpdated: row.last_updated, deleted: row.deleted ?? false, content: row.content };
}

/** @throws {Problem} `not-found`, `gone` */
export async function readResource(database: Queryable, type: string, id: string, context: Context): Promise<StoredVersion> {
  const { rows } = await database.query<VersionRow>(compileRead(type, id, context.access));
  const row = rows[0];
  if (!row) throw new Problem('not-found', { type, id });
  if (row.deleted) throw new Problem('gone', { type, id });
  return versionOf(type, id, row);
}

/** Resources by `Type/id`; what is unknown, deleted or out of sight is left out. */
export async function readMany(database: Queryable, keys: readonly { type: string; id: string }[], context: Context): Promise<Map<string, StoredVersion>> {
  if (keys.length === 0) return new Map();
  const { rows } = await database.query<VersionRow & { type: number }>(compileReadMany(keys, context.access));
  return new Map(rows.map((row) => {
    const version = versionOf(resourceTypeOfCode(row.type), row.id, row);
    return [`${version.type}/${version.id}`, version];
  }));
}

/** @throws {Problem} `not-found`, `version-not-found`, `gone` */
export async function readVersion(database: Queryable, type: string, id: string, version: number, context: Context): Promise<StoredVersion> {
  const { rows } = await database.query<VersionRow>(compileReadVersion(type, id, version, context.access));
  const row = rows[0];
  if (!row) throw new Problem('version-not-found', { type, id, version });
  if (row.deleted) throw new Problem('gone', { type, id });
  return versionOf(type, id, row);
}
