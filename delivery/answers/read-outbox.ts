/**
 * From the outbox to later answers: what was decided apart from a request, and so was in no answer to it, is written for
 * who asked, on the rail that the question came by. One transaction for each step, with the place that was read up to:
 * each answer is written once, in the order of the authorization's log.
 */
import { Problem } from '../../fhir/problems.ts';
import { answerAsItStands } from '../../operations/prior-authorization/answer/as-it-stands.ts';
import type { AuthorizationEvent } from '../../operations/prior-authorization/events.ts';
import { reopen, type LoadedAuthorization } from '../../operations/prior-authorization/load.ts';
import type { PlannedAnswer } from '../../operations/prior-authorization/plan.ts';
import { authorizationOfResponse, cameBy } from '../../store/authorizations.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readLanded } from '../../store/landing.ts';
import { askingVersions, recordLaterAnswer, toldUpTo, type AskingVersion } from '../../store/later-answers.ts';
import { moveReader, readOutbox, type OutboxRow } from '../../store/outbox/read.ts';
import type { AnswerSurroundings, Asked } from './surroundings.ts';

export const readerName = 'later-answers';
/** Rows in one transaction. */
const atOnce = 500;

/** What whoever asked is told of. That a clock stands still while documents are awaited he hears with what is wanted. */
const told: ReadonlySet<AuthorizationEvent['kind']> = new Set(['certified', 'denied', 'modified', 'pended', 'information-requested', 'cancelled', 'extended', 'downgraded']);

/** One step. @returns true where there may be more to read */
export async function readStep(surroundings: AnswerSurroundings): Promise<boolean> {
  return surroundings.database.transaction(async (connection) => {
    const rows = await readOutbox(connection, readerName, atOnce);
    const last = rows?.at(-1);
    if (rows === undefined || last === undefined) return false;
    for (const change of changesIn(rows)) {
      const context = surroundings.contextOf(change[0]!.tenant);
      for (const { asked, channel, answer, loaded } of await answersTo(change, connection, surroundings, context)) {
        const { controlNumber, content } = await asked.write(answer, connection, context);
        await recordLaterAnswer(connection, { channel, partner: asked.partner, controlNumber, authorization: loaded.stored, sequence: loaded.state.lastSequence, content }, context);
        surroundings.observer.written(channel);
      }
    }
    await moveReader(connection, readerName, last);
    return rows.length === atOnce;
  });
}

/** What one commit wrote to the log of one authorization. A step may end inside of it: then it is two, and the second has nothing new to tell. */
function changesIn(rows: readonly OutboxRow[]): readonly (readonly OutboxRow[])[] {
  const changes = new Map<string, OutboxRow[]>();
  for (const row of rows) {
    if (!row.interaction.startsWith('authorization-')) continue;
    const key = `${row.transaction} ${row.tenant} ${row.id}`;
    changes.set(key, [...changes.get(key) ?? [], row]);
  }
  return [...changes.values()];
}

interface Due {
  readonly loaded: LoadedAuthorization;
  readonly channel: string;
  readonly asked: Asked;
  readonly answer: PlannedAnswer;
}

/** What cannot be read is told to the operator and holds up nothing behind it; a store that does not answer does. */
async function answersTo(change: readonly OutboxRow[], connection: Queryable, surroundings: AnswerSurroundings, context: Context): Promise<readonly Due[]> {
  try {
    return await dueAnswers(change, connection, surroundings, context);
  } catch (error) {
    if (error instanceof Problem && error.status >= 500) throw error;
    surroundings.observer.fault(error);
    return [];
  }
}

async function dueAnswers(change: readonly OutboxRow[], connection: Queryable, { rails, database }: AnswerSurroundings, context: Context): Promise<readonly Due[]> {
  const kinds = change.map(({ interaction }) => interaction.slice('authorization-'.length));
  if (!kinds.some((kind) => told.has(kind as AuthorizationEvent['kind']))) return [];
  // With its receipt an authorization begins, and that was answered where it came in, whatever rail that was.
  if (change.some(({ version }) => version === 1)) return [];
  const channels = rails.map(({ channel }) => channel);
  if (!await cameBy(database, change[0]!.id, channels, context)) return [];
  const stored = await authorizationOfResponse(database, change[0]!.id, context);
  if (!stored) return [];
  const versions = await askingVersions(database, stored, channels, context);
  if (versions.length === 0) return [];
  const loaded = reopen(stored);
  const places = new Set(change.map(({ version }) => version));
  const events = loaded.events.filter(({ sequence }) => places.has(sequence));
  // An answer says how everything stands: what it has told needs no further one.
  if ((await toldUpTo(connection, stored, context)) >= Math.max(...places)) return [];
  const read = async (version: AskingVersion): Promise<Asked | undefined> => {
    const landed = await readLanded(database, version.landing, context);
    return landed && rails.find(({ channel }) => channel === version.rail)?.asked(landed, version.contentSha256);
  };
  const received = events.find((event) => event.kind === 'received');
  const own = received && versions.find(({ version }) => version === received.version);
  // A request is answered where it came in.
  if (own && await read(own) !== undefined) return [];
  const open = new Set(events.flatMap((event) => 'item' in event && told.has(event.kind) ? [event.item] : []));
  const due: Due[] = [];
  let newest: Due | undefined;
  // Each service to the newest request that spoke of it: a 278 says only what changes.
  for (const version of versions) {
    if (open.size === 0 || (received && version.version >= received.version)) continue;
    const asked = await read(version);
    if (!asked) continue;
    const answer = answerAsItStands(loaded, version.rail, asked.bundle, context);
    const spokenOf = [...answer.sequences.values()].filter((sequence) => open.has(sequence));
    newest ??= { loaded, channel: version.rail, asked, answer };
    if (spokenOf.length === 0) continue;
    for (const sequence of spokenOf) open.delete(sequence);
    due.push({ loaded, channel: version.rail, asked, answer });
  }
  // Of a service that came by another rail the newest asker hears with his own.
  return due.length > 0 || newest === undefined ? due : [newest];
}
