/** create, and only where nothing is there that is the same (https://hl7.org/fhir/R4/http.html#create, #ccreate). */
import type { FastifyInstance } from 'fastify';
import { readCriteria } from '../../../store/write/conditional.ts';
import type { House } from '../../house.ts';
import { readType, type TypeAddress } from '../address.ts';
import { sendWritten } from '../answers.ts';
import { writeValidated } from '../interactions/validated.ts';
import { assertOnly, preconditionsOf } from '../preconditions.ts';
import { representationOf } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { readResourceBody } from '../resource-body.ts';

export function createRoutes(server: FastifyInstance, house: House): void {
  server.post<TypeAddress>('/:type', { config: { interaction: 'create' } }, async (request, reply) => {
    const type = readType(request, 'create');
    const representation = representationOf(request);
    const context = contextOf(request, house);
    const preconditions = preconditionsOf(request);
    assertOnly(preconditions, ['ifNoneExist'], 'create');
    const unless = preconditions.ifNoneExist === undefined ? undefined : await readCriteria(type, preconditions.ifNoneExist, house.database, context);
    const resource = readResourceBody(request, type);
    const { outcomes } = await writeValidated(house, [{ kind: 'create', resource, ...(unless && { unless }) }], context);
    return sendWritten(request, reply, outcomes[0]!, representation, context);
  });
}
