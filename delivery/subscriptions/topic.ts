/**
 * Topics as data: files in the shape of the R5 SubscriptionTopic, read and checked at start.
 * Source: https://hl7.org/fhir/R5/subscriptiontopic.html, https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/components.html#subscription-topics
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import { interpret, type Interpreter } from '../../fhir/fhirpath/interpreter.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { standardParameters } from '../../fhir/search-parameters.ts';

/** What is sent of an event (https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/payloads.html). */
export const contentLevels = ['empty', 'id-only', 'full-resource'] as const;
export type ContentLevel = (typeof contentLevels)[number];

/** The event of PAS whose source is the log of authorizations (CodeSystem PASTempCodes). */
const authorizationEvent = 'result-available';

const canonical = /^(?:https?:\/\/hl7\.org\/fhir\/StructureDefinition\/)?([A-Z][A-Za-z]+)$/;
const resourceType = z.string().transform((value, context) => {
  const [, type] = canonical.exec(value) ?? [];
  if (isResourceType(type)) return type;
  context.addIssue('the name or the canonical of an R4 resource type is expected');
  return z.NEVER;
});
const testOutcome = z.enum(['test-passes', 'test-fails']);

const schema = z.object({
  resourceType: z.literal('SubscriptionTopic'),
  id: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/),
  url: z.url(),
  version: z.string().optional(),
  title: z.string().optional(),
  status: z.enum(['draft', 'active', 'retired']),
  description: z.string().optional(),
  resourceTrigger: z.array(z.object({
    description: z.string().optional(),
    resource: resourceType,
    supportedInteraction: z.array(z.enum(['create', 'update', 'delete'])).min(1).default(['create', 'update', 'delete']),
    queryCriteria: z.object({
      previous: z.string().optional(), resultForCreate: testOutcome.default('test-passes'),
      current: z.string().optional(), resultForDelete: testOutcome.default('test-passes'),
      requireBoth: z.boolean().default(false),
    }).optional(),
    fhirPathCriteria: z.string().optional(),
  })).default([]),
  eventTrigger: z.array(z.object({
    description: z.string().optional(),
    event: z.object({ coding: z.array(z.object({ system: z.string(), code: z.literal(authorizationEvent) })).length(1) }),
    resource: resourceType,
  })).default([]),
  canFilterBy: z.array(z.object({
    description: z.string().optional(), resource: resourceType.optional(), filterParameter: z.string(), filterDefinition: z.string().optional(),
    modifier: z.array(z.literal('eq')).default(['eq']),
  })).default([]),
  notificationShape: z.array(z.object({ resource: resourceType, include: z.array(z.string().regex(/^[A-Z]\w+:[a-z][\w-]*$/)).default([]) })).default([]),
});

type Definition = z.infer<typeof schema>;

export interface ResourceTrigger {
  readonly type: string;
  readonly interactions: ReadonlySet<string>;
  readonly query: NonNullable<Definition['resourceTrigger'][number]['queryCriteria']> | undefined;
  /** Holds where it selects `true` of the resource as it is after the interaction. */
  readonly condition: Interpreter | undefined;
}

export interface Topic {
  readonly url: string;
  readonly title: string;
  readonly version: string | undefined;
  readonly triggers: readonly ResourceTrigger[];
  /** Its events come from the log of prior authorizations. */
  readonly ofAuthorizations: boolean;
  /** Of which types, or of all, and by which parameter it can be filtered. */
  readonly filters: readonly { readonly type: string | undefined; readonly parameter: string }[];
  /** Search parameters whose targets go along, by type. */
  readonly included: ReadonlyMap<string, readonly string[]>;
}

/** What is wrong with which file, for an operator. */
export class TopicError extends Error {
  override readonly name = 'TopicError';
}

const shipped = fileURLToPath(new URL('../topics/', import.meta.url));

/** The topics that come with the server, and those of the folder of a plan. @throws {TopicError} */
export async function loadTopics(folder: string | undefined): Promise<readonly Topic[]> {
  const topics = (await Promise.all([shipped, ...(folder === undefined ? [] : [folder])].map(readFolder))).flat();
  const twice = topics.find(({ url }, index) => topics.findIndex((other) => other.url === url) !== index);
  if (twice) throw new TopicError(`two topics have the canonical ${twice.url}`);
  return topics;
}

async function readFolder(folder: string): Promise<Topic[]> {
  const names = await readdir(folder).catch(() => { throw new TopicError(`${folder}: the folder cannot be read`); });
  const topics = await Promise.all(names.filter((name) => name.endsWith('.json')).toSorted().map(async (name) => readTopic(await readFile(join(folder, name), 'utf8'), name)));
  return topics.filter((topic) => topic !== undefined);
}

/** @returns undefined for one that is not active @throws {TopicError} */
export function readTopic(text: string, name: string): Topic | undefined {
  let definition: Definition;
  try {
    definition = schema.parse(JSON.parse(text));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    throw new TopicError(`${name}: ${issue ? `${issue.path.join('.')}: ${issue.message}` : 'it is not JSON'}`);
  }
  if (definition.status !== 'active') return undefined;
  if (definition.resourceTrigger.length + definition.eventTrigger.length === 0) throw new TopicError(`${name}: it has no trigger`);
  const types = new Set(definition.resourceTrigger.map(({ resource }) => resource));
  const ofAuthorizations = definition.eventTrigger.length > 0;
  for (const { resource, filterParameter } of definition.canFilterBy) {
    if (ofAuthorizations) continue;
    for (const type of resource === undefined ? types : [resource]) {
      const kind = standardParameters.find(type, filterParameter)?.type;
      if (kind !== 'token' && kind !== 'reference' && kind !== 'uri') throw new TopicError(`${name}: canFilterBy: ${type}.${filterParameter} is no search parameter of type token, reference or uri`);
    }
  }
  return {
    url: definition.url, title: definition.title ?? definition.id, version: definition.version, ofAuthorizations,
    triggers: definition.resourceTrigger.map((trigger) => ({
      type: trigger.resource, interactions: new Set<string>(trigger.supportedInteraction), query: trigger.queryCriteria,
      condition: trigger.fhirPathCriteria === undefined ? undefined : conditionOf(trigger.fhirPathCriteria, name),
    })),
    filters: definition.canFilterBy.map(({ resource, filterParameter }) => ({ type: resource, parameter: filterParameter })),
    included: new Map(definition.notificationShape.map(({ resource, include }) => [resource, include.map((path) => path.slice(path.indexOf(':') + 1))])),
  };
}

function conditionOf(expression: string, name: string): Interpreter {
  if (expression.includes('%previous')) throw new TopicError(`${name}: fhirPathCriteria looks at the resource as it is; what it was is asked by queryCriteria.previous`);
  try {
    return interpret(expression.replaceAll('%current', '%resource'));
  } catch (error) {
    if (error instanceof FhirPathError) throw new TopicError(`${name}: fhirPathCriteria: ${error.message}`);
    throw error;
  }
}
