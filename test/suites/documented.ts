/** The table of results in docs/reference/conformance.md: what it says about a suite, to be held against what was run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DocumentedResult {
  readonly cases: number;
  readonly passed: number;
  readonly deviations: number;
}

const document = (): string => readFileSync(join(process.cwd(), 'docs', 'reference', 'conformance.md'), 'utf8');

/** @throws {Error} when the table has no row for the suite */
export function documentedResult(suite: string): DocumentedResult {
  const row = document().split('\n').find((line) => line.startsWith(`| ${suite} |`));
  if (row === undefined) throw new Error(`docs/reference/conformance.md has no row for ${suite}`);
  const [cases, passed, deviations] = row.split('|').slice(2, 5).map((cell) => Number(/\d+/.exec(cell)?.[0]));
  return { cases: cases!, passed: passed!, deviations: deviations! };
}

/** The deviations that the document does not name, each as `code` in a row of a table. */
export function undocumented(deviations: readonly string[]): string[] {
  const text = document();
  return deviations.filter((name) => !text.includes(`| \`${name.replaceAll('|', '\\|')}\` |`));
}
