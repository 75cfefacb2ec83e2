/** What was: the versions of a resource, and the changes of a type or of everything, newest first, a page at a time. */
import { Problem } from '../fhir/problems.ts';
import { resourceTypeOfCode } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { versionOf, type StoredVersion, type VersionRow } from './read.ts';
import { compileChanges, compileHistory, compileRead } from './search/compile.ts';
import type { HistoryPlace, HistoryQuery } from './search/sql/history.ts';
import type { HistoryWindow } from './search/sql/versions.ts';

export interface History {
  readonly total: number;
  readonly versions: readonly StoredVersion[];
  /** The version below which the next page begins. */
  readonly next: number | undefined;
}

/** Versions of one resource, newest first. @throws {Problem} `not-found` */
export async function readHistory(database: Queryable, type: string, id: string, page: HistoryWindow & { before?: number; limit: number }, context: Context): Promise<History> {
  const { rows } = await database.query<VersionRow & { total: number }>(compileHistory(type, id, page.before, page.limit, context.access, page));
  if (rows.length === 0 && page.before === undefined) {
    // Nothing of that time, or nothing at all?
    const known = await database.query(compileRead(type, id, context.access));
    if (known.rows.length === 0) throw new Problem('not-found', { type, id });
  }
  const versions = rows.slice(0, page.limit).map((row) => versionOf(type, id, row));
  return { total: rows[0]?.total ?? 0, versions, next: rows.length > page.limit ? versions.at(-1)!.version : undefined };
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
  const { rows } = await database.query<VersionRow & { type: number; interaction: Change['interaction']; position: string }>(compileChanges(query, context.access));
  const page = rows.slice(0, query.limit);
  const changes = page.map((row) => ({ ...versionOf(resourceTypeOfCode(row.type), row.id, row), deleted: row.interaction === 'delete', interaction: row.interaction }));
  const last = page.at(-1);
  return { changes, next: rows.length > query.limit && last ? { at: last.last_updated.toISOString(), position: last.position } : undefined };
}
