/** Decisions among new events, as a plan reports them each year (docs/guides/metrics.md): a projection of the log. */
import { localDay } from '../../../review/clock/count.ts';
import type { AuthorizationOutcomeRow } from '../../../store/write/changes.ts';
import type { AuthorizationEvent, Certified, Denied, Modified } from '../events.ts';
import { apply, type AuthorizationState } from '../state.ts';

/** @param before undefined where the authorization is new */
export function outcomeRows(before: AuthorizationState | undefined, events: readonly AuthorizationEvent[]): AuthorizationOutcomeRow[] {
  const rows: AuthorizationOutcomeRow[] = [];
  let state = before;
  for (const event of events) {
    const item = 'item' in event ? state?.items.get(event.item) : undefined;
    if (item && state && (event.kind === 'certified' || event.kind === 'modified' || event.kind === 'denied') && isDecision(event)) {
      const { clock, appealed } = item;
      const { plan } = state.received;
      const decidedAt = new Date(event.at);
      rows.push({
        sequence: event.sequence, item: item.sequence, version: clock.version, ...(plan !== undefined && { plan }),
        lineOfBusiness: clock.basis?.lineOfBusiness ?? 'unspecified', ...(clock.basis?.state !== undefined && { state: clock.basis.state }),
        expedited: appealed ? appealed.expedited : clock.expedited, extended: clock.extended !== undefined, appeal: appealed !== undefined,
        outcome: event.kind, submittedAt: new Date(clock.receivedAt), decidedAt, decidedOn: localDay(decidedAt, clock.basis ?? {}),
      });
    }
    state = apply(state, event);
  }
  return rows;
}

/** Rules that certify without a review: that no authorization is needed, or that one stands already. */
const withoutReview: ReadonlySet<string | undefined> = new Set(['no-authorization-needed', 'duplicate']);

/** Whether it decides on a prior authorization. A denial always does. */
function isDecision({ kind, authority }: Certified | Denied | Modified): boolean {
  return kind !== 'certified' || authority.kind !== 'administrative-rule' || !withoutReview.has(authority.category);
}
