/** Prints a results file as Markdown tables: node bench/index-layout/table.mjs FILE */
import { readFile } from 'node:fs/promises';

const r = JSON.parse(await readFile(process.argv[2], 'utf8'));
const layouts = Object.keys(r.load);
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
const head = (title, columns) => { row([title, ...columns]); row([title, ...columns].map(() => '---')); };
const figure = (x) => (x === undefined ? '' : `${x.median} (${x.min}-${x.max})`);

console.log(`${r.resources} resources, ${Math.round(r.bytes / 1e6)} MB of JSON, PostgreSQL ${r.version}, ${r.rounds} rounds\n`);
head('load and size', layouts);
row(['bulk load, resources/s', ...layouts.map((l) => r.load[l].ratePerSecond ?? '')]);
row(['bulk load, backend ms a resource', ...layouts.map((l) => r.load[l].backendMilliseconds)]);
for (const part of ['tables', 'indexes', 'total']) row([`${part}, MB`, ...layouts.map((l) => r.size[l][part])]);
for (const kind of ['write', 'search', 'backendMilliseconds', 'walBytes']) {
  console.log('');
  head(kind, layouts);
  for (const [name, figures] of Object.entries(r[kind])) {
    for (const connections of new Set(Object.keys(figures).map((k) => k.split('@')[1]))) row([`${name} @${connections}`, ...layouts.map((l) => figure(figures[`${l}@${connections}`]))]);
  }
}
