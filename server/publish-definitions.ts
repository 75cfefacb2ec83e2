/** Our own OperationDefinitions, readable under the addresses that the CapabilityStatement gives. */
import type { OperationDefinition } from '@medplum/fhirtypes';
import { parseJson } from '../fhir/json.ts';
import type { Operation } from '../operations/registry.ts';
import type { Context, Tenant } from '../store/context.ts';
import { readMany } from '../store/read.ts';
import { commit } from '../store/write/commit.ts';
import type { House } from './house.ts';

export async function publishDefinitions(house: House, operations: readonly Operation[]): Promise<void> {
  const definitions = operations.flatMap((operation) => operation.definition ? [operation.definition] : []);
  for (const tenant of house.tenants) await publishTo(tenant, definitions, house);
}

async function publishTo(tenant: Tenant, definitions: readonly (OperationDefinition & { readonly id: string })[], house: House): Promise<void> {
  const context = serverContext(house, 'publish-definitions', tenant);
  const known = await readMany(house.database, definitions.map(({ id }) => ({ type: 'OperationDefinition', id })), context);
  const changed = definitions.filter((definition) => {
    const stored = known.get(`OperationDefinition/${definition.id}`);
    return !stored || !sameContent(parseJson(stored.content) as OperationDefinition, definition);
  });
  if (changed.length > 0) await commit(house.database, changed.map((resource) => ({ kind: 'update', resource })), context);
}

function sameContent(stored: OperationDefinition, definition: OperationDefinition): boolean {
  const { meta: _, ...content } = stored;
  const plain = (value: OperationDefinition): string => JSON.stringify(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b)));
  return plain(content) === plain(definition);
}

/** The server acting on its own behalf. */
export function serverContext(house: House, request: string, tenant: Tenant = house.tenant): Context {
  return { tenant, base: house.baseUrlOf(tenant), get parameters() { return house.definitions.parametersOf(tenant.id); }, refreshParameters: () => house.definitions.refresh(tenant.id), access: { tenant: tenant.id }, actor: 'server', request, now: house.clock.now, random: house.clock.random };
}
