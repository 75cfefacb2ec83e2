/**
 * History of one resource, of a type, or of everything (https://hl7.org/fhir/R4/http.html#history), newest first, a page at
 * a time. `_since` and `_at` say of which time; a cursor, signed and bound to them, says where the next page begins.
 */
import { pageLinks, type BundleLink } from '../../fhir/page-links.ts';
import { dateRange } from '../../fhir/search-values/dates.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readChanges, readHistory, type Change } from '../../store/history.ts';
import type { StoredVersion } from '../../store/read.ts';
import { openCursor, sealCursor } from '../../store/search/language/cursor.ts';
import type { HistoryPlace } from '../../store/search/sql/history.ts';
import type { ObjectStore } from '../../store/objects/object-store.ts';
import { shardInId } from '../../store/shard.ts';
import { withContents } from './binary/in-bundles.ts';
import { bundleText, type BundleEntryText } from './bundle-text.ts';
import { entityTag } from './preconditions.ts';
import { representationParameters } from './representation.ts';

/** Of which versions: an id needs its type. */
export interface HistoryAddress {
  readonly type?: string;
  readonly id?: string;
}

export interface HistoryRequest {
  readonly address: HistoryAddress;
  readonly limit: number;
  readonly since?: Date;
  readonly at?: { readonly low: Date; readonly high: Date };
  readonly cursor?: string;
  /** For links. */
  readonly used: readonly (readonly [string, string])[];
}

const defaultCount = 50;
const largestCount = 1000;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** @throws {Problem} `invalid-search-value`, `unknown-search-parameter` */
export function readHistoryRequest(address: HistoryAddress, parameters: Iterable<readonly [string, string]>): HistoryRequest {
  const values = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (representationParameters.includes(name)) continue;
    if (!['_count', '_since', '_at', '_cursor'].includes(name)) throw new Problem('unknown-search-parameter', { name: /^[A-Za-z_][A-Za-z_.:-]{0,79}$/.test(name) ? name : '(not a name)', type: 'history' });
    if (values.has(name)) throw new Problem('invalid-search-value', { name, reason: 'it is there twice' });
    values.set(name, value);
  }
  const [count, since, at, cursor] = ['_count', '_since', '_at', '_cursor'].map((name) => values.get(name));
  if (count !== undefined && !/^0*[1-9]\d{0,8}$/.test(count)) throw new Problem('invalid-search-value', { name: '_count', reason: 'a whole number of 1 or more is expected' });
  const from = since !== undefined && instant.test(since) ? dateRange(since) : undefined;
  if (since !== undefined && from === undefined) throw new Problem('invalid-search-value', { name: '_since', reason: 'an instant is expected, as in 2026-03-02T09:00:00Z' });
  const during = at === undefined ? undefined : dateRange(at);
  if (at !== undefined && during === undefined) throw new Problem('invalid-search-value', { name: '_at', reason: 'a date or a time is expected' });
  return {
    address, limit: Math.min(Number(count ?? defaultCount), largestCount),
    ...(from && { since: new Date(from.low) }), ...(during && { at: { low: new Date(during.low), high: new Date(during.high + 1) } }), ...(cursor !== undefined && { cursor }),
    used: [...values].filter(([name]) => name !== '_cursor'),
  };
}

/** A page of it as a Bundle. @throws {Problem} `not-found` of a resource that never was, `invalid-search-value` */
export async function historyText(asked: HistoryRequest, cursorKey: Uint8Array, database: Queryable, objects: ObjectStore, context: Context): Promise<string> {
  const { address: { type, id }, limit, since, at } = asked;
  const path = [type, id, '_history'].filter((step) => step !== undefined).join('/');
  const binding = [context.tenant.id, path, ...asked.used.filter(([name]) => name !== '_count').map(([name, value]) => `${name}=${value}`).toSorted((a, b) => a < b ? -1 : 1)];
  const after = asked.cursor === undefined ? undefined : openCursor(cursorKey, binding, asked.cursor);
  const window = { limit, ...(since && { since }), ...(at && { at }) };
  const links = (next: unknown): BundleLink[] => pageLinks(`${context.base}/${path}`, asked.used, next === undefined ? undefined : sealCursor(cursorKey, binding, next));
  if (type !== undefined && id !== undefined) {
    const { versions, total, next } = await readHistory(database, type, id, { ...window, ...(after !== undefined && { before: after as number }) }, context);
    return bundleText('history', links(next), (await withContents(versions, database, objects, context)).map((version) => entryOf(version, version.version === 1, context)), total);
  }
  const { changes, next } = await readChanges(database, { ...window, ...(type !== undefined && { type }), ...(after !== undefined && { after: after as HistoryPlace }) }, context);
  return bundleText('history', links(next), (await withContents(changes, database, objects, context)).map((change: Change) => entryOf(change, change.interaction === 'create', context)));
}

function entryOf(version: StoredVersion, created: boolean, { base }: Context): BundleEntryText {
  // An id of ours was given by a create; one that somebody else chose came with an update.
  const method = version.deleted ? 'DELETE' : version.version === 1 && shardInId(version.id) !== undefined ? 'POST' : 'PUT';
  return {
    fullUrl: `${base}/${version.type}/${version.id}`,
    ...(!version.deleted && { resource: version.content }),
    request: { method, url: method === 'POST' ? version.type : `${version.type}/${version.id}` },
    response: { status: version.deleted ? '204' : created ? '201' : '200', etag: entityTag(version.version), lastModified: version.lastUpdated.toISOString() },
  };
}
