/** Prefixes of ordered values (https://hl7.org/fhir/R4/search.html#prefix). */
import type { Comparison } from '../expression.ts';
import { unescape } from '../escape.ts';

const prefixed = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s;

/** The comparison that a value begins with, `eq` where it begins with none, and what is behind it. */
export function readPrefix(value: string): { readonly comparison: Comparison; readonly rest: string } {
  const parts = prefixed.exec(value);
  return parts === null ? { comparison: 'eq', rest: unescape(value) } : { comparison: parts[1] as Comparison, rest: unescape(parts[2]!) };
}
