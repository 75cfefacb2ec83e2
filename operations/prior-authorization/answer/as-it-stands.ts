/** The answer to a request that was taken before, as things stand now: what its sender hears who asks again, or who is told later. */
import type { Bundle } from '@medplum/fhirtypes';
import type { Context } from '../../../store/context.ts';
import type { LoadedAuthorization } from '../load.ts';
import type { PlannedAnswer } from '../plan.ts';
import { readTaken } from '../request/read-request.ts';
import { alignItems, sequencesOf } from '../update/align.ts';
import { alignmentOf } from '../update/plan-update.ts';
import { wireResponse } from './wire-response.ts';

/** @param asked the request as its rail's mapper reads it */
export function answerAsItStands({ request, state, stored }: LoadedAuthorization, rail: string, asked: Bundle, context: Context): PlannedAnswer {
  const response = wireResponse(request, state, stored.claimResponse, context.base, 'submit', context);
  const aligned = alignItems(alignmentOf(rail), readTaken(asked), request, state.items, 'repetition');
  // Lines that can no longer be told apart are answered by their places.
  return { response, sequences: 'code' in aligned ? new Map() : sequencesOf(aligned) };
}
