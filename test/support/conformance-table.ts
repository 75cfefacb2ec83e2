/**
 * Requirement statements, the tests that show them, and the table that is made of both. A test shows a statement when
 * its title begins with the id of it (`spec-34: …`, or several: `spec-36, spec-37: …`), wherever under test/ it stands.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';

/** Why a statement is not shown by a test. */
const reasons = {
  client: 'A duty of clients.',
  organization: 'A duty of people, not of software.',
  choice: 'A permission that is not used.',
  access: 'Waits for access control.',
  unbuilt: 'Not built.',
} as const;

export interface Statement {
  readonly id: string;
  readonly level: string;
  readonly actor: 'payer' | 'client' | 'both';
  readonly says: string;
  /** Tests elsewhere, files or folders, as far as they are there. */
  readonly shown?: readonly string[];
  readonly not?: keyof typeof reasons;
  readonly because?: string;
}

export interface Guide {
  readonly title: string;
  readonly statements: readonly Statement[];
}

export interface Shown {
  readonly file: string;
  /** Title of the test without the ids; absent where a whole file is meant. */
  readonly title?: string;
}

const guides: Readonly<Record<string, string>> = {
  'pas.yaml': 'Da Vinci PAS 2.2.1', 'subscriptions.yaml': 'Subscriptions R5 Backport 1.1.0 (R4)', 'cdex.yaml': 'Da Vinci CDex 2.1.0, payer',
  'crd.yaml': 'Da Vinci CRD 2.2.1, server', 'dtr.yaml': 'Da Vinci DTR 2.2.0, payer',
};

/** @param root of the repository */
export function readGuides(root: string): Guide[] {
  const folder = join(root, 'test/pas-conformance/statements');
  return Object.entries(guides).filter(([file]) => existsSync(join(folder, file))).map(([file, title]) => ({ title, statements: parse(readFileSync(join(folder, file), 'utf8')) as Statement[] }));
}

const title = /(['`])((?:[a-z]+(?:-[A-Za-z]+)*-\d+)(?:, [a-z]+(?:-[A-Za-z]+)*-\d+)*): ((?:\\.|(?!\1).)*)\1/g;

/** The tests whose titles name statements, by id. */
export function titledTests(root: string): Map<string, Shown[]> {
  const found = new Map<string, Shown[]>();
  for (const file of testFiles(join(root, 'test'))) {
    for (const [, , ids, text] of readFileSync(file, 'utf8').matchAll(title)) {
      for (const id of ids!.split(', ')) found.set(id, [...found.get(id) ?? [], { file: relative(root, file), title: text!.replaceAll('\\\'', '\'') }]);
    }
  }
  return found;
}

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => entry.isDirectory() ? testFiles(join(folder, entry.name)) : entry.name.endsWith('.test.ts') ? [join(folder, entry.name)] : []);
}

/** What shows a statement: tests that name it, and files that are there of those it names. */
export function shownBy(statement: Statement, titled: ReadonlyMap<string, readonly Shown[]>, root: string): readonly Shown[] {
  const elsewhere = (statement.shown ?? []).filter((path) => existsSync(join(root, path)))
    .flatMap((path) => statSync(join(root, path)).isDirectory() ? testFiles(join(root, path)).map((file) => relative(root, file)) : [path]);
  return [...titled.get(statement.id) ?? [], ...elsewhere.map((file) => ({ file }))];
}

/** The files to run for the table. */
export function filesOf(root: string): string[] {
  const titled = titledTests(root);
  return [...new Set(readGuides(root).flatMap(({ statements }) => statements.flatMap((statement) => shownBy(statement, titled, root).map(({ file }) => file))))].toSorted();
}

/** How a test went: by file and full title, or a whole file. */
export type Verdict = (shown: Shown, id: string) => boolean;

/** The tables of docs/reference/pas-conformance.md. */
export function conformanceTables(root: string, verdict: Verdict): string {
  const titled = titledTests(root);
  return readGuides(root).map((guide) => guideTable(guide, titled, root, verdict)).join('\n\n');
}

function guideTable({ title: name, statements }: Guide, titled: ReadonlyMap<string, readonly Shown[]>, root: string, verdict: Verdict): string {
  const rows = statements.map((statement) => {
    const shown = shownBy(statement, titled, root);
    const passes = shown.every((each) => verdict(each, statement.id));
    const result = shown.length > 0 ? (passes ? 'passes' : 'fails') : statement.not === 'unbuilt' ? 'not built' : statement.not === undefined ? 'not shown' : 'not applicable';
    const how = shown.length > 0 ? [...new Set(shown.map(linkOf))].join('<br>') : statement.because ?? (statement.not === undefined ? '' : reasons[statement.not]);
    return { cells: `| ${statement.id} | ${statement.level} | ${statement.says} | ${how} | ${result} |`, result };
  });
  const count = (result: string): number => rows.filter((row) => row.result === result).length;
  return [
    `## ${name}`, '',
    `${statements.length} statements: ${['passes', 'fails', 'not applicable', 'not built', 'not shown'].filter((result) => count(result) > 0).map((result) => `${count(result)} ${result}`).join(', ')}.`, '',
    '| Id | Level | What it says, in our words | Shown by, or why not | Result |', '| --- | --- | --- | --- | --- |', ...rows.map(({ cells }) => cells),
  ].join('\n');
}

function linkOf({ file, title: text }: Shown): string {
  return text === undefined ? `[${file.replace(/^test\//, '')}](../../${file})` : `[${text.replaceAll('|', '\\|').replaceAll('[', '\\[').replaceAll(']', '\\]')}](../../${file})`;
}
