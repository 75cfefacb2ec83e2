/** Charts in the store, written as the server writes them, some at a time. */
import type { Resource } from '@medplum/fhirtypes';
import { standardParameters } from '../../fhir/search-parameters.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { newIdFor } from '../../store/index-row.ts';
import { commit } from '../../store/write/commit.ts';
import { chartOf, type Facts } from '../engine/chart.ts';

export interface LoadedChart {
  readonly patient: string;
  readonly facts: Facts;
}

const seed = 42;
const startOfLoad = Date.UTC(2026, 0, 1);

export function contextOfBench(now: Date = new Date(startOfLoad)): Context {
  // The same numbers every time, so that a folder that was kept has the ids that are made anew.
  let state = now.getTime() % 2_147_483_647;
  const random = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return state & 0xff;
  });
  return { tenant: { id: 1, name: 'default' }, base: 'http://127.0.0.1/fhir', parameters: standardParameters, access: { tenant: 1 }, actor: 'bench', request: 'bench', now: () => now, random };
}

/** Adds charts up to the number `wanted`; those up to `present` are in the store already, and only told. */
export async function loadCharts(database: Database, charts: LoadedChart[], wanted: number, present: number): Promise<void> {
  while (charts.length < wanted) {
    const index = charts.length;
    const { entries, facts } = chartOf(seed, index);
    const context = contextOfBench(new Date(startOfLoad + index * 1000));
    const names = new Map<string, string>();
    const changes = entries.map(({ uuid, resource }) => {
      const resolved = JSON.parse(JSON.stringify(resource, (name, value: unknown) => name === 'reference' && typeof value === 'string' ? names.get(value) ?? value : value)) as Resource;
      const id = newIdFor(resolved, context);
      names.set(`urn:uuid:${uuid}`, `${resource.resourceType}/${id}`);
      return { kind: 'create' as const, id, resource: resolved };
    });
    charts.push({ patient: changes[0]!.id, facts });
    if (index >= present) await commit(database, changes, context);
  }
}
