/** Whether what has come is what was asked for: the same kind of document of the same item, and by the same questionnaire. */
import type { AnsweredRequest, AuthorizationEvent, DecisionEvent, WantedInformation } from './events.ts';

export function isAnswered(item: number, { system, code, questionnaire }: WantedInformation, answered: readonly AnsweredRequest[]): boolean {
  return answered.some((each) => each.item === item && each.system === system && each.code === code && each.questionnaire === questionnaire);
}

export function answerTo({ item, system, code, questionnaire }: WantedInformation & { readonly item: number }): AnsweredRequest {
  return { item, system, code, ...(questionnaire !== undefined && { questionnaire }) };
}

/** What has come once is not asked for again by a rule: whether it suffices is for a person to say. */
export function stillAsking(decision: DecisionEvent, answered: readonly AnsweredRequest[]): DecisionEvent[] {
  if (decision.kind !== 'information-requested') return [decision];
  const wanted = decision.wanted.filter((each) => !isAnswered(decision.item, each, answered));
  return wanted.length === 0 ? [] : [{ ...decision, wanted }];
}

/** Everything that was asked for in an authorization and has come, or will not come. */
export function answeredIn(events: readonly AuthorizationEvent[]): readonly AnsweredRequest[] {
  return events.flatMap((event) => event.kind === 'received' ? [...event.answered ?? [], ...event.declined ?? []] : []);
}
