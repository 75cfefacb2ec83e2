/** A random chart as a server has it: written in Bundles at different times. */
import * as fc from 'fast-check';
import type { Resource } from '@medplum/fhirtypes';
import { send, type TestHouse } from '../../support/house.ts';
import { chart } from './chart.ts';

export interface StoredResource {
  readonly resource: Resource & { readonly id: string };
  /** As it was sent: numbers keep the digits they are written with. */
  readonly text: string;
  /** When, in milliseconds. */
  readonly changed: number;
}

export async function storeChart(house: TestHouse): Promise<readonly StoredResource[]> {
  const texts = fc.sample(chart, { numRuns: 1, seed: Number(process.env['PRIORA_MODEL_SEED'] ?? 20260302) })[0]!;
  const stored: StoredResource[] = [];
  // A Bundle for each hundred, so that times differ.
  for (let at = 0; at < texts.length; at += 100) {
    const some = texts.slice(at, at + 100).map((text) => ({ text, resource: JSON.parse(text) as StoredResource['resource'] }));
    house.clock.advance(1000);
    const entries = some.map(({ text, resource: { resourceType, id } }) => `{"fullUrl":"${house.fhir}/${resourceType}/${id}","resource":${text},"request":{"method":"PUT","url":"${resourceType}/${id}"}}`);
    const answer = await send('POST', house.fhir, `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`);
    if (answer.status !== 200) throw new Error(answer.text);
    for (const { text, resource } of some) stored.push({ resource, text, changed: house.clock.now.getTime() });
  }
  return stored;
}
