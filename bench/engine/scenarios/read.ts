/** Read by id, of any type: `read`. */
import { idOf } from '../world.ts';
import { must, shown, type FhirClient } from '../fhir-client.ts';
import { randomOf } from '../random.ts';
import type { Scenario } from '../scenario.ts';

export async function readOne(client: FhirClient, address: string): Promise<number> {
  const answer = await client.send('GET', `/${address}`);
  must(answer.status === 200, () => `read ${shown(answer)}`);
  const { resourceType, id } = JSON.parse(answer.body.toString('utf8')) as { resourceType: string; id: string };
  must(`${resourceType}/${id}` === address, () => `read of ${address.slice(0, address.indexOf('/'))} answered ${resourceType}, another id: ${id !== idOf(address)}`);
  return answer.body.length;
}

export const read: Scenario = ({ world, client, clients, salt }) => {
  const random = randomOf(world.seed, 4, clients, salt);
  return { operate: async () => ({ bytes: await readOne(client, random.pick(random.pick(world.subjects).addresses)) }) };
};
