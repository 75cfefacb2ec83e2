/** How the stored CommunicationRequests and the Task about them follow the state of an authorization. */
import { isAnswered } from '../answered.ts';
import type { CommunicationRequest } from '@medplum/fhirtypes';
import type { Change } from '../../../store/write/changes.ts';
import type { AuthorizationState } from '../state.ts';
import { communicationRequestsOf, informationTaskOf, taskIdOf, wantedOf, type InformationInput } from './information-requests.ts';

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
  const task = informationTaskOf(input, after);
  const earlierTask = before && informationTaskOf(input, before);
  return [
    ...now.filter(({ id }) => !known.has(id)).map((resource): Change => ({ kind: 'update', resource })),
    ...earlier.filter(({ id }) => !wanted.has(id)).map((resource): Change => ({ kind: 'update', resource: closed(resource, hasCome.has(resource.id) ? 'completed' : 'revoked') })),
    ...(task && JSON.stringify(task) !== JSON.stringify(earlierTask) ? [{ kind: 'update' as const, resource: task }] : []),
    ...(earlierTask && !task ? [{ kind: 'update' as const, resource: { ...earlierTask, id: taskIdOf(input.claimResponse), status: hasCome.size > 0 ? 'completed' as const : 'cancelled' as const } }] : []),
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
