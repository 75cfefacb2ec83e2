/** A condition on one search parameter: by its type, with what all types have in common (`:missing`, `:not`, unions). */
import { unionOf } from '../../../fhir/search-unions.ts';
import type { SearchParameter, SearchParameterType } from '../../../fhir/search-parameters.ts';
import type { Expression } from '../expression.ts';
import { compositeCondition } from './composite.ts';
import { dateCondition } from './date.ts';
import { nearCondition } from './near.ts';
import { numberCondition } from './number.ts';
import { quantityCondition } from './quantity.ts';
import { anyOf, invalid, parameterOf, unsupportedModifier, type Reading } from './reading.ts';
import { referenceCondition } from './reference.ts';
import { stringCondition } from './string.ts';
import { tokenCondition } from './token.ts';
import { uriCondition } from './uri.ts';

/** Reads alternatives, any of which may hold; they keep their escapes. */
type ReadAlternatives = (parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading) => Expression | Promise<Expression>;

const readers: Readonly<Record<SearchParameterType, ReadAlternatives>> = {
  token: tokenCondition, reference: referenceCondition, date: dateCondition, string: stringCondition, number: numberCondition,
  quantity: quantityCondition, uri: uriCondition, composite: compositeCondition, special: nearCondition,
};

/** Modifiers of tokens that turn another one around: what has no value at all is found, too. */
const opposites: ReadonlyMap<string, string> = new Map([['not', ''], ['not-in', 'in']]);

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier` and those of the terminology */
export async function parameterCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Promise<Expression> {
  if (modifier === 'missing') return missing(parameter, alternatives, reading);
  const opposite = opposites.get(modifier);
  if (opposite !== undefined) {
    if (parameter.type !== 'token') throw unsupportedModifier(modifier, parameter.code);
    return { kind: 'not', of: await parameterCondition(parameter, opposite, alternatives, { ...reading, turned: true }) };
  }
  const parts = unionOf(reading.type, parameter.code);
  if (parts !== undefined) return anyOf(await Promise.all(parts.map((part) => parameterCondition(parameterOf(reading, part), modifier, alternatives, reading))));
  return readers[parameter.type](parameter, modifier, alternatives, reading);
}

function missing(parameter: SearchParameter, alternatives: readonly string[], reading: Reading): Expression {
  const [value, ...more] = alternatives;
  if ((value !== 'true' && value !== 'false') || more.length > 0) throw invalid(parameter.code, 'true or false is expected with :missing');
  return value === 'true' ? { kind: 'not', of: presence(parameter, reading) } : presence(parameter, reading);
}

/** Has a value for the parameter. */
export function presence(parameter: SearchParameter, { type, make }: Reading): Expression {
  const codes = unionOf(type, parameter.code) ?? [parameter.code];
  return anyOf(codes.map((code) => ({ kind: 'present', parameter: make.present(code) })));
}
