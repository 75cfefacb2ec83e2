/**
 * Numbers: equal is what rounds to the value as precisely as it is written, less and more are exact
 * (https://hl7.org/fhir/R4/search.html#number).
 */
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { writtenNumberRange } from '../../../fhir/search-values/numbers.ts';
import type { Comparison, Expression, NumberRangeTest } from '../expression.ts';
import { readPrefix } from './prefix.ts';
import { anyOf, invalid, unsupportedModifier, type Reading } from './reading.ts';

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` */
export function numberCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Expression {
  const name = parameter.code;
  if (modifier !== '') throw unsupportedModifier(modifier, name);
  return anyOf(alternatives.map((value) => ({ kind: 'number', scope: reading.make.scope(name), test: readNumber(name, value) })));
}

/** @throws {Problem} `invalid-search-value` */
export function readNumber(name: string, value: string): NumberRangeTest {
  const { comparison, rest } = readPrefix(value);
  return numberTest(name, comparison, rest);
}

/** Nothing that anybody counts or measures has more digits. */
const longest = 100;

export function numberTest(name: string, comparison: Comparison, text: string): NumberRangeTest {
  const range = text.length > longest ? undefined : writtenNumberRange(text);
  if (range === undefined) throw invalid(name, 'a number such as 100, 5.40 or 1e-3 is expected');
  const { value } = range;
  const [low, high] = [range.low, range.high];
  if (comparison !== 'ap') return { comparison, value, low, high };
  const margin = Math.abs(value) / 10;
  return { comparison, value, low: Math.min(low, value - margin), high: Math.max(high, value + margin) };
}
