/** POST /x12: an X12 interchange in, an X12 interchange out. */
import type { FastifyInstance } from 'fastify';
import { takeInterchange } from '../../../channels/x12/take-interchange.ts';
import { Problem } from '../../../fhir/problems.ts';
import type { House } from '../../house.ts';
import { mediaTypeOf, unsupported } from '../media-types.ts';
import { contextOf } from '../request-context.ts';

export const x12MediaType = 'application/edi-x12';
// Not text/plain: a page on the web may send that to another server without asking, and this one trusts its loopback.
const accepted = new Set([x12MediaType, 'application/x12', 'application/octet-stream']);

export function x12Routes(server: FastifyInstance, house: House): void {
  server.post('/x12', async (request, reply) => {
    const mediaType = mediaTypeOf(request);
    if (!accepted.has(mediaType)) throw unsupported(request, x12MediaType);
    if (!Buffer.isBuffer(request.body) || request.body.length === 0) throw new Problem('empty-body', { expected: 'an X12 interchange' });
    const { answer, landed, outcome } = await takeInterchange(house, request.body, contextOf(request, house));
    return reply.status(answer.status).type(answer.mediaType)
      .headers({ 'priora-delivery': landed.id, 'priora-delivery-outcome': outcome })
      .send(answer.body);
  });
}
