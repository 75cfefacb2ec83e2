/**
 * Conditions on the concepts of one code system: what a value set's composition comes to. They are evaluated by
 * PostgreSQL (store/terminology/predicate-sql.ts) or in memory (memory-system.ts), and here as far as a code alone tells.
 */
import { codeKey } from './concepts.ts';
import type { Constraint } from './ecl/syntax.ts';
import type { CodeSystemHead } from './heads.ts';

export type Predicate =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly of: readonly Predicate[] }
  | { readonly kind: 'or'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  /** Is one of these, by their keys (codeKey). */
  | { readonly kind: 'codes'; readonly keys: ReadonlySet<string> }
  /** Below a code; it itself as well where `self` is true. */
  | { readonly kind: 'below'; readonly key: string; readonly self: boolean }
  | { readonly kind: 'above'; readonly key: string; readonly self: boolean }
  /** Directly below a code. */
  | { readonly kind: 'child'; readonly key: string }
  /** Directly above a code. */
  | { readonly kind: 'parent'; readonly key: string }
  /** Has no concept below it. */
  | { readonly kind: 'leaf' }
  /** Has one of these values for one of these properties. */
  | { readonly kind: 'property'; readonly names: readonly string[]; readonly values: readonly string[] }
  | { readonly kind: 'has'; readonly names: readonly string[] }
  /** A property's value, the code or the display matches a regular expression as a whole. */
  | { readonly kind: 'matches'; readonly of: 'code' | 'display' | readonly string[]; readonly pattern: string }
  | { readonly kind: 'display'; readonly values: readonly string[] }
  /** Another version of the system has the code, and there it meets a condition. */
  | { readonly kind: 'elsewhere'; readonly system: CodeSystemHead; readonly where: Predicate }
  /** Is found by an expression constraint of SNOMED CT. */
  | { readonly kind: 'ecl'; readonly constraint: Constraint }
  | { readonly kind: 'inactive' }
  | { readonly kind: 'abstract' };

export const all: Predicate = { kind: 'all' };
export const none: Predicate = { kind: 'none' };

export function and(of: readonly Predicate[]): Predicate {
  const parts = of.filter(({ kind }) => kind !== 'all');
  if (parts.some(({ kind }) => kind === 'none')) return none;
  const [first, ...more] = parts;
  if (first === undefined) return all;
  return more.length === 0 ? first : { kind: 'and', of: parts };
}

export function or(of: readonly Predicate[]): Predicate {
  const parts = of.filter(({ kind }) => kind !== 'none');
  if (parts.some(({ kind }) => kind === 'all')) return all;
  const [first, ...more] = parts;
  if (first === undefined) return none;
  return more.length === 0 ? first : { kind: 'or', of: parts };
}

export function not(of: Predicate): Predicate {
  if (of.kind === 'all') return none;
  if (of.kind === 'none') return all;
  return of.kind === 'not' ? of.of : { kind: 'not', of };
}

/** What is left to ask of a code when what the code alone tells is answered. */
export function settledFor(predicate: Predicate, code: string, caseSensitive: boolean): Predicate {
  const key = codeKey(code, caseSensitive);
  const settle = (one: Predicate): Predicate => {
    switch (one.kind) {
      case 'codes': return one.keys.has(key) ? all : none;
      case 'and': return and(one.of.map(settle));
      case 'or': return or(one.of.map(settle));
      case 'not': return not(settle(one.of));
      default: return one;
    }
  };
  return settle(predicate);
}
