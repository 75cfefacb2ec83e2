/**
 * The state of an authorization is the fold of its log, and this is the only fold. Which event may follow in which
 * state is one table; every rail, rule and person goes through it.
 */
import { isAnswered } from './answered.ts';
import { Problem } from '../../fhir/problems.ts';
import { atRiskAt, carryOn, move, startOf, type ItemClock } from './item-clock.ts';
import type { ApprovedDetail, AuthorizationEvent, Cancelled, Certified, Denied, InformationRequested, ItemChange, ItemEvent, Modified, Pended, Received } from './events.ts';

export type ItemStatus = 'requested' | 'pended' | 'certified' | 'modified' | 'denied' | 'cancelled';

export interface ItemState {
  readonly sequence: number;
  readonly status: ItemStatus;
  /** The event that brought the item where it is; undefined while it is only requested. */
  readonly decision: (Certified | Denied | Modified | Pended | Cancelled) & { readonly at: string } | undefined;
  /** What is still wanted from the provider. */
  readonly wanted: InformationRequested['wanted'];
  /** Of the version that first asked for it since it was decided last: until when, and how it has moved since. */
  readonly clock: ItemClock;
  /** Certified before an update asked for something else in its place. */
  readonly standing?: StandingCertification;
  /** A denial that the provider appealed, or asks past: what comes of the item is for a person to say, until one has certified it. */
  readonly appealed?: Denied & { readonly at: string; /** Whether what was denied first was expedited. */ readonly expedited: boolean };
  /** Documents about it have come after the request. */
  readonly isInformed?: true;
  /** What was asked for will not come: the provider has said so. */
  readonly isDeclined?: true;
}

export interface StandingCertification {
  readonly decision: (Certified | Modified) & { readonly at: string };
  readonly detail: ApprovedDetail;
}

export interface AuthorizationState {
  readonly received: Received;
  readonly lastSequence: number;
  readonly items: ReadonlyMap<number, ItemState>;
}

/** What may happen to an item in each state. A decided item stays decided until the requester changes, appeals or cancels it. */
const allowed: Readonly<Record<ItemStatus, readonly ItemEvent['kind'][]>> = {
  requested: ['certified', 'denied', 'modified', 'pended', 'cancelled', 'extended', 'downgraded'],
  pended: ['certified', 'denied', 'modified', 'pended', 'information-requested', 'cancelled', 'extended', 'paused', 'resumed', 'downgraded'],
  certified: ['cancelled'],
  modified: ['cancelled'],
  denied: [],
  cancelled: [],
};

/** What an update may do to an item. A denied service comes back by an appeal or in a new request; where only a change of a certified one was denied, another change may be asked for. */
function changesPossible(item: ItemState | undefined): readonly ItemChange[] {
  if (item === undefined) return ['added'];
  return item.status !== 'denied' ? ['changed'] : item.standing ? ['appealed', 'changed'] : ['appealed'];
}

/**
 * On whose word each decision can be. The types say so too, but a log is read from JSON, and a machine's denial must
 * not become a state by any way: no clinical criterion denies or reduces, and no rule reduces.
 */
const entitled: Readonly<Record<ItemEvent['kind'], readonly ItemEvent['authority']['kind'][]>> = {
  certified: ['administrative-rule', 'clinical-criterion', 'person'],
  denied: ['administrative-rule', 'person'],
  modified: ['person'],
  pended: ['administrative-rule', 'clinical-criterion', 'person'],
  'information-requested': ['administrative-rule', 'clinical-criterion', 'person'],
  cancelled: ['requester'],
  extended: ['person'],
  paused: ['administrative-rule'],
  resumed: ['administrative-rule'],
  downgraded: ['person'],
};

/**
 * @throws {Problem} `decision-not-allowed` when the table has no such step, `decision-invalid` for an unknown item,
 *   `clock-not-allowed` when the rule of the clock has none
 * @throws {RangeError} for a log that is not one: a gap, no receipt at its beginning, a version out of order or that
 *   changes what cannot be changed, a decision on the word of one who is not entitled to it, a clock that goes backwards
 */
export function apply(state: AuthorizationState | undefined, event: AuthorizationEvent): AuthorizationState {
  if (event.sequence !== (state?.lastSequence ?? 0) + 1) throw new RangeError('The log of an authorization has no gaps.');
  if (event.kind === 'received') return receive(state, event);
  if (!state) throw new RangeError('The log of an authorization begins with its receipt.');
  if (!entitled[event.kind].includes(event.authority.kind)) throw new RangeError(`Nothing is ${event.kind} on the authority of a machine that is not entitled to it.`);
  const item = state.items.get(event.item);
  if (!item) throw new Problem('decision-invalid', { rule: `There is no item ${event.item} in this authorization.` });
  // What was certified before a change that was denied can still be cancelled.
  const isPossible = allowed[item.status].includes(event.kind) || (event.kind === 'cancelled' && item.standing !== undefined);
  if (!isPossible) throw new Problem('decision-not-allowed', { item: event.item, state: item.status, action: event.kind });
  return { ...state, lastSequence: event.sequence, items: new Map(state.items).set(event.item, after(item, event)) };
}

