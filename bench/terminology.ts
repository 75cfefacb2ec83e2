/**
 * Terminology at the size of SNOMED CT: half a million invented concepts in its format, with several parents and three
 * descriptions each, through the importer; then what clients ask for, over HTTP.
 *
 *   npm run bench -- terminology [--concepts 500000] [--clients 16] [--seconds 8] [--warm-up 2] [--seed 42] [--folder DIR] [--cases a,b]
 *
 * With `--folder` what was loaded is kept, and the next run measures at once.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fhirClient, must, shown, type Answer, type FhirClient } from './engine/fhir-client.ts';
import { randomOf, type Random } from './engine/random.ts';
import { openStage, type Stage } from './engine/stage.ts';
import { closedLoop } from './measure/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { memoryOf } from './measure/processes.ts';
import { optionsOf, type Options } from './options.ts';
import { conceptId, namesOf, writeRelease } from './terminology/release.ts';

const priora = fileURLToPath(new URL('../bin/priora.mjs', import.meta.url));
const snomed = 'http://snomed.info/sct';

/** Resources whose codes are searched for. */
const conditions = 5000;

interface Question {
  readonly path: string;
  /** What must be in the answer. */
  readonly expected: RegExp;
}

interface Asked {
  readonly random: Random;
  readonly concepts: number;
  readonly seed: number;
}

/** A concept with a few thousand below it (with a level less a few hundred), and one of them. */
function inSubtree({ random, concepts }: Asked, levels = 5): { top: number; below: number } {
  let below = random.between(Math.floor(concepts / 2), concepts - 1);
  const found = below;
  // Some levels up: each level is a fourth of the one below it.
  while (below > concepts / 4 ** levels) below = Math.floor((below - 1) / 4);
  return { top: below, below: found };
}

const escaped = encodeURIComponent;
const isa = (number: number): string => escaped(`${snomed}?fhir_vs=isa/${conceptId(number)}`);

