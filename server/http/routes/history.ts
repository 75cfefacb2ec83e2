/** History of one resource, of a type, and of everything (https://hl7.org/fhir/R4/http.html#history). */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { House } from '../../house.ts';
import { historyText, readHistoryRequest, type HistoryAddress } from '../history.ts';
import { queryOf } from '../media-types.ts';
import { representationOf } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { assertId, assertResourceType } from '../resource-body.ts';

export function historyRoutes(server: FastifyInstance, house: House): void {
  const history = async (request: FastifyRequest<{ Params: HistoryAddress }>, reply: FastifyReply): Promise<FastifyReply> => {
    const { type, id } = request.params;
    if (type !== undefined) assertResourceType(type);
    if (id !== undefined) assertId(id);
    const representation = representationOf(request);
    const asked = readHistoryRequest({ ...(type !== undefined && { type }), ...(id !== undefined && { id }) }, queryOf(request));
    if (representation.countOnly) throw new Problem('not-supported', { what: 'The number of changes alone' });
    return representation.send(reply, await historyText(asked, house.cursorKey, house.database, house.attachments.objects, contextOf(request, house)));
  };
  server.get<{ Params: HistoryAddress }>('/_history', { config: { interaction: 'history-system' } }, history);
  server.get<{ Params: HistoryAddress }>('/:type/_history', { config: { interaction: 'history-type' } }, history);
  server.get<{ Params: HistoryAddress }>('/:type/:id/_history', { config: { interaction: 'history-instance' } }, history);
}
