/** What is written of resources, and along with them, in one statement; what terminology is made of comes after it. */
import type { Database, Queryable } from '../database.ts';
import { countWrittenProfiles } from '../packages/version.ts';
import { writeTerminology } from '../terminology/write.ts';
import { writeDisplays } from './displays.ts';
import { ledgerParts } from './ledger-rows.ts';
import type { CurrentRow } from './lock.ts';
import { objectParts } from './object-rows.ts';
import { statementOf, type Part } from './part.ts';
import { resourceParts } from './resource-rows.ts';
import type { ResourceRow } from './row.ts';

export interface WrittenRows {
  /** Of resources whose ids are new. */
  readonly fresh: readonly ResourceRow[];
  /** Next versions of what was there, and first ones of what may be there by now: these names are locked. */
  readonly later: readonly ResourceRow[];
  /** What is there of them now, by name. */
  readonly before: ReadonlyMap<string, CurrentRow>;
}

/**
 * @param database whose `connection` it is; texts of codes are remembered for it
 * @param ahead comes before the rows in the statement, `behind` after them
 * @returns to be called when what `connection` does is committed
 */
export async function writeRows(database: Database, connection: Queryable, { fresh, later, before }: WrittenRows, ahead: readonly Part[] = [], behind: readonly Part[] = []): Promise<() => void> {
  const rows = [...fresh, ...later];
  const written = await writeDisplays(database, connection, rows);
  const [first, ...more] = [...ahead, ...resourceParts(fresh, later, before), ...objectParts(rows), ...ledgerParts(rows), ...behind];
  if (first) await connection.query(statementOf([first, ...more]));
  await writeTerminology(connection, rows);
  await countWrittenProfiles(connection, rows);
  return written;
}
