/**
 * Questionnaire/$next-question: the next questions of an adaptive questionnaire, or the response as complete, with what
 * the rules say of the order by it. Nothing of it is stored: the session is in the response alone.
 * Source: http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-next-question (SDC 3.0.0), and DTR 2.2.0
 */
import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse, QuestionnaireResponseItem } from '@medplum/fhirtypes';
import { stringifyJson } from '../../fhir/json.ts';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { checkResponse } from '../../profiles/questionnaire/response.ts';
import type { PolicyPack } from '../../review/policies/pack.ts';
import type { Context } from '../../store/context.ts';
import type { Database } from '../../store/database.ts';
import { isObject, readInputs } from '../inputs.ts';
import { fhirAnswer, type Operation } from '../registry.ts';
import { codeIssues, isError, type ContentSources } from '../validate/content.ts';
import { copyWith, nextStep, pagesAsked } from './adaptive.ts';
import { withNotice } from './audience.ts';
import type { ContextSource } from './contexts.ts';
import { coverageInformationOf, memberOfSession } from './coverage-information.ts';
import { storedDefinition } from './definitional.ts';
import { knownAnswers, responseItems, withoutRecord, type KnownAnswers } from './known-answers.ts';
import { coverageInformation } from './names.ts';
import { isAdaptive } from './package-bundle.ts';
import { guideVersion, inVersion } from './versions.ts';

export interface NextQuestionSources {
  readonly database: Database;
  readonly policies: readonly PolicyPack[];
  readonly contexts: readonly ContextSource[];
  readonly content: ContentSources;
}

export function nextQuestionOperation(sources: NextQuestionSources): Operation {
  return {
    code: 'next-question', resource: 'Questionnaire', levels: ['type'], byGet: false, canonical: 'http://hl7.org/fhir/uv/sdc/OperationDefinition/Questionnaire-next-question',
    async handle(call) {
      const { resource } = readInputs(call, 'next-question', { resource: 'questionnaire-response' });
      return { status: 200, mediaType: fhirAnswer, body: stringifyJson(await nextQuestion(readResponse(resource), sources, call.context)) };
    },
  };
}

interface Session {
  readonly response: QuestionnaireResponse;
  /** The questionnaire inside, as far as it has been asked. */
  readonly copy: Questionnaire & { readonly id: string };
  /** Of the plan's questionnaire. */
  readonly canonical: string;
}

/** @throws {Problem} `documentation-response-invalid` */
function readResponse(resource: unknown): Session {
  if (!isObject(resource) || resource['resourceType'] !== 'QuestionnaireResponse') throw invalid('a QuestionnaireResponse is expected', '');
  const shapes = shapeIssues(resource);
  if (shapes[0] !== undefined) throw Problem.of([{ code: 'documentation-response-invalid', details: { reason: 'it has not the form of a QuestionnaireResponse' }, expression: 'QuestionnaireResponse' }, ...shapes.map(({ expression, reason }): ProblemIssue => ({ code: 'invalid-element', details: { element: expression, reason }, expression }))]);
  const response = resource as unknown as QuestionnaireResponse;
  if (response.status !== 'in-progress') throw invalid('its status is not in-progress, so there is nothing more to ask', '.status');
  const copy = (response.contained ?? []).find((each): each is Questionnaire & { id: string } => each.resourceType === 'Questionnaire' && `#${each.id ?? ''}` === response.questionnaire);
  if (copy === undefined) throw invalid('it does not refer to a Questionnaire that it contains', '.questionnaire');
  const canonical = copy.derivedFrom?.[0] ?? copy.url;
  if (canonical === undefined) throw invalid('the contained Questionnaire does not say what it is derived from', '.contained');
  return { response, copy, canonical };
}

