/**
 * The FHIR engine under load, with a server and a PostgreSQL started for it on a private folder:
 *
 *   npm run bench -- engine                        everything in order, then the floor, then how the two compare
 *   npm run bench -- load|read|create|update|tx|search|mixed|floor
 *
 *   --patients 900        charts to load first, about 125 resources each
 *   --seed 42             other data
 *   --seconds 8 --warm-up 3
 *   --clients 1,16        of read, create, update, search and mixed
 *   --transaction-clients 1,4
 *   --load-clients 4 --load-limit 600      seconds
 *   --search NAME,...     of the searches; all without it
 *   --folder DIR          keeps the loaded data there, and uses it again
 *   --salt 1              writes other data: for a second run on a kept folder
 */
import { join } from 'node:path';
import { closedLoop, type LoopFigures } from './measure/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { fhirClient } from './engine/fhir-client.ts';
import { load, loadedWorld, type LoadOptions } from './engine/load.ts';
import type { Scenario } from './engine/scenario.ts';
import { create } from './engine/scenarios/create.ts';
import { mixed } from './engine/scenarios/mixed.ts';
import { read } from './engine/scenarios/read.ts';
import { search, searches } from './engine/scenarios/search.ts';
import { transaction } from './engine/scenarios/transaction.ts';
import { update } from './engine/scenarios/update.ts';
import { openStage, type ServerProcess, type Stage } from './engine/stage.ts';
import type { World } from './engine/world.ts';
import { optionsOf, type Options } from './options.ts';

const optionNames = ['patients', 'seed', 'seconds', 'warm-up', 'clients', 'transaction-clients', 'load-clients', 'load-limit', 'search', 'folder', 'salt'];
/** What the floor can do as well: a server without search. */
const bare = ['read', 'create', 'update', 'tx'] as const;

export const engineNames = ['engine', 'load', 'read', 'create', 'update', 'tx', 'search', 'mixed', 'floor'] as const;

interface Case {
  readonly name: string;
  readonly clients: number;
  readonly scenario: Scenario;
}

/** False when anything was answered wrongly. */
export async function runEngine(name: (typeof engineNames)[number], words: readonly string[]): Promise<boolean> {
  const options = optionsOf(words, optionNames);
  const stage = await openStage(options.optional('folder'));
  try {
    const ours = name === 'floor' ? [] : await measure(stage, 'priora', stage.startPriora, casesOf(name, options), options);
    const floor = name === 'floor' || name === 'engine' ? await measure(stage, 'floor', stage.startFloor, bare.flatMap((one) => casesOf(one, options)), options) : [];
    compare(ours, floor);
    return [...ours, ...floor].every((one) => one.errors === 0);
  } finally {
    await stage.close();
  }
}

function casesOf(name: string, options: Options): Case[] {
  const clients = options.numbers('clients', [1, 16]);
  const at = (counts: readonly number[], caseName: string, scenario: Scenario): Case[] => counts.map((count) => ({ name: caseName, clients: count, scenario }));
  switch (name) {
    case 'read': return at(clients, 'read', read);
    case 'create': return at(clients, 'create', create);
    case 'update': return at(clients, 'update', update);
    case 'tx': return at(options.numbers('transaction-clients', [1, 4]), 'tx', transaction);
    case 'search': {
      const names = options.optional('search')?.split(',') ?? Object.keys(searches);
      const unknown = names.find((one) => !(one in searches));
      if (unknown !== undefined) throw new RangeError(`--search takes ${Object.keys(searches).join(', ')}`);
      return clients.flatMap((count) => names.flatMap((one) => at([count], `search.${one}`, search(one))));
    }
    case 'mixed': return at(clients, 'mixed', mixed);
    // Reads come first: what is written afterwards makes the tables larger.
    case 'engine': return ['read', 'search', 'update', 'create', 'tx', 'mixed'].flatMap((one) => casesOf(one, options));
    default: return [];
  }
}

interface Measured extends LoopFigures {
  readonly case: string;
}

async function measure(stage: Stage, server: 'priora' | 'floor', start: () => Promise<ServerProcess>, cases: readonly Case[], options: Options): Promise<Measured[]> {
  const print = (line: Measured & { checked?: number }): void => printLine({ bench: 'engine', server, ...line, postgres: stage.postgresVersion, ...machine() });
  const world = await worldIn(stage, server, start, options, print);
  const process = await start();
  const measured: Measured[] = [];
  const salt = options.number('salt', 0);
  for (const { name, clients, scenario } of cases) {
    const client = fhirClient(process.fhir, clients);
    try {
      const { operate, check } = scenario({ world, client, clients, salt });
      const figures = await closedLoop({ clients, warmUpSeconds: options.number('warm-up', 3), seconds: options.number('seconds', 8), operate, trees: process.trees });
      const checked = await check?.();
      const line = { case: name, ...figures, ...(checked !== undefined && { checked }) };
      print(line);
      measured.push(line);
    } finally {
      client.close();
    }
  }
  await process.stop();
  return measured;
}

/** What the server is asked about, loaded unless the folder has it, by a server of its own: the one that is measured knows the tables as they are when it starts. */
async function worldIn(stage: Stage, server: string, start: () => Promise<ServerProcess>, options: Options, print: (line: Measured) => void): Promise<World> {
  const wanted: LoadOptions = { seed: options.number('seed', 42), patients: options.number('patients', 900), clients: options.number('load-clients', 4), limitSeconds: options.number('load-limit', 600) };
  const file = join(stage.folder, `${server}-loaded.json`);
  const known = await loadedWorld(file, wanted);
  if (known) return known;
  const loading = await start();
  const { world, figures } = await load(loading.fhir, loading.trees, file, wanted);
  await loading.stop();
  print({ case: 'load', ...figures });
  await stage.administer(server, 'vacuum analyze');
  return world;
}

/** How much of the floor is reached, case by case. */
function compare(ours: readonly Measured[], floor: readonly Measured[]): void {
  for (const one of ours) {
    const least = floor.find((other) => other.case === one.case && other.clients === one.clients);
    if (least) printLine({ bench: 'engine', case: `${one.case} of the floor`, clients: one.clients, share: Math.round(one.ops_s / least.ops_s * 1000) / 1000, ops_s: one.ops_s, floor_ops_s: least.ops_s, calib: one.calib, floor_calib: least.calib });
  }
}

export function printLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
