/** The columns by which an authorization is found and listed: a projection of its log. */
import type { AuthorizationClockColumns, AuthorizationHeader } from '../../../store/write/changes.ts';
import { atRiskAt } from '../item-clock.ts';
import { dueAtOf, isExpedited, isOpen, isUndecided, type AuthorizationState, type ItemState } from '../state.ts';

type FromLog = 'administrativeReference' | 'expedited' | 'dueAt' | 'clock' | 'open' | 'lastSequence';

export function headerOf(state: AuthorizationState, known: Omit<AuthorizationHeader, FromLog>): AuthorizationHeader {
  return {
    ...known, administrativeReference: state.received.administrativeReference, expedited: isExpedited(state), dueAt: new Date(dueAtOf(state)), clock: clockColumns(state),
    open: isOpen(state), lastSequence: state.lastSequence,
  };
}

/** Of the item whose answer is due first; of a request that is decided, of the item that was. */
function clockColumns(state: AuthorizationState): AuthorizationClockColumns {
  const items = [...state.items.values()];
  const open = items.filter(isUndecided);
  const [first] = (open.length > 0 ? open : items).toSorted((a: ItemState, b: ItemState) => a.clock.dueAt.localeCompare(b.clock.dueAt));
  const { basis } = first?.clock ?? {};
  return {
    lineOfBusiness: basis?.lineOfBusiness ?? 'unspecified', ...(basis?.state !== undefined && { state: basis.state }), ...(basis && { rule: basis.rule }),
    atRiskAt: first ? new Date(atRiskAt(first.clock)) : new Date(dueAtOf(state)), ...(open.length > 0 && first?.clock.paused && { pausedUntil: new Date(first.clock.paused.until) }),
  };
}
