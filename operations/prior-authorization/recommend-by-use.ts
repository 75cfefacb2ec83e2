/**
 * What the rules say where they would certify under an earlier approval: of what has been paid for of it nothing is left.
 * Claims for payment are looked up for such requests alone, since few are.
 */
import type { ItemRecommendation } from '../../review/engine/types.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { recommend, type Question } from './recommend.ts';
import { withUse } from './use/bring-up-to-use.ts';

export async function recommendByUse(database: Queryable, question: Question, policies: readonly PolicyPack[], context: Context): Promise<ItemRecommendation[]> {
  const first = recommend(question, policies);
  if (!first.some((recommendation) => recommendation.kind === 'administrative' && recommendation.takes !== undefined)) return first;
  const earlier = await withUse(database, question.earlier, question.member.patient.id, context);
  return earlier === question.earlier ? first : recommend({ ...question, earlier }, policies);
}
