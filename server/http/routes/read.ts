/** read and vread, conditional where the client says what it has (https://hl7.org/fhir/R4/http.html#read, #vread, #cread). */
import type { FastifyInstance } from 'fastify';
import { readResource, readVersion } from '../../../store/read.ts';
import type { House } from '../../house.ts';
import { readInstance, readVersionNumber, type InstanceAddress, type VersionAddress } from '../address.ts';
import { sendVersion } from '../answers.ts';
import { representationOf, representationParameters } from '../representation.ts';
import { contextOf } from '../request-context.ts';

export function readRoutes(server: FastifyInstance, house: House): void {
  server.get<InstanceAddress>('/:type/:id', { config: { interaction: 'read' } }, async (request, reply) => {
    const { type, id } = readInstance(request, 'read', representationParameters);
    const representation = representationOf(request);
    return sendVersion(request, reply, await readResource(house.database, type, id, contextOf(request, house)), representation);
  });

  server.get<VersionAddress>('/:type/:id/_history/:version', { config: { interaction: 'vread' } }, async (request, reply) => {
    const { type, id } = readInstance(request, 'vread', representationParameters);
    const version = readVersionNumber(type, id, request.params.version);
    const representation = representationOf(request);
    return sendVersion(request, reply, await readVersion(house.database, type, id, version, contextOf(request, house)), representation);
  });
}
