/**
 * `$inquire` over as many authorizations as a large plan has: members are loaded over REST, some requests are taken by
 * `$submit`, and their authorizations are multiplied in SQL, each copy with numbers and a member of its own.
 *
 *   npm run bench -- inquire [--authorizations 1000000] [--each 10] [--seconds 10] [--clients 1,16] [--folder DIR]
 *
 * `--each`: authorizations of one member. PostgreSQL runs in processes of its own. Every answer is checked for how many
 * authorizations it holds. With `--folder` what was loaded is kept, and used again.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fhirClient, must, shown, type FhirClient } from './engine/fhir-client.ts';
import { openStage } from './engine/stage.ts';
import { inquiryMaker, numberOfCopy } from './inquire/inquiries.ts';
import { loadPopulation, multiply, takeTemplates } from './inquire/population.ts';
import { closedLoop } from './measure/closed-loop.ts';
import { machine } from './measure/machine.ts';
import { optionsOf } from './options.ts';

const print = (line: object): void => { process.stdout.write(`${JSON.stringify({ bench: 'inquire', ...line, ...machine() })}\n`); };

export async function run(words: readonly string[]): Promise<void> {
  const options = optionsOf(words, ['authorizations', 'each', 'seconds', 'clients', 'folder']);
  const [each, wanted] = [options.number('each', 10), options.number('authorizations', 1_000_000)];
  const members = Math.ceil(wanted / each);
  // The rules of the demo payer, without its records.
  process.env['PRIORA_POLICIES_DIR'] = fileURLToPath(new URL('../review/demo/', import.meta.url));
  const stage = await openStage(options.optional('folder'));
  const note = join(stage.folder, 'inquire.json');
  try {
    const server = await stage.startPriora();
    if (!existsSync(note)) {
      const begun = performance.now();
      await loadPopulation(server.fhir, members);
      await takeTemplates(server.fhir, Math.min(members, 200));
      await multiply(await stage.database('priora'), members, each);
      await stage.administer('priora', 'vacuum analyze');
      writeFileSync(note, JSON.stringify({ members, each }));
      print({ case: 'load', authorizations: members * each, seconds: Math.round((performance.now() - begun) / 1000) });
    } else {
      const known = JSON.parse(readFileSync(note, 'utf8')) as { members: number; each: number };
      if (known.members !== members || known.each !== each) throw new RangeError('has another load in the folder: take another one');
    }
    for (const clients of options.numbers('clients', [1, 16])) {
      const client = fhirClient(server.fhir, clients);
      for (const [name, expected, make] of cases(members, each)) {
        const figures = await closedLoop({ clients, warmUpSeconds: 2, seconds: options.number('seconds', 10), trees: server.trees, operate: async (_, turn) => ask(client, make(turn), expected) });
        print({ case: name, authorizations: members * each, ...figures });
      }
      client.close();
    }
    await server.stop();
  } finally {
    await stage.close();
  }
}

/** A member that looks drawn and is the same in every run. */
const drawn = (turn: number, members: number): number => (turn * 7919 + 104_729) % members;

function cases(members: number, each: number): [string, number, (turn: number) => Buffer][] {
  const make = inquiryMaker();
  return [
    ['everything of a member', each, (turn) => make({ member: drawn(turn, members) })],
    ['one, by its number', 1, (turn) => { const member = drawn(turn, members); return make({ member, number: numberOfCopy(member, turn % each) }); }],
    ['by diagnosis: none of them', 0, (turn) => make({ member: drawn(turn, members), diagnosis: 'Z99.89' })],
  ];
}

async function ask(client: FhirClient, body: Buffer, expected: number): Promise<{ bytes: number; resources: number }> {
  const answer = await client.send('POST', '/Claim/$inquire', body);
  const text = answer.body.toString('utf8');
  const found = text.split('"name":"return"').length - 1;
  must(answer.status === 200 && found === expected, () => `${found} found, ${expected} expected; ${shown(answer)}`);
  return { bytes: answer.body.length, resources: found };
}
