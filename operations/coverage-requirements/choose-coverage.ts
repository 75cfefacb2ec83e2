/**
 * Under which of several coverages guidance is given: one with this payer, that is active and in force on the day of the
 * service, the one that pays first before one that pays after it. Pure.
 * Source: Coverage.order (https://hl7.org/fhir/R4/coverage-definitions.html#Coverage.order); CRD 2.2.1, found-32.
 */
import type { Organization } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import type { Gathered, KnownCoverage } from './gather.ts';
import { requestedOf } from './orders.ts';

export interface ChosenCoverage {
  readonly coverage: KnownCoverage;
  /** The payer of ours that it is with. */
  readonly payer: Organization | undefined;
}

/**
 * Those with a payer of ours, the best first.
 * @param today YYYY-MM-DD
 * @throws {Problem} `cds-other-payer`
 */
export function coveragesOfOurs(gathered: Gathered, ours: readonly Organization[], today: string): readonly [ChosenCoverage, ...ChosenCoverage[]] {
  const day = firstDayOf(gathered) ?? today;
  const found = gathered.coverages.flatMap((coverage): ChosenCoverage[] => {
    const payer = payerOf(coverage, gathered, ours);
    return payer === 'other' ? [] : [{ coverage, payer }];
  });
  const rank = ({ coverage }: ChosenCoverage): number => Number(coverage.status !== 'active') * 2 + Number(!isInForce(coverage, day));
  const order = ({ coverage }: ChosenCoverage): number => coverage.order ?? Number.MAX_SAFE_INTEGER;
  const [first, ...more] = found.toSorted((a, b) => rank(a) - rank(b) || order(a) - order(b));
  if (!first) throw new Problem('cds-other-payer', {}, 'Coverage.payor');
  return [first, ...more];
}

/** A coverage that names nobody is taken for ours: the member's number tells. */
function payerOf(coverage: KnownCoverage, { find }: Gathered, ours: readonly Organization[]): Organization | 'other' | undefined {
  const payor = coverage.payor ?? [];
  const shown = payor.flatMap((reference) => { const found = find(reference); return found?.resourceType === 'Organization' ? [found] : []; });
  const named = [...payor.map(({ identifier }) => identifier?.value), ...shown.flatMap(({ identifier = [] }) => identifier.map(({ value }) => value))].filter((value) => value !== undefined);
  if (named.length === 0 || ours.length === 0) return ours[0];
  const found = ours.find(({ identifier = [] }) => identifier.some(({ value }) => value !== undefined && named.includes(value)));
  if (!found && ours.some(({ identifier = [] }) => identifier.length > 0)) return 'other';
  return found ?? ours[0];
}

function isInForce({ period }: KnownCoverage, day: string): boolean {
  return (period?.start === undefined || period.start.slice(0, day.length) <= day) && (period?.end === undefined || period.end.length < day.length || period.end.slice(0, day.length) >= day);
}

function firstDayOf({ asked, find }: Gathered): string | undefined {
  const days = asked.flatMap((order) => { const requested = requestedOf(order, find); return requested?.date ?? requested?.period?.start?.slice(0, 10) ?? []; });
  return days.filter((day) => day.length === 10).toSorted()[0];
}
