/**
 * Whether a search costs more because the table is larger: the same questions, whose answers keep their size, at 10
 * thousand, 100 thousand and a million resources in one database that grows.
 *
 *   npm run bench -- growth [--sizes 10000,100000,1000000] [--seconds 3] [--warm-up 1] [--clients 16] [--connections 6]
 *                           [--seed 42] [--limit 3600] [--folder DIR]
 *
 * Loading goes straight through the store's commit. With `--folder` a run that was ended, by a signal or by `--limit`
 * (seconds of loading), goes on where it was: what was loaded and measured is kept. The table is printed on standard error.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Resource } from '@medplum/fhirtypes';
import { Problem } from '../fhir/problems.ts';
import { standardParameters } from '../fhir/search-parameters.ts';
import type { Context } from '../store/context.ts';
import { openDatabase, type Database } from '../store/database.ts';
import { ensureTenant } from '../store/tenants.ts';
import { commit } from '../store/write/commit.ts';
import { chartOf, generation } from './engine/chart.ts';
import { fhirClient } from './engine/fhir-client.ts';
import { search, searches } from './engine/scenarios/search.ts';
import { openStage, type ServerProcess, type Stage } from './engine/stage.ts';
import { storedAs, worldOf, type World } from './engine/world.ts';
import { closedLoop, type LoopFigures } from './measure/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { optionsOf, type Options } from './options.ts';

type Figures = Pick<LoopFigures, 'ops_s' | 'p50_ms' | 'p99_ms' | 'cpu_ms_op' | 'calib'>;

/** What is known between runs. */
interface Progress {
  readonly generation: number;
  readonly seed: number;
  /** Charts loaded, from the first on. */
  patients: number;
  resources: number;
  /** By size, by search. */
  readonly measured: Record<string, Record<string, Figures>>;
}

/** Charts that are committed between two notes of the progress. */
const stride = 24;

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['sizes', 'seconds', 'warm-up', 'clients', 'connections', 'seed', 'limit', 'folder']);
  const sizes = options.numbers('sizes', [10_000, 100_000, 1_000_000]).toSorted((a, b) => a - b);
  const stage = await openStage(options.optional('folder'));
  const file = join(stage.folder, 'growth.json');
  const progress = await progressIn(file, options.number('seed', 42));
  try {
    const deadline = performance.now() + options.number('limit', 3600) * 1000;
    for (const size of sizes) {
      await grow(stage, size, progress, file, options.number('connections', 6), deadline);
      if (progress.resources < size) {
        process.stderr.write(`the time to load is over at ${progress.resources} resources; the same command with --folder goes on\n`);
        break;
      }
      const server = await stage.startPriora();
      await measure(server, size, progress, file, options, stage.postgresVersion);
      await server.stop();
    }
  } finally {
    await stage.close();
  }
  process.stderr.write(tableOf(progress));
}

async function progressIn(file: string, seed: number): Promise<Progress> {
  if (!existsSync(file)) return { generation, seed, patients: 0, resources: 0, measured: {} };
  const known = JSON.parse(await readFile(file, 'utf8')) as Progress;
  if (known.generation !== generation || known.seed !== seed) throw new RangeError(`has another load in ${file}: take another folder`);
  return known;
}

async function note(file: string, progress: Progress): Promise<void> {
  await writeFile(`${file}.new`, JSON.stringify(progress));
  await rename(`${file}.new`, file);
}

/** Loads charts until there are `size` resources. A chart that an earlier run had committed before it was ended is there already. */
async function grow(stage: Stage, size: number, progress: Progress, file: string, connections: number, deadline: number): Promise<void> {
  if (progress.resources >= size) return;
  // Makes the tables.
  const migrating = await stage.startPriora();
  await migrating.stop();
  const database = openDatabase({ connection: { connectionString: await stage.database('priora') }, size: connections, onIdleError: () => {} });
  const tenant = await ensureTenant(database, 'default', new Date());
  const context: Context = {
    tenant, base: migrating.fhir, parameters: standardParameters, access: { tenant: tenant.id }, actor: 'bench', request: 'bench', now: () => new Date(), random: (count) => randomBytes(count),
  };
  const begun = performance.now();
  const before = progress.resources;
  try {
    while (progress.resources < size && performance.now() < deadline) {
      let next = progress.patients;
      const end = next + stride;
      const counts = await Promise.all(Array.from({ length: connections }, async () => {
        let count = 0;
        while (next < end) count += await commitChart(database, progress.seed, next++, context);
        return count;
      }));
      progress.patients = end;
      progress.resources += counts.reduce((sum, count) => sum + count, 0);
      await note(file, progress);
    }
  } finally {
    await database.close();
  }
  const seconds = (performance.now() - begun) / 1000;
  printLine({ bench: 'growth', case: 'load', resources: progress.resources, loaded: progress.resources - before, seconds: Math.round(seconds), resources_s: Math.round((progress.resources - before) / seconds), ...machine() });
  await stage.administer('priora', 'vacuum analyze');
}

async function commitChart(database: Database, seed: number, index: number, context: Context): Promise<number> {
  const chart = chartOf(seed, index);
  const addresses = chart.entries.map(({ uuid, resource }) => `${resource.resourceType}/${uuid}`);
  try {
    await commit(database, chart.entries.map((entry, place) => {
      const { id: _, ...resource } = storedAs(chart, place, addresses);
      return { kind: 'create', id: entry.uuid, resource: resource as unknown as Resource };
    }), context);
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'concurrent-change')) throw error;
  }
  return chart.entries.length;
}

async function measure(server: ServerProcess, size: number, progress: Progress, file: string, options: Options, postgres: string): Promise<void> {
  const measured = progress.measured[size] ??= {};
  let world: World | undefined;
  const clients = options.number('clients', 16);
  for (const name of Object.keys(searches)) {
    if (measured[name]) continue;
    world ??= worldOf(progress.seed, Array.from({ length: progress.patients }, (_, index) => chartOf(progress.seed, index).entries.map((entry) => entry.uuid)));
    const client = fhirClient(server.fhir, clients);
    const { operate } = search(name)({ world, client, clients, salt: 0 });
    const figures = await closedLoop({ clients, warmUpSeconds: options.number('warm-up', 1), seconds: options.number('seconds', 3), operate, trees: server.trees });
    client.close();
    printLine({ bench: 'growth', case: `search.${name}`, resources: progress.resources, ...figures, postgres, ...machine() });
    const { ops_s, p50_ms, p99_ms, errors, cpu_ms_op, calib } = figures;
    // What was answered wrongly is measured again when it is mended.
    if (errors > 0) throw new Error(`${name} was answered wrongly: ${figures.wrong?.join('; ')}`);
    measured[name] = { ops_s, p50_ms, p99_ms, cpu_ms_op, calib };
    await note(file, progress);
  }
}

/** A row a search, for each size: operations a second, and PostgreSQL's processor time for one. */
function tableOf({ measured }: Progress): string {
  const sizes = Object.keys(measured).toSorted((a, b) => Number(a) - Number(b));
  const cell = (figures: Figures | undefined): string => (figures === undefined ? '' : `${figures.ops_s}/s, ${figures.p99_ms} ms, ${figures.cpu_ms_op['postgres']} ms`);
  const rows = Object.keys(searches).map((name) => `| ${name} | ${sizes.map((size) => cell(measured[size]![name])).join(' | ')} |\n`);
  return `| search: rate, p99, PostgreSQL's processor time each | ${sizes.join(' | ')} |\n| --- |${' --- |'.repeat(sizes.length)}\n${rows.join('')}`;
}

function printLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
