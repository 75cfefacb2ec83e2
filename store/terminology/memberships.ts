/**
 * Whether codings are in value sets, in process: for the validator. What was found is remembered under the version of
 * the terminology, so that a question that comes again costs no more than asking for the version.
 */
import { memberships, type MembershipAnswer, type MembershipQuestion } from '../../terminology/memberships.ts';
import type { Access } from '../context.ts';
import type { Queryable } from '../database.ts';
import { catalogOf } from './catalog.ts';
import { withTerminology } from './stored-source.ts';

/** Answers to all questions, in their order. */
export async function validateCodes(database: Queryable, questions: readonly MembershipQuestion[], access: Access): Promise<readonly MembershipAnswer[]> {
  const catalog = catalogOf(database, access.tenant);
  const found = new Map<string, MembershipAnswer>();
  let generation = catalog.generation;
  const answers = await withTerminology(database, access, (source) => {
    found.clear();
    generation = catalog.generation;
    return memberships(questions, source, { get: (key) => catalog.answers.get(key), set: (key, answer) => { found.set(key, answer); } });
  });
  // Whoever noticed a change meanwhile has forgotten what was before it; nothing of that comes back.
  if (catalog.generation === generation) for (const [key, answer] of found) catalog.answers.set(key, answer);
  return answers;
}
