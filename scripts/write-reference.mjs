// Writes the parts of the documentation that are made from the code: settings, routes, problems, parameters of
// $decide, what may follow what in the log of an authorization.
//
//   node scripts/write-reference.mjs           writes them
//   node scripts/write-reference.mjs --check   writes nothing; fails and names the files that are not current
//   ... --root FOLDER                          works on another copy of docs/
//
// A part stands between <!-- generated: NAME --> and <!-- end: NAME -->; everything around it is written by hand.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import fastify from 'fastify';
import { keepModuleAddresses } from './keep-module-addresses.mjs';
import { routeMeanings } from './route-meanings.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const words = process.argv.slice(2);
const check = words.includes('--check');
const target = words.includes('--root') ? resolve(words[words.indexOf('--root') + 1] ?? '') : root;

const { configurationReference, catalogue, mountRoutes, registeredOperations, fold, apply } = await load();
const operations = registeredOperations({});

const parts = {
  'docs/reference/configuration.md': { settings: settingsTable() },
  'docs/reference/http.md': await routeTables(),
  'docs/reference/decide.md': { parameters: parametersTable('decide') },
  'docs/reference/problems.md': { problems: problemsTable() },
  'docs/architecture.md': { states: stateDiagram() },
};

const stale = [];
for (const [file, blocks] of Object.entries(parts)) {
  const path = join(target, file);
  const before = readFileSync(path, 'utf8');
  let after = before;
  for (const [name, text] of Object.entries(blocks)) {
    const [open, close] = [`<!-- generated: ${name} -->`, `<!-- end: ${name} -->`];
    const from = after.indexOf(open);
    const to = after.indexOf(close);
    if (from < 0 || to < from) throw new Error(`${file} has no place for "${name}"`);
    after = `${after.slice(0, from + open.length)}\n\n${text}\n\n${after.slice(to)}`;
  }
  if (after === before) continue;
  stale.push(file);
  if (!check) writeFileSync(path, after);
}
if (stale.length > 0) console.log(`${check ? 'not current' : 'written'}: ${stale.join(', ')}`);
process.exitCode = check && stale.length > 0 ? 1 : 0;

/** The modules that know, bundled together so that each is loaded once. */
async function load() {
  const folder = join(root, '.cache', 'reference');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${process.pid}.mjs`);
  const contents = [
    `export { configurationReference } from './server/configuration.ts';`,
    `export { catalogue } from './fhir/problems.ts';`,
    `export { mountRoutes, registeredOperations } from './server/routes.ts';`,
    `export { apply, fold } from './operations/prior-authorization/state.ts';`,
  ].join('\n');
  await build({ stdin: { contents, resolveDir: root, loader: 'ts' }, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', packages: 'external', logLevel: 'warning', plugins: [keepModuleAddresses()], absWorkingDir: root });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function settingsTable() {
  return table(['Variable', 'Default', 'Meaning'], configurationReference().map((setting) => [`\`${setting.name}\``, setting.default === '' ? '' : `\`${setting.default}\``, setting.meaning]));
}

function problemsTable() {
  return table(['Code', 'HTTP', 'Issue type', 'Text'], Object.entries(catalogue).map(([code, { status, issue, text }]) => [`\`${code}\``, status, `\`${issue}\``, text.replaceAll(/\{(\w+)\}/g, '*$1*')]));
}

/** Asks the server itself, with nothing behind it: a route that nobody has described cannot be published. */
async function routeTables() {
  const server = fastify();
  const routes = new Map();
  server.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) if (one !== 'HEAD') routes.set(`${one} ${url.replace(/(.)\/$/, '$1').replaceAll(/\([^)]*\)/g, '')}`, config?.refuses);
  });
  await mountRoutes(server, {});
  await server.ready();
  await server.close();
  const answered = [...routes.keys()].filter((route) => routes.get(route) === undefined);
  const undescribed = answered.filter((route) => routeMeanings[route] === undefined);
  const gone = Object.keys(routeMeanings).filter((route) => !answered.includes(route));
  if (undescribed.length + gone.length > 0) throw new Error(`scripts/route-meanings.mjs: not described: ${undescribed.join(', ') || 'none'}; gone: ${gone.join(', ') || 'none'}`);
  return {
    routes: table(['Route', 'What it does', 'Answers'], Object.entries(routeMeanings).map(([route, { does, answers }]) => [`\`${route}\``, does, answers])),
    refusals: table(['Route', 'What is not there'], [...routes].filter(([, refuses]) => refuses !== undefined).map(([route, refuses]) => [`\`${route}\``, refuses])),
  };
}

function parametersTable(code) {
  const { definition } = operations.find((operation) => operation.code === code);
  const row = (parameter, depth) => [
    [`${depth > 0 ? '&nbsp;&nbsp;' : ''}\`${parameter.name}\``, parameter.use, `${parameter.min}..${parameter.max}`, parameter.type ?? '', parameter.documentation ?? ''],
    ...(parameter.part ?? []).flatMap((part) => row(part, depth + 1)),
  ];
  return table(['Parameter', 'Use', 'Number', 'Type', 'Meaning'], definition.parameter.flatMap((parameter) => row(parameter, 0)));
}

/** The kinds of event that the database takes. */
function eventKinds() {
  const sql = readFileSync(join(root, 'store/migrations/0003_prior_authorization.sql'), 'utf8');
  return [...sql.match(/^\s*kind\s[^\n]*check \(kind in \(([^)]*)\)/m)[1].matchAll(/'([\w-]+)'/g)].map((match) => match[1]);
}

/** Tries every event on an item in every state: what the fold takes is an arrow. */
function stateDiagram() {
  const item = 1;
  const at = '2026-01-01T00:00:00.000Z';
  const received = { kind: 'received', version: 1, sequence: 1, at, items: [item] };
  const kinds = eventKinds().filter((kind) => kind !== 'received');
  // A person may do all that anybody may.
  const event = (kind, sequence) => ({ kind, item, sequence, at, wanted: [], authority: { kind: 'person' } });
  const arrows = ['[*] --> requested: received'];
  const reached = [[received]];
  const seen = new Set();
  for (const log of reached) {
    const state = fold(log);
    const from = state.items.get(item).status;
    if (seen.has(from)) continue;
    seen.add(from);
    let steps = 0;
    for (const kind of kinds) {
      let next;
      try {
        next = apply(state, event(kind, log.length + 1));
      } catch (error) {
        if (error.code !== 'decision-not-allowed') throw error;
        continue;
      }
      steps += 1;
      arrows.push(`${from} --> ${next.items.get(item).status}: ${kind}`);
      reached.push([...log, event(kind, log.length + 1)]);
    }
    if (steps === 0) arrows.push(`${from} --> [*]`);
  }
  return ['```mermaid', 'stateDiagram-v2', ...arrows.map((arrow) => `  ${arrow}`), '```'].join('\n');
}
