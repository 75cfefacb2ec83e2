/**
 * String values from plain strings, names and addresses.
 * Source: FHIR R4, "Search", section "string" (https://hl7.org/fhir/R4/search.html#string): a search ignores case and
 * accents, and one for a name or an address looks at each of its parts.
 */
import { isKindOf } from '../element-types.ts';
import { isObject, type Visit } from '../fhirpath/visit.ts';
import type { SearchParameter } from '../search-parameters.ts';
import { list, text } from './tokens.ts';
import type { SearchValue } from './values.ts';

/** Letters that no decomposition takes apart, and what people without that key type. */
const folded: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ħ: 'h', ı: 'i' };
const unfolded = /[ßæœøłđðþħı]/g;

/** Anything but ASCII words with single spaces, which most names are: only their case can differ. (Said so, because the engine's stack ends where a pattern of many words does.) */
const notPlain = /[^ -~]|^ | {2}| $/;

/**
 * Lower case, without accents, with single spaces: stored values and search terms are compared in this form.
 */
export function normalizedString(value: string): string {
  if (!notPlain.test(value)) return value.toLowerCase();
  return value
    .trim()
    .replace(/\s+/g, ' ')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(unfolded, (letter) => folded[letter]!);
}

const parts: ReadonlyMap<string, readonly string[]> = new Map([
  ['HumanName', ['text', 'family', 'given', 'prefix', 'suffix']],
  ['Address', ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country']],
]);

/** The visit that makes string values of nodes of a type; undefined for types that are no text. */
export function strings(parameter: SearchParameter, type: string): Visit<SearchValue[]> | undefined {
  const add = (out: SearchValue[], node: unknown): void => {
    const value = text(node);
    if (value === undefined) return;
    const normalized = normalizedString(value);
    if (normalized !== '') out.push({ type: 'string', parameter, value, normalized });
  };
  const names = parts.get(type);
  if (names !== undefined) {
    return (node, { out }) => {
      if (!isObject(node)) return;
      for (const name of names) for (const part of list(node[name])) add(out, part);
    };
  }
  return isKindOf(type, 'string') ? (node, { out }) => add(out, node) : undefined;
}
