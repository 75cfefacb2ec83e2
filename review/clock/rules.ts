/**
 * Clock rules: by when a request for prior authorization is decided, as data. Which rule holds follows from the line of
 * business and the state of the member's plan, the urgency of the request and the day of receipt. Rules come in files
 * beside the rule packs (`*.clock.yaml`); those of federal law are shipped (`defaults/`).
 *
 * Dates are calendar dates (`YYYY-MM-DD`), inclusive at both ends.
 */

export const CLOCK_SCHEMA_VERSION = 1;

/** Under which law a plan is: `unspecified` where nobody has said it. */
export const linesOfBusiness = ['medicare-advantage', 'medicaid-fee-for-service', 'medicaid-managed-care', 'chip-fee-for-service', 'chip-managed-care', 'qhp', 'commercial', 'other', 'unspecified'] as const;
export type LineOfBusiness = (typeof linesOfBusiness)[number];

export type Urgency = 'standard' | 'expedited';

/** A length of time. A calendar day is a day of the plan's time zone, with 23 or 25 hours where daylight saving changes. */
export interface Span {
  readonly amount: number;
  readonly unit: 'hours' | 'calendar-days' | 'business-days';
}

/** Where on its last day a time ends that is counted in days. */
export type DayEnd = 'time-of-receipt' | 'close-of-business' | 'end-of-day';

/** Why more time is taken, or standard time given: the grounds that laws know. */
export const clockGrounds = ['requested-by-member', 'requested-by-provider', 'information-needed', 'exceptional-circumstances', 'not-urgent'] as const;
export type ClockGround = (typeof clockGrounds)[number];

/** More time, once. */
export interface ExtensionRule {
  readonly by: Span;
  readonly grounds: readonly ClockGround[];
}

/** The clock stands still while the provider is asked for information. */
export interface PauseRule {
  /** From when information is asked for, or from when the time is extended because of it. */
  readonly when: 'information-requested' | 'extended-for-information';
  /** The clock goes on after this time at the latest, whether the information has come or not. */
  readonly atMost: Span;
}

export interface ClockRule {
  readonly id: string;
  readonly title: string;
  /** The law or contract, so that anybody can look it up. */
  readonly source: string;
  readonly urgency: Urgency;
  readonly lineOfBusiness: readonly LineOfBusiness[];
  /** USPS codes; everywhere where there are none. */
  readonly states?: readonly string[];
  /** These plans alone. */
  readonly plans?: readonly string[];
  readonly effective?: { readonly from?: string; readonly to?: string };
  readonly within: Span;
  readonly ends?: DayEnd;
  readonly extension?: ExtensionRule;
  readonly pause?: PauseRule;
  /** A person may find that an expedited request is not urgent; it then has the standard time, from its receipt. */
  readonly downgrade?: true;
  /** Sets the rules of states aside. */
  readonly preemptsStates?: true;
  /** Fewer hours left than this, and the request is at risk; a quarter of the time where nothing is said. */
  readonly atRiskHours?: number;
}

/** What is to be known of a plan to run its clocks. */
export interface PlanCalendar {
  readonly plan: string;
  readonly lineOfBusiness: LineOfBusiness;
  /** USPS code. */
  readonly state?: string;
  /** IANA name; UTC where nothing is said. */
  readonly timeZone?: string;
  /** HH:MM; 17:00 where nothing is said. */
  readonly closeOfBusiness?: string;
  /** False where the plan works on federal holidays. */
  readonly federalHolidays?: boolean;
  /** Other days on which it does not work. */
  readonly holidays?: readonly string[];
}

/** A file. */
export interface ClockFile {
  readonly schemaVersion: typeof CLOCK_SCHEMA_VERSION;
  readonly title: string;
  readonly plans?: readonly PlanCalendar[];
  readonly rules?: readonly ClockRule[];
}

/** All files together. */
export interface ClockBook {
  readonly plans: readonly PlanCalendar[];
  readonly rules: readonly ClockRule[];
}
