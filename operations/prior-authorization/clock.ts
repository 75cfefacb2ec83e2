/**
 * The clocks of a request: from the landing of its bytes, on every rail, by the rule of the plan's line of business
 * (review/clock/). The rule goes into the log with the receipt, so that the log alone says what is due.
 */
import type { Claim } from '@medplum/fhirtypes';
import { pasExtension, systemOf } from '../../profiles/pas/names.ts';
import { countFrom } from '../../review/clock/count.ts';
import type { ClockBook, Urgency } from '../../review/clock/rules.ts';
import { atRiskHoursOf, calendarOf, clockFor, type Clock } from '../../review/clock/select.ts';
import type { AdministrativeRule, ClockBasis, EventBody, Paused } from './events.ts';
import { dueWhenResumed, whyNotPaused, type ItemClock } from './item-clock.ts';
import { apply, type AuthorizationState, type ItemState } from './state.ts';

export interface AuthorizationClock {
  readonly receivedAt: Date;
  readonly expedited: boolean;
  readonly dueAt: Date;
  readonly basis: ClockBasis;
}

export function startClock(book: ClockBook, claim: Claim, plan: string | undefined, receivedAt: Date): AuthorizationClock {
  const expedited = isExpedited(claim);
  return { receivedAt, expedited, ...clockOf(book, plan, expedited ? 'expedited' : 'standard', receivedAt) };
}

export function clockOf(book: ClockBook, plan: string | undefined, urgency: Urgency, receivedAt: Date): Pick<AuthorizationClock, 'dueAt' | 'basis'> {
  const clock = clockFor(book, { plan, urgency, receivedAt });
  return { dueAt: clock.dueAt, basis: basisOf(clock, receivedAt) };
}

function basisOf({ rule, calendar, dueAt }: Clock, receivedAt: Date): ClockBasis {
  return {
    rule: rule.id, title: rule.title, source: rule.source, lineOfBusiness: calendar.lineOfBusiness, ...(calendar.state !== undefined && { state: calendar.state }),
    ...(calendar.timeZone !== undefined && { timeZone: calendar.timeZone }),
    atRiskHours: atRiskHoursOf(rule, receivedAt, dueAt),
    ...(rule.extension && { extension: rule.extension }), ...(rule.pause && { pause: rule.pause }), ...(rule.downgrade && { downgrade: rule.downgrade }),
  };
}

/** Level of service "urgent" or "emergency" (X12 1338: U, 03), or a priority of "stat". */
function isExpedited(claim: Claim): boolean {
  const level = claim.extension?.find((extension) => extension.url === pasExtension.levelOfServiceCode)?.valueCodeableConcept?.coding ?? [];
  const priority = claim.priority?.coding ?? [];
  return level.some((coding) => coding.code === 'U' || coding.code === '03')
    || priority.some((coding) => coding.code === 'stat' && (coding.system === undefined || coding.system === systemOf.processPriority));
}

/** When an item is due whose time is extended by its rule, counted on from when it is due now. */
export function extendedDue(book: ClockBook, plan: string | undefined, { dueAt, basis }: ItemClock): string {
  return basis?.extension ? countFrom(new Date(dueAt), basis.extension.by, calendarOf(book, plan)).toISOString() : dueAt;
}

/**
 * Events with what they do to clocks: where information is asked for and the rule says so the clock stops, and where
 * nothing is awaited any more it goes on.
 * @param bodies what happens now, in order
 */
export function withPauses(book: ClockBook, before: AuthorizationState | undefined, bodies: readonly EventBody[], at: Date): EventBody[] {
  const result: EventBody[] = [];
  let state = before;
  const add = (body: EventBody): void => {
    state = apply(state, { ...body, sequence: (state?.lastSequence ?? 0) + 1, at: at.toISOString() });
    result.push(body);
  };
  for (const body of bodies) {
    add(body);
    if (body.kind === 'information-requested' || body.kind === 'extended') {
      const item = state!.items.get(body.item)!;
      // An extension stops a clock whose rule waits for one. Another stopped when the information was asked for, or never.
      if (body.kind === 'extended' && item.clock.basis?.pause?.when !== 'extended-for-information') continue;
      if (item.status === 'pended' && item.wanted.length > 0 && whyNotPaused(item.clock, at.toISOString()) === undefined) for (const pause of pauseOf(book, state!.received.plan, item, at)) add(pause);
    }
    if (body.kind === 'received') for (const item of state!.items.values()) if (isAnswered(item)) add(resumptionOf(item, at));
  }
  return result;
}

function isAnswered({ status, clock, wanted }: ItemState): boolean {
  return status === 'pended' && clock.paused !== undefined && wanted.length === 0;
}

/** None where the pauses before have taken all that the rule allows. */
function pauseOf(book: ClockBook, plan: string | undefined, { sequence, clock }: ItemState, at: Date): Paused[] {
  const until = new Date(countFrom(at, clock.basis!.pause!.atMost, calendarOf(book, plan)).getTime() - (clock.stoodStill ?? 0));
  if (until <= at) return [];
  return [{ kind: 'paused', item: sequence, authority: ruleOf(clock), until: until.toISOString(), dueAt: new Date(Date.parse(clock.dueAt) + until.getTime() - at.getTime()).toISOString() }];
}

function resumptionOf({ sequence, clock }: ItemState, at: Date): EventBody {
  return { kind: 'resumed', item: sequence, authority: ruleOf(clock), dueAt: dueWhenResumed(clock.dueAt, clock.paused!, at.toISOString()) };
}

function ruleOf({ basis }: ItemClock): AdministrativeRule {
  return { kind: 'administrative-rule', rule: { pack: 'clock', packVersion: '1', rule: basis!.rule, title: basis!.title } };
}
