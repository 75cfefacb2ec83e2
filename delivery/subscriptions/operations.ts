/**
 * $status and $events: what a subscription is, and what it was told, for a client that has missed something.
 * Source: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html,
 * https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-events.html
 */
import type { Bundle, Parameters, Subscription } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { randomUuid } from '../../fhir/ids.ts';
import { Problem } from '../../fhir/problems.ts';
import { readInputs } from '../../operations/inputs.ts';
import { fhirAnswer, type Operation, type OperationAnswer, type OperationCall } from '../../operations/registry.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { readMany, readResource } from '../../store/read.ts';
import { ofOneTopic, readCounts, readEvents, type SubscriptionCount } from '../../store/subscriptions/read-events.ts';
import { topicNamed } from './accept.ts';
import { backport, contentOf } from './backport.ts';
import type { Contents } from './content.ts';
import { notificationOf, statusOf, type NotifiedEvent, type NotifiedSubscription } from './notification.ts';
import { mayReceive } from './rights.ts';
import { contentLevels, type ContentLevel, type Topic } from './topic.ts';

/** Most subscriptions in one answer, and most events. */
const most = { subscriptions: 1000, events: 100 };

export interface SubscriptionOperationParts {
  readonly database: Database;
  readonly topics: () => readonly Topic[];
  readonly contents: Contents;
}

export function subscriptionOperations({ database, topics, contents }: SubscriptionOperationParts): readonly Operation[] {
  return [
    {
      code: 'status', resource: 'Subscription', levels: ['type', 'instance'], byGet: true, canonical: backport.statusOperation,
      async handle(call: OperationCall) {
        const { context, id } = call;
        const inputs = readInputs(call, 'status', { primitives: ['id', 'status'] });
        // At the level of an instance both are passed over.
        const asked = id !== undefined ? await one(database, id, context) : await several(database, { ids: listed(inputs.all('id')), statuses: listed(inputs.all('status')) }, context);
        const statuses = asked.map((subscription) => statusOf('query-status', subscription, []));
        return answer(searchset(statuses, context));
      },
    },
    {
      code: 'events', resource: 'Subscription', levels: ['instance'], byGet: true, canonical: backport.eventsOperation,
      async handle(call: OperationCall) {
        const { context, id } = call;
        if (id === undefined) throw new Problem('no-such-route');
        const inputs = readInputs(call, 'events', { primitives: ['eventsSinceNumber', 'eventsUntilNumber', 'content'] });
        const { content: text } = await readResource(database, 'Subscription', id, context);
        const subscription = parseJson(text) as Subscription;
        const [counted] = await one(database, id, context);
        const range = { since: numberOf('eventsSinceNumber', inputs.one('eventsSinceNumber')) ?? 1, until: numberOf('eventsUntilNumber', inputs.one('eventsUntilNumber')) ?? Number.MAX_SAFE_INTEGER, limit: most.events + 1 };
        const level = levelOf(inputs.one('content'), contentOf(subscription));
        const events: NotifiedEvent[] = [];
        // A notification is of one topic; those after it are asked for by the next number.
        const read = await readEvents(database, id, range, context);
        const found = ofOneTopic(read.slice(0, most.events));
        const rest = read[found.length];
        const topic = topicNamed(found[0]?.topic, topics());
        for (const event of found) {
          events.push(topic && mayReceive(context.actor, event, context) ? await contents.tell(event, topic, level, context) : { number: event.number, at: event.at, entries: [] });
        }
        const next = rest && `${context.base}/Subscription/${id}/$events?${new URLSearchParams({ eventsSinceNumber: String(rest.number), ...(inputs.one('eventsUntilNumber') !== undefined && { eventsUntilNumber: String(range.until) }), content: level }).toString()}`;
        const notification = notificationOf({ type: 'query-event', subscription: { ...counted!, topic: found[0]?.topic ?? counted!.topic }, events, at: context.now(), ids: [randomUuid(context.random(16)), randomUuid(context.random(16))] });
        return answer(next === undefined ? notification : { ...notification, link: [{ relation: 'next', url: next }] });
      },
    },
  ];
}

/** More is never told than the Subscription itself asks for: what it asks for is what was granted. */
function levelOf(asked: string | undefined, granted: string | undefined): ContentLevel {
  const own = (granted ?? 'empty') as ContentLevel;
  if (asked === undefined) return own;
  const wanted = contentLevels.find((level) => level === asked);
  if (wanted === undefined) throw new Problem('invalid-operation-parameter', { name: 'content', reason: `one of ${contentLevels.join(', ')} is expected` });
  return contentLevels.indexOf(wanted) < contentLevels.indexOf(own) ? wanted : own;
}

function numberOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new Problem('invalid-operation-parameter', { name, reason: 'a whole number is expected' });
  return Number(value);
}

/** Several values, in parameters of their own or with commas between them. */
function listed(values: readonly string[]): readonly string[] | undefined {
  return values.length === 0 ? undefined : values.flatMap((value) => value.split(','));
}

/** @throws {Problem} `not-found`, `gone` */
async function one(database: Database, id: string, context: Context): Promise<readonly NotifiedSubscription[]> {
  const { content } = await readResource(database, 'Subscription', id, context);
  const [count] = await readCounts(database, { ids: [id], limit: 1 }, context);
  return [told(id, content, count, context)];
}

async function several(database: Database, { ids, statuses }: { readonly ids: readonly string[] | undefined; readonly statuses: readonly string[] | undefined }, context: Context): Promise<readonly NotifiedSubscription[]> {
  const counts = new Map((await readCounts(database, { ...(ids ? { ids } : statuses && { statuses }), limit: most.subscriptions + 1 }, context)).map((count) => [count.id, count]));
  if (counts.size > most.subscriptions || (ids?.length ?? 0) > most.subscriptions) throw new Problem('invalid-operation-parameter', { name: 'id', reason: `there are more than ${most.subscriptions}; ids or statuses of fewer are expected` });
  const stored = await readMany(database, [...new Set([...ids ?? [], ...counts.keys()])].map((id) => ({ type: 'Subscription', id })), context);
  return [...stored.values()].map(({ id, content }) => told(id, content, counts.get(id), context)).filter(({ status }) => statuses?.includes(status) ?? true);
}

/** The resource says how it stands; a moment after it was made nothing has been counted for it. */
function told(id: string, content: string, count: SubscriptionCount | undefined, { base }: Context): NotifiedSubscription {
  const { status, criteria, error } = parseJson(content) as Subscription;
  return { id, status, topic: count?.topic || (criteria ?? '').split('|')[0]!, events: count?.events ?? 0, base, error };
}

function searchset(statuses: readonly Parameters[], context: Context): Bundle {
  return {
    resourceType: 'Bundle', type: 'searchset', total: statuses.length, timestamp: context.now().toISOString(),
    entry: statuses.map((resource) => ({ fullUrl: `urn:uuid:${randomUuid(context.random(16))}`, resource, search: { mode: 'match' } })),
  };
}

function answer(bundle: Bundle): OperationAnswer {
  return { status: 200, mediaType: fhirAnswer, body: stringifyJson(bundle) };
}
