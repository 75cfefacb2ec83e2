/** A page of a search as the text of its Bundle entries, put together where the texts are. */
import { Problem } from '../fhir/problems.ts';
import { resourceTypeOfCode } from '../fhir/resource-types.ts';
import type { Context } from './context.ts';
import type { Queryable } from './database.ts';
import { compileEntries } from './search/compile.ts';
import type { Expression, Place, ResourceQuery } from './search/expression.ts';
import { mostIncluded } from './search/sql/include.ts';

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
 * The same page as `findPage` (find.ts) finds, put together by PostgreSQL. Undefined where it takes more than one look (`:iterate`),
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
