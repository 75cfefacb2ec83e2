/** Subscriptions as clients write them: which topics there are, and what is accepted. */
import { resolve } from 'node:path';
import type { Subscription } from '@medplum/fhirtypes';
import { acceptSubscription } from '../delivery/subscriptions/accept.ts';
import { createHeaderSeal, type HeaderSeal } from '../delivery/subscriptions/sealed-headers.ts';
import { loadTopics, type Topic } from '../delivery/subscriptions/topic.ts';
import type { Outbound } from '../operations/outbound/call.ts';
import type { Context } from '../store/context.ts';
import type { Database } from '../store/database.ts';
import { ensureSecret } from '../store/secrets.ts';
import type { Configuration } from './configuration.ts';

export interface Subscriptions {
  readonly topics: readonly Topic[];
  readonly headers: HeaderSeal;
  /** What is stored of a Subscription that a client writes. @throws {Problem} */
  accept(sent: Subscription, context: Context, where?: string): Promise<Subscription>;
}

/** @throws {TopicError} for a topic that cannot be used */
export async function assembleSubscriptions({ topics: folder, pastSubscriptions }: Configuration, outbound: Outbound, database: Database, random: (count: number) => Uint8Array): Promise<Subscriptions> {
  const topics = await loadTopics(folder === undefined ? undefined : resolve(folder));
  const headers = createHeaderSeal(await ensureSecret(database, 'subscription-headers', random), random);
  return { topics, headers, accept: (sent, context, where) => acceptSubscription(sent, { topics, outbound, headers, pastEnd: pastSubscriptions }, context, where) };
}
