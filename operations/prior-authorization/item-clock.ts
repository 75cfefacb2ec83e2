/**
 * The clock of one item, folded: started by the version that asks for the item, moved by events of the log and by
 * nothing else. An item that is changed before it is decided keeps its clock: what it was given stays given, and a
 * version that makes it urgent brings the date forward. The date that is due is later after an extension, a pause and a downgrade; a clock that resumes gives
 * back what was left of its pause, and never more.
 */
import { Problem } from '../../fhir/problems.ts';
import type { Span } from '../../review/clock/rules.ts';
import type { ClockBasis, ClockEvent, Downgraded, Extended, Paused, Received } from './events.ts';

export interface ItemClock {
  /** Of the request that asks for the item. */
  readonly version: number;
  /** Instant, ISO 8601, as all below. */
  readonly receivedAt: string;
  readonly expedited: boolean;
  readonly dueAt: string;
  /** Absent in logs of older releases: no rule allows such a clock to move. */
  readonly basis?: ClockBasis;
  readonly extended?: Extended & { readonly at: string };
  readonly paused?: Paused & { readonly at: string };
  readonly downgraded?: Downgraded & { readonly at: string };
  /** How long it has stood still in pauses that are over, in milliseconds. */
  readonly stoodStill?: number;
  /** Absent in logs of older releases: pauses were not added up. */
  readonly lasts?: true;
}

export function startOf({ version, receivedAt, expedited, dueAt, clock, clocksLast }: Received): ItemClock {
  return { version, receivedAt, expedited, dueAt, ...(clock && { basis: clock }), ...(clocksLast && { lasts: clocksLast }) };
}

/**
 * The clock of an undecided item through a version that changes it, or with which the request becomes urgent. Nothing is
 * awaited of what was changed, and what is urgent stands still for nothing: a pause is over. Only urgency brings the date
 * forward: what a person found not to be urgent is not so again because a change repeats it.
 */
export function carryOn(before: ItemClock, version: Received, wasUrgent: boolean, at: string): ItemClock {
  const running = before.paused ? resumed(before, before.paused, at) : before;
  if (!version.timeLasts) return carriedOnOnce(before, running, version);
  const { clocksLast, clock, dueAt } = version;
  if (wasUrgent || !version.expedited || before.expedited) return { ...running, ...(clocksLast && { lasts: clocksLast }) };
  const { basis: _standard, downgraded: _overtaken, ...common } = running;
  return { ...common, expedited: true, dueAt: dueAt < before.dueAt ? dueAt : before.dueAt, ...(clock && { basis: clock }), ...(clocksLast && { lasts: clocksLast }) };
}

/** As older releases did it; their logs say what is due only by this. */
function carriedOnOnce(before: ItemClock, running: ItemClock, { expedited, dueAt, clock, clocksLast }: Received): ItemClock {
  const { basis, downgraded, ...common } = running;
  const isUrgentNow = expedited && !before.expedited;
  const rule = isUrgentNow ? clock : basis;
  return {
    ...common, expedited: expedited || before.expedited, dueAt: dueAt < running.dueAt ? dueAt : running.dueAt,
    ...(rule && { basis: rule }), ...(downgraded && !isUrgentNow && { downgraded }), ...(clocksLast && { lasts: clocksLast }),
  };
}

function resumed(clock: ItemClock, paused: Paused & { readonly at: string }, at: string): ItemClock {
  const { paused: _, ...running } = clock;
  const stood = Math.max(0, Math.min(lengthOf(paused.at, at), lengthOf(paused.at, paused.until)));
  return { ...running, dueAt: dueWhenResumed(running.dueAt, paused, at), stoodStill: (running.stoodStill ?? 0) + stood };
}

/**
 * @throws {Problem} `clock-not-allowed` for what the rule does not allow, or not any more
 * @throws {RangeError} for an event that moves the clock where it cannot go
 */
