/**
 * What is due for one subscription is done: handshake, events in their order, heartbeat, or its end. At least once: what
 * was not taken is sent again, later each time, until the subscription is in error; only its client gets it out of that.
 * Source: https://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html#rest-hook, errors.html
 */
import type { Subscription } from '@medplum/fhirtypes';
import { stringifyJson, parseJson } from '../../fhir/json.ts';
import { randomUuid } from '../../fhir/ids.ts';
import { Problem } from '../../fhir/problems.ts';
import { writeXml } from '../../fhir/xml/write.ts';
import type { Context } from '../../store/context.ts';
import { readResource } from '../../store/read.ts';
import { extendLease, settleActive, settleDelivered, settleFailed, settleStopped, type DueSubscription } from '../../store/subscriptions/due.ts';
import { ofOneTopic, readEvents } from '../../store/subscriptions/read-events.ts';
import { commit } from '../../store/write/commit.ts';
import { topicNamed } from './accept.ts';
import { contentOf, heartbeatOf, maxCountOf, pasVersionOf, timeoutOf } from './backport.ts';
import type { Contents } from './content.ts';
import { noteTold } from './note-told.ts';
import { notificationOf, type NotificationType, type NotifiedEvent } from './notification.ts';
import { mayReceive } from './rights.ts';
import type { Surroundings } from './surroundings.ts';
import type { ContentLevel } from './topic.ts';

/** Of the wait before a next attempt: doubles from the first to the last, milliseconds. */
const pause = { first: 1000, last: 600_000 };
/** Then the subscription is in error: after about 40 minutes. */
const mostAttempts = 12;
/** Milliseconds that an answer may take, where the Subscription does not say. */
const usualTimeout = 20_000;
/** Events in one notification, where the Subscription does not say. */
const usualCount = 20;
/** A subscription that gives more time is held for longer: until that has passed, and so many milliseconds more. */
const beyond = 10_000;
/** @param signal gives up what is being sent */
export async function deliver(due: DueSubscription, contents: Contents, surroundings: Surroundings, signal: AbortSignal): Promise<void> {
  const { database, now, contextOf, observer } = surroundings;
  let work: Work | undefined;
  try {
    const own = contextOf(due.tenant);
    const stored = await readResource(database, 'Subscription', due.id, own);
    const subscription = parseJson(stored.content) as Subscription & { id: string };
    work = { due, subscription, version: stored.version, context: contextOf(due.tenant, pasVersionOf(subscription)), contents, surroundings, signal };
    // Its client has changed it, and the outbox has not told yet.
    if (subscription.status !== due.status) await settleFailed(database, due, new Date(now().getTime() + pause.first));
    else if (due.endsAt !== undefined && due.endsAt <= now()) await stop(work, 'off');
    else if (due.status === 'requested') await shakeHands(work);
    else if (due.status === 'active') await sendDue(work);
    else await settleStopped(database, due, due.status);
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 410)) return settleStopped(database, due, 'off');
    observer.fault('subscription', error);
    await failedOnce(due, work, 'they cannot be made or sent', surroundings);
  }
}

/** Again later, or in error after the last attempt. Whatever it was that failed: nothing is tried for ever. */
async function failedOnce(due: DueSubscription, work: Work | undefined, reason: string, surroundings: Surroundings): Promise<void> {
  if (due.attempts + 1 < mostAttempts) return settleFailed(surroundings.database, due, retryAt(due.attempts, surroundings));
  if (work) return stop(work, 'error', `Notifications were not taken ${mostAttempts} times: ${reason}`);
  await settleStopped(surroundings.database, due, 'error');
  surroundings.observer.stopped();
}

interface Work {
  readonly due: DueSubscription;
  readonly subscription: Subscription & { id: string };
  /** Of the resource. */
  readonly version: number;
  /** At the base where it was made. */
  readonly context: Context;
  readonly contents: Contents;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}

async function shakeHands(work: Work): Promise<void> {
  const { failure } = await send(work, 'handshake', []);
  if (failure !== undefined) return stop(work, 'error', `The handshake failed: ${failure}`);
  const { surroundings: { database, now }, due } = work;
  if (await writeStatus(work, 'active')) await settleActive(database, due, now());
  else await settleFailed(database, due, new Date(now().getTime() + pause.first));
}