const cases: Readonly<Record<string, (asked: Asked) => Question>> = {
  'lookup': ({ random, concepts, seed }) => {
    const number = random.between(0, concepts - 1);
    return { path: `/CodeSystem/$lookup?system=${snomed}&code=${conceptId(number)}`, expected: new RegExp(`"valueString":"${namesOf(number, seed)[0]}"`) };
  },
  'validate-code in a system': ({ random, concepts }) => ({ path: `/CodeSystem/$validate-code?url=${snomed}&code=${conceptId(random.between(0, concepts - 1))}`, expected: /"name":"result","valueBoolean":true/ }),
  'validate-code in a value set, below': (asked) => {
    const { top, below } = inSubtree(asked);
    return { path: `/ValueSet/$validate-code?url=${isa(top)}&system=${snomed}&code=${conceptId(below)}`, expected: /"name":"result","valueBoolean":true/ };
  },
  'validate-code in a value set, not below': (asked) => {
    const { top } = inSubtree(asked);
    return { path: `/ValueSet/$validate-code?url=${isa(top)}&system=${snomed}&code=${conceptId(0)}`, expected: /"name":"result","valueBoolean":false/ };
  },
  'validate-code in a value set, by ECL': (asked) => {
    const { top, below } = inSubtree(asked);
    return { path: `/ValueSet/$validate-code?url=${escaped(`${snomed}?fhir_vs=ecl/<< ${conceptId(top)} OR (* : ${conceptId(1)} = ${conceptId(top)})`)}&system=${snomed}&code=${conceptId(below)}`, expected: /"name":"result","valueBoolean":true/ };
  },
  'subsumes': (asked) => {
    const { top, below } = inSubtree(asked);
    return { path: `/CodeSystem/$subsumes?system=${snomed}&codeA=${conceptId(top)}&codeB=${conceptId(below)}`, expected: /"outcome","valueCode":"subsumes"/ };
  },
  'expand below with a text filter': (asked) => {
    const { top, below } = inSubtree(asked);
    return { path: `/ValueSet/$expand?url=${isa(top)}&filter=${escaped(namesOf(below, asked.seed)[0].split(' ')[0]!)}&count=20`, expected: /"contains":\[\{/ };
  },
  'expand below, first page': (asked) => ({ path: `/ValueSet/$expand?url=${isa(inSubtree(asked).top)}&count=20`, expected: /"contains":\[\{/ }),
  'expand all with a text filter': (asked) => {
    const words = namesOf(asked.random.between(0, asked.concepts - 1), asked.seed)[0].split(' ');
    return { path: `/ValueSet/$expand?url=${escaped(`${snomed}?fhir_vs`)}&filter=${escaped(words.slice(0, 2).join(' '))}&count=20`, expected: /"contains":\[\{/ };
  },
  'expand by ECL, refined': (asked) => ({ path: `/ValueSet/$expand?url=${escaped(`${snomed}?fhir_vs=ecl/<< ${conceptId(inSubtree(asked).top)} : ${conceptId(1)} = *`)}&count=20`, expected: /"contains":\[\{/ }),
  'search with code:below': (asked) => ({ path: `/Condition?code:below=${escaped(`${snomed}|${conceptId(inSubtree(asked, 4).top)}`)}&_count=20`, expected: /"type":"searchset"/ }),
};

/** The goals of the issue: operations a second, or milliseconds. */
const singly = new Set(['expand below with a text filter', 'expand below, first page', 'expand all with a text filter', 'expand by ECL, refined', 'search with code:below']);

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['concepts', 'clients', 'seconds', 'warm-up', 'seed', 'folder', 'cases']);
  const concepts = options.number('concepts', 500_000);
  const seed = options.number('seed', 42);
  const stage = await openStage(options.optional('folder'));
  try {
    await loadOnce(stage, concepts, seed);
    await measure(stage, concepts, seed, options);
  } finally {
    await stage.close();
  }
}

async function loadOnce(stage: Stage, concepts: number, seed: number): Promise<void> {
  const note = join(stage.folder, 'terminology.json');
  const wanted = JSON.stringify({ concepts, seed });
  if (existsSync(note)) {
    if (await readFile(note, 'utf8') !== wanted) throw new RangeError(`has another load in ${note}: take another folder`);
    return;
  }
  const folder = join(stage.folder, 'SnomedCT_Invention');
  const bytes = await writeRelease(folder, concepts, seed);
  const figures = await importRelease(await stage.database('priora'), folder);
  print({ case: 'import', concepts, megabytes: Math.round(bytes / 1e6), seconds: Math.round(figures.seconds), concepts_s: Math.round(concepts / figures.seconds), stages_s: figures.stages, peak_mb: figures.peak, postgres: stage.postgresVersion });
  await rm(folder, { recursive: true });
  await stage.administer('priora', 'vacuum analyze');
  await writeFile(note, wanted);
}

/** Runs the command as an administrator does. @throws {Error} with what it printed when it failed */
async function importRelease(database: string, folder: string): Promise<{ seconds: number; peak: number; stages: Record<string, number> }> {
  const begun = performance.now();
  const child = spawn(process.execPath, [priora, 'terminology', 'import', 'snomed', folder], { env: { ...process.env, DATABASE_URL: database }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [text, peak] = ['', 0];
  const stages: Record<string, number> = {};
  const hear = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-4000);
    process.stderr.write(chunk);
    const seconds = Math.round((performance.now() - begun) / 1000);
    for (const [stage, pattern] of [['reading', /making concepts: 0 %/], ['concepts', /linking concepts/], ['links', /making the hierarchy: 0 %/]] as const) if (stages[stage] === undefined && pattern.test(text)) stages[stage] = seconds - Object.values(stages).reduce((sum, one) => sum + one, 0);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const watching = setInterval(() => { peak = Math.max(peak, memoryOf(child.pid!) ?? 0); }, 200);
  const code = await new Promise<number | null>((resolve) => { child.on('close', resolve); });
  clearInterval(watching);
  if (code !== 0) throw new Error(`the import ended with ${code}: ${text}`);
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, peak: Math.round(peak), stages: { ...stages, hierarchy: Math.round(seconds) - Object.values(stages).reduce((sum, one) => sum + one, 0) } };
}

async function measure(stage: Stage, concepts: number, seed: number, options: Options): Promise<void> {
  const clients = options.number('clients', 16);
  const server = await stage.startPriora();
  const client = fhirClient(server.fhir, clients);
  const chosen = options.text('cases', '').split(',').filter(Boolean);
  try {
    await storeConditions(client, concepts, seed);
    for (const [name, question] of Object.entries(cases)) {
      if (chosen.length > 0 && !chosen.some((one) => name.includes(one))) continue;
      for (const count of singly.has(name) ? [1, clients] : [clients]) {
        const figures = await closedLoop({
          clients: count, warmUpSeconds: options.number('warm-up', 2), seconds: options.number('seconds', 8), trees: server.trees,
          operate: async (one, turn) => {
            const { path, expected } = question({ random: randomOf(seed, 99, one, turn), concepts, seed });
            const answer = await client.send('GET', path);
            must(answer.status === 200 && expected.test(answer.body.toString('utf8')), () => `${path} gave ${shown(answer)}`);
            return {};
          },
        });
        print({ case: name, concepts, ...figures, postgres: stage.postgresVersion });
      }
    }
  } finally {
    client.close();
    await server.stop();
  }
}

/** Conditions with concepts of the release, unless they are there. */
async function storeConditions(client: FhirClient, concepts: number, seed: number): Promise<void> {
  if (!isEmpty(await client.send('GET', '/Condition?_summary=count'))) return;
  const random = randomOf(seed, 5);
  for (let start = 0; start < conditions; start += 500) {
    const entry = Array.from({ length: 500 }, () => ({
      request: { method: 'POST', url: 'Condition' },
      resource: { resourceType: 'Condition', subject: { reference: 'Patient/nobody' }, code: { coding: [{ system: snomed, code: conceptId(random.between(0, concepts - 1)) }] } },
    }));
    const answer = await client.send('POST', '', Buffer.from(JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry })));
    must(answer.status === 200, () => `conditions were not stored: ${shown(answer)}`);
  }
}

function isEmpty(answer: Answer): boolean {
  return (JSON.parse(answer.body.toString('utf8')) as { total?: number }).total === 0;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify({ bench: 'terminology', ...line, ...machine() })}\n`);
}
