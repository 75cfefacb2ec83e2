/** Search terms as SQL: words that begin words of a text, or the whole text with wild cards (ECL 2.2, 6.8.1). */
import sql, { type Sql } from 'sql-template-tag';
import type { SearchTerm } from '../../../terminology/ecl/syntax.ts';
import { both } from './compiler.ts';

export function searchTermSql({ kind, text }: SearchTerm, value: Sql): Sql {
  if (kind === 'wild') return sql`${value} ilike ${likePattern(text)}`;
  return both(wordsIn(text).map((word) => sql`${value} ~* ${`(^|[^[:alnum:]])${word.replace(/[^\p{L}\p{N}]/gu, String.raw`\$&`)}`}`));
}

export function wordsIn(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** `*` stands for anything, `\*` for itself, as `\\` does; what LIKE has a meaning of its own for is taken as written. */
function likePattern(text: string): string {
  return text.replace(/\\([\\*])|[*%_]/g, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped === '*' ? '*' : '\\\\';
    return found === '*' ? '%' : `\\${found}`;
  });
}
