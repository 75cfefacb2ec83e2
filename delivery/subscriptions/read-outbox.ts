/**
 * From the outbox to the subscriptions: rows in their order become events of topics, and these events of the
 * subscriptions that they concern. One transaction for each step, with the place that was read up to: nothing is read
 * twice and nothing left out.
 */
import type { Resource, Subscription } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { moveReader, readOutbox, type OutboxRow } from '../../store/outbox/read.ts';
import { readMany, readVersion, type StoredVersion } from '../../store/read.ts';
import { followSubscriptions, forgetSubscription, type FollowedSubscription } from '../../store/subscriptions/follow.ts';
import { recordEvents, wantedTopics, type TopicEvent } from '../../store/subscriptions/record-events.ts';
import { topicNamed } from './accept.ts';
import { openAuthorization, valuesOfRequest } from './authorization-content.ts';
import { filterTexts, heartbeatOf } from './backport.ts';
import { readFilters, valuesOf } from './filter.ts';
import type { Surroundings } from './surroundings.ts';
import { isTriggered } from './trigger.ts';

export const readerName = 'subscriptions';
/** Rows in one transaction. */
const atOnce = 500;

/** One step. @returns true where there may be more to read */
export async function readStep(surroundings: Surroundings): Promise<boolean> {
  return surroundings.database.transaction(async (connection) => {
    const rows = await readOutbox(connection, readerName, atOnce);
    if (rows === undefined) return false;
    const last = rows.at(-1);
    surroundings.observer.lag(rows[0] === undefined ? 0 : Math.max(0, (surroundings.now().getTime() - rows[0].at.getTime()) / 1000));
    if (last === undefined) return false;
    let events: TopicEvent[] = [];
    let changed: OutboxRow[] = [];
    let wanted: Awaited<ReturnType<typeof wantedTopics>> | undefined;
    const record = async (): Promise<void> => {
      const written = await recordEvents(connection, events, surroundings.now());
      if (written > 0) surroundings.observer.recorded(written);
      events = [];
    };
    const follow = async (): Promise<void> => {
      if (changed.length === 0) return;
      await followAll(connection, changed, surroundings);
      [changed, wanted] = [[], undefined];
    };
    const tenants = [...new Set(rows.map(({ tenant }) => tenant))];
    for (const row of ofOneChange(rows)) {
      if (row.type === 'Subscription') {
        // What happened before it was made or changed is not for it.
        await record();
        changed.push(row);
      } else {
        await follow();
        wanted ??= await wantedTopics(connection, tenants, surroundings.topics.map(({ url }) => url));
        events.push(...await eventsOf(row, wanted.get(row.tenant), surroundings));
      }
    }
    await follow();
    await record();
    await moveReader(connection, readerName, last);
    return rows.length === atOnce;
  });
}

/** All that one commit writes to the log of an authorization is one change: its last event stands for it. */
function ofOneChange(rows: readonly OutboxRow[]): readonly OutboxRow[] {
  const last = new Map<string, OutboxRow>();
  const change = (row: OutboxRow): string => `${row.transaction} ${row.tenant} ${row.id}`;
  for (const row of rows) if (isOfAuthorization(row) && (last.get(change(row))?.version ?? 0) < row.version) last.set(change(row), row);
  return rows.filter((row) => !isOfAuthorization(row) || last.get(change(row)) === row);
}

function isOfAuthorization({ interaction }: OutboxRow): boolean {
  return interaction.startsWith('authorization-');
}

/** What cannot be looked at is told to the operator, and does not hold up what comes after it; a store that does not answer does. */
async function unlessFaulty<T>(what: string, work: () => Promise<T>, otherwise: T, { observer }: Surroundings): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 410)) return otherwise;
    if (error instanceof Problem && error.status >= 500) throw error;
    observer.fault(what, error);
    return otherwise;
  }
}

