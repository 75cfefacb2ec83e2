/** Files of the shared conformance suites, read in place. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The path of a file or folder of `../shared/suites`; undefined where it is absent. */
export function suitePath(...names: readonly string[]): string | undefined {
  const path = join(process.cwd(), '..', 'shared', 'suites', ...names);
  return existsSync(path) ? path : undefined;
}

/** A JSON file of a suite; undefined, with a line that says so, where it is absent. */
export function suiteJson(...names: readonly string[]): unknown {
  const path = suitePath(...names);
  if (path === undefined) {
    process.stderr.write(`skipped: ../shared/suites/${names.join('/')} is not here\n`);
    return undefined;
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}
