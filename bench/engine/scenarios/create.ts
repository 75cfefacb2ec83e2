/** Create with an id of the server's, types mixed as in the charts of payers: `create`. */
import { chartOf } from '../chart.ts';
import type { Resource } from '../elements.ts';
import { must, shown, type FhirClient } from '../fhir-client.ts';
import { randomOf } from '../random.ts';
import type { Prepared, Setting } from '../scenario.ts';
import type { World } from '../world.ts';

/** Of each chart so many of each type at most, so that the mix is that of people who come now and then. */
const shares: Readonly<Record<string, number>> = { Patient: 1, Coverage: 1, Encounter: 4, Condition: 4, Observation: 10, Claim: 4 };
const pooled = 8000;

interface Body {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Resources of charts that are not loaded, as additions to the charts of the hosts. */
export function newBodies(world: World, salt: number, count = pooled): Body[] {
  const random = randomOf(world.seed, 2, salt);
  const pool: Body[] = [];
  for (let index = 0; pool.length < count; index += 1) {
    const { entries } = chartOf(world.seed, 5_000_000 + salt * 50_000 + index);
    const types = new Map(entries.map(({ uuid, resource }) => [`urn:uuid:${uuid}`, resource.resourceType]));
    const host = world.hosts[index % world.hosts.length]!;
    const inHost = (type: string): string | undefined => host.addresses.find((address) => address.startsWith(`${type}/`));
    const taken = new Map<string, number>();
    const own: Body[] = [];
    for (const { resource } of entries) {
      const type = resource.resourceType;
      const already = taken.get(type) ?? 0;
      if (already >= (shares[type] ?? 0)) continue;
      taken.set(type, already + 1);
      own.push({ type, bytes: Buffer.from(JSON.stringify(resource, (name, value: unknown) => (name === 'reference' && typeof value === 'string' ? inHost(types.get(value) ?? '') ?? host.addresses[0] : value))) });
    }
    pool.push(...own.toSorted(() => random.share() - 0.5));
  }
  return pool.slice(0, count);
}

export async function createOne(client: FhirClient, { type, bytes }: Body): Promise<string> {
  const answer = await client.send('POST', `/${type}`, bytes);
  must(answer.status === 201, () => `create ${type} ${shown(answer)}`);
  const { resourceType, id } = JSON.parse(answer.body.toString('utf8')) as Resource & { id: string };
  must(resourceType === type && typeof id === 'string', () => `create of ${type} answered ${resourceType}`);
  return id;
}

/** By what a resource is known again. */
const content = (resource: Resource): string => {
  const { id: _, meta: __, ...rest } = resource;
  return JSON.stringify(rest);
};

export function create({ world, client, clients, salt }: Setting): Prepared {
  const pool = newBodies(world, clients + 1000 * salt);
  const sample: { body: Body; id: string }[] = [];
  return {
    operate: async (_, turn) => {
      const body = pool[turn % pool.length]!;
      const id = await createOne(client, body);
      if (turn % 97 === 0) sample.push({ body, id });
      return { bytes: body.bytes.length };
    },
    check: async () => {
      const some = sample.slice(-20);
      for (const { body, id } of some) {
        const answer = await client.send('GET', `/${body.type}/${id}`);
        must(answer.status === 200, () => `read back ${shown(answer)}`);
        must(content(JSON.parse(answer.body.toString('utf8')) as Resource) === content(JSON.parse(body.bytes.toString('utf8')) as Resource), () => `a created ${body.type} reads back otherwise`);
      }
      return some.length;
    },
  };
}
