/**
 * Prints results files as the Markdown tables of the decision record, a table a question:
 *   node bench/index-layout/table.mjs bench/index-layout/results/100k.json bench/index-layout/results/1m.json
 * A cell is backend milliseconds an operation, median (minimum-maximum), the median rate (the most connections of the run; transactions 4), and
 * the write-ahead log an operation.
 */
import { readFile } from 'node:fs/promises';

const runs = await Promise.all(process.argv.slice(2).map(async (file) => JSON.parse(await readFile(file, 'utf8'))));
const layouts = Object.keys(runs[0].load);
const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
const size = (run) => (run.resources >= 1e6 ? '1M' : `${Math.round(run.resources / 1000)}k`);
const questions = {
  'What does a write cost?': ['create', 'update', 'transaction of 50'],
  'How fast is a search within one patient?': ['obs-patient-code-sort', 'obs-patient-page100', 'claim-patient-status-created', 'claim-include-patient'],
  'How fast is a search by value over all patients?': ['patient-identifier', 'patient-name-birthdate', 'obs-code-date-sort'],
  'How fast are chains, `_has` and `_revinclude`?': ['claim-chained-identifier', 'obs-encounter-identifier', 'patient-has-condition', 'encounter-has-observation', 'patient-revinclude-claim'],
  'How fast is newest first, and an exact count?': ['obs-since-sort', 'obs-status-sort', 'obs-code-count'],
};
const searches = Object.values(questions).slice(1).flat();
questions['What do searches cost as named statements with one generic plan?'] = searches.map((name) => `${name}, prepared`);

console.log('### How fast does it load, how large is it?');
row(['', ...layouts]);
row(['---', ...layouts.map(() => '---:')]);
for (const run of runs) {
  const line = (title, value) => row([`${size(run)}: ${title}`, ...layouts.map((l) => value(l) ?? '')]);
  if (run.load[layouts[0]].ratePerSecond !== undefined) line('load, resources/s', (l) => run.load[l].ratePerSecond);
  line('load, backend µs a resource', (l) => Math.round(run.load[l].backendMilliseconds * 1000));
  for (const part of ['tables', 'indexes', 'total']) line(`${part}, MB`, (l) => run.size[l][part]);
}
for (const [question, names] of Object.entries(questions)) {
  console.log(`\n### ${question}`);
  row(['', ...layouts]);
  row(['---', ...layouts.map(() => '---:')]);
  for (const name of names) for (const run of runs) {
    if (run.backendMilliseconds[name] === undefined) continue;
    const cells = layouts.map((l) => {
      const found = Object.entries(run.backendMilliseconds[name]).filter(([k]) => k.startsWith(`${l}@`));
      if (found.length === 0) return '';
      const [at, cost] = found.at(-1), rate = { ...run.write, ...run.search }[name][at].median;
      // The least over both connection counts: full page images after a checkpoint come on top.
      const log = name === 'transaction of 50' ? undefined : [1, 16].flatMap((c) => run.walBytes[name]?.[`${l}@${c}`]?.min ?? []);
      return `${cost.median} (${cost.min}-${cost.max}); ${Math.round(rate)}/s${log === undefined || log.length === 0 ? '' : `; ${(Math.min(...log) / 1000).toFixed(1)} kB log`}`;
    });
    row([`${name}, ${size(run)}`, ...cells]);
  }
}
