/**
 * An update or a cancellation: the next version of a request that was taken before, on whatever rail it came then.
 * Source: PAS 2.2.1, "Updating Authorization Requests".
 */
import { withHeld } from '../attach/held.ts';
import { answeredByResponses } from '../attach/questionnaire-response.ts';
import type { AuthorizedPlan, Work } from '../plan.ts';
import type { Rejection } from '../rejection.ts';
import { wantedOf } from '../record/information-requests.ts';
import { identifiersOfProvider, namesOf } from '../request/read-request.ts';
import { alignItems, sequencesOf, type Alignment } from './align.ts';
import { priorOf } from './find-prior.ts';
import { addedTwice, itemChanges } from './item-changes.ts';
import { mergeRequest } from './merge.ts';
import { nextVersion } from './next-version.ts';

/** How items of a rail are known again. */
export function alignmentOf(rail: string): Alignment {
  return rail === 'fhir' ? 'sequence' : 'content';
}

export async function planUpdate(work: Work): Promise<AuthorizedPlan | Rejection> {
  const { submission, request: update } = work;
  await work.takeTurn();
  const before = await priorOf(work);
  if ('code' in before) return before;
  const by = alignmentOf(submission.rail);
  const aligned = alignItems(by, update, before.request, before.state.items);
  if ('code' in aligned) return aligned;
  const added = by === 'sequence' ? addedTwice(aligned, update, before.request) : undefined;
  if (added) return { ...taken, path: `Bundle.entry[0].resource.item[${update.items.indexOf(added.sent)}].sequence` };
  const changed = itemChanges(by, aligned, update, before.request, before.state);
  if ([...before.state.items.values()].every(({ status }) => status === 'denied') && changed.changes.size + changed.cancelled.length === 0) return denied;
  const requester = [...new Set([...identifiersOfProvider(update.requester, update.index), ...update.requesterIdentifiers])];
  const planned = await nextVersion(work, before, {
    ...await withHeld(mergeRequest(by, aligned, update, before.request, new Set(before.state.received.attached)), work), ...changed, trace: namesOf(update.claim), answered: answeredByResponses(update.bundle, before.request.bundle, wantedOf(before.stored.claimResponse, before.state)), attached: [], informed: [], requester,
  });
  return { ...planned, request: update, sequences: sequencesOf(aligned) };
}

/** A denial is final for the request that it was given to; PAS has the provider send a new one. */
const denied: Rejection = {
  code: '33', followUp: 'N', element: '2000E-UM02', path: 'Bundle.entry[0].resource', text: 'The authorization is denied as a whole and cannot be updated; please send a new request or an appeal.',
};

const taken: Rejection = {
  code: '33', followUp: 'C', element: '2000F-HL01', path: 'Bundle.entry[0].resource.item', text: 'Another update has added an item under this number meanwhile; please give the new service another one.',
};
