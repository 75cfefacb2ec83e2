/**
 * Who is to perform an order, as the hook tells it: by order-dispatch the owner of the order's Task, else the performer of
 * the context. What the order itself says comes after that. Pure.
 * Source: order-dispatch 1.1 (https://cds-hooks.hl7.org/hooks/STU1/order-dispatch.html), `performer` and `fulfillmentTasks`.
 */
import type { Reference, Task } from '@medplum/fhirtypes';
import { localNameOf, nameOf, type ClientResource, type HookCall } from './read-call.ts';

/** Undefined where the hook says nothing of it. */
export function dispatchedTo(order: ClientResource, { performer, proposed, client, service }: HookCall): readonly Reference[] | undefined {
  if (service.hook !== 'order-dispatch') return undefined;
  const isOf = (reference: Reference | undefined): boolean => localNameOf(reference?.reference, client?.base) === nameOf(order);
  const owners = proposed.flatMap((task) => {
    const { focus, basedOn = [], owner } = task as Task;
    return task.resourceType === 'Task' && owner && [focus, ...basedOn].some(isOf) ? [owner] : [];
  });
  if (owners.length > 0) return owners;
  return performer === undefined ? undefined : [{ reference: performer }];
}
