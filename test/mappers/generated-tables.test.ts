/**
 * The tables of the mappers that scripts make of published sources are what the scripts make of them: run with `--check`,
 * which writes nothing. And the check can fail: it does for another source than the table was made of.
 */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const shared = join(process.cwd(), '..', 'shared');
const core = join(shared, 'igs', 'hl7.fhir.r4.core-4.0.1.tgz');

interface Generator {
  readonly script: string;
  readonly makes: string;
  /** What the script is given to make the tables of. */
  readonly source: string;
  /** What else it reads. */
  readonly needs: readonly string[];
  /** Gives a source of which other tables would be made, below a folder of the test's own. */
  readonly otherSource: (folder: string) => string;
}

/** A copy of a folder, in whose files that have it one code is another one. */
function changedCopy(from: string, folder: string, code: string, other: string): string {
  const copy = join(folder, 'copy');
  cpSync(from, copy, { recursive: true });
  const changed = readdirSync(copy, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:xml|json|csv)$/.test(name)).filter((name) => {
    const path = join(copy, name);
    const text = readFileSync(path, 'utf8');
    if (text.includes(code)) writeFileSync(path, text.replaceAll(code, other));
    return text.includes(code);
  });
  expect(changed).not.toEqual([]);
  return copy;
}

const maps = join(shared, 'corpora', 'ccda', 'hl7-ccda-on-fhir', 'conceptmaps');
const mappings = join(shared, 'corpora', 'hl7v2', 'hl7-v2-to-fhir', 'mappings');
const generators: readonly Generator[] = [
  { script: 'distill-ccda-maps.mjs', makes: 'concept-maps.json', source: maps, needs: [], otherSource: (folder) => changedCopy(maps, folder, 'completed', 'amended') },
  { script: 'distill-ccda-systems.mjs', makes: 'hl7-systems.json', source: core, needs: [], otherSource: () => join(shared, 'igs', 'hl7.fhir.us.core-7.0.0.tgz') },
  { script: 'generate-hl7v2-rules.mjs', makes: 'segments.json, codes.json, structures.json and tables.json', source: mappings, needs: [core], otherSource: (folder) => changedCopy(mappings, folder, 'multipleBirthInteger', 'multipleBirthBoolean') },
];

interface Run {
  readonly code: number | null;
  readonly said: string;
}

function check(script: string, source: string): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join('scripts', script), '--check', source], (_, out, err) => { resolve({ code: child.exitCode, said: `${out}${err}` }); });
  });
}

describe.each(generators)('$script', ({ script, makes, source, needs, otherSource }) => {
  const absent = [source, ...needs].filter((path) => !existsSync(path)).map((path) => path.slice(shared.length + 1));
  const withSource = absent.length === 0 ? test : test.skip;
  const told = absent.length === 0 ? '' : ` (../shared/${absent.join(', ../shared/')} is not at hand)`;
  let folder: string;
  beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'priora-tables-')); });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  withSource(`${makes}: as they would be made${told}`, async () => {
    expect(await check(script, source)).toEqual({ code: 0, said: '' });
  }, 120_000);

  withSource(`of another source the check fails${told}`, async () => {
    const { code, said } = await check(script, otherSource(folder));
    expect(code).toBe(1);
    expect(said).toMatch(/is not what/);
  }, 120_000);
});
