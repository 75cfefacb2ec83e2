/**
 * Quantities: `number`, `number|system|code` or `number||code`, where the code may be a unit's text
 * (https://hl7.org/fhir/R4/search.html#quantity). Units are compared as written and not converted.
 */
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { splitEscaped, unescape } from '../escape.ts';
import type { Expression, NumberCondition } from '../expression.ts';
import { readNumber } from './number.ts';
import { anyOf, invalid, unsupportedModifier, type Reading } from './reading.ts';

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` */
export function quantityCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Expression {
  const name = parameter.code;
  if (modifier !== '') throw unsupportedModifier(modifier, name);
  return anyOf(alternatives.map((value) => ({ kind: 'number', scope: reading.make.scope(name), ...readQuantity(name, value) })));
}

/** @throws {Problem} `invalid-search-value` */
export function readQuantity(name: string, value: string): Pick<NumberCondition, 'test' | 'unit'> {
  const [number = '', system = '', code = '', ...more] = splitEscaped(value, '|');
  if (more.length > 0) throw invalid(name, 'a quantity has two "|" at most');
  const unit = { ...(system !== '' && { system: unescape(system) }), ...(code !== '' && { code: unescape(code) }) };
  return { test: readNumber(name, number), ...(Object.keys(unit).length > 0 && { unit }) };
}
