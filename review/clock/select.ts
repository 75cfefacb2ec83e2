/**
 * Which clock a request runs by. Of all rules that hold for its plan the one that ends first counts, for whoever keeps
 * that one keeps them all; federal rules that preempt those of states set them aside. A plan of which no rule speaks
 * has the times of the `unspecified` line of business, which are shipped.
 */
import { countFrom, localDay } from './count.ts';
import type { ClockBook, ClockRule, PlanCalendar, Urgency } from './rules.ts';

export interface Clock {
  readonly rule: ClockRule;
  readonly calendar: PlanCalendar;
  readonly dueAt: Date;
  /** From then on the request is at risk. */
  readonly atRiskAt: Date;
  /** The day of receipt where the plan is, YYYY-MM-DD. */
  readonly receivedOn: string;
}

const openEnd = '9999-12-31';

/** @throws {RangeError} where there is no rule at all, not even for the unspecified line of business: the shipped ones are missing */
export function clockFor(book: ClockBook, { plan, urgency, receivedAt }: { readonly plan: string | undefined; readonly urgency: Urgency; readonly receivedAt: Date }): Clock {
  const calendar = calendarOf(book, plan);
  const receivedOn = localDay(receivedAt, calendar);
  const holding = rulesFor(book, calendar, urgency, receivedOn);
  const rules = holding.length > 0 ? holding : rulesFor(book, { ...calendar, lineOfBusiness: 'unspecified' }, urgency, receivedOn);
  const [first] = rules.map((rule) => ({ rule, dueAt: countFrom(receivedAt, rule.within, calendar, rule.ends) }))
    .toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || a.rule.id.localeCompare(b.rule.id));
  if (!first) throw new RangeError(`No clock rule holds for ${urgency} requests.`);
  return { ...first, calendar, receivedOn, atRiskAt: atRiskBefore(first.dueAt, atRiskHoursOf(first.rule, receivedAt, first.dueAt)) };
}

/** What is known of a plan; of one that no file names that it is unspecified. */
export function calendarOf({ plans }: ClockBook, plan: string | undefined): PlanCalendar {
  return plans.find((each) => each.plan === plan) ?? { plan: plan ?? '', lineOfBusiness: 'unspecified' };
}

function rulesFor({ rules }: ClockBook, { plan, lineOfBusiness, state }: PlanCalendar, urgency: Urgency, day: string): ClockRule[] {
  const holding = rules.filter((rule) => rule.urgency === urgency && rule.lineOfBusiness.includes(lineOfBusiness)
    && (rule.states === undefined || (state !== undefined && rule.states.includes(state)))
    && (rule.plans === undefined || rule.plans.includes(plan))
    && (rule.effective?.from ?? '') <= day && day <= (rule.effective?.to ?? openEnd));
  return holding.some((rule) => rule.preemptsStates) ? holding.filter((rule) => rule.states === undefined) : holding;
}

export function atRiskHoursOf(rule: ClockRule, from: Date, dueAt: Date): number {
  return rule.atRiskHours ?? (dueAt.getTime() - from.getTime()) / 3_600_000 / 4;
}

export function atRiskBefore(dueAt: Date, hours: number): Date {
  return new Date(dueAt.getTime() - hours * 3_600_000);
}

