/** That the table of conformance is complete and current: every statement of a guide is a row, and none is left open in silence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformanceTables, readGuides, shownBy, titledTests } from '../support/conformance-table.ts';
import { sharedJson } from '../support/shared.ts';

const root = process.cwd();
const guides = readGuides(root);
const titled = titledTests(root);

test('ids are given once, and every test that names one names one that there is', () => {
  const ids = guides.flatMap(({ statements }) => statements.map(({ id }) => id));
  expect(new Set(ids).size).toBe(ids.length);
  const prefixes = new Set(ids.map((id) => id.replace(/\d+$/, '')));
  const unknown = [...titled.keys()].filter((id) => prefixes.has(id.replace(/\d+$/, '')) && !ids.includes(id));
  expect(unknown).toEqual([]);
});

test('what a payer shall do is shown by a test, or it is said why not', () => {
  const open = guides.flatMap(({ statements }) => statements).filter((statement) => statement.not === undefined && shownBy(statement, titled, root).length === 0 && statement.level.startsWith('SHALL') && statement.actor !== 'client');
  expect(open.map(({ id }) => id)).toEqual([]);
});

test.each([
  ['Da Vinci PAS 2.2.1', 'pas-2.2.1-ci-Requirements-fromNarrative.json', '', undefined],
  ['Da Vinci CRD 2.2.1, server', 'crd-2.2.1-Requirements-fromNarrative.json', 'crd-', /server|payer|service/],
  ['Da Vinci DTR 2.2.0, payer', 'dtr-2.2.0-ci-Requirements-fromNarrative.json', 'dtr-', /server|payer|service/],
  ['Da Vinci CDex 2.1.0, payer', 'cdex-2.1.0-R5Requirements-cdex-payer.json', 'cdex-', undefined],
])('the rows of %s are those of the guide', (title, file, prefix, actor) => {
  const source = sharedJson('requirements')?.get(file)?.json as { statement: { key: string; extension?: { url: string; valueId?: string }[] }[] } | undefined;
  const guide = guides.find((each) => each.title === title);
  if (!source || !guide) return;
  const concerned = source.statement.filter(({ extension = [] }) => actor === undefined || extension.some(({ valueId }) => actor.test(valueId ?? '')));
  expect(guide.statements.map(({ id }) => id).toSorted()).toEqual(concerned.map(({ key }) => `${prefix}${key}`).toSorted());
});

test('docs/reference/pas-conformance.md is current, and nothing fails (node scripts/write-pas-conformance.mjs writes it)', () => {
  const document = readFileSync(join(root, 'docs/reference/pas-conformance.md'), 'utf8');
  expect(document.slice(document.indexOf('\n## ') + 1).trimEnd()).toBe(conformanceTables(root, () => true));
});
