/**
 * What is told of an event, at a level of content. Made when it is first sent, and shared by all subscriptions that are
 * told the same.
 * Source: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/payloads.html
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { linksIn } from '../../fhir/links.ts';
import { Problem } from '../../fhir/problems.ts';
import { readReference } from '../../fhir/references.ts';
import { toldOf } from '../../operations/prior-authorization/exchange/exchanges.ts';
import { extractSearchValues } from '../../fhir/search-values/extract.ts';
import type { Context } from '../../store/context.ts';
import { readMany, readVersion } from '../../store/read.ts';
import type { SubscriptionEvent } from '../../store/subscriptions/read-events.ts';
import { openAuthorization, responseNow } from './authorization-content.ts';
import { historyEntry, type NotifiedEvent } from './notification.ts';
import type { Surroundings } from './surroundings.ts';
import type { ContentLevel, Topic } from './topic.ts';

type Told = Pick<NotifiedEvent, 'focus' | 'entries' | 'authorization'>;

const nothing: Told = { entries: [] };
/** Notifications of an event go out together, so few events have to be remembered. */
const mostRemembered = 200;

export interface Contents {
  tell(event: SubscriptionEvent, topic: Topic, level: ContentLevel, context: Context): Promise<NotifiedEvent>;
}

export function createContents({ database }: Pick<Surroundings, 'database'>): Contents {
  const remembered = new Map<string, Promise<Told>>();
  return {
    async tell(event, topic, level, context) {
      if (level === 'empty') return { number: event.number, at: event.at, ...nothing };
      const key = [context.tenant.id, context.base, topic.url, event.type, event.id, event.version, event.interaction, level].join(' ');
      let told = remembered.get(key);
      if (told === undefined) {
        told = topic.ofAuthorizations ? tellAuthorization(database, event, level, context) : tellResource(database, event, topic, level, context);
        remembered.set(key, told);
        // What failed is tried anew by whoever asks next.
        told.catch(() => remembered.delete(key));
        if (remembered.size > mostRemembered) remembered.delete(remembered.keys().next().value!);
      }
      return { number: event.number, at: event.at, ...await told };
    },
  };
}

async function tellAuthorization(database: Surroundings['database'], event: SubscriptionEvent, level: ContentLevel, context: Context): Promise<Told> {
  const address = `${context.base}/ClaimResponse/${event.id}`;
  const authorization = await openAuthorization(database, event.id, context);
  if (!authorization || level !== 'full-resource') {
    return { focus: address, entries: [historyEntry(address, 'update', `ClaimResponse/${event.id}`, undefined)], ...(authorization && { authorization: toldOf(authorization, context) }) };
  }
  const response = responseNow(authorization, context);
  const focus = `urn:uuid:${response.id}`;
  return {
    focus, entries: [historyEntry(focus, 'create', `Bundle/${response.id}`, response)],
    authorization: { ...toldOf(authorization, context), ...(movesClocks.has(event.interaction) && { notices: authorization.stored.claim }) },
  };
}

/** The last event of a commit stands for it: an extension may stop the clock in the same one. */
const movesClocks: ReadonlySet<string> = new Set(['authorization-extended', 'authorization-downgraded', 'authorization-paused']);

async function tellResource(database: Surroundings['database'], event: SubscriptionEvent, topic: Topic, level: ContentLevel, context: Context): Promise<Told> {
  const { type, id } = event;
  const focus = `${context.base}/${type}/${id}`;
  const interaction = event.interaction === 'delete' ? 'delete' : event.interaction === 'create' ? 'create' : 'update';
  const resource = level === 'full-resource' && interaction !== 'delete' ? await versionThen(database, event, context) : undefined;
  const included = resource ? await includedWith(database, resource, topic, context) : [];
  return {
    focus,
    entries: [
      historyEntry(focus, interaction, `${type}/${id}`, resource && absolute(resource, context.base)),
      ...included.map((one) => historyEntry(`${context.base}/${one.resourceType}/${one.id!}`, 'update', `${one.resourceType}/${one.id!}`, absolute(one, context.base))),
    ],
  };
}

/** Undefined where it cannot be read any more. */
async function versionThen(database: Surroundings['database'], { type, id, version }: SubscriptionEvent, context: Context): Promise<Resource | undefined> {
  try {
    return parseJson((await readVersion(database, type, id, version, context)).content) as Resource;
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 410)) return undefined;
    throw error;
  }
}

/** What the topic's shape sends along (R5 SubscriptionTopic.notificationShape.include). */
async function includedWith(database: Surroundings['database'], resource: Resource, topic: Topic, context: Context): Promise<Resource[]> {
  const parameters = topic.included.get(resource.resourceType) ?? [];
  if (parameters.length === 0) return [];
  const targets = extractSearchValues(resource, context.parameters).flatMap((value) => (
    value.type === 'reference' && parameters.includes(value.parameter.code) && value.url === undefined && value.targetType !== undefined && value.targetId !== undefined
      ? [{ type: value.targetType, id: value.targetId }] : []));
  const found = await readMany(database, targets, context);
  return [...found.values()].map(({ content }) => parseJson(content) as Resource);
}

/** References to this server's resources are kept relative; outside they are addresses. The resource is changed. */
function absolute(resource: Resource, base: string): Resource {
  for (const link of linksIn(resource, () => false)) {
    link.rewrite((value, kind) => {
      if (kind !== 'reference') return undefined;
      const reference = readReference(value);
      return reference && reference.base === undefined ? `${base}/${value}` : undefined;
    });
  }
  return resource;
}
