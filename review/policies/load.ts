/**
 * Rule packs from a folder: every `.yaml`, `.yml` and `.json` file in it (not below it) is one pack, but for clock rules
 * (`*.clock.yaml`, review/clock/).
 * All files are read and checked before anything is said, so that one start shows every mistake.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { types } from 'node:util';
import { LineCounter, parseDocument } from 'yaml';
import { checkPack } from './check.ts';
import { isPackFile } from './file-names.ts';
import type { PackProblem, PolicyPack } from './pack.ts';
import { clashes } from './select.ts';

export interface PackFileProblem extends PackProblem {
  /** Name of the file in the folder. */
  readonly file: string;
}

/** Some packs of a folder cannot be used. `problems` lists every one, by file and JSON pointer. */
export class PolicyPackError extends Error {
  override readonly name = 'PolicyPackError';
  readonly problems: readonly PackFileProblem[];

  constructor(problems: readonly PackFileProblem[]) {
    super(`rule packs cannot be used:\n${problems.map(({ file, pointer, message }) => `  ${file}#${pointer}: ${message}`).join('\n')}`);
    this.problems = problems;
  }
}

/** The folder itself cannot be read; the message, one line, names it. */
export class PolicyFolderError extends Error {
  override readonly name = 'PolicyFolderError';
}

/**
 * Reads and checks the packs of a folder, in the order of their file names.
 * @throws {PolicyFolderError}
 * @throws {PolicyPackError} with every problem of every file, one that cannot be read among them
 */
export async function loadPacks(folder: string): Promise<readonly PolicyPack[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new PolicyFolderError(`the folder of rule packs ${folder} cannot be read: ${reasonOf(error)}`, { cause: error });
  });
  // Links as well: a folder of mounted configuration has nothing else.
  const files = entries.filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && isPackFile(entry.name)).map((entry) => entry.name).toSorted();
  const packs: PolicyPack[] = [];
  const problems: PackFileProblem[] = [];
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8').catch((error: unknown) => ({ unreadable: reasonOf(error) }));
    const found = typeof text === 'string' ? readPack(text, packs) : { problems: [{ pointer: '', message: `cannot be read: ${text.unreadable}` }] };
    if ('pack' in found) packs.push(found.pack);
    else problems.push(...found.problems.map((problem) => ({ file, ...problem })));
  }
  if (problems.length > 0) throw new PolicyPackError(problems);
  return packs;
}

/** Why the system would not have it read, in a word or two. */
function reasonOf(error: unknown): string {
  const code = types.isNativeError(error) && 'code' in error ? String(error.code) : '';
  return { ENOENT: 'it does not exist', ENOTDIR: 'it is a file', EISDIR: 'it is a folder', EACCES: 'this user may not', EPERM: 'this user may not' }[code] ?? code;
}

// JSON is read as YAML 1.2, of which it is a part: one reader, and duplicate keys are refused in both.
function readPack(text: string, accepted: readonly PolicyPack[]): ReturnType<typeof checkPack> {
  const lines = new LineCounter();
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: false, lineCounter: lines });
  if (document.errors.length > 0) return { problems: document.errors.map((error) => ({ pointer: '', message: `line ${lines.linePos(error.pos[0]).line}: ${error.message}` })) };
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    // An alias without its anchor, or aliases multiplied beyond reason.
    return { problems: [{ pointer: '', message: error instanceof Error ? error.message : 'not readable' }] };
  }
  const checked = checkPack(value);
  if ('problems' in checked) return checked;
  const problems = clashes(checked.pack, accepted);
  return problems.length > 0 ? { problems } : checked;
}
