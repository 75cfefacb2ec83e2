/**
 * Exchanges that no commit goes with (what only asked, what was refused) are written a little later, many at once: no
 * answer waits for them. What a process that is killed had not written is lost, and so is what comes while the store
 * cannot be written to and the memory for it is used up; an observer hears of that.
 */
import type { Context } from '../../../store/context.ts';
import type { Database } from '../../../store/database.ts';
import type { RecordExchange } from '../../../store/write/changes.ts';
import { commit } from '../../../store/write/commit.ts';

export interface LaterExchanges {
  add(exchange: RecordExchange, context: Context): void;
  /** When all that was added has been written, or was lost. */
  settled(): Promise<void>;
}

/** Some megabytes of records. */
const mostWaiting = 10_000;
const mostAtOnce = 500;

/** @param lost how many were not written */
export function createLaterExchanges(database: Database, lost: (count: number) => void): LaterExchanges {
  const waiting: { exchange: RecordExchange; context: Context }[] = [];
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    // After the answer that they are of.
    await new Promise<void>((resolve) => { setImmediate(resolve); });
    while (waiting.length > 0) {
      const { context } = waiting[0]!;
      const batch = waiting.filter((each) => each.context.tenant.id === context.tenant.id).slice(0, mostAtOnce);
      const taken = new Set(batch);
      waiting.splice(0, waiting.length, ...waiting.filter((each) => !taken.has(each)));
      await commit(database, batch.map(({ exchange }) => exchange), context).catch(() => { lost(batch.length); });
    }
    writing = undefined;
  };
  return {
    add(exchange, context) {
      if (waiting.length >= mostWaiting) {
        lost(1);
        return;
      }
      waiting.push({ exchange, context });
      writing ??= write();
    },
    settled: async () => { await writing; },
  };
}
