/**
 * For whom the pages of an adaptive questionnaire are, and what is told as soon as nothing more is for clinician and
 * patient, so that they can leave the rest to others. A plan says on a page for whom it is; where none says it, nobody
 * knows. Pure.
 * Source: DTR 2.2.0, spec-22 and spec-39; the codes are those of questionnaireAudience, which has no place on an item.
 */
import type { Questionnaire, QuestionnaireItem } from '@medplum/fhirtypes';
import { documentationAudience } from './names.ts';

/** LinkId of what is told: no question of a plan may have it. */
export const careIsComplete = 'priora-care-questions-complete';

/** Whether a page is for clinician or patient: what is not said to be for others is. Undefined where the plan marks no page. */
export function isForCare(page: QuestionnaireItem, { item = [] }: Questionnaire): boolean | undefined {
  return item.some((each) => audienceOf(each) !== undefined) ? audienceOf(page) !== 'admin' : undefined;
}

function audienceOf({ extension = [] }: QuestionnaireItem): string | undefined {
  return extension.find(({ url }) => url === documentationAudience)?.valueCode;
}

/**
 * The pages with a word behind the last one for clinician and patient, where none of theirs can follow.
 * @param possible pages that the answers to what is asked now may lead to
 */
export function withNotice(pages: readonly QuestionnaireItem[], possible: readonly QuestionnaireItem[], questionnaire: Questionnaire): readonly QuestionnaireItem[] {
  const last = pages.findLastIndex((page) => isForCare(page, questionnaire));
  if (last < 0 || possible.some((page) => isForCare(page, questionnaire))) return pages;
  const others = last < pages.length - 1 || possible.length > 0;
  const notice: QuestionnaireItem = { linkId: careIsComplete, type: 'display', text: `The questions for clinician and patient end here.${others ? ' What follows is administrative.' : ''}` };
  return [...pages.slice(0, last + 1), notice, ...pages.slice(last + 1)];
}