function receive(state: AuthorizationState | undefined, event: Received & { readonly sequence: number; readonly at: string }): AuthorizationState {
  if (event.version !== (state?.received.version ?? 0) + 1) throw new RangeError('Versions of a request follow one another.');
  const items = new Map(state?.items);
  for (const sequence of event.items) if (!items.has(sequence)) items.set(sequence, { sequence, status: 'requested', decision: undefined, wanted: [], clock: startOf(event) });
  for (const [name, change] of Object.entries(event.changes ?? {})) {
    const sequence = Number(name);
    const before = state?.items.get(sequence);
    if (!changesPossible(before).includes(change) || !items.has(sequence)) throw new RangeError('A version of a request changes what cannot be changed so.');
    if (before) items.set(sequence, askedAnew(before, event, state!.received.expedited));
  }
  // A request that becomes urgent is urgent in all that waits.
  if (state && event.clocksLast && event.expedited && !state.received.expedited) {
    for (const item of items.values()) {
      if (isUndecided(item) && state.items.has(item.sequence) && event.changes?.[String(item.sequence)] === undefined) items.set(item.sequence, { ...item, clock: carryOn(item.clock, event, false, event.at) });
    }
  }
  for (const answered of event.answered ?? []) {
    const before = items.get(answered.item);
    if (before) items.set(answered.item, { ...before, isInformed: true, wanted: before.wanted.filter((wanted) => !isAnswered(answered.item, wanted, [answered])) });
  }
  for (const declined of event.declined ?? []) {
    const before = items.get(declined.item);
    if (before && isUndecided(before)) items.set(declined.item, { ...before, isDeclined: true, wanted: before.wanted.filter((wanted) => !isAnswered(declined.item, wanted, [declined])) });
  }
  for (const item of event.informed ?? []) {
    const before = items.get(item);
    if (before) items.set(item, { ...before, isInformed: true });
  }
  return { received: event, lastSequence: event.sequence, items };
}

/** The item is to be decided again. What was certified stands meanwhile, unless the requester had cancelled it. */
function askedAnew(before: ItemState, event: Received & { readonly at: string }, wasUrgent: boolean): ItemState {
  const { decision, standing, sequence } = before;
  const appealed = decision?.kind === 'denied' ? { ...decision, expedited: before.appealed?.expedited ?? before.clock.expedited } : before.appealed;
  const certified = decision?.kind === 'certified' || decision?.kind === 'modified' ? { decision, detail: event.certifiedFor?.[String(sequence)] ?? {} } : standing;
  return {
    sequence, status: 'requested', decision: undefined, wanted: [],
    clock: event.clocksLast && isUndecided(before) ? { ...carryOn(before.clock, event, wasUrgent, event.at), version: event.version } : startOf(event),
    ...(certified && { standing: certified }), ...(appealed && { appealed }), ...(before.isInformed && { isInformed: true }),
  };
}

function after(item: ItemState, event: ItemEvent & { at: string }): ItemState {
  switch (event.kind) {
    case 'extended':
    case 'paused':
    case 'resumed':
    case 'downgraded': return { ...item, clock: move(item.clock, event) };
    case 'denied': return { ...item, status: 'denied', decision: event, wanted: [] };
    case 'certified':
    case 'modified': {
      const { standing: _replaced, appealed: _settled, ...rest } = item;
      return { ...rest, status: event.kind, decision: event, wanted: [] };
    }
    case 'cancelled': {
      const { standing: _gone, ...rest } = item;
      return { ...rest, status: 'cancelled', decision: event, wanted: [] };
    }
    case 'pended': return { ...item, status: 'pended', decision: event };
    case 'information-requested': {
      const { isDeclined: _before, ...rest } = item;
      return { ...rest, wanted: event.wanted };
    }
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
  return [...state.items.values()].some(isUndecided);
}

export function isUndecided(item: ItemState): boolean {
  return item.status === 'requested' || item.status === 'pended';
}

/** When the next answer is due: that of the undecided item which has waited longest. Instant, ISO 8601. */
export function dueAtOf(state: AuthorizationState): string {
  const [first] = [...state.items.values()].filter(isUndecided).map((item) => item.clock.dueAt).toSorted();
  return first ?? state.received.dueAt;
}

/** From when on the next answer is at risk: instant, ISO 8601. */
export function atRiskAtOf(state: AuthorizationState): string {
  const [first] = [...state.items.values()].filter(isUndecided).map((item) => atRiskAt(item.clock)).toSorted();
  return first ?? dueAtOf(state);
}

/** True while an expedited item waits; of a request that is decided: where an item was. */
export function isExpedited(state: AuthorizationState): boolean {
  const items = [...state.items.values()];
  const open = items.filter(isUndecided);
  return (open.length > 0 ? open : items).some(({ clock }) => clock.expedited);
}

/** One word for the whole, for people and for metrics; X12 and PAS decide item by item. What was cancelled no longer counts. */
export function overallStatus(state: AuthorizationState): 'pended' | 'certified' | 'denied' | 'modified' | 'partially certified' | 'cancelled' {
  const statuses = new Set([...state.items.values()].map((item) => item.status));
  statuses.delete('cancelled');
  if (statuses.size === 0) return 'cancelled';
  if (statuses.has('pended') || statuses.has('requested')) return 'pended';
  if (statuses.size === 1) return [...statuses][0] as 'certified' | 'denied' | 'modified';
  return statuses.has('denied') ? 'partially certified' : 'modified';
}
