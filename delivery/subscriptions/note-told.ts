/**
 * What follows when a notification of authorizations was taken: it is an exchange with the provider (PASMetricData,
 * `subsequent`), and a notice that it told has reached whoever asked. A notification that is sent twice, because a
 * process ended in between, is noted once.
 */
import { exchangeOfNotification } from '../../operations/prior-authorization/exchange/exchanges.ts';
import { completeNotices } from '../../operations/prior-authorization/exchange/notices.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { commit } from '../../store/write/commit.ts';
import type { NotifiedEvent } from './notification.ts';

export interface Taken {
  /** Id of the subscription. */
  readonly subscription: string;
  /** Of HTTP, with which it was taken. */
  readonly status: number;
}

export async function noteTold(database: Database, events: readonly NotifiedEvent[], { subscription, status }: Taken, context: Context): Promise<void> {
  const told = events.filter((event) => event.authorization !== undefined);
  if (told.length === 0) return;
  await commit(database, told.map(({ authorization, at, number }) => exchangeOfNotification(authorization!, { rail: 'fhir', requestedAt: at, status, name: `${subscription} ${number}` }, context)), context);
  // The filter of the topic is the organization that asked: nobody else hears of it.
  for (const claim of new Set(told.flatMap(({ authorization }) => authorization!.notices ?? []))) await completeNotices(database, claim, context);
}