async function eventsOf(row: OutboxRow, wanted: ReadonlySet<string> | undefined, surroundings: Surroundings): Promise<TopicEvent[]> {
  const topics = surroundings.topics.filter(({ url, triggers, ofAuthorizations }) => wanted?.has(url) === true
    && (isOfAuthorization(row) ? ofAuthorizations : triggers.some(({ type, interactions }) => type === row.type && interactions.has(row.interaction))));
  if (topics.length === 0) return [];
  const context = surroundings.contextOf(row.tenant);
  const { tenant, at, interaction, type, id, version } = row;
  const event = (topic: string, values: readonly string[]): TopicEvent => ({ tenant, topic, values, at, interaction, type, id, version });
  // Read apart from the transaction, so that what fails does not undo it.
  return unlessFaulty('outbox', async () => {
    if (isOfAuthorization(row)) {
      const authorization = await openAuthorization(surroundings.database, id, context);
      const values = authorization ? valuesOfRequest(authorization.request) : [];
      return authorization ? topics.map(({ url }) => event(url, values)) : [];
    }
    const { current, previous } = await versionsOf(surroundings.database, row, context);
    const told = current ?? previous;
    if (!told) return [];
    const concerned: TopicEvent[] = [];
    for (const topic of topics) {
      if (await isTriggered(topic, row, { current, previous }, surroundings.database, context)) concerned.push(event(topic.url, valuesOf(told, topic, context.parameters, context.base)));
    }
    return concerned;
  }, [], surroundings);
}

async function versionsOf(database: Queryable, { interaction, type, id, version }: OutboxRow, context: Context): Promise<{ current: Resource | undefined; previous: Resource | undefined }> {
  const read = async (which: number): Promise<Resource> => parseJson((await readVersion(database, type, id, which, context)).content) as Resource;
  return {
    current: interaction === 'delete' ? undefined : await read(version),
    previous: interaction === 'create' ? undefined : await read(version - 1),
  };
}

/** In their order, and as far as nothing was deleted in between with one statement for all. */
async function followAll(connection: Queryable, rows: readonly OutboxRow[], surroundings: Surroundings): Promise<void> {
  const present = await presentVersions(rows, surroundings);
  let followed: FollowedSubscription[] = [];
  const write = async (): Promise<void> => {
    await followSubscriptions(connection, followed, surroundings.now());
    followed = [];
  };
  for (const row of rows) {
    if (row.interaction === 'delete') {
      await write();
      await forgetSubscription(connection, row.tenant, row.id);
    } else followed.push(await followedOf(row, present.get(`${row.tenant} ${row.id}`), surroundings));
  }
  await write();
}

/** As they are now, by tenant and id: usually the versions that the rows are of. */
async function presentVersions(rows: readonly OutboxRow[], { database, contextOf }: Surroundings): Promise<ReadonlyMap<string, StoredVersion>> {
  const found = new Map<string, StoredVersion>();
  for (const tenant of new Set(rows.map((row) => row.tenant))) {
    const keys = [...new Set(rows.filter((row) => row.tenant === tenant).map(({ id }) => id))].map((id) => ({ type: 'Subscription', id }));
    for (const version of (await readMany(database, keys, contextOf(tenant))).values()) found.set(`${tenant} ${version.id}`, version);
  }
  return found;
}

async function followedOf(row: OutboxRow, present: StoredVersion | undefined, surroundings: Surroundings): Promise<FollowedSubscription> {
  const { tenant, id, version } = row;
  const owner = row.actor === 'server' ? undefined : row.actor;
  // One that cannot be followed is off here: nothing is sent for what it was before.
  const off = { tenant, id, version, status: 'off' as const, topic: '', owner, filters: [], endsAt: undefined, heartbeat: undefined, host: '' };
  return unlessFaulty('subscription', async () => {
    const { content } = present?.version === version ? present : await readVersion(surroundings.database, 'Subscription', id, version, surroundings.contextOf(tenant));
    const subscription = parseJson(content) as Subscription;
    // Nothing else of it was checked.
    if (subscription.status === 'off') return off;
    const topic = topicNamed(subscription.criteria, surroundings.topics);
    const end = subscription.end === undefined ? undefined : new Date(subscription.end);
    return {
      tenant, id, version, status: subscription.status, topic: topic?.url ?? subscription.criteria ?? '', owner,
      // A topic that is gone has no events, so its filters do not matter.
      filters: topic ? readFilters(filterTexts(subscription), topic, () => 'Subscription.criteria') : [],
      // One that was taken with an end in the past has none (settings).
      endsAt: end !== undefined && end > row.at ? end : undefined, heartbeat: heartbeatOf(subscription), host: hostOf(subscription.channel?.endpoint),
    };
  }, off, surroundings);
}

function hostOf(endpoint: string | undefined): string {
  return endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname : '';
}
