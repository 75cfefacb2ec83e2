/** All routes of the server, mounted in one place. */
import type { Resource } from '@medplum/fhirtypes';
import type { FastifyInstance } from 'fastify';
import { createContents } from '../delivery/subscriptions/content.ts';
import { subscriptionOperations } from '../delivery/subscriptions/operations.ts';
import type { Operation } from '../operations/registry.ts';
import { clinicalDocumentOperation } from '../operations/clinical-document/operation.ts';
import { documentationOperations } from '../operations/documentation/operations.ts';
import { everythingOperations } from '../operations/everything/operations.ts';
import { reindexStatusOperation } from '../operations/definitions/reindex-status.ts';
import { graphqlOperation } from '../operations/graphql/operation.ts';
import { metaOperations } from '../operations/meta/operations.ts';
import { exchangesOperation } from '../operations/metrics/exchanges.ts';
import { metricsOperation } from '../operations/metrics/operation.ts';
import { worklistOperation } from '../operations/metrics/worklist.ts';
import { sourceOperation } from '../operations/source/operation.ts';
import { priorAuthorizationOperations } from '../operations/prior-authorization/operations.ts';
import { terminologyOperations } from '../operations/terminology/operations.ts';
import { validateOperation } from '../operations/validate/operation.ts';
import { binaryRoutes } from './http/routes/binary.ts';
import { bundleText } from './http/bundle-text.ts';
import { capabilityRoutes } from './http/routes/capability.ts';
import { endpointDiscoveryRoutes } from './http/routes/endpoint-discovery.ts';
import { cdsServiceRoutes } from './http/routes/cds-services.ts';
import { healthRoutes } from './http/routes/health.ts';
import { historyRoutes } from './http/routes/history.ts';
import { inboxRoutes } from './http/routes/inbox.ts';
import { landingRoutes } from './http/routes/landing.ts';
import { outboxRoutes } from './http/routes/outbox.ts';
import { operationRoutes } from './http/routes/operations.ts';
import { createRoutes } from './http/routes/create.ts';
import { deleteRoutes } from './http/routes/delete.ts';
import { patchRoutes } from './http/routes/patch.ts';
import { readRoutes } from './http/routes/read.ts';
import { updateRoutes } from './http/routes/update.ts';
import { reportRoutes } from './http/routes/report.ts';
import { searchRoutes } from './http/routes/search.ts';
import { transactionRoutes } from './http/routes/transaction.ts';
import { x12Routes } from './http/routes/x12.ts';
import { readResource } from './http/media-types.ts';
import { asResource, assertNoDecision, assertShape } from './http/resource-body.ts';
import type { House } from './house.ts';

export function registeredOperations(house: House): readonly Operation[] {
  const { database, cursorKey, priorAuthorization } = house;
  return [
    ...priorAuthorizationOperations(priorAuthorization, readResource, () => house.configuration.bodyLimit),
    ...everythingOperations({ database, cursorKey, bundleText }),
    ...metaOperations(database, house.checkWrite),
    sourceOperation(database),
    clinicalDocumentOperation(database),
    reindexStatusOperation(database),
    graphqlOperation({ database, cursorKey, bounds: () => ({ depth: house.configuration.graphqlDepth, cost: house.configuration.graphqlCost }) }),
    worklistOperation(database),
    exchangesOperation(database),
    metricsOperation({ database, policies: house.policies, clocks: house.clocks }),
    ...terminologyOperations(database),
    ...subscriptionOperations({ database, topics: () => house.subscriptions.topics, contents: createContents({ database }) }),
    ...documentationOperations({ database, policies: house.policies, content: house.content, onErrorsLogged: (severity, count) => house.metrics.questionnaireErrors.inc({ severity }, count) }),
    validateOperation({ database, identify: (value, type) => asResource(value, type), accept: acceptedResource, content: house.content }),
  ];
}

/** What a create or an update is before it is committed. */
function acceptedResource(value: unknown, type: string): Resource {
  const resource = asResource(value, type);
  assertNoDecision(resource);
  assertShape(resource);
  return resource;
}

export async function mountRoutes(server: FastifyInstance, house: House): Promise<void> {
  const operations = registeredOperations(house);
  healthRoutes(server, house);
  landingRoutes(server, house);
  inboxRoutes(server, house);
  outboxRoutes(server, house);
  x12Routes(server, house);
  cdsServiceRoutes(server, house);
  endpointDiscoveryRoutes(server, house);
  reportRoutes(server, house);
  await server.register(async (fhir) => {
    capabilityRoutes(fhir, house, operations);
    operationRoutes(fhir, house, operations);
    transactionRoutes(fhir, house);
    searchRoutes(fhir, house);
    historyRoutes(fhir, house);
    binaryRoutes(fhir, house);
    createRoutes(fhir, house);
    readRoutes(fhir, house);
    updateRoutes(fhir, house);
    patchRoutes(fhir, house);
    deleteRoutes(fhir, house);
  }, { prefix: '/fhir' });
}
