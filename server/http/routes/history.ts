/** Instance history (https://hl7.org/fhir/R4/http.html#history), newest first, a page at a time. */
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { readHistory, type StoredVersion } from '../../../store/read.ts';
import { shardInId } from '../../../store/shard.ts';
import type { House } from '../../house.ts';
import { assertPlainAddress, fhirJson } from '../media-types.ts';
import { contextOf } from '../request-context.ts';
import { assertId, assertResourceType } from '../resource-body.ts';
import { bundleText, type BundleEntryText } from '../bundle-text.ts';
import { entityTag } from '../preconditions.ts';

export function historyRoutes(server: FastifyInstance, house: House): void {
  server.get<{ Params: { type: string; id: string }; Querystring: Record<string, string | string[]> }>('/:type/:id/_history', { config: { interaction: 'history-instance' } }, async (request, reply) => {
    const { type, id } = request.params;
    assertResourceType(type);
    assertId(id);
    assertPlainAddress(request, 'history', ['_count', '_before']);
    const limit = readNumber(request.query['_count'], '_count') ?? 50;
    const before = readNumber(request.query['_before'], '_before');
    const history = await readHistory(house.database, type, id, { limit: Math.min(Math.max(limit, 1), 1000), ...(before !== undefined && { before }) }, contextOf(request, house));
    const self = `${house.baseUrl()}/${type}/${id}/_history`;
    const links = [{ relation: 'self', url: self }];
    if (history.next !== undefined) links.push({ relation: 'next', url: `${self}?_count=${limit}&_before=${history.next}` });
    return reply.type(fhirJson).send(bundleText('history', links, history.versions.map((version) => entryOf(version, house.baseUrl())), history.total));
  });
}

function entryOf(version: StoredVersion, baseUrl: string): BundleEntryText {
  // An id of ours was given by a create; one that somebody else chose came with an update.
  const method = version.deleted ? 'DELETE' : version.version === 1 && shardInId(version.id) !== undefined ? 'POST' : 'PUT';
  return {
    fullUrl: `${baseUrl}/${version.type}/${version.id}`,
    ...(!version.deleted && { resource: version.content }),
    request: { method, url: method === 'POST' ? version.type : `${version.type}/${version.id}` },
    response: { status: version.deleted ? '204' : version.version === 1 ? '201' : '200', etag: entityTag(version.version), lastModified: version.lastUpdated.toISOString() },
  };
}

function readNumber(value: string | string[] | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value)) throw new Problem('invalid-search-value', { name, reason: 'a whole number is expected' });
  return Number(value);
}
