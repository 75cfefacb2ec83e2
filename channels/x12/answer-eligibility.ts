/** Answers to a 270: each question from the plan's own records, all of one set in one 271. */
import { eligibilityResponse, type MappedUnit, type Segment } from '../../mappers/x12/index.ts';
import { eligibilityOf } from '../../operations/eligibility/answer.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import type { Work } from './answer-review.ts';

export async function answerEligibility(database: Database, units: readonly MappedUnit[], work: Work, stamps: { date: string; time: string; controlNumber: string }, context: Context): Promise<Segment[]> {
  const answered = [];
  for (const { question } of units) {
    if (!question) continue;
    const answer = await eligibilityOf(database, question, context);
    if (answer.kind === 'rejected') work.problems.push(`aaa-${answer.rejection.code}`);
    else work.informed += 1;
    answered.push({ question, answer });
  }
  return eligibilityResponse(answered, stamps);
}
