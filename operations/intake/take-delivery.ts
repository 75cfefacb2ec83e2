/**
 * One way in for every rail: bytes land, a repeated delivery gets the answer it got before, everything else is
 * processed and committed together with its answer. What is refused is kept with the reason; a repetition is tried
 * again, and hears the same words as before if nothing has changed. What only asks is informed of what stands, every
 * time anew.
 */
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { answerOfLanding, land, noteAnswer, type Delivery, type DeliveryAnswer, type Landed } from '../../store/landing.ts';
import type { Change } from '../../store/write/changes.ts';
import { commit } from '../../store/write/commit.ts';
import type { Turn, Turns } from './turns.ts';

/**
 * How often a delivery is decided that loses to others about the same member. Those of this server take turns, so it
 * loses only to other servers, to each of them every other time at most.
 */
const attempts = 12;

/** A delivery names no versions: one that is no longer there was read for it, and has changed or been removed (as what waited in vain is at night) meanwhile. */
const overtaken: ReadonlySet<string> = new Set(['concurrent-change', 'version-conflict']);

/** What a rail made of a delivery. */
export interface Processed {
  readonly answer: DeliveryAnswer;
  readonly changes: readonly Change[];
  /**
   * `answered`: something was created, or belongs to what was; a repetition gets this answer again. `informed`: the
   * delivery only asked; a repetition is told what stands then. `refused`: nothing came of it; a repetition is tried again.
   */
  readonly outcome: 'answered' | 'informed' | 'refused';
  /** Codes of what was wrong, for the record where nothing was created. */
  readonly problems: readonly string[];
  /** The rail's own names for what is answered. */
  readonly controlKeys?: readonly string[];
}

export interface Taken {
  readonly answer: DeliveryAnswer;
  readonly landed: Landed;
  readonly outcome: 'answered' | 'repeated' | 'informed' | 'refused';
}

/**
 * @param process makes changes and an answer, and does so again on what is stored by then when somebody else was
 *   faster; it may throw a {@link Problem}, which is then kept as the refusal
 * @param refusalOf the rail's words for a problem
 */
export async function takeDelivery(
  { database, turns }: { readonly database: Database; readonly turns: Turns },
  delivery: Delivery,
  context: Context,
  process: (landed: Landed, turn: Turn) => Promise<Processed>,
  refusalOf: (problem: Problem) => DeliveryAnswer,
): Promise<Taken> {
  const landed = await land(database, delivery, context);
  if (landed.answered) return { answer: landed.answered, landed, outcome: 'repeated' };
  const turn = turns.begin();
  try {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await decide(database, landed, context, (each) => process(each, turn));
      } catch (error) {
        if (!(error instanceof Problem) || !overtaken.has(error.code)) throw error;
        // The same bytes were taken twice at once; whoever committed first has the answer for both.
        const answer = await answerOfLanding(database, landed, context);
        if (answer) return { answer, landed, outcome: 'repeated' };
        // Or something else came first that this delivery must be decided on.
        if (attempt === attempts) throw error;
      }
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // A store that cannot be written to has refused nothing: the sender must try again and will be heard.
    if (error.status >= 500) throw error;
    return await refuse(database, landed, error.issues.map((issue) => issue.code), refusalOf(error), context);
  } finally {
    turn.end();
  }
}

async function decide(database: Database, landed: Landed, context: Context, process: (landed: Landed) => Promise<Processed>): Promise<Taken> {
  const { answer, changes, outcome, problems, controlKeys } = await process(landed);
  if (outcome === 'refused') return refuse(database, landed, problems, answer, context);
  if (outcome === 'informed') {
    await noteAnswer(database, landed, 'informed', problems, answer, context);
    return { answer, landed, outcome };
  }
  await commit(database, [...changes, { kind: 'answer', landing: landed, ...answer, ...(controlKeys && { controlKeys }) }], context);
  return { answer, landed, outcome };
}

async function refuse(database: Database, landed: Landed, problems: readonly string[], answer: DeliveryAnswer, context: Context): Promise<Taken> {
  const { refused } = landed;
  if (refused && refused.answer.status === answer.status && refused.problems.join() === problems.join()) return { answer: refused.answer, landed, outcome: 'refused' };
  await noteAnswer(database, landed, 'refused', problems, answer, context);
  return { answer, landed, outcome: 'refused' };
}
