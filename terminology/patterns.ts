/** Regular expressions of value set filters: matched in time that grows with the text alone, whatever the expression. */
import { RE2JS } from 're2js';

/** Longer expressions are for nobody. */
const longest = 1000;

/** A test for whole texts; undefined for an expression that is none, or that only backtracking could match. */
export function wholeMatcher(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > longest) return undefined;
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matches(text);
  } catch {
    return undefined;
  }
}
