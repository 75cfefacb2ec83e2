/**
 * Who may have a Subscription, and who may be sent what. The one place that decides it: asked when a Subscription is
 * written, and again whenever something is sent, so that somebody whose rights have ended hears no more.
 *
 * There is no access control yet, the server listens on loopback alone, and everybody may.
 */
import type { Subscription } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';

/** Only the system that is to hear of its requests may subscribe for them (PAS spec-59). */
export function mayManage(_subscription: Subscription, _context: Pick<Context, 'actor' | 'tenant'>): boolean {
  return true;
}

/** What is to be sent. */
export interface Subject {
  readonly type: string;
  readonly id: string;
}

/** @param owner who made the Subscription */
export function mayReceive(_owner: string, _subject: Subject, _context: Pick<Context, 'tenant'>): boolean {
  return true;
}
