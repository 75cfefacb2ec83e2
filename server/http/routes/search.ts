/**
 * Search by GET and by POST _search: of one type, of several (`_type`) or all, and in compartments
 * (https://hl7.org/fhir/R4/http.html#search).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import { compartmentTypes, type CompartmentName } from '../../../fhir/search-parameters.ts';
import { readSearch, type SearchAddress } from '../../../store/search/language/read-search.ts';
import type { House } from '../../house.ts';
import { isDecodable } from '../address-text.ts';
import { mediaTypeOf, queryOf, unsupported } from '../media-types.ts';
import { preferencesOf } from '../preferences.ts';
import { representationOf } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { assertId, assertResourceType } from '../resource-body.ts';
import { searchSettings, searchsetText } from '../searchset.ts';

interface Params {
  readonly type?: string;
  readonly id?: string;
  readonly member?: string;
}

type Parameters = readonly (readonly [string, string])[];

export function searchRoutes(server: FastifyInstance, house: House): void {
  const search = async (request: FastifyRequest<{ Params: Params }>, reply: FastifyReply): Promise<FastifyReply> => {
    const address = addressOf(request.params);
    const parameters = request.method === 'POST' ? [...queryOf(request), ...formOf(request)] : queryOf(request);
    return answer(request, reply, address, parameters, house);
  };
  server.get<{ Params: Params }>('/', { config: { interaction: 'search-system' } }, search);
  server.post<{ Params: Params }>('/_search', { config: { interaction: 'search-system' } }, search);
  server.get<{ Params: Params }>('/:type', { config: { interaction: 'search-type' } }, search);
  server.post<{ Params: Params }>('/:type/_search', { config: { interaction: 'search-type' } }, search);
  server.get<{ Params: Params }>('/:type/:id/:member', { config: { interaction: 'search-type' } }, search);
  server.post<{ Params: Params }>('/:type/:id/:member/_search', { config: { interaction: 'search-type' } }, search);
  server.post<{ Params: Params }>('/:type/:id/_search', { config: { interaction: 'search-type' } }, search);
}

async function answer(request: FastifyRequest, reply: FastifyReply, address: SearchAddress, parameters: Parameters, house: House): Promise<FastifyReply> {
  const representation = representationOf(request, parameters);
  const context = contextOf(request, house);
  const asked = await readSearch(address, parameters, searchSettings(house, context, preferencesOf(request).handling));
  return representation.send(reply, await searchsetText(asked, house.database, house.attachments.objects, context, representation.countOnly));
}

/** @throws {Problem} `unknown-resource-type`, `invalid-id`, `no-such-route`, `not-in-compartment` */
export function addressOf({ type, id, member }: Params): SearchAddress {
  if (type === undefined) return {};
  assertResourceType(type);
  if (id === undefined) return { type };
  if (!isCompartment(type)) throw new Problem('no-such-route');
  assertId(id);
  const compartment = { name: type, id };
  if (member === undefined || member === '*') return { compartment };
  assertResourceType(member);
  return { compartment, type: member };
}

function isCompartment(type: string): type is CompartmentName {
  return isResourceType(type) && compartmentTypes(type as CompartmentName).length > 0;
}

/** @throws {Problem} `unsupported-media-type` */
function formOf(request: FastifyRequest): URLSearchParams {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) return new URLSearchParams();
  if (mediaTypeOf(request) !== 'application/x-www-form-urlencoded') throw unsupported(request, 'application/x-www-form-urlencoded');
  const text = request.body.toString('latin1');
  // A form is ASCII; what stands for other characters is percent-encoded (https://url.spec.whatwg.org/#application/x-www-form-urlencoded).
  if (!isDecodable(text)) throw new Problem('malformed-form');
  return new URLSearchParams(request.body.toString('utf8'));
}
