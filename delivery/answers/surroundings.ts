/** What later answers need of the server around them, and of the rails that write them. */
import type { Bundle } from '@medplum/fhirtypes';
import type { PlannedAnswer } from '../../operations/prior-authorization/plan.ts';
import type { Context } from '../../store/context.ts';
import type { Database, Queryable } from '../../store/database.ts';
import type { LandedDelivery } from '../../store/landing.ts';

/** A request as its rail reads it from the bytes that landed. */
export interface Asked {
  /** Who sent it: whom the answer is for. */
  readonly partner: string;
  /** What the rail's mapper made of it. */
  readonly bundle: Bundle;
  /** The answer in the words of the rail, by a control number that nothing else has. */
  write(answer: PlannedAnswer, connection: Queryable, context: Context): Promise<{ readonly controlNumber: string; readonly content: string }>;
}

/** A rail whose senders wait for an answer after the first. */
export interface AnsweringRail {
  readonly channel: string;
  /**
   * The request of a delivery that made a version; undefined where that was no request (documents that came later), and
   * had an answer of another kind.
   */
  asked(landed: LandedDelivery, contentSha256: string | undefined): Asked | undefined;
}

/** Told to whoever counts and logs: never what is in an answer, and never for whom it is. */
export interface LaterAnswerObserver {
  written(channel: string): void;
  fault(error: unknown): void;
}

export interface AnswerSurroundings {
  readonly database: Database;
  readonly rails: readonly AnsweringRail[];
  readonly observer: LaterAnswerObserver;
  /** The server acting on its own behalf. */
  readonly contextOf: (tenant: number) => Context;
}
