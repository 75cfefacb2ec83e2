/** What conditions that hold trees of their own (alternatives, chains) need of the whole. */
import type { Sql } from 'sql-template-tag';
import type { Expression } from '../expression.ts';
import type { Rows } from './rows.ts';

export interface Compiler {
  /** Whether a row is as is asked; null counts as no. */
  readonly test: (expression: Expression, rows: Rows) => Sql;
  /** Queries that together give every row that is as is asked, each once, by whatever index finds them best. */
  readonly found: (expression: Expression, rows: Rows) => Sql;
  /** About how many rows are as is asked. */
  readonly matches: (expression: Expression, rows: Rows) => number;
}

/** What is found by a chain is collected once, unless it is more than this; then each row looks for itself. */
export const mostCollected = 1000;
