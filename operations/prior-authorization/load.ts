/** An authorization read back: its log folded, its request read again from the Bundle that is kept. */
import { Problem } from '../../fhir/problems.ts';
import { parseResourceText } from '../../fhir/resource-text.ts';
import { authorizationOfClaim, type StoredAuthorization } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import type { AuthorizationEvent } from './events.ts';
import { readLog } from './read-log.ts';
import { readTaken, type RequestReading } from './request/read-request.ts';
import { fold, type AuthorizationState } from './state.ts';

export interface LoadedAuthorization {
  readonly stored: StoredAuthorization;
  readonly events: readonly AuthorizationEvent[];
  readonly state: AuthorizationState;
  readonly request: RequestReading;
}

/** @throws {Problem} `authorization-not-found` */
export async function loadByClaim(database: Queryable, claimId: string, context: Context): Promise<LoadedAuthorization> {
  const stored = await authorizationOfClaim(database, claimId, context);
  if (!stored) throw new Problem('authorization-not-found', { id: claimId });
  return reopen(stored);
}

export function reopen(stored: StoredAuthorization): LoadedAuthorization {
  const events = readLog(stored.log);
  return { stored, events, state: fold(events), request: readTaken(parseResourceText(stored.bundle)) };
}
