/** How the stored CommunicationRequests and the Tasks about them follow the state of an authorization. */
import { isAnswered } from '../answered.ts';
import type { CommunicationRequest } from '@medplum/fhirtypes';
import type { Change } from '../../../store/write/changes.ts';
import type { AuthorizationState } from '../state.ts';
import { communicationRequestsOf, informationTasksOf, wantedByTask, wantedOf, type InformationInput } from './information-requests.ts';

/** Addresses in the store, for ClaimResponse.communicationRequest. */
export function communicationAddresses(claimResponse: string, state: AuthorizationState): string[] {
  return wantedOf(claimResponse, state).map((wanted) => `CommunicationRequest/${wanted.id}`);
}

/**
 * What is wanted now and was not before is written; what has come is completed, and what is not wanted any more is
 * revoked, for it was decided without it. What stays wanted stays as it is.
 */
export function informationChanges(input: InformationInput, before: AuthorizationState | undefined, after: AuthorizationState): Change[] {
  const earlier = before ? communicationRequestsOf(input, before) : [];
  const now = communicationRequestsOf(input, after);
  const [known, wanted] = [new Set(earlier.map(({ id }) => id)), new Set(now.map(({ id }) => id))];
  const hasCome = comeBetween(input.claimResponse, before, after);
  const tasks = informationTasksOf(input, after);
  const earlierTasks = before ? informationTasksOf(input, before) : [];
  const asBefore = new Map(earlierTasks.map((task) => [task.id, JSON.stringify(task)]));
  const open = new Set(tasks.map(({ id }) => id));
  return [
    ...now.filter(({ id }) => !known.has(id)).map((resource): Change => ({ kind: 'update', resource })),
    ...earlier.filter(({ id }) => !wanted.has(id)).map((resource): Change => ({ kind: 'update', resource: closed(resource, hasCome.has(resource.id) ? 'completed' : 'revoked') })),
    ...tasks.filter((task) => asBefore.get(task.id) !== JSON.stringify(task)).map((resource): Change => ({ kind: 'update', resource })),
    ...earlierTasks.filter(({ id }) => !open.has(id)).map((task): Change => ({
      kind: 'update', resource: { ...task, status: wantedByTask(task.id, input.claimResponse, before!).some(({ id }) => hasCome.has(id)) ? 'completed' : 'cancelled' },
    })),
  ];
}

/** Ids of the requests for information that the newest version answers. */
function comeBetween(claimResponse: string, before: AuthorizationState | undefined, after: AuthorizationState): ReadonlySet<string> {
  if (before === undefined || after.received.version === before.received.version) return new Set();
  const came = after.received.answered ?? [];
  return new Set(wantedOf(claimResponse, before).filter((each) => isAnswered(each.item, each, came)).map(({ id }) => id));
}

/** The profile knows active ones only (profile-communicationrequest fixes `status`), so a closed one no longer claims it. */
function closed({ meta: _profile, ...rest }: CommunicationRequest & { id: string }, status: 'completed' | 'revoked'): CommunicationRequest & { id: string } {
  return { ...rest, status };
}