async function sendDue(work: Work): Promise<void> {
  const { due, subscription, context, surroundings: { database, now } } = work;
  const limit = maxCountOf(subscription) ?? usualCount;
  const read = due.events > due.delivered ? await readEvents(database, due.id, { since: due.delivered + 1, until: due.events, limit }, context) : [];
  // A notification is of one topic: what happened before the Subscription was changed to another is told as what it was.
  const pending = ofOneTopic(read);
  if (pending.length === 0 && heartbeatOf(subscription) === undefined) return settleDelivered(database, due, due.delivered, now());
  const notified = await told(pending, work);
  const { failure, status } = pending.length === 0 ? await send(work, 'heartbeat', []) : await send(work, 'event-notification', notified, pending[0]!.topic);
  if (failure !== undefined) return failedOnce(due, work, failure, work.surroundings);
  await noteTold(database, notified, { subscription: due.id, status }, context);
  return settleDelivered(database, due, pending.at(-1)?.number ?? due.delivered, now());
}

/** Rights are asked now, not when it was made: an event that its owner may not see any more is one without content. */
async function told(events: Awaited<ReturnType<typeof readEvents>>, { due, subscription, context, contents, surroundings }: Work): Promise<readonly NotifiedEvent[]> {
  const topic = topicNamed(events[0]?.topic, surroundings.topics);
  const level = (contentOf(subscription) ?? 'empty') as ContentLevel;
  const notified: NotifiedEvent[] = [];
  for (const event of events) {
    const visible = topic !== undefined && mayReceive(due.owner, event, context);
    notified.push(visible ? await contents.tell(event, topic, level, context) : { number: event.number, at: event.at, entries: [] });
  }
  return notified;
}

/** Why it was not taken, or with which status it was. */
type Sent = { readonly failure: string; readonly status?: undefined } | { readonly failure?: undefined; readonly status: number };

async function send({ due, subscription, context, surroundings, signal }: Work, type: NotificationType, events: readonly NotifiedEvent[], topic = due.topic): Promise<Sent> {
  const { outbound, observer, now, random, headers } = surroundings;
  const { channel } = subscription;
  const started = now().getTime();
  const notification = notificationOf({
    type, events, at: now(), ids: [randomUuid(random(16)), randomUuid(random(16))],
    subscription: { id: due.id, status: due.status, topic, events: due.events, base: context.base },
  });
  const mediaType = channel.payload ?? 'application/fhir+json';
  const timeout = (timeoutOf(subscription) ?? usualTimeout / 1000) * 1000;
  if (timeout > usualTimeout) await extendLease(surroundings.database, due, new Date(started + timeout + beyond));
  try {
    const { status } = await outbound.call({
      url: channel.endpoint ?? '', method: 'POST', headers: (channel.header ?? []).flatMap((line) => headers.open(line, { tenant: due.tenant, endpoint: channel.endpoint ?? '' }) ?? []),
      body: { mediaType, content: mediaType.includes('xml') ? writeXml(notification) : stringifyJson(notification) },
      timeout, answerLimit: 'status', signal,
    });
    const isTaken = status >= 200 && status < 300;
    observer.sent(type, isTaken ? 'taken' : 'failed', (now().getTime() - started) / 1000);
    return isTaken ? { status } : { failure: `it was answered with status ${status}` };
  } catch (error) {
    if (!(error instanceof Problem) || (error.code !== 'outbound-failed' && error.code !== 'outbound-refused')) throw error;
    observer.sent(type, 'failed', (now().getTime() - started) / 1000);
    return { failure: error.message };
  }
}

async function stop(work: Work, status: 'error' | 'off', reason?: string): Promise<void> {
  const { due, surroundings: { database, observer } } = work;
  // The row stops also where the resource cannot be written.
  await writeStatus(work, status, reason).catch((error: unknown) => observer.fault('subscription', error));
  await settleStopped(database, due, status);
  if (status === 'error') observer.stopped();
}

/** The resource says what its subscription is. @returns false where its client has changed it meanwhile, and what it says holds */
async function writeStatus({ subscription, version, context, surroundings }: Work, status: 'active' | 'error' | 'off', error?: string): Promise<boolean> {
  const { error: _, ...before } = subscription;
  try {
    await commit(surroundings.database, [{ kind: 'update', resource: { ...before, status, ...(error !== undefined && { error }) }, ifMatch: version }], context);
    return true;
  } catch (problem) {
    if (problem instanceof Problem && problem.code === 'version-conflict') return false;
    throw problem;
  }
}

/** Later each time, and not all at once where one receiver has many subscriptions: by half to the whole of the pause. */
function retryAt(attempts: number, { now, random }: Pick<Surroundings, 'now' | 'random'>): Date {
  const longest = Math.min(pause.first * 2 ** attempts, pause.last);
  return new Date(now().getTime() + longest * (0.5 + random(1)[0]! / 512));
}
