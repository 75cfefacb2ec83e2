/**
 * Items and services that need prior authorization, as a plan publishes them: what the clinical rules of its packs are
 * about. Codes are named as the pack names them; prefixes stand for all codes that begin so.
 * Source: 42 CFR 422.122(c)(1).
 */
import type { ClockBook } from '../../review/clock/rules.ts';
import { calendarOf } from '../../review/clock/select.ts';
import type { CodeSet, Condition, PolicyPack } from '../../review/policies/pack.ts';

export interface ReviewedService {
  readonly plan: string;
  readonly title: string;
  readonly source: string;
  readonly codes: readonly { readonly system: string; readonly code: string; readonly isPrefix: boolean }[];
}

/** Which plans, and the span in which their packs hold. */
export interface ServiceQuery {
  readonly from: string;
  /** The day after the span. */
  readonly to: string;
  readonly plan?: string;
  readonly lineOfBusiness?: string;
  /** USPS code. */
  readonly state?: string;
}

/** Of packs that hold on a day of the span. @param clocks say under which law a plan is, and where */
export function servicesOf(packs: readonly PolicyPack[], clocks: ClockBook, { from, to, plan, lineOfBusiness, state }: ServiceQuery): readonly ReviewedService[] {
  const isAsked = (of: string): boolean => {
    const calendar = calendarOf(clocks, of);
    return (plan === undefined || of === plan) && (lineOfBusiness === undefined || calendar.lineOfBusiness === lineOfBusiness) && (state === undefined || calendar.state === state);
  };
  return packs
    .filter((pack) => isAsked(pack.plan) && pack.effective.from < to && (pack.effective.to ?? '9999') >= from)
    .flatMap((pack) => pack.clinical.map(({ title, source, applies }) => ({ plan: pack.plan, title, source, codes: codesIn(applies) })));
}

function codesIn(condition: Condition): ReviewedService['codes'] {
  if ('all' in condition) return condition.all.flatMap(codesIn);
  if ('any' in condition) return condition.any.flatMap(codesIn);
  // What a rule is not about.
  if ('not' in condition) return [];
  return condition.fact === 'service' || condition.fact === 'service-category' ? condition.in.flatMap(codesOf) : [];
}

function codesOf({ system, codes, prefixes = [] }: CodeSet): ReviewedService['codes'] {
  return [...codes.map((code) => ({ system, code, isPrefix: false })), ...prefixes.map((code) => ({ system, code, isPrefix: true }))];
}
