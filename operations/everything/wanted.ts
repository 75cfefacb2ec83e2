/**
 * What of a record is asked for: types, dates of care, changes since an instant, how much at a time.
 * Source: https://hl7.org/fhir/R4/patient-operation-everything.html, encounter-operation-everything.html
 */
import { Problem } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { dateRange, type DateRange } from '../../fhir/search-values/dates.ts';
import { readInputs } from '../inputs.ts';
import type { OperationCall } from '../registry.ts';

export interface Wanted {
  /** Undefined: all of them. */
  readonly types: ReadonlySet<string> | undefined;
  readonly since: Date | undefined;
  /** Dates of care: from the first instant of the one to the last of the other. */
  readonly start: DateRange | undefined;
  readonly end: DateRange | undefined;
  /** Resources on a page, those that merely support them not counted. */
  readonly count: number;
  readonly cursor: string | undefined;
  /** The parameters that were used, but for the cursor: what the links repeat. */
  readonly used: readonly (readonly [string, string])[];
}

/** As much as a search gives at once: a whole record is one page where it can be, and memory stays bounded. */
export const largestCount = 1000;

/** @param dated whether dates of care can be asked for. @throws {Problem} `invalid-operation-parameter`, `unknown-operation-parameter` */
export function readWanted(call: OperationCall, dated: boolean): Wanted {
  const primitives = [...(dated ? ['start', 'end'] : []), '_since', '_type', '_count', '_cursor'];
  const inputs = readInputs(call, 'everything', { primitives });
  const types = inputs.all('_type').flatMap((value) => value.split(',')).map((value) => value.trim());
  if (!types.every(isResourceType)) throw invalid('_type', 'resource types, separated by commas, are expected');
  const [start, end, since] = ['start', 'end', '_since'].map((name) => primitives.includes(name) ? readDate(name, inputs.one(name)) : undefined);
  if (start && end && start.low > end.high) throw invalid('end', 'it is before start');
  return {
    types: types.length === 0 ? undefined : new Set(types),
    since: since && new Date(since.low),
    start, end,
    count: readCount(inputs.one('_count')),
    cursor: inputs.one('_cursor'),
    used: primitives.filter((name) => name !== '_cursor').flatMap((name) => inputs.all(name).map((value) => [name, value] as const)),
  };
}

function readDate(name: string, value: string | undefined): DateRange | undefined {
  if (value === undefined) return undefined;
  // A plus that was not escaped has become a space on the way.
  const range = dateRange(value.replace(/ (?=\d\d:\d\d$)/, '+'));
  if (range === undefined) throw invalid(name, name === '_since' ? 'an instant such as 2026-01-31T10:00:00Z is expected' : 'a date such as 2026-01-31 is expected');
  return range;
}

function readCount(value: string | undefined): number {
  if (value === undefined) return largestCount;
  if (!/^\d{1,9}$/.test(value) || Number(value) === 0) throw invalid('_count', 'a whole number above 0 is expected');
  return Math.min(Number(value), largestCount);
}

function invalid(name: string, reason: string): Problem {
  return new Problem('invalid-operation-parameter', { name, reason });
}
