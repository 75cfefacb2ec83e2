/** What a transaction reads when everything is written: resources, versions, histories, searches, on its own connection. */
import { Problem } from '../../../fhir/problems.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { readResource, readVersion, type StoredVersion } from '../../../store/read.ts';
import { readSearch } from '../../../store/search/language/read-search.ts';
import type { House } from '../../house.ts';
import { readVersionNumber } from '../address.ts';
import type { BundleEntryText } from '../bundle-text.ts';
import { assertOnly, entityTag, isUnchanged, preconditionsOfEntry, type Preconditions } from '../preconditions.ts';
import { assertId } from '../resource-body.ts';
import { searchSettings, searchsetText } from '../searchset.ts';
import type { RequestedEntry } from './entry.ts';

/** Answers the entry; problems undo the transaction. */
export type Read = (connection: Queryable) => Promise<BundleEntryText>;

/** @throws {Problem} `bundle-entry`, `not-supported`, and those of a search */
export async function readRequested(entry: RequestedEntry, house: House, context: Context): Promise<Read> {
  const { index, at, method, path, query } = entry;
  const [type = '', id, history, version, ...more] = path;
  const preconditions = preconditionsOfEntry(entry.request, `${at}.request`);
  const whole = (read: Read): Read => method === 'GET' ? read : async (connection) => {
    const { response } = await read(connection);
    return { ...(response && { response }) };
  };
  if (path.some((step) => step.startsWith('$'))) throw new Problem('not-supported', { what: 'An operation in a transaction' }, `${at}.request.url`);
  if (!isResourceType(type) || more.length > 0 || (history !== undefined && (history !== '_history' || version === undefined))) {
    throw new Problem('bundle-entry', { index, reason: 'request.url is not of the form Type?…, Type/id or Type/id/_history/version' }, at);
  }
  if (id === undefined) {
    assertOnly(preconditions, [], 'search');
    const asked = await readSearch({ type }, new URLSearchParams(query ?? ''), searchSettings(house, context, 'strict'));
    return whole(async (connection) => ({ resource: await searchsetText(asked, connection, context), response: { status: '200' } }));
  }
  assertId(id);
  if (query !== undefined) throw new Problem('bundle-entry', { index, reason: 'a read takes no parameters' }, at);
  assertOnly(preconditions, ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'], 'read');
  if (version !== undefined) {
    const number = readVersionNumber(type, id, version);
    return whole(async (connection) => readEntryText(await readVersion(connection, type, id, number, context), preconditions, context));
  }
  return whole(async (connection) => readEntryText(await readResource(connection, type, id, context), preconditions, context));
}

function readEntryText(stored: StoredVersion, preconditions: Preconditions, { base }: Context): BundleEntryText {
  const response = { etag: entityTag(stored.version), lastModified: stored.lastUpdated.toISOString() };
  if (isUnchanged(preconditions, stored)) return { response: { status: '304', ...response } };
  return { fullUrl: `${base}/${stored.type}/${stored.id}`, resource: stored.content, response: { status: '200', ...response } };
}
