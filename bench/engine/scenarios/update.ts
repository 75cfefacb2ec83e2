/** Update by PUT of what is loaded: `update`. Nothing changes that a search of the bench asks for. */
import { chartOf } from '../chart.ts';
import { must, shown, type FhirClient } from '../fhir-client.ts';
import { randomOf } from '../random.ts';
import type { Prepared, Setting } from '../scenario.ts';
import { base } from '../words.ts';
import { storedAs, type World } from '../world.ts';

interface Target {
  readonly address: string;
  readonly type: string;
  readonly resource: Record<string, unknown>;
  mark: string;
}

const most = 3000;

/** Patients, findings and claims of some charts. */
export function targetsOf(world: World, salt: number, count = most): Target[] {
  const random = randomOf(world.seed, 3, salt);
  const targets: Target[] = [];
  for (let turn = 0; turn < world.subjects.length && targets.length < count; turn += 1) {
    const { index, addresses } = world.subjects[(salt * 131 + turn) % world.subjects.length]!;
    const chart = chartOf(world.seed, index);
    for (const [place, { resource }] of chart.entries.entries()) {
      const type = resource.resourceType;
      if (type === 'Patient' || (type === 'Observation' && random.chance(0.08)) || (type === 'Claim' && random.chance(0.12))) {
        targets.push({ address: addresses[place]!, type, resource: { ...storedAs(chart, place, addresses) }, mark: '' });
      }
    }
  }
  return targets.slice(0, count);
}

function marked(target: Target, mark: string): Buffer {
  target.mark = mark;
  const { resource } = target;
  if (target.type === 'Patient') resource['telecom'] = [{ system: 'phone', value: mark, use: 'home' }];
  else if (target.type === 'Observation') resource['note'] = [{ text: mark }];
  else resource['related'] = [{ reference: { system: `${base}/related`, value: mark } }];
  return Buffer.from(JSON.stringify(resource));
}

export async function updateOne(client: FhirClient, target: Target, mark: string): Promise<number> {
  const body = marked(target, mark);
  const answer = await client.send('PUT', `/${target.address}`, body);
  must(answer.status === 200, () => `update ${target.type} ${shown(answer)}`);
  must(answer.body.includes(mark), () => `the answer to an update of a ${target.type} is not what it says now`);
  return body.length;
}

export async function checkTargets(client: FhirClient, targets: readonly Target[]): Promise<number> {
  const some = targets.filter((target) => target.mark !== '').slice(-20);
  for (const target of some) {
    const answer = await client.send('GET', `/${target.address}`);
    must(answer.status === 200 && answer.body.includes(target.mark), () => `an updated ${target.type} reads back otherwise: ${answer.status}`);
  }
  return some.length;
}

/** Client `n` owns every `clients`th target: no two updates meet. */
export function turnsOf(targets: readonly Target[], clients: number): (client: number) => Target {
  const turns = Array.from({ length: clients }, () => 0);
  const rounds = Math.floor(targets.length / clients);
  return (client) => targets[client + clients * (turns[client]!++ % rounds)]!;
}

export function update({ world, client, clients, salt }: Setting): Prepared {
  const targets = targetsOf(world, clients + 7 * salt);
  if (targets.length < clients) throw new Error('too few resources to update: load more patients');
  const nextOf = turnsOf(targets, clients);
  return {
    operate: async (worker, turn) => ({ bytes: await updateOne(client, nextOf(worker), `mark-${salt}-${clients}-${turn}`) }),
    check: () => checkTargets(client, targets),
  };
}
