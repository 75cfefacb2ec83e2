/** Routes of the registered operations. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Operation } from '../../../operations/registry.ts';
import type { House } from '../../house.ts';
import { assertAcceptable, jsonBytes, mediaTypeOf } from '../media-types.ts';
import { contextOf } from '../request-context.ts';
import { assertId } from '../resource-body.ts';

export function operationRoutes(server: FastifyInstance, house: House, operations: readonly Operation[]): void {
  for (const operation of operations) {
    const path = operation.level === 'type' ? `/${operation.resource}/$${operation.code}` : `/${operation.resource}/:id/$${operation.code}`;
    server.post(path, async (request: FastifyRequest, reply: FastifyReply) => {
      assertAcceptable(request);
      const { id } = request.params as { id?: string };
      if (id !== undefined) assertId(id);
      const answer = await operation.handle({ context: contextOf(request, house), id, bytes: jsonBytes(request, 'a FHIR resource'), mediaType: mediaTypeOf(request) });
      return reply.status(answer.status).headers(answer.headers ?? {}).type(answer.mediaType).send(answer.body);
    });
  }
}
