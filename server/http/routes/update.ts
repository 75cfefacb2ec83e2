/** update by id, and of what matches criteria (https://hl7.org/fhir/R4/http.html#update, #upsert, #cond-update). */
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { ExpectedVersion } from '../../../store/write/changes.ts';
import { readCriteria } from '../../../store/write/conditional.ts';
import type { House } from '../../house.ts';
import { readConditional, readInstance, type InstanceAddress, type TypeAddress } from '../address.ts';
import { answeredTask } from '../answer-task.ts';
import { sendWritten } from '../answers.ts';
import { writeValidated } from '../interactions/validated.ts';
import { assertOnly, expectedVersion, mustBeNew, preconditionsOf, type Preconditions } from '../preconditions.ts';
import { representationOf } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { readResourceBody } from '../resource-body.ts';

export function updateRoutes(server: FastifyInstance, house: House): void {
  server.put<InstanceAddress>('/:type/:id', { config: { interaction: 'update' } }, async (request, reply) => {
    const { type, id } = readInstance(request, 'update');
    const representation = representationOf(request);
    const context = contextOf(request, house);
    const conditions = conditionsOfUpdate(preconditionsOf(request));
    const resource = readResourceBody(request, type);
    if (resource.id === undefined) throw new Problem('id-required', {}, `${type}.id`);
    if (resource.id !== id) throw new Problem('id-mismatch', {}, `${type}.id`);
    const answered = await answeredTask(resource, conditions.ifMatch, { request, reply, representation }, house, context);
    if (answered) return answered;
    const { outcomes } = await writeValidated(house, [{ kind: 'update', resource, target: { id }, ...conditions }], context);
    return sendWritten(request, reply, outcomes[0]!, representation, context);
  });

  server.put<TypeAddress>('/:type', { config: { interaction: 'update' } }, async (request, reply) => {
    const { type, query } = readConditional(request);
    const representation = representationOf(request);
    const context = contextOf(request, house);
    const conditions = conditionsOfUpdate(preconditionsOf(request));
    const criteria = await readCriteria(type, query, house.database, context);
    const { outcomes } = await writeValidated(house, [{ kind: 'update', resource: readResourceBody(request, type), target: { criteria }, ...conditions }], context);
    return sendWritten(request, reply, outcomes[0]!, representation, context);
  });
}

/** @throws {Problem} `bad-precondition`, `bad-if-match` */
export function conditionsOfUpdate(preconditions: Preconditions): { readonly ifMatch?: ExpectedVersion; readonly mustBeNew: boolean } {
  assertOnly(preconditions, ['ifMatch', 'ifNoneMatch'], 'update');
  const ifMatch = expectedVersion(preconditions);
  return { ...(ifMatch !== undefined && { ifMatch }), mustBeNew: mustBeNew(preconditions) };
}
