/** delete by id, and of what matches criteria (https://hl7.org/fhir/R4/http.html#delete, #cdelete). */
import type { FastifyInstance } from 'fastify';
import { readCriteria } from '../../../store/write/conditional.ts';
import type { House } from '../../house.ts';
import { readConditional, readInstance, type InstanceAddress, type TypeAddress } from '../address.ts';
import { sendWritten } from '../answers.ts';
import { write } from '../interactions/write.ts';
import { preconditionsOf } from '../preconditions.ts';
import { representationOf } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { onlyIfMatch } from './patch.ts';

export function deleteRoutes(server: FastifyInstance, house: House): void {
  server.delete<InstanceAddress>('/:type/:id', { config: { interaction: 'delete' } }, async (request, reply) => {
    const { type, id } = readInstance(request, 'delete');
    const representation = representationOf(request);
    const context = contextOf(request, house);
    const { outcomes } = await write(house, [{ kind: 'delete', type, target: { id }, ...onlyIfMatch(preconditionsOf(request), 'delete') }], context);
    return sendWritten(request, reply, outcomes[0]!, representation, context);
  });

  server.delete<TypeAddress>('/:type', { config: { interaction: 'delete' } }, async (request, reply) => {
    const { type, query } = readConditional(request);
    const representation = representationOf(request);
    const context = contextOf(request, house);
    const criteria = await readCriteria(type, query, house.database, context);
    const { outcomes } = await write(house, [{ kind: 'delete', type, target: { criteria }, ...onlyIfMatch(preconditionsOf(request), 'delete') }], context);
    return sendWritten(request, reply, outcomes[0]!, representation, context);
  });
}