export function move(clock: ItemClock, event: ClockEvent & { readonly at: string }): ItemClock {
  switch (event.kind) {
    case 'extended': {
      refuseWhere(event.item, whyNotExtended(clock, event));
      if (event.dueAt <= clock.dueAt) throw new RangeError('An extension makes a clock run longer.');
      return { ...clock, dueAt: event.dueAt, extended: event };
    }
    case 'paused': {
      refuseWhere(event.item, whyNotPaused(clock, event.at));
      if (event.until <= event.at || lengthOf(clock.dueAt, event.dueAt) !== lengthOf(event.at, event.until)) throw new RangeError('A pause puts off what is due by its own length.');
      if (clock.lasts && (clock.stoodStill ?? 0) + lengthOf(event.at, event.until) > longest(clock.basis!.pause!.atMost)) throw new RangeError('The pauses of a clock together are no longer than its rule allows.');
      return { ...clock, dueAt: event.dueAt, paused: event };
    }
    case 'resumed': {
      const { paused } = clock;
      if (!paused) throw new RangeError('A clock that runs is not resumed.');
      if (event.dueAt !== dueWhenResumed(clock.dueAt, paused, event.at)) throw new RangeError('A clock that resumes gives back what was left of its pause.');
      return resumed(clock, paused, event.at);
    }
    case 'downgraded': {
      refuseWhere(event.item, whyNotDowngraded(clock, event.at));
      if (event.dueAt < clock.dueAt) throw new RangeError('Standard time is not shorter than expedited time.');
      return { ...clock, expedited: false, dueAt: event.dueAt, basis: event.clock, downgraded: event };
    }
  }
}

function refuseWhere(item: number, why: string | undefined): void {
  if (why !== undefined) throw new Problem('clock-not-allowed', { item, reason: why });
}

function whyNotExtended({ basis, extended, paused, dueAt }: ItemClock, { at, reason }: Pick<Extended, 'reason'> & { at: string }): string | undefined {
  if (!basis?.extension) return 'its rule does not allow more time';
  if (!basis.extension.grounds.some((ground) => ground === reason.code)) return `its rule allows more time for ${basis.extension.grounds.join(', ')} alone`;
  if (extended) return 'its time has been extended already';
  if (paused && at < paused.until) return 'its clock stands still';
  return at > dueAt ? 'it is overdue' : undefined;
}

/** Why information that is asked for does not stop the clock. */
export function whyNotPaused({ basis, paused, extended, dueAt }: ItemClock, at: string): string | undefined {
  if (!basis?.pause) return 'its rule knows no pause';
  if (basis.pause.when === 'extended-for-information' && extended?.reason.code !== 'information-needed') return 'its time has not been extended for information';
  if (paused) return 'its clock was stopped already';
  return at > dueAt ? 'it is overdue' : undefined;
}

function whyNotDowngraded({ basis, expedited, dueAt }: ItemClock, at: string): string | undefined {
  if (!expedited) return 'it is not expedited';
  if (!basis?.downgrade) return 'its rule does not allow it';
  return at > dueAt ? 'it is overdue' : undefined;
}

const hour = 3_600_000;

/** How long a span can be: a day on which clocks are put back has an hour more; which working days there are, the calendar of the plan says. */
function longest({ amount, unit }: Span): number {
  if (unit === 'hours') return amount * hour;
  return unit === 'calendar-days' ? (amount * 24 + 1) * hour : Number.POSITIVE_INFINITY;
}

const lengthOf = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

/** When an item is due whose clock resumes at an instant. */
export function dueWhenResumed(dueAt: string, { until }: Pick<Paused, 'until'>, at: string): string {
  return new Date(Date.parse(dueAt) - Math.max(0, lengthOf(at, until))).toISOString();
}

/** How long a clock has stood still by an instant, and is to stand still from then on if nothing comes: milliseconds. */
export function pausesOf({ stoodStill = 0, paused }: ItemClock): number {
  return stoodStill + (paused ? lengthOf(paused.at, paused.until) : 0);
}

export function atRiskAt({ dueAt, basis }: ItemClock): string {
  return new Date(Date.parse(dueAt) - (basis?.atRiskHours ?? 0) * hour).toISOString();
}
