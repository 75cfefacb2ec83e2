/**
 * `npm run bench -- search-plans`: what PostgreSQL does for each kind of search. Loads charts into a database of its own,
 * asks each search by its address as clients write it, and prints one JSON line a search: the processor time of
 * the PostgreSQL backend for one, prepared as the server prepares it, its rows, and with `--explain yes` its plan.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resourceTypeCode } from '../fhir/resource-types.ts';
import { openDatabase } from '../store/database.ts';
import { startEmbeddedPostgres } from '../store/embedded/index.ts';
import { migrate } from '../store/migrate.ts';
import { optionsOf } from './options.ts';
import { contextOfBench, loadCharts, type LoadedChart } from './search-plans/load.ts';
import { measureSearch } from './search-plans/measure.ts';
import { searchesOf } from './search-plans/searches.ts';

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['charts', 'folder', 'explain', 'only', 'times']);
  const kept = options.optional('folder');
  const folder = kept ?? await mkdtemp(join(tmpdir(), 'priora-search-plans-'));
  const embedded = await startEmbeddedPostgres({ directory: folder, log: () => {} });
  const database = openDatabase({ connection: { ...embedded.connection }, size: 2, searchTimeout: 60_000, onIdleError: () => {} });
  try {
    await migrate(database, () => new Date());
    const { rows: [present] } = await database.query<{ charts: number }>({ text: 'select count(*)::integer as charts from resource where type = $1', values: [resourceTypeCode('Patient')] });
    const charts: LoadedChart[] = [];
    let loaded = present?.charts ?? 0;
    for (const wanted of options.numbers('charts', [80, 900])) {
      await loadCharts(database, charts, wanted, loaded);
      loaded = Math.max(loaded, wanted);
      await database.query({ text: 'vacuum analyze' });
      await database.statistics.refresh(database);
      const { rows: [table] } = await database.query<{ rows: number }>({ text: 'select count(*)::integer as rows from resource' });
      for (const { name, addresses } of searchesOf(charts)) {
        if (!name.startsWith(options.text('only', ''))) continue;
        const measured = await measureSearch(database, { ...embedded.connection }, addresses, contextOfBench(), { times: options.number('times', 200), explain: options.text('explain', 'no') === 'yes' });
        const { plan, ...figures } = measured;
        process.stdout.write(`${JSON.stringify({ search: name, resources: table?.rows, ...figures })}\n`);
        if (plan !== undefined) process.stdout.write(`${plan}\n\n`);
      }
    }
  } finally {
    await database.close();
    await embedded.stop();
    if (kept === undefined) await rm(folder, { recursive: true, force: true });
  }
}
