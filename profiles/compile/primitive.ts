/** The form of primitive values, as generated text: the usual types without a call. */
import { primitiveRules } from '../../fhir/shape/primitives.ts';
import type { Source } from './source.ts';
import { holdsNames, isGoodName } from './uri.ts';

// oxlint-disable-next-line no-control-regex -- what a string must not contain
const forbiddenInText = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/** An expression that is true where `value` has not the form of the type; undefined where the type has none. */
export function isMalformed(type: string, value: string, source: Source): string | undefined {
  switch (type) {
    case 'boolean':
      return `(${value} !== true && ${value} !== false)`;
    case 'string': case 'markdown': case 'xhtml':
      return `(typeof ${value} !== 'string' || ${value} === '' || ${source.constant(forbiddenInText)}.test(${value}))`;
    case 'integer':
      return `(typeof ${value} !== 'number' || (${value} | 0) !== ${value})`;
    case 'unsignedInt':
      return `(typeof ${value} !== 'number' || (${value} | 0) !== ${value} || ${value} < 0)`;
    case 'positiveInt':
      return `(typeof ${value} !== 'number' || (${value} | 0) !== ${value} || ${value} < 1)`;
    default: {
      const rule = primitiveRules.get(type);
      return rule === undefined ? undefined : `!${source.constant(rule.accepts)}(${value})`;
    }
  }
}

/** The same, and what looks like markup. */
// oxlint-disable-next-line no-control-regex -- what a string must not contain
const unusualInText = /[\0-\x08\x0b\x0c\x0e-\x1f<]/;

/**
 * An expression that is true of nearly every value of which nothing is to be told, by one look where the whole check takes
 * several; undefined where there is none.
 */
export function isUsual(type: string, path: string, value: string, source: Source): string | undefined {
  if (type === 'string' || type === 'markdown') return `typeof ${value} === 'string' && ${value} !== '' && !${source.constant(unusualInText)}.test(${value})`;
  return holdsNames.has(path) ? `typeof ${value} === 'string' && ${source.constant(isGoodName)}(${value})` : undefined;
}

/** Completes "must be". */
export function expectedOf(type: string): string {
  return primitiveRules.get(type)?.expected ?? `a ${type}`;
}
