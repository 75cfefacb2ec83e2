/**
 * Whether a name can be that of a person who answers for a decision. Nobody can tell whether there is such a person; but
 * what prints nothing, what says that there is no name, and what this server itself is called, is none.
 */
import { hasLetter } from './visible-text.ts';

/** Said where there is no name. */
const noNames: ReadonlySet<string> = new Set(['na', 'n a', 'none', 'null', 'nil', 'undefined', 'unknown', 'anonymous', 'nobody', 'no name', 'not known', 'not applicable']);
const ownName = /^(?:the )?priora|\brules? engine\b/;

export function isPersonName(name: string): boolean {
  if (!hasLetter(name)) return false;
  const words = name.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '').toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
  return !noNames.has(words) && !ownName.test(words);
}
