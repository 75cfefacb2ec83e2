/** What the parts of subscriptions need of the server around them. */
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import type { Outbound } from '../../operations/outbound/call.ts';
import type { HeaderSeal } from './sealed-headers.ts';
import type { Topic } from './topic.ts';

/** Told to whoever counts and logs: never what is in a notification, and never where it goes. */
export interface SubscriptionObserver {
  /** Seconds that the oldest row of the outbox had waited when it was read; 0 where there is none. */
  lag(seconds: number): void;
  /** Events that were written for subscriptions. */
  recorded(events: number): void;
  sent(type: string, outcome: 'taken' | 'failed', seconds: number): void;
  /** A subscription that went into error. */
  stopped(): void;
  /** A row of the outbox, or a subscription, that could not be worked on. */
  fault(what: string, error: unknown): void;
}

export interface Surroundings {
  readonly database: Database;
  readonly topics: readonly Topic[];
  readonly outbound: Outbound;
  readonly headers: HeaderSeal;
  readonly observer: SubscriptionObserver;
  readonly now: () => Date;
  readonly random: (count: number) => Uint8Array;
  /** The server acting on its own behalf, at the base of a version of PAS or the tenant's own. */
  readonly contextOf: (tenant: number, pasVersion?: string) => Context;
}
