/** What a transaction reads when everything is written: resources, versions, histories, searches, on its own connection. */
import { Problem } from '../../../fhir/problems.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import { readResource, readVersion, type StoredVersion } from '../../../store/read.ts';
import { readSearch } from '../../../store/search/language/read-search.ts';
import type { House } from '../../house.ts';
import { readVersionNumber } from '../address.ts';
import { withContents } from '../binary/in-bundles.ts';
import type { BundleEntryText } from '../bundle-text.ts';
import { historyText, readHistoryRequest } from '../history.ts';
import { assertOnly, entityTag, isUnchanged, preconditionsOfEntry, type Preconditions } from '../preconditions.ts';
import { assertId, assertResourceType } from '../resource-body.ts';
import { addressOf } from '../routes/search.ts';
import { searchSettings, searchsetText } from '../searchset.ts';
import type { RequestedEntry } from './entry.ts';

/** Answers the entry; problems undo the transaction. */
export type Read = (connection: Queryable) => Promise<BundleEntryText>;

/** @throws {Problem} `bundle-entry`, `not-supported`, and those of searches and histories */
export async function readRequested(entry: RequestedEntry, house: House, context: Context): Promise<Read> {
  const read = await readOf(entry, house, context);
  // What HEAD answers is what GET would, without the body.
  return entry.method === 'GET' ? read : async (connection) => {
    const { response } = await read(connection);
    return { ...(response && { response }) };
  };
}

async function readOf({ index, at, path, query, request }: RequestedEntry, house: House, context: Context): Promise<Read> {
  const preconditions = preconditionsOfEntry(request, `${at}.request`);
  const parameters = new URLSearchParams(query ?? '');
  const { objects } = house.attachments;
  const refuse = (reason: string): Problem => new Problem('bundle-entry', { index, reason }, at);
  if (path.some((step) => step.startsWith('$'))) throw new Problem('not-supported', { what: 'An operation in a transaction' }, `${at}.request.url`);

  if (path.at(-1) === '_history' && path.length <= 3) {
    assertOnly(preconditions, [], 'history');
    const [type, id] = path.slice(0, -1);
    if (type !== undefined) assertResourceType(type);
    if (id !== undefined) assertId(id);
    const asked = readHistoryRequest({ ...(type !== undefined && { type }), ...(id !== undefined && { id }) }, parameters);
    return async (connection) => ({ resource: await historyText(asked, house.cursorKey, connection, objects, context), response: { status: '200' } });
  }
  const [type, id, third, version, ...more] = path;
  if (type !== undefined) assertResourceType(type);
  if (type === undefined || id === undefined || (third !== undefined && third !== '_history')) {
    if (version !== undefined) throw refuse('request.url is no address of a search');
    assertOnly(preconditions, [], 'search');
    const asked = await readSearch(addressOf({ ...(type !== undefined && { type }), ...(id !== undefined && { id }), ...(third !== undefined && { member: third }) }), parameters, searchSettings(house, context, 'strict'));
    return async (connection) => ({ resource: await searchsetText(asked, connection, objects, context), response: { status: '200' } });
  }
  assertId(id);
  if (query !== undefined) throw refuse('a read takes no parameters');
  if (more.length > 0) throw refuse('request.url has more steps than an address of FHIR has');
  assertOnly(preconditions, ['ifMatch', 'ifNoneMatch', 'ifModifiedSince', 'ifUnmodifiedSince'], 'read');
  const whole = async (stored: StoredVersion, connection: Queryable): Promise<StoredVersion> => (await withContents([stored], connection, objects, context))[0]!;
  if (version === undefined) return async (connection) => readEntryText(await whole(await readResource(connection, type, id, context), connection), preconditions, context);
  const number = readVersionNumber(type, id, version);
  return async (connection) => readEntryText(await whole(await readVersion(connection, type, id, number, context), connection), preconditions, context);
}

function readEntryText(stored: StoredVersion, preconditions: Preconditions, { base }: Context): BundleEntryText {
  const response = { etag: entityTag(stored.version), lastModified: stored.lastUpdated.toISOString() };
  if (isUnchanged(preconditions, stored)) return { response: { status: '304', ...response } };
  return { fullUrl: `${base}/${stored.type}/${stored.id}`, resource: stored.content, response: { status: '200', ...response } };
}
