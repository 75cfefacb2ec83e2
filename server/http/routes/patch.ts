/** patch by id, and of what matches criteria (https://hl7.org/fhir/R4/http.html#patch). */
import type { FastifyInstance } from 'fastify';
import type { ExpectedVersion } from '../../../store/write/changes.ts';
import { readCriteria } from '../../../store/write/conditional.ts';
import type { House } from '../../house.ts';
import { readConditional, readInstance, type InstanceAddress, type TypeAddress } from '../address.ts';
import { parseJson } from '../../../fhir/json.ts';
import { readResource } from '../../../store/read.ts';
import { answeredTask } from '../answer-task.ts';
import { sendWritten } from '../answers.ts';
import { assertPatched } from '../resource-body.ts';
import { writeValidated } from '../interactions/validated.ts';
import { readPatch } from '../patch-body.ts';
import { assertOnly, expectedVersion, preconditionsOf, type Preconditions } from '../preconditions.ts';
import { representationOf } from '../representation.ts';
import { contextOf } from '../request-context.ts';

export function patchRoutes(server: FastifyInstance, house: House): void {
  server.patch<InstanceAddress>('/:type/:id', { config: { interaction: 'patch' } }, async (request, reply) => {
    const { type, id } = readInstance(request, 'patch');
    const representation = representationOf(request);
    const context = contextOf(request, house);
    const conditions = onlyIfMatch(preconditionsOf(request), 'patch');
    const apply = readPatch(request);
    if (type === 'Task') {
      const { content, version } = await readResource(house.database, type, id, context);
      const made = assertPatched(await apply(parseJson(content)), { type, id, version });
      // Of the version that was patched: another one is not answered by it.
      const answered = await answeredTask(made, conditions.ifMatch ?? version, { request, reply, representation }, house, context);
      if (answered) return answered;
    }
    const { outcomes } = await writeValidated(house, [{ kind: 'patch', type, target: { id }, apply, ...conditions }], context);
    return sendWritten(request, reply, outcomes[0]!, representation, context);
  });

  server.patch<TypeAddress>('/:type', { config: { interaction: 'patch' } }, async (request, reply) => {
    const { type, query } = readConditional(request);
    const representation = representationOf(request);
    const context = contextOf(request, house);
    const conditions = onlyIfMatch(preconditionsOf(request), 'patch');
    const criteria = await readCriteria(type, query, house.database, context);
    const { outcomes } = await writeValidated(house, [{ kind: 'patch', type, target: { criteria }, apply: readPatch(request), ...conditions }], context);
    return sendWritten(request, reply, outcomes[0]!, representation, context);
  });
}

/** @throws {Problem} `bad-precondition`, `bad-if-match` */
export function onlyIfMatch(preconditions: Preconditions, interaction: string): { readonly ifMatch?: ExpectedVersion } {
  assertOnly(preconditions, ['ifMatch'], interaction);
  const ifMatch = expectedVersion(preconditions);
  return ifMatch === undefined ? {} : { ifMatch };
}
