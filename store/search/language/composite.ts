/**
 * Composites: values that hold for the same part of a resource, joined by `$`
 * (https://hl7.org/fhir/R4/search.html#combining). Those of tokens, references and uris are keys; of those that begin
 * with a code and go on with a date, a string or numbers the code is in the scope (store/index/entries.ts).
 */
import { fixedCodeSystems } from '../../../fhir/fixed-code-systems.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import { systemKey } from '../../search-keys.ts';
import { splitEscaped, unescape } from '../escape.ts';
import type { Expression, Scope, TokenSystemTest } from '../expression.ts';
import { dateBehindCode } from './date.ts';
import { readNumber } from './number.ts';
import { readQuantity } from './quantity.ts';
import { anyOf, invalid, spendValues, unsupportedModifier, type Reading } from './reading.ts';
import { referenceKeys } from './reference.ts';
import { readString } from './string.ts';
import { readToken, tokenKeys } from './token.ts';

/** @throws {Problem} `invalid-search-value`, `unsupported-modifier`, `unsupported-search-parameter` */
export function compositeCondition(parameter: SearchParameter, modifier: string, alternatives: readonly string[], reading: Reading): Expression {
  const name = parameter.code;
  if (modifier !== '') throw unsupportedModifier(modifier, name);
  const components = (parameter.component ?? []).map(({ definition }) => reading.context.parameters.byUrl(definition));
  if (components.length === 0 || components.some((component) => component === undefined)) throw unanswerable(name);
  return anyOf(alternatives.map((value) => {
    const parts = splitEscaped(value, '$');
    if (parts.length !== components.length || parts.includes('')) throw invalid(name, `it has ${components.length} parts, with "$" between them`);
    return ofParts(name, components as SearchParameter[], parts, reading);
  }));
}

const keyed: ReadonlySet<string> = new Set(['token', 'reference', 'uri']);

function ofParts(name: string, components: readonly SearchParameter[], parts: readonly string[], reading: Reading): Expression {
  if (components.every(({ type }) => keyed.has(type))) {
    let combinations: bigint[][] = [[]];
    for (const [index, component] of components.entries()) {
      const keys = partKeys(component, `${name} ${index}`, parts[index]!, reading);
      spendValues(reading, combinations.length * keys.length);
      combinations = combinations.flatMap((combination) => keys.map((key) => [...combination, key]));
    }
    return { kind: 'key', anyOf: combinations.map((combination) => reading.make.composite(name, combination)), selective: components.some(({ type }) => type === 'reference') };
  }
  const [code, first, second, ...more] = components;
  if (code?.type !== 'token' || first === undefined || more.length > 0) throw unanswerable(name);
  return anyOf(behindCode(name, code, parts[0]!, reading).map((place) => rangeCondition(name, first, second, parts, place, reading)));
}

function partKeys(component: SearchParameter, under: string, part: string, reading: Reading): bigint[] {
  switch (component.type) {
    case 'token': return tokenKeys(under, readToken(component.code, part), fixedCodeSystems(component, reading.type), reading.make);
    case 'uri': return [reading.make.url(under, unescape(part))];
    case 'reference': default: return referenceKeys(component, under, '', part, reading);
  }
}

interface BehindCode {
  readonly scope: Scope;
  readonly tokenSystem?: TokenSystemTest;
}

/** Where the values behind a code are; the code of a fixed system stands without a system. */
function behindCode(name: string, parameter: SearchParameter, part: string, { make, type }: Reading): BehindCode[] {
  const { system, code } = readToken(name, part);
  if (code === undefined) throw invalid(name, 'its first part needs a code');
  const scope = make.compositeScope(name, code);
  if (system === undefined) return [{ scope }];
  const without: BehindCode = { scope, tokenSystem: 'none' };
  if (system === '') return [without];
  const within: BehindCode = { scope, tokenSystem: { is: systemKey(system) } };
  return fixedCodeSystems(parameter, type).has(system) ? [within, without] : [within];
}

function rangeCondition(name: string, first: SearchParameter, second: SearchParameter | undefined, [, value = '', secondValue = '']: readonly string[], place: BehindCode, reading: Reading): Expression {
  if (second !== undefined) {
    if (first.type !== 'number' || second.type !== 'number') throw unanswerable(name);
    return { kind: 'number', ...place, test: readNumber(name, value), second: readNumber(name, secondValue) };
  }
  switch (first.type) {
    case 'date': return dateBehindCode(name, value, place, reading);
    case 'string': return { kind: 'string', ...place, ...readString(name, unescape(value), 'starts') };
    case 'number': return { kind: 'number', ...place, test: readNumber(name, value) };
    case 'quantity': return { kind: 'number', ...place, ...readQuantity(name, value) };
    default: throw unanswerable(name);
  }
}

function unanswerable(name: string): Error {
  return invalid(name, 'this combination of parts is not indexed');
}
