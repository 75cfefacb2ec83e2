/**
 * CapabilityStatement, made from what is registered: resource types, interactions, searchable parameters, operations.
 * Source: https://hl7.org/fhir/R4/capabilitystatement.html
 */
import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import type { FastifyInstance } from 'fastify';
import { resourceTypes } from '../../../fhir/resource-types.ts';
import { searchParametersOf } from '../../../fhir/search-parameters.ts';
import type { Operation } from '../../../operations/registry.ts';
import { isSearchable } from '../../../store/search/request.ts';
import type { House } from '../../house.ts';
import type { SystemInteraction, TypeInteraction } from '../interaction.ts';
import { assertAcceptable, fhirJson } from '../media-types.ts';
import { version } from '../../version.ts';

const systemInteractions: ReadonlySet<string> = new Set<SystemInteraction>(['transaction', 'batch', 'history-system', 'search-system']);

/** To be mounted before the routes that it speaks of: it notes them as they are added. */
export function capabilityRoutes(server: FastifyInstance, house: House, operations: readonly Operation[]): void {
  const interactions = new Set<TypeInteraction | SystemInteraction>();
  server.addHook('onRoute', ({ config }) => { for (const interaction of [config?.interaction ?? []].flat()) interactions.add(interaction); });
  let text: string | undefined;
  server.get('/metadata', async (request, reply) => {
    assertAcceptable(request);
    text ??= JSON.stringify(capabilityStatement(house, [...interactions], operations));
    return reply.type(fhirJson).header('cache-control', 'no-cache').send(text);
  });
}

export function capabilityStatement(house: Pick<House, 'baseUrl' | 'clock' | 'configuration'>, interactions: readonly (TypeInteraction | SystemInteraction)[], operations: readonly Operation[]): CapabilityStatement {
  const ofTypes = interactions.filter((code): code is TypeInteraction => !isOfSystem(code));
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: house.clock.now().toISOString(),
    kind: 'instance',
    software: { name: 'Priora', version },
    implementation: { description: 'Priora FHIR server', url: house.baseUrl() },
    fhirVersion: '4.0.1',
    format: ['json', 'application/fhir+json'],
    rest: [{
      mode: 'server',
      documentation: 'No access control yet: the server listens on the loopback interface only.',
      interaction: interactions.filter(isOfSystem).map((code) => ({ code })),
      operation: operations.filter(({ levels }) => levels.includes('system')).map(namedOperation),
      resource: resourceTypes.map((type) => resourceOf(type, ofTypes, operations, house.configuration.conditionalDelete)),
    }],
  };
}

function isOfSystem(code: TypeInteraction | SystemInteraction): code is SystemInteraction {
  return systemInteractions.has(code);
}

function resourceOf(type: string, interactions: readonly TypeInteraction[], operations: readonly Operation[], conditionalDelete: 'single' | 'multiple'): CapabilityStatementRestResource {
  const own = operations.filter(({ resource, levels }) => (resource === type || resource === 'Resource') && levels.some((level) => level !== 'system'));
  return {
    type: type as NonNullable<CapabilityStatementRestResource['type']>,
    interaction: interactions.map((code) => ({ code })),
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'full-support',
    conditionalUpdate: true,
    conditionalDelete,
    searchParam: searchParametersOf(type).filter((parameter) => isSearchable(parameter))
      .map(({ code, url, type: kind }) => ({ name: code, definition: url, type: kind })),
    ...(own.length > 0 && { operation: own.map(namedOperation) }),
  };
}

function namedOperation({ code, canonical }: Operation): { name: string; definition: string } {
  return { name: code, definition: canonical };
}
