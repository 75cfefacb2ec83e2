/**
 * Telling readers that the outbox has grown, after the commit and apart from it: NOTIFY inside a transaction makes
 * commits wait for each other (it takes one lock for the whole database). News may be lost with the process that had
 * them; readers look by themselves from time to time.
 */
import type { Queryable } from '../database.ts';

export const outboxChannel = 'priora_outbox';

/** All commits of this many milliseconds are told together. */
const together = 20;

const waiting = new WeakSet<Queryable>();

export function announceOutbox(database: Queryable): void {
  if (waiting.has(database)) return;
  waiting.add(database);
  setTimeout(() => {
    waiting.delete(database);
    database.query({ name: 'announce-outbox', text: 'select pg_notify($1, $2)', values: [outboxChannel, ''] }).catch(() => { /* Readers look by themselves. */ });
  }, together).unref();
}