/** @throws {Problem} `documentation-response-invalid`, `documentation-adaptive-unknown` */
async function nextQuestion({ response, copy, canonical }: Session, { database, policies, contexts, content }: NextQuestionSources, context: Context): Promise<QuestionnaireResponse> {
  const stored = await storedDefinition(database, 'Questionnaire', canonical, context);
  if (stored === undefined || !isAdaptive(stored.resource)) throw new Problem('documentation-adaptive-unknown', {}, 'QuestionnaireResponse.contained');
  const questionnaire = stored.resource;
  const asked = pagesAsked(questionnaire, copy);
  if (asked === undefined) throw invalid('the contained Questionnaire has a question that is none of the plan\'s', '.contained');
  await assertAnswered(response, { ...questionnaire, item: asked.map(mandatory) }, content, context);
  const step = nextStep(questionnaire, asked, response);
  const guide = guideVersion(context);
  const fresh = step.pages.filter((page) => !asked.includes(page));
  const answers = fresh.length === 0 ? undefined : await answersTo(response, { database, contexts }, context);
  const contained = (response.contained ?? []).map((each) => (each.resourceType === 'Questionnaire' && each.id === copy.id ? inVersion(withoutRecord(copyWith(questionnaire, copy.id, withNotice(step.pages, step.possible, questionnaire))), guide) : each));
  const next: QuestionnaireResponse = { ...(answers ? withKnown(step.response, fresh, questionnaire, answers) : step.response), contained, authored: context.now().toISOString() };
  if (!step.isComplete) return next;
  const completed: QuestionnaireResponse = { ...next, status: 'completed' };
  const information = await coverageInformationOf(database, completed, policies, context);
  const others = (completed.extension ?? []).filter(({ url }) => url !== coverageInformation);
  return { ...completed, extension: [...others, ...information] };
}

/** What is known by the statement or number that the response bears. The order is with the client. */
async function answersTo(response: QuestionnaireResponse, { database, contexts }: Pick<NextQuestionSources, 'database' | 'contexts'>, context: Context): Promise<KnownAnswers> {
  const member = await memberOfSession(database, response, contexts, context);
  return knownAnswers({ patient: member?.patient, coverage: member?.coverage, order: undefined }, guideVersion(context), context.now());
}

/** The response with the pages that are asked now, as far as something in them is known. */
function withKnown(response: QuestionnaireResponse, fresh: readonly QuestionnaireItem[], { item = [] }: Questionnaire, answers: KnownAnswers): QuestionnaireResponse {
  const before = response.item ?? [];
  const pages = fresh.filter(({ linkId }) => !before.some((each) => each.linkId === linkId));
  const known = responseItems(pages.map(({ enableWhen: _asked, enableBehavior: _how, ...page }) => page), answers).filter(isAnswered);
  if (known.length === 0) return response;
  const place = new Map(item.map(({ linkId }, index) => [linkId, index]));
  return { ...response, item: [...before, ...known].toSorted((a, b) => (place.get(a.linkId) ?? 0) - (place.get(b.linkId) ?? 0)) };
}

function isAnswered({ answer = [], item = [] }: QuestionnaireResponseItem): boolean {
  return answer.length > 0 || item.some(isAnswered);
}

/** Everything that was asked is answered as it must be: by the plan's own questions, whatever the copy says. */
async function assertAnswered(response: QuestionnaireResponse, questionnaire: Questionnaire, content: ContentSources, context: Context): Promise<void> {
  const { valueSets } = await content.validatorFor(context);
  // What is left open here would be open for good.
  const finished = { ...response, status: 'completed' } as unknown as Record<string, unknown>;
  const check = checkResponse(finished, questionnaire as unknown as Record<string, unknown>, 'QuestionnaireResponse', valueSets);
  const issues = [...check.issues, ...await codeIssues(check.questions, content, context)];
  // Answers to what is asked no more are taken away, not held against anybody.
  const errors: readonly ProblemIssue[] = issues.filter((issue) => isError(issue) && issue.code !== 'answer-not-enabled');
  if (errors.length > 0) throw Problem.of([{ code: 'documentation-response-invalid', details: { reason: 'answers are missing or not as they were asked for' }, expression: 'QuestionnaireResponse' }, ...errors]);
}

/** A page that was asked is in the response if a question on it must be answered; by itself a group may be left out. */
function mandatory(page: QuestionnaireItem): QuestionnaireItem {
  const isAsked = (item: QuestionnaireItem): boolean => item.required === true || item.item?.some(isAsked) === true;
  return isAsked(page) ? { ...page, required: true } : page;
}

function invalid(reason: string, path: string): Problem {
  return new Problem('documentation-response-invalid', { reason }, `QuestionnaireResponse${path}`);
}
