/** Transactions: loading of whole charts, and `tx`, about 56 entries each. */
import { chartOf, type ChartEntry } from '../chart.ts';
import { must, shown, type FhirClient } from '../fhir-client.ts';
import type { Prepared, Setting } from '../scenario.ts';

export function transactionOf(entries: readonly ChartEntry[]): Buffer {
  return Buffer.from(JSON.stringify({
    resourceType: 'Bundle', type: 'transaction',
    entry: entries.map(({ uuid, resource }) => ({ fullUrl: `urn:uuid:${uuid}`, resource, request: { method: 'POST', url: resource.resourceType } })),
  }));
}

/** Sends a transaction; the ids that its entries got. */
export async function sendTransaction(client: FhirClient, entries: readonly ChartEntry[], body = transactionOf(entries)): Promise<string[]> {
  const answer = await client.send('POST', '', body);
  must(answer.status === 200, () => `transaction ${shown(answer)}`);
  const { entry } = JSON.parse(answer.body.toString('utf8')) as { entry: { response: { status: string; location: string } }[] };
  must(entry.length === entries.length, () => `a transaction of ${entries.length} answered ${entry.length} entries`);
  return entry.map(({ response }, place) => {
    const { resourceType } = entries[place]!.resource;
    const id = new RegExp(`(?:^|/)${resourceType}/([A-Za-z0-9.-]{1,64})/_history/[^/]+$`).exec(response.location)?.[1];
    if (!response.status.startsWith('201') || id === undefined) throw new Error(`an entry of type ${resourceType} answered ${response.status}`);
    return id;
  });
}

const entriesWanted = 56;
const pooled = 120;

/** The first entries of charts that are not loaded: each refers only to those before it, so any beginning stands alone. */
export function transaction({ world, client, clients, salt }: Setting): Prepared {
  const pool = Array.from({ length: pooled }, (_, index) => chartOf(world.seed, 9_000_000 + (clients + 100 * salt) * 1000 + index).entries.slice(0, entriesWanted)).map((entries) => ({ entries, body: transactionOf(entries) }));
  let last: { entries: readonly ChartEntry[]; ids: readonly string[] } | undefined;
  return {
    operate: async (_, turn) => {
      const { entries, body } = pool[turn % pool.length]!;
      const ids = await sendTransaction(client, entries, body);
      last = { entries, ids };
      return { resources: entries.length, bytes: body.length };
    },
    check: async () => {
      if (!last) return 0;
      const patient = `Patient/${last.ids[0]}`;
      for (const [place, { resource }] of last.entries.entries()) {
        const answer = await client.send('GET', `/${resource.resourceType}/${last.ids[place]}`);
        must(answer.status === 200, () => `read back ${shown(answer)}`);
        const text = answer.body.toString('utf8');
        must(!text.includes('urn:uuid:') && (place === 0 || text.includes(`"${patient}"`)), () => `a ${resource.resourceType} of a transaction has references that were not resolved`);
      }
      return last.entries.length;
    },
  };
}
