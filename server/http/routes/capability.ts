/**
 * CapabilityStatement, made from what is registered: resource types, interactions, searchable parameters, operations.
 * Source: https://hl7.org/fhir/R4/capabilitystatement.html, https://hl7.org/fhir/R4/http.html#capabilities
 */
import type { CapabilityStatement, CapabilityStatementRestResource } from '@medplum/fhirtypes';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { backport } from '../../../delivery/subscriptions/backport.ts';
import type { Topic } from '../../../delivery/subscriptions/topic.ts';
import { pasProfile } from '../../../profiles/pas/names.ts';
import { Problem } from '../../../fhir/problems.ts';
import { resourceTypes } from '../../../fhir/resource-types.ts';
import type { SearchParameterSet } from '../../../fhir/search-parameters.ts';
import type { Operation } from '../../../operations/registry.ts';
import { terminologyCapabilities, terminologyFeatures } from '../../../operations/terminology/capabilities.ts';
import { currentPas } from '../../../operations/prior-authorization/versions/pas-version.ts';
import type { Context } from '../../../store/context.ts';
import type { House } from '../../house.ts';
import type { SystemInteraction, TypeInteraction } from '../interaction.ts';
import { queryOf } from '../media-types.ts';
import { representationOf } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { commonSearchParameters, searchCapabilities } from '../search-capability.ts';
import { releaseDate, version } from '../../version.ts';

const systemInteractions: ReadonlySet<string> = new Set<SystemInteraction>(['transaction', 'batch', 'history-system', 'search-system']);

/** To be mounted before the routes that it speaks of: it notes them as they are added. */
export function capabilityRoutes(server: FastifyInstance, house: House, operations: readonly Operation[]): void {
  const interactions = new Set<TypeInteraction | SystemInteraction>();
  server.addHook('onRoute', ({ config }) => { for (const interaction of [config?.interaction ?? []].flat()) interactions.add(interaction); });
  /** By base, as long as the tenant has the same search parameters. */
  const made = new Map<string, { readonly parameters: SearchParameterSet; readonly text: string }>();
  const ownStatement = ({ parameters, base, pas }: Context): string => {
    let statement = made.get(base);
    if (statement?.parameters !== parameters) made.set(base, statement = { parameters, text: JSON.stringify(capabilityStatement(house, { base, pas: pas?.version ?? currentPas.name }, parameters, [...interactions], operations)) });
    return statement.text;
  };
  /** What each mode answers, as JSON text. What is normative in R4 is part of the whole, which may be answered for it. */
  const modes: Readonly<Record<Mode, (context: Context) => string | Promise<string>>> = {
    full: ownStatement,
    normative: ownStatement,
    terminology: async (context) => JSON.stringify(await terminologyCapabilities(house.database, context, version)),
  };
  server.get('/metadata', async (request, reply) => {
    const representation = representationOf(request);
    const text = await modes[modeOf(request)](contextOf(request, house));
    return representation.send(reply.header('cache-control', 'no-cache'), text);
  });
}

const pasGuide = 'http://hl7.org/fhir/us/davinci-pas';

type Mode = 'full' | 'normative' | 'terminology';

/** @throws {Problem} `invalid-search-value` */
function modeOf(request: FastifyRequest): Mode {
  const [mode = 'full', ...more] = queryOf(request).flatMap(([name, value]) => (name === 'mode' ? [value] : []));
  if ((mode === 'full' || mode === 'normative' || mode === 'terminology') && more.length === 0) return mode;
  throw new Problem('invalid-search-value', { name: 'mode', reason: 'one of full, normative and terminology is expected' });
}

/** @param pas version of the guide that the base is of */
export function capabilityStatement(house: Pick<House, 'clock' | 'configuration' | 'subscriptions'>, { base, pas }: { readonly base: string; readonly pas: string }, parameters: SearchParameterSet, interactions: readonly (TypeInteraction | SystemInteraction)[], operations: readonly Operation[]): CapabilityStatement {
  const search = searchCapabilities(parameters);
  const ofTypes = interactions.filter((code): code is TypeInteraction => !isOfSystem(code));
  return {
    resourceType: 'CapabilityStatement',
    extension: terminologyFeatures,
    url: `${base}/metadata`,
    version,
    name: 'Priora',
    title: 'Priora FHIR server',
    status: 'active',
    date: house.clock.now().toISOString(),
    kind: 'instance',
    // A payer's server is an intermediary to PAS, which may pass requests on to X12.
    instantiates: ['http://hl7.org/fhir/CapabilityStatement/terminology-server', backport.server, `${pasGuide}/CapabilityStatement/IntermediaryCapabilities|${pas}`],
    software: { name: 'Priora', version, releaseDate },
    implementation: { description: 'Priora FHIR server', url: base },
    implementationGuide: [`${pasGuide}/ImplementationGuide/hl7.fhir.us.davinci-pas|${pas}`],
    fhirVersion: '4.0.1',
    format: ['json', 'xml', 'application/fhir+json', 'application/fhir+xml'],
    patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
    rest: [{
      mode: 'server',
      documentation: 'No access control yet: the server listens on the loopback interface only.',
      interaction: interactions.filter(isOfSystem).map((code) => ({ code })),
      operation: operations.filter(({ levels }) => levels.includes('system')).map(namedOperation),
      searchParam: [...commonSearchParameters],
      resource: resourceTypes.map((type) => ({ ...resourceOf(type, ofTypes, operations, house.configuration.conditionalDelete), ...search.get(type), ...(type === 'Subscription' && subscriptionFeatures(house.subscriptions.topics)) })),
    }],
  };
}

/** Which topics there are (https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-capabilitystatement-subscriptiontopic-canonical.html). */
function subscriptionFeatures(topics: readonly Topic[]): Pick<CapabilityStatementRestResource, 'extension' | 'supportedProfile'> {
  return { extension: topics.map(({ url }) => ({ url: backport.topicCanonical, valueCanonical: url })), supportedProfile: [backport.subscription, pasProfile.subscription] };
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
    ...(own.length > 0 && { operation: own.map(namedOperation) }),
  };
}

function namedOperation({ code, canonical, documentation }: Operation): { name: string; definition: string; documentation?: string } {
  return { name: code, definition: canonical, ...(documentation && { documentation: documentation() }) };
}
