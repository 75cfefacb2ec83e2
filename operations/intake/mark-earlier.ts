/**
 * Records that messages made before it was noted whose word they are (docs/decisions/0035-whose-word-a-record-is.md): one
 * of which every version was made by a message, and none by an enrollment that speaks for the plan, is a sender's word
 * and marked as that. One that somebody else has written to cannot be told, and stays the plan's own.
 */
import { parseJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import type { Resource } from '@medplum/fhirtypes';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { recordsToldByMessages, type ToldRecord } from '../../store/told-by-messages.ts';
import { commit } from '../../store/write/commit.ts';
import { landingUrn } from './message-task.ts';
import { isSubmitted, markSubmitted, membership } from './origin.ts';

/** Records that are looked at together. */
const atOnce = 200;

export interface Marked {
  readonly marked: number;
  /** Not marked, because somebody else than a message has written to them as well. */
  readonly untold: number;
}

/** @param speaksForPlan whether a message does, by its kind and who sent it */
export async function markEarlier(database: Database, speaksForPlan: (message: ToldRecord['messages'][number]) => boolean, context: Context, signal?: AbortSignal): Promise<Marked> {
  let [marked, untold] = [0, 0];
  let after: ToldRecord | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const found = await recordsToldByMessages(database, [...membership], after, atOnce, context);
    for (const record of found) {
      const resource = parseJson(record.content) as Resource & { id: string };
      if (isSubmitted(resource) || record.messages.some(speaksForPlan)) continue;
      if (record.messages.length < record.version) untold += 1;
      else if (await mark(database, resource, record, context)) marked += 1;
    }
    after = found.at(-1);
    if (found.length < atOnce || after === undefined) return { marked, untold };
  }
}

/** False where somebody has written to it meanwhile: then it is no message's alone any more, or the next message's rules have seen it. */
async function mark(database: Database, resource: Resource & { id: string }, { version, messages }: ToldRecord, context: Context): Promise<boolean> {
  const source = resource.meta?.source ?? landingUrn({ id: messages[0]!.landing });
  try {
    await commit(database, [{ kind: 'update', resource: markSubmitted(resource, source), ifMatch: version }], context);
    return true;
  } catch (error) {
    if (error instanceof Problem && (error.code === 'version-conflict' || error.code === 'concurrent-change')) return false;
    throw error;
  }
}
