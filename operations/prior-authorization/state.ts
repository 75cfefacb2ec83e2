/**
 * The state of an authorization is the fold of its log, and this is the only fold. Which event may follow in which
 * state is one table; every rail, rule and person goes through it.
 */
import { Problem } from '../../fhir/problems.ts';
import type { AuthorizationEvent, Authority, Certified, DecisionEvent, Denied, InformationRequested, Modified, Pended, Received } from './events.ts';

export type ItemStatus = 'requested' | 'pended' | 'certified' | 'modified' | 'denied';

export interface ItemState {
  readonly sequence: number;
  readonly status: ItemStatus;
  /** The event that brought the item where it is; undefined while it is only requested. */
  readonly decision: (Certified | Denied | Modified | Pended) & { readonly at: string } | undefined;
  /** What is still wanted from the provider. */
  readonly wanted: InformationRequested['wanted'];
}

export interface AuthorizationState {
  readonly received: Received;
  readonly lastSequence: number;
  readonly items: ReadonlyMap<number, ItemState>;
}

/** What may happen to an item in each state. A decided item stays decided: a new request or an appeal is another story. */
const allowed: Readonly<Record<ItemStatus, readonly DecisionEvent['kind'][]>> = {
  requested: ['certified', 'denied', 'modified', 'pended'],
  pended: ['certified', 'denied', 'modified', 'pended', 'information-requested'],
  certified: [],
  modified: [],
  denied: [],
};

/**
 * On whose word each decision can be. The types say so too, but a log is read from JSON, and a machine's denial must
 * not become a state by any way: no clinical criterion denies or reduces, and no rule reduces.
 */
const entitled: Readonly<Record<DecisionEvent['kind'], readonly Authority['kind'][]>> = {
  certified: ['administrative-rule', 'clinical-criterion', 'person'],
  denied: ['administrative-rule', 'person'],
  modified: ['person'],
  pended: ['administrative-rule', 'clinical-criterion', 'person'],
  'information-requested': ['administrative-rule', 'clinical-criterion', 'person'],
};

/**
 * @throws {Problem} `decision-not-allowed` when the table has no such step, `decision-invalid` for an unknown item
 * @throws {RangeError} for a log that is not one: a gap, no receipt at its beginning, a version out of order,
 *   a decision on the word of one who is not entitled to it
 */
export function apply(state: AuthorizationState | undefined, event: AuthorizationEvent): AuthorizationState {
  if (event.sequence !== (state?.lastSequence ?? 0) + 1) throw new RangeError('The log of an authorization has no gaps.');
  if (event.kind === 'received') {
    if (event.version !== (state?.received.version ?? 0) + 1) throw new RangeError('Versions of a request follow one another.');
    const items = new Map(state?.items);
    for (const sequence of event.items) if (!items.has(sequence)) items.set(sequence, { sequence, status: 'requested', decision: undefined, wanted: [] });
    return { received: event, lastSequence: event.sequence, items };
  }
  if (!state) throw new RangeError('The log of an authorization begins with its receipt.');
  if (!entitled[event.kind].includes(event.authority.kind)) throw new RangeError(`Nothing is ${event.kind} on the authority of a machine that is not entitled to it.`);
  const item = state.items.get(event.item);
  if (!item) throw new Problem('decision-invalid', { rule: `There is no item ${event.item} in this authorization.` });
  if (!allowed[item.status].includes(event.kind)) throw new Problem('decision-not-allowed', { item: event.item, state: item.status, action: event.kind });
  return { ...state, lastSequence: event.sequence, items: new Map(state.items).set(event.item, after(item, event)) };
}

function after(item: ItemState, event: DecisionEvent & { at: string }): ItemState {
  switch (event.kind) {
    case 'certified': return { ...item, status: 'certified', decision: event, wanted: [] };
    case 'denied': return { ...item, status: 'denied', decision: event, wanted: [] };
    case 'modified': return { ...item, status: 'modified', decision: event, wanted: [] };
    case 'pended': return { ...item, status: 'pended', decision: event };
    case 'information-requested': return { ...item, wanted: event.wanted };
  }
}

/** @throws {RangeError} for an empty log */
export function fold(events: readonly AuthorizationEvent[]): AuthorizationState {
  let state: AuthorizationState | undefined;
  for (const event of events) state = apply(state, event);
  if (!state) throw new RangeError('The log of an authorization begins with its receipt.');
  return state;
}

/** True while an item waits for a person. */
export function isOpen(state: AuthorizationState): boolean {
  return [...state.items.values()].some((item) => item.status === 'requested' || item.status === 'pended');
}

/** One word for the whole, for people and for metrics; X12 and PAS decide item by item. */
export function overallStatus(state: AuthorizationState): 'pended' | 'certified' | 'denied' | 'modified' | 'partially certified' {
  const statuses = new Set([...state.items.values()].map((item) => item.status));
  if (statuses.has('pended') || statuses.has('requested')) return 'pended';
  if (statuses.size === 1) return [...statuses][0] as 'certified' | 'denied' | 'modified';
  return statuses.has('denied') ? 'partially certified' : 'modified';
}
