/** A Task by which a provider was asked for information is answered by his update of it; the answer is the Task as it stands then. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Resource, Task } from '@medplum/fhirtypes';
import { atCurrentBase } from '../../operations/prior-authorization/versions/at-edge.ts';
import type { Context } from '../../store/context.ts';
import { readResource } from '../../store/read.ts';
import type { ExpectedVersion } from '../../store/write/changes.ts';
import type { House } from '../house.ts';
import { sendWritten } from './answers.ts';
import { sendOutcome, type Representation } from './representation.ts';

/** Undefined where it is no such answer, and is to be written as any other resource. @throws {Problem} what the policy of the tenant refuses */
export async function answeredTask(resource: Resource, ifMatch: ExpectedVersion | undefined, { request, reply, representation }: { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly representation: Representation }, house: House, context: Context): Promise<FastifyReply | undefined> {
  if (resource.resourceType !== 'Task' || resource.id === undefined || !await house.priorAuthorization.answersRequest(resource, context)) return undefined;
  const task: Task & { readonly id: string } = { ...resource, id: resource.id };
  const remarks = await house.checkWrite(task, context);
  const { answer, landed, outcome } = await house.priorAuthorization.answerTask(task, ifMatch, atCurrentBase(context));
  reply.headers({ 'priora-delivery': landed.id, 'priora-delivery-outcome': outcome });
  if (answer.status !== 200) return sendOutcome(reply.status(answer.status), answer.body);
  return sendWritten(request, reply, { status: 200, version: await readResource(house.database, 'Task', task.id, context), remarks }, representation, context);
}
