/**
 * Responses to questionnaires among what comes for a request: which of the questionnaires that were asked for they
 * answer. One that is still being filled in answers nothing; an adaptive one says inside which questionnaire it is
 * derived from.
 * Source: DTR 2.2.0, "Persisting Application State"; SDC 3.0.0, adaptive forms.
 */
import type { Bundle, QuestionnaireResponse, Resource } from '@medplum/fhirtypes';
import { answerTo } from '../answered.ts';
import type { AnsweredRequest, WantedInformation } from '../events.ts';
import type { Wanted } from '../record/information-requests.ts';

export function isCompleted({ status }: QuestionnaireResponse): boolean {
  return status === 'completed' || status === 'amended';
}

/** A rule may name a version (`url|1.2`) or any (`url`). */
export function isResponseTo(response: QuestionnaireResponse, { questionnaire }: Pick<WantedInformation, 'questionnaire'>): boolean {
  return questionnaire !== undefined && canonicalsOf(response).some((canonical) => canonical === questionnaire || canonical.split('|')[0] === questionnaire);
}

/** What was wanted and has come with an update: completed responses that were not there before. */
export function answeredByResponses(update: Bundle, before: Bundle, wanted: readonly Wanted[]): AnsweredRequest[] {
  const asked = wanted.filter(({ questionnaire }) => questionnaire !== undefined);
  if (asked.length === 0) return [];
  const known = new Set(responsesIn(before).map((response) => JSON.stringify(response)));
  const responses = responsesIn(update).filter((response) => isCompleted(response) && !known.has(JSON.stringify(response)));
  return asked.filter((each) => responses.some((response) => isResponseTo(response, each))).map(answerTo);
}

function canonicalsOf({ questionnaire = '', contained = [] }: QuestionnaireResponse): readonly string[] {
  if (!questionnaire.startsWith('#')) return [questionnaire];
  const inside = contained.find((each) => each.resourceType === 'Questionnaire' && each.id === questionnaire.slice(1));
  if (inside?.resourceType !== 'Questionnaire') return [];
  const own = inside.url === undefined ? [] : [inside.version === undefined ? inside.url : `${inside.url}|${inside.version}`];
  return [...inside.derivedFrom ?? [], ...own];
}

/** Also in the Bundles that DTR sends responses in. */
function responsesIn(bundle: Bundle): readonly QuestionnaireResponse[] {
  const resources = (bundle.entry ?? []).flatMap(({ resource }): Resource[] => (resource === undefined ? [] : resource.resourceType === 'Bundle' ? (resource.entry ?? []).flatMap((inner) => inner.resource ?? []) : [resource]));
  return resources.filter((resource) => resource.resourceType === 'QuestionnaireResponse');
}
