/**
 * Conditions that stand for themselves: `_id`, `_lastUpdated`, `_list`, `_text`, `_content`
 * (https://hl7.org/fhir/R4/search.html#all).
 */
import { unescape } from '../escape.ts';
import type { Expression } from '../expression.ts';
import { lastUpdatedCondition } from './date.ts';
import { anyOf, invalid, unsupportedModifier, type Reading } from './reading.ts';
import { idShape } from './reference.ts';

type ReadSpecial = (name: string, modifier: string, alternatives: readonly string[], reading: Reading) => Expression;

const everything: Expression = { kind: 'all', of: [] };
const nothing: Expression = { kind: 'any', of: [] };

export const specials: ReadonlyMap<string, ReadSpecial> = new Map<string, ReadSpecial>([
  ['_id', (name, modifier, alternatives) => {
    if (modifier === 'missing') return neverMissing(name, alternatives);
    if (modifier !== '' && modifier !== 'not') throw unsupportedModifier(modifier, name);
    const ids: Expression = { kind: 'id', ids: alternatives.map((value) => readId(name, value)) };
    return modifier === 'not' ? { kind: 'not', of: ids } : ids;
  }],
  ['_lastUpdated', (name, modifier, alternatives, reading) => {
    if (modifier === 'missing') return neverMissing(name, alternatives);
    if (modifier !== '') throw unsupportedModifier(modifier, name);
    return lastUpdatedCondition(name, alternatives, reading);
  }],
  ['_list', (name, modifier, alternatives, { type }) => {
    if (modifier !== '') throw unsupportedModifier(modifier, name);
    return anyOf(alternatives.map((value) => {
      if (value.startsWith('$')) throw invalid(name, 'functional lists are not kept by this server; the id of a List is expected');
      return { kind: 'list', id: readId(name, value.replace(/^List\//, '')), type };
    }));
  }],
  ['_text', words('narrative')],
  ['_content', words('content')],
]);

/** Every resource that is stored has an id and a time. */
function neverMissing(name: string, [value, ...more]: readonly string[]): Expression {
  if ((value !== 'true' && value !== 'false') || more.length > 0) throw invalid(name, 'true or false is expected with :missing');
  return value === 'true' ? nothing : everything;
}

function readId(name: string, value: string): string {
  const id = unescape(value);
  if (!idShape.test(id)) throw invalid(name, 'it is no id');
  return id;
}

function words(of: 'narrative' | 'content'): ReadSpecial {
  return (name, modifier, alternatives) => {
    if (modifier !== '') throw unsupportedModifier(modifier, name);
    return anyOf(alternatives.map((value) => ({ kind: 'words', of, query: unescape(value) })));
  };
}
