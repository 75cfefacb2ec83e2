/**
 * Names for statements whose text comes again. PostgreSQL keeps the plan of a named statement, on each connection, and that
 * costs a third of planning anew (docs/decisions/0002-search-index-layout.md). Names are few, because each holds memory in every connection.
 */
import type { Statement } from './statement.ts';

const mostNames = 500;
/** Texts that were seen once; when there are more, all are forgotten. */
const mostSeen = 2000;

export interface StatementNames {
  /** The statement, with a name if its text was used before. */
  named(statement: Statement): Statement;
}

export function createStatementNames(): StatementNames {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  return {
    named(statement) {
      const { text, name, recurring } = statement;
      if (name !== undefined || recurring !== true) return statement;
      const known = names.get(text);
      if (known !== undefined) return { ...statement, name: known };
      if (names.size >= mostNames) return statement;
      if (!seen.has(text)) {
        if (seen.size >= mostSeen) seen.clear();
        seen.add(text);
        return statement;
      }
      seen.delete(text);
      const next = `recurring-${names.size + 1}`;
      names.set(text, next);
      return { ...statement, name: next };
    },
  };
}
