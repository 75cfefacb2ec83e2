/** What the documents say of files, commands, tables and rooms is so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { checkClock } from '../../review/clock/check.ts';
import { checkPack } from '../../review/policies/check.ts';
import { parse } from 'yaml';
import { readConfiguration } from '../../server/configuration.ts';
import { blocks, documents, example, links } from './markdown.ts';

const { scripts, engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string>; engines: { node: string } };
const read = (file: string): string => readFileSync(file, 'utf8');

test.each(documents())('every link of %s leads somewhere', (file) => {
  const dead = links(read(file)).filter((target) => !/^(https?:|#)/.test(target))
    .filter((target) => !existsSync(join(dirname(file), target.split('#')[0]!)));
  expect(dead).toEqual([]);
});

test.each(documents())('%s names no path or script that is not there', (file) => {
  const named = [...read(file).matchAll(/`((?:fhir|mappers|store|review|operations|channels|server|profiles|bin|scripts|docs|test|bench)\/[\w./-]*)`/g)].map((match) => match[1]!);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
  const run = [...read(file).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!);
  expect(run.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test.each(documents())('%s names no setting that the server does not read', (file) => {
  const known = new Set(['PRIORA_TEST_DATABASE_URL', ...[...read('docs/reference/configuration.md').matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]!)]);
  const named = [...read(file).matchAll(/\bPRIORA_[A-Z_]+\b/g)].map((match) => match[0]);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
  expect(() => readConfiguration({ HOST: '0.0.0.0' })).toThrow(/HOST/);
});

test('the README has the two commands of a newcomer, each in a line of its own', () => {
  const commands = blocks(read('README.md'), 'sh').flatMap((block) => block.split('\n'));
  expect(commands).toContain('npm ci && npm start');
  expect(commands).toContain('npm ci && npm test');
  expect(scripts).toMatchObject({ start: expect.stringContaining('start --demo') as unknown, test: expect.any(String) as unknown });
  expect(read('README.md')).toContain(`Node.js ${engines.node.replace('>=', '')} or newer`);
});

test('the architecture lists the tables that the migrations make', () => {
  const folder = 'store/migrations';
  const made = readdirSync(folder).flatMap((name) => [...read(join(folder, name)).matchAll(/^create (?:unlogged )?table (\w+)/gm)].map((match) => match[1]!));
  const section = read('docs/architecture.md').split('<!-- tables -->')[1]!.split('\n\n')[0]!;
  const listed = [...section.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]!);
  expect(listed.toSorted()).toEqual([...made, 'migration'].toSorted());
});

test('the architecture draws the rooms that the lint step checks', () => {
  const { forbidden } = createRequire(join(process.cwd(), 'package.json'))('./.dependency-cruiser.cjs') as { forbidden: { name: string; from: { path?: string } }[] };
  const rooms = forbidden.filter((rule) => rule.name.endsWith('-looks-only-down')).map((rule) => rule.from.path!.replace(/^\^(.*)\/$/, '$1'));
  const drawn = blocks(read('docs/architecture.md'), 'mermaid')[0]!;
  expect([...drawn.matchAll(/^ {2}(\w+)\["/gm)].map((match) => match[1]!).toSorted()).toEqual(rooms.toSorted());
});

test('the clock rules of the guide are sound, and a mistake in them is found', () => {
  const text = example('docs/guides/clock.md', 'clock');
  expect(checkClock(parse(text), { plans: [], rules: [] })).toHaveProperty('file');
  expect(checkClock(parse(text.replace('commercial', 'industrial')), { plans: [], rules: [] })).toHaveProperty('problems');
});

test('the rule pack of the guide is sound; one that lets a criterion deny is not', () => {
  const text = example('docs/guides/rule-packs.md', 'pack');
  expect(checkPack(parse(text))).toHaveProperty('pack.pack', 'gulf-ppo');
  const denies = structuredClone(parse(text) as { clinical: { otherwise: { effect: string } }[] });
  denies.clinical[0]!.otherwise.effect = 'deny';
  expect(checkPack(denies)).toHaveProperty('problems.0.pointer', '/clinical/0/otherwise/effect');
});

test('the guide to rule packs knows every fact and every category', () => {
  const guide = read('docs/guides/rule-packs.md');
  const schema = JSON.parse(read('review/policies/schema.json')) as {
    $defs: { fact: { oneOf: { properties: { fact: { const: string } } }[] }; administrativeRule: { properties: { category: { enum: string[] } } } };
  };
  const words = [...schema.$defs.fact.oneOf.map((fact) => fact.properties.fact.const), ...schema.$defs.administrativeRule.properties.category.enum];
  expect(words.filter((word) => !guide.includes(`\`${word}\``))).toEqual([]);
});
