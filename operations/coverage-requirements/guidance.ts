/**
 * What the rules of the plan say of each service of an order, which has been made the request that it would become.
 * Whoever tells it (coverage requirements, documentation) reads the order and puts the answer in the same way. Pure.
 */
import type { CodeableConcept, Coding } from '@medplum/fhirtypes';
import { isBilled } from '../../review/facts/codes.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import { recommend, type Question } from '../prior-authorization/recommend.ts';
import { answerOf, type Answer } from './answer.ts';

export interface Guidance {
  /** Sequence in the request. */
  readonly item: number;
  readonly service: CodeableConcept;
  readonly answer: Answer;
}

/** In the order of the items that are asked about. */
export function guidanceOnItems(question: Question, policies: readonly PolicyPack[]): readonly Guidance[] {
  const services = new Map(question.request.items.map(({ sequence, element }) => [sequence, element.productOrService]));
  return recommend(question, policies).map((recommendation): Guidance => {
    const item = recommendation.itemSequence;
    const service = services.get(item)!;
    return { item, service, answer: { ...answerOf(recommendation, policies), billingCodes: billingCodesOf(service) } };
  });
}

/** Codes alone: how a client words them is not said by the plan. */
function billingCodesOf({ coding = [] }: CodeableConcept): Coding[] {
  return coding.flatMap(({ system, code }) => system !== undefined && code !== undefined && isBilled({ system, code }) ? [{ system, code }] : []);
}
