/**
 * Reading and sending as long as the server runs: when it is told that something was committed, when something that was
 * sent is answered, and from time to time by itself. Any number of servers may do it on one database.
 */
import { findDue, takeDue, type DueSubscription } from '../../store/subscriptions/due.ts';
import { readOutboxOn, type OutboxReader } from '../outbox-reader.ts';
import { createContents } from './content.ts';
import { deliver } from './deliver.ts';
import { readerName, readStep } from './read-outbox.ts';
import { admitted, excluded, most } from './slots.ts';
import type { Surroundings } from './surroundings.ts';

/** Looked at in one step, of which there may be room for few: many of them may go to the same host. */
const candidates = 256;
/** Milliseconds: longer than a notification usually may take, so that what is in somebody's hands is not taken from them. */
const lease = 30_000;
/** For retries and heartbeats too; milliseconds. */
const lookEvery = 2000;

export function runSubscriptions(surroundings: Surroundings): OutboxReader {
  const { database, observer, now } = surroundings;
  const contents = createContents(surroundings);
  const sending = new Map<Promise<void>, DueSubscription>();

  async function sendDue(stopping: AbortSignal): Promise<void> {
    while (sending.size < most.slots && !stopping.aborted) {
      const held = [...sending.values()];
      const found = await findDue(database, now(), excluded(held), candidates);
      const due = await takeDue(database, now(), new Date(now().getTime() + lease), admitted(found, held));
      for (const one of due) send(one, stopping);
      // All that is due was among them: for the others there is no room, or somebody else has them.
      if (due.length === 0 || found.length < candidates) return;
    }
  }

  function send(due: DueSubscription, stopping: AbortSignal): void {
    const sent: Promise<void> = deliver(due, contents, surroundings, stopping)
      .catch((error: unknown) => observer.fault('subscription', error))
      .finally(() => {
        sending.delete(sent);
        reader.wake();
      });
    sending.set(sent, due);
  }

  const reader = readOutboxOn({
    database, name: readerName, lookEvery,
    // What was read is sent before more is read: a flood of changes does not keep waiting what is due already.
    async step(stopping) {
      const more = await readStep(surroundings);
      await sendDue(stopping);
      return more;
    },
    underWay: () => [...sending.keys()],
    fault: (error) => observer.fault('outbox', error),
  });
  return reader;
}
