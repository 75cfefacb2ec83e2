/** The work item of a pended authorization: what a review nurse's list shows, due when the clock says. */
import type { Task } from '@medplum/fhirtypes';
import type { AuthorizationState } from '../state.ts';
import { dueAtOf, isExpedited, isOpen, isUndecided, overallStatus } from '../state.ts';

export const taskCodeSystem = 'https://priora.health/fhir/CodeSystem/task';

export interface TaskInput {
  readonly id: string;
  readonly claim: string;
  readonly claimResponse: string;
  readonly patient: string;
  readonly state: AuthorizationState;
  readonly changedAt: Date;
}

export function reviewTaskOf(input: TaskInput): Task & { id: string } {
  const { state } = input;
  return {
    resourceType: 'Task',
    id: input.id,
    identifier: [{ system: 'https://priora.health/fhir/administrative-reference', value: state.received.administrativeReference }],
    status: isOpen(state) ? 'requested' : 'completed',
    businessStatus: { text: [overallStatus(state), ...newsOf(state)].join('; ') },
    intent: 'order',
    priority: isExpedited(state) ? 'urgent' : 'routine',
    code: { coding: [{ system: taskCodeSystem, code: 'review-prior-authorization' }], text: 'Review a prior authorization' },
    focus: { reference: input.claimResponse },
    for: { reference: input.patient },
    authoredOn: state.received.receivedAt,
    lastModified: input.changedAt.toISOString(),
    reasonReference: { reference: input.claim },
    restriction: { period: { end: dueAtOf(state) } },
  };
}

/** What has come of the information that was asked for, as long as it matters. */
function newsOf(state: AuthorizationState): string[] {
  const open = [...state.items.values()].filter(isUndecided);
  return [...(open.some(({ isInformed }) => isInformed) ? ['information has come'] : []), ...(open.some(({ isDeclined }) => isDeclined) ? ['information was declined'] : [])];
}
