/** Search by GET and by POST _search (https://hl7.org/fhir/R4/search.html). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { outcomeOfIssues } from '../../../fhir/outcome.ts';
import { countResources, findPage } from '../../../store/read.ts';
import { readSearch, writeCursor, type SearchRequest } from '../../../store/search/request.ts';
import type { Context } from '../../../store/context.ts';
import type { Queryable } from '../../../store/database.ts';
import type { House } from '../../house.ts';
import { bundleText, type BundleEntryText, type BundleLink } from '../bundle-text.ts';
import { assertAcceptable, fhirJson, mediaTypeOf, queryOf, unsupported } from '../media-types.ts';
import { preferencesOf } from '../preferences.ts';
import { contextOf } from '../request-context.ts';
import { assertResourceType } from '../resource-body.ts';

type Address = { Params: { type: string } };

export function searchRoutes(server: FastifyInstance, house: House): void {
  server.get<Address>('/:type', { config: { interaction: 'search-type' } }, async (request, reply) => search(request, reply, house, queryOf(request)));

  server.post<Address>('/:type/_search', { config: { interaction: 'search-type' } }, async (request, reply) => {
    const hasBody = Buffer.isBuffer(request.body) && request.body.length > 0;
    if (hasBody && mediaTypeOf(request) !== 'application/x-www-form-urlencoded') throw unsupported(request, 'application/x-www-form-urlencoded');
    const form = hasBody ? new URLSearchParams((request.body as Buffer).toString('utf8')) : new URLSearchParams();
    return search(request, reply, house, [...queryOf(request), ...form]);
  });
}

async function search(request: FastifyRequest<Address>, reply: FastifyReply, house: House, parameters: readonly (readonly [string, string])[]): Promise<FastifyReply> {
  const { type } = request.params;
  assertResourceType(type);
  assertAcceptable(request, parameters);
  const context = contextOf(request, house);
  const asked = readSearch(type, parameters, { tenant: context.tenant.id, handling: preferencesOf(request).handling, baseUrl: house.baseUrl() });
  return reply.type(fhirJson).send(await searchsetText(asked, house.database, context, house));
}

/** The answer to a search: a Bundle of type searchset. */
export async function searchsetText(asked: SearchRequest, database: Queryable, context: Context, house: House): Promise<string> {
  const { type, where, count, order, after } = asked;
  const page = count === 0 ? { resources: [], next: undefined } : await findPage(database, { of: [{ type, where }], limit: count, order, include: [], ...(after && { after }) }, context);
  const wholeAnswer = count > 0 && page.next === undefined && after === undefined;
  const total = wholeAnswer ? page.resources.length
    : asked.total === 'accurate' || count === 0 ? await countResources(database, { type, where }, context) : undefined;

  const entries: BundleEntryText[] = page.resources.map((resource) => ({ fullUrl: `${house.baseUrl()}/${type}/${resource.id}`, resource: resource.content, search: { mode: 'match' } }));
  if (asked.ignored.length > 0) entries.push({ resource: JSON.stringify(outcomeOfIssues(asked.ignored)), search: { mode: 'outcome' } });
  return bundleText('searchset', linksOf(asked, page.next && writeCursor(page.next), house), entries, total);
}

function linksOf(asked: SearchRequest, cursor: string | undefined, house: House): BundleLink[] {
  const address = `${house.baseUrl()}/${asked.type}`;
  const parameters = new URLSearchParams([...asked.used] as [string, string][]);
  const links: BundleLink[] = [{ relation: 'self', url: parameters.size > 0 ? `${address}?${parameters.toString()}` : address }];
  if (cursor !== undefined) {
    parameters.append('_cursor', cursor);
    links.push({ relation: 'next', url: `${address}?${parameters.toString()}` });
  }
  return links;
}
