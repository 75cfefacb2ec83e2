/**
 * Answers to a 270: each question from the plan's own records, all of one set in one 271. Who is covered is told where the
 * services of the plan are, too.
 */
import { delimitersAround, eligibilityResponse, type MappedUnit, type ReceivedInterchange, type Segment } from '../../mappers/x12/index.ts';
import { davinciConfigurationPath } from '../../operations/endpoint-discovery/davinci-configuration.ts';
import { eligibilityOf } from '../../operations/eligibility/answer.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import type { Work } from './answer-review.ts';

export async function answerEligibility(database: Database, units: readonly MappedUnit[], work: Work, stamps: { date: string; time: string; controlNumber: string }, { delimiters }: Pick<ReceivedInterchange, 'delimiters'>, context: Context): Promise<Segment[]> {
  const answered = [];
  for (const { question } of units) {
    if (!question) continue;
    const answer = await eligibilityOf(database, question, context);
    if (answer.kind === 'rejected') work.problems.push(`aaa-${answer.rejection.code}`);
    else work.informed += 1;
    answered.push({ question, answer });
  }
  return eligibilityResponse(answered, stamps, writable(`${context.base.slice(0, context.base.lastIndexOf('/'))}${davinciConfigurationPath}`, Object.values(delimitersAround(delimiters))));
}

/** PER04. */
const longest = 256;

/** X12 has no escape: an address with a character that parts elements for its reader cannot be told. */
function writable(url: string, delimiters: readonly string[]): string | undefined {
  return url.length > longest || delimiters.some((delimiter) => url.includes(delimiter)) ? undefined : url;
}
