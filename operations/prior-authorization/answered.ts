/** Whether what has come is what was asked for: the same kind of document of the same item, and by the same questionnaire. */
import type { AnsweredRequest, WantedInformation } from './events.ts';

export function isAnswered(item: number, { system, code, questionnaire }: WantedInformation, answered: readonly AnsweredRequest[]): boolean {
  return answered.some((each) => each.item === item && each.system === system && each.code === code && each.questionnaire === questionnaire);
}

export function answerTo({ item, system, code, questionnaire }: WantedInformation & { readonly item: number }): AnsweredRequest {
  return { item, system, code, ...(questionnaire !== undefined && { questionnaire }) };
}
