/** One condition of a search: a name with its modifier, chain or `_has`, and its value. */
import { splitEscaped } from '../escape.ts';
import type { Expression } from '../expression.ts';
import { chainCondition } from './chain.ts';
import { filterCondition } from './filter.ts';
import { hasCondition } from './has.ts';
import { parameterCondition } from './parameter-condition.ts';
import { invalid, parameterOf, spendValues, unsupportedModifier, type Reading } from './reading.ts';
import { specials } from './special.ts';

const mostAlternatives = 1000;

/** @throws {Problem} for anything that cannot be answered exactly */
export async function readCondition(name: string, value: string, reading: Reading): Promise<Expression> {
  if (name.startsWith('_has:')) return hasCondition(name.slice('_has:'.length), value, reading);
  const dot = name.indexOf('.');
  if (dot >= 0) return chainCondition(name.slice(0, dot), (target) => reading.condition(name.slice(dot + 1), value, target), reading);

  const colon = name.indexOf(':');
  const [code, modifier] = colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
  if (code === '_filter') {
    if (colon >= 0) throw unsupportedModifier(modifier, code);
    return filterCondition(value, reading);
  }
  const special = specials.get(code);
  const parameter = special === undefined ? parameterOf(reading, code) : undefined;
  if (colon >= 0 && modifier === '') throw unsupportedModifier(modifier, code);
  const alternatives = alternativesOf(code, value);
  spendValues(reading, alternatives.length);
  return special === undefined ? parameterCondition(parameter!, modifier, alternatives, reading) : special(code, modifier, alternatives, reading);
}

function alternativesOf(name: string, value: string): readonly string[] {
  const alternatives = splitEscaped(value, ',');
  if (alternatives.includes('')) throw invalid(name, 'it is empty');
  if (alternatives.length > mostAlternatives) throw invalid(name, `it has more than ${mostAlternatives} alternatives`);
  // No text in the store has this character, and PostgreSQL takes none that has.
  if (value.includes('\u0000')) throw invalid(name, 'it has a character that no text can have');
  return value.isWellFormed() ? alternatives : alternatives.map((alternative) => alternative.toWellFormed());
}
