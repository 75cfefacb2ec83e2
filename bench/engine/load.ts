/** Charts into an empty server, each as one transaction: `load`. */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { closedLoop, type LoopFigures } from '../measure/closed-loop.ts';
import type { Trees } from '../measure/processes.ts';
import { chartOf, generation } from './chart.ts';
import { fhirClient } from './fhir-client.ts';
import { sendTransaction } from './scenarios/transaction.ts';
import { worldOf, type World } from './world.ts';

export interface LoadOptions {
  readonly seed: number;
  readonly patients: number;
  readonly clients: number;
  /** Ends the load, however much is loaded. */
  readonly limitSeconds: number;
}

/** What a kept folder remembers of its load. */
interface Remembered {
  readonly generation: number;
  readonly seed: number;
  readonly patients: number;
  readonly ids: readonly string[][];
}

/** What a folder holds already, when it is of the same seed, size and make. */
export async function loadedWorld(file: string, { seed, patients }: LoadOptions): Promise<World | undefined> {
  if (!existsSync(file)) return undefined;
  const known = JSON.parse(await readFile(file, 'utf8')) as Remembered;
  if (known.generation !== generation || known.seed !== seed || known.patients !== patients) throw new Error(`${file} is of another load: take another folder`);
  return worldOf(seed, known.ids);
}

export async function load(fhir: string, trees: Trees, file: string, { seed, patients, clients, limitSeconds }: LoadOptions): Promise<{ world: World; figures: LoopFigures }> {
  const client = fhirClient(fhir, clients);
  const ids: string[][] = [];
  const figures = await closedLoop({
    clients, warmUpSeconds: 0, seconds: limitSeconds, trees, most: patients,
    operate: async (_, turn) => {
      const { entries } = chartOf(seed, turn);
      ids[turn] = await sendTransaction(client, entries);
      return { resources: entries.length };
    },
  });
  client.close();
  const loaded = ids.filter((one) => one !== undefined).length;
  if (loaded < patients) throw new Error(`${loaded} of ${patients} patients were loaded: ${figures.wrong?.join('; ') ?? `${limitSeconds} seconds are over`}`);
  const remembered: Remembered = { generation, seed, patients, ids };
  await writeFile(`${file}.new`, JSON.stringify(remembered));
  await rename(`${file}.new`, file);
  return { world: worldOf(seed, ids), figures };
}
