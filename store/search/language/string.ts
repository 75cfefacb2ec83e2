/**
 * Strings: found by their beginning without regard to case and accents, by any part (`:contains`), or as they are
 * written (`:exact`); https://hl7.org/fhir/R4/search.html#string.
 */
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { normalizedString } from '../../../fhir/search-values/strings.ts';
import { unescape } from '../escape.ts';
import type { Expression, StringCondition, TextMatch } from '../expression.ts';
import { anyOf, invalid, unsupportedModifier, type Reading } from './reading.ts';

/** How `:modifier` compares; `ends` and `equals` are said by `_filter` alone. */
const matches: ReadonlyMap<string, TextMatch> = new Map([['', 'starts'], ['contains', 'contains'], ['exact', 'equals']]);

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` */
export function stringCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Expression {
  const name = parameter.code;
  const match = matches.get(modifier);
  if (match === undefined) throw unsupportedModifier(modifier, name);
  return anyOf(alternatives.map((value) => ({ kind: 'string', scope: reading.make.scope(name), ...readString(name, unescape(value), match, modifier === 'exact') })));
}

/** @throws {Problem} `invalid-search-value` where nothing is left to look for */
export function readString(name: string, text: string, match: TextMatch, exact = false): Pick<StringCondition, 'match' | 'value' | 'exact'> {
  if (exact) return { match, exact, value: text };
  const value = normalizedString(text);
  if (value === '') throw invalid(name, 'it is empty');
  return { match, exact, value };
}
