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

/** Without an idea of how many rows will be tested, so many others are collected for them at most. */
const mostCollected = 1000;

/**
 * Whether what rows refer to, or are referred to by, is collected once before they are tested; else each row looks for
 * itself, which costs as much as collecting `costOfLook` others.
 */
export function isCollected(others: number, rows: Rows, costOfLook: number): boolean {
  return others <= (rows.tested === undefined ? mostCollected : rows.tested * costOfLook);
}
