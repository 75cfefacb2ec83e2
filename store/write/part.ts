/**
 * A commit's writes as parts of one statement. PostgreSQL runs all common table expressions of a statement on one
 * snapshot and takes or refuses them together, so a commit that needs no lock is one round trip, whatever it writes.
 */
import { createHash } from 'node:crypto';
import sql, { empty, join, type Sql } from 'sql-template-tag';
import type { Statement } from '../database.ts';

export interface Part {
  /** Short and the same for the same text: the statement's plan is kept under the names of its parts. */
  readonly name: string;
  readonly expressions: readonly Sql[];
  /** Selected at the end; fails the statement when what was written is not what was meant. */
  readonly demand?: Sql;
}

/** Parts of a statement that comes again: what messages of the inbox became has the most. */
const mostNamed = 10;

/** The one statement of these parts. */
export function statementOf(parts: readonly [Part, ...Part[]]): Statement {
  const demands = parts.flatMap((part) => part.demand ? [part.demand] : []);
  const expressions = parts.flatMap((part) => part.expressions);
  const text = sql`${expressions.length > 0 ? sql`with ${join(expressions, ',\n')}` : empty} select ${demands.length > 0 ? join(demands, ', ') : sql`1`}`;
  // A plan is worth keeping for the usual commits; one of many authorizations has a text that hardly comes again.
  const name = parts.filter((part) => part.expressions.length > 0).length > mostNamed ? {} : { name: nameOf(parts.map((part) => part.name)) };
  return { ...name, text: text.text, values: [...text.values], writes: true };
}

/** PostgreSQL cuts a name at 63 bytes (NAMEDATALEN), and two that begin alike would be one: a longer one is hashed. */
function nameOf(parts: readonly string[]): string {
  const name = `write ${parts.join(' ')}`;
  return name.length <= 63 ? name : `write ${createHash('sha256').update(name).digest('base64url')}`;
}
