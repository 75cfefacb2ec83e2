/** Clock rules from files: those that are shipped, then every `*.clock.yaml`, `.yml` or `.json` in the folder of rule packs. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { PolicyPackError, type PackFileProblem } from '../policies/load.ts';
import { isClockFile } from '../policies/file-names.ts';
import { checkClock } from './check.ts';
import type { ClockBook, ClockRule, PlanCalendar } from './rules.ts';

const shipped = fileURLToPath(new URL('./defaults/', import.meta.url));

/**
 * @param folder of rule packs; undefined where there is none
 * @throws {PolicyPackError} with every problem of every file
 */
export async function loadClocks(folder: string | undefined): Promise<ClockBook> {
  const plans: PlanCalendar[] = [];
  const rules: ClockRule[] = [];
  const problems: PackFileProblem[] = [];
  for (const each of [shipped, ...(folder === undefined ? [] : [folder])]) {
    for (const file of (await readdir(each)).filter(isClockFile).toSorted()) {
      const document = parseDocument(await readFile(join(each, file), 'utf8'), { uniqueKeys: true, prettyErrors: false });
      const checked = document.errors.length > 0 ? { problems: document.errors.map(({ message }) => ({ pointer: '', message })) } : checkClock(valueOf(document), { plans, rules });
      if ('problems' in checked) problems.push(...checked.problems.map((problem) => ({ file, ...problem })));
      else {
        plans.push(...checked.file.plans ?? []);
        rules.push(...checked.file.rules ?? []);
      }
    }
  }
  if (problems.length > 0) throw new PolicyPackError(problems);
  return { plans, rules };
}

/** An alias without its anchor is no value, which the schema then says. */
function valueOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS();
  } catch {
    return undefined;
  }
}
