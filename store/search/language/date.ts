/**
 * Dates: a value is the range that its precision covers, and so is what is stored
 * (https://hl7.org/fhir/R4/search.html#date).
 */
import { principalDate } from '../../../fhir/principal-date.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { dateRange } from '../../../fhir/search-values/dates.ts';
import type { Comparison, Expression, Scope, TokenSystemTest } from '../expression.ts';
import { readPrefix } from './prefix.ts';
import { anyOf, invalid, unsupportedModifier, type Reading } from './reading.ts';

/** A value of a search: [low, high). With `ap` it is wider by a tenth of its distance from now. */
export interface DateTest {
  readonly comparison: Comparison;
  readonly low: Date;
  readonly high: Date;
}

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` */
export function dateCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Expression {
  const name = parameter.code;
  if (modifier !== '') throw unsupportedModifier(modifier, name);
  const scope = principalDate(reading.type) === name ? 'principal' : reading.make.scope(name);
  return anyOf(alternatives.map((value) => ({ kind: 'date', scope, ...readDate(name, value, reading) })));
}

/** The date of a composite, behind its code. */
export function dateBehindCode(name: string, value: string, place: { scope: Scope; tokenSystem?: TokenSystemTest }, reading: Reading): Expression {
  return { kind: 'date', ...place, ...readDate(name, value, reading) };
}

/** `_lastUpdated`: an instant, which lies in a range or does not. */
export function lastUpdatedCondition(name: string, alternatives: readonly string[], reading: Pick<Reading, 'context'>): Expression {
  return anyOf(alternatives.map((value) => changed(readDate(name, value, reading))));
}

function changed({ comparison, low, high }: DateTest): Expression {
  switch (comparison) {
    case 'eq': case 'ap': return { kind: 'changed', from: low, to: high };
    case 'ne': return { kind: 'any', of: [{ kind: 'changed', to: low }, { kind: 'changed', from: high }] };
    case 'gt': case 'sa': return { kind: 'changed', from: high };
    case 'ge': return { kind: 'changed', from: low };
    case 'lt': case 'eb': return { kind: 'changed', to: low };
    case 'le': return { kind: 'changed', to: high };
  }
}

const startOfYear1 = -62_135_596_800_000;
const endOfYear9999 = 253_402_300_800_000;

export function readDate(name: string, value: string, { context }: Pick<Reading, 'context'>): DateTest {
  const { comparison, rest } = readPrefix(value);
  // A plus that was not escaped is a space by the time it is read; nothing else in a date can be one.
  const range = dateRange(rest.replace(/(?<=T[\d:.]+) (?=\d\d:\d\d$)/, '+'));
  if (range === undefined) throw invalid(name, /^\d{4}(-\d\d(-\d\d)?)?/.test(rest) ? 'there is no such date' : 'a date such as 2026-01-31 or 2026-01-31T10:00:00Z is expected');
  const [low, high] = [range.low, range.high + 1];
  const margin = comparison === 'ap' ? distance(low, high, context.now().getTime()) / 10 : 0;
  return { comparison, low: new Date(Math.max(startOfYear1, low - margin)), high: new Date(Math.min(endOfYear9999, high + margin)) };
}

/** From now to the range: nothing within it. */
function distance(low: number, high: number, now: number): number {
  return Math.max(0, low - now, now - high);
}
