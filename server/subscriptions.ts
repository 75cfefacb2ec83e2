/** Subscriptions as clients write them: which topics there are, and what is accepted. */
import { resolve } from 'node:path';
import type { Subscription } from '@medplum/fhirtypes';
import { acceptSubscription } from '../delivery/subscriptions/accept.ts';
import { loadTopics, type Topic } from '../delivery/subscriptions/topic.ts';
import type { Outbound } from '../operations/outbound/call.ts';
import type { Context } from '../store/context.ts';
import type { Configuration } from './configuration.ts';

export interface Subscriptions {
  readonly topics: readonly Topic[];
  /** What is stored of a Subscription that a client writes. @throws {Problem} */
  accept(sent: Subscription, context: Context, where?: string): Promise<Subscription>;
}

/** @throws {TopicError} for a topic that cannot be used */
export async function assembleSubscriptions({ topics: folder, pastSubscriptions }: Configuration, outbound: Outbound): Promise<Subscriptions> {
  const topics = await loadTopics(folder === undefined ? undefined : resolve(folder));
  return { topics, accept: (sent, context, where) => acceptSubscription(sent, { topics, outbound, pastEnd: pastSubscriptions }, context, where) };
}
