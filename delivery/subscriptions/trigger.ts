/**
 * Whether an interaction with a resource is an event of a topic.
 * Source: https://hl7.org/fhir/R5/subscriptiontopic-definitions.html#SubscriptionTopic.resourceTrigger.queryCriteria
 */
import type { Resource } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { isMet, judgedOf } from '../../store/search/judge.ts';
import { readCriteria } from '../../store/write/conditional.ts';
import type { ResourceTrigger, Topic } from './topic.ts';

export interface Versions {
  /** After the interaction; undefined after a deletion. */
  readonly current: Resource | undefined;
  /** Before it; undefined where there was none. */
  readonly previous: Resource | undefined;
}

export async function isTriggered(topic: Topic, { type, interaction }: { readonly type: string; readonly interaction: string }, versions: Versions, database: Queryable, context: Context): Promise<boolean> {
  for (const trigger of topic.triggers) {
    if (trigger.type !== type || !trigger.interactions.has(interaction)) continue;
    if (await meetsQuery(trigger, versions, database, context) && meetsCondition(trigger, versions)) return true;
  }
  return false;
}

async function meetsQuery({ type, query }: ResourceTrigger, { current, previous }: Versions, database: Queryable, context: Context): Promise<boolean> {
  if (!query) return true;
  const test = async (resource: Resource | undefined, criteria: string | undefined, absent: string): Promise<boolean | undefined> => {
    if (criteria === undefined) return undefined;
    if (!resource) return absent === 'test-passes';
    const { where } = await readCriteria(type, criteria.replace(/^[A-Z]\w*\?/, ''), database, context);
    // What cannot be told without the store is no event.
    return isMet(where, judgedOf(resource, resource.id, context)) === true;
  };
  const tests = [await test(previous, query.previous, query.resultForCreate), await test(current, query.current, query.resultForDelete)].filter((result) => result !== undefined);
  if (tests.length === 0) return true;
  return query.requireBoth ? tests.every(Boolean) : tests.some(Boolean);
}

function meetsCondition({ condition }: ResourceTrigger, { current, previous }: Versions): boolean {
  if (!condition) return true;
  const [result, ...more] = condition(current ?? previous);
  return result !== undefined && more.length === 0 && result.value === true;
}
