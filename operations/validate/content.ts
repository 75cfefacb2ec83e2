/**
 * The content of a resource against the definitions: those of FHIR, those that it claims, and those that are asked for.
 * One pass over the resource in memory, and then what only the store can tell, all at once: codes of terminologies that
 * are in the database, targets of references, Questionnaires.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson } from '../../fhir/json.ts';
import type { ProblemIssue } from '../../fhir/problems.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { readReference } from '../../fhir/references.ts';
import type { Membership } from '../../profiles/codes/open-systems.ts';
import type { ValueSets } from '../../profiles/codes/value-set.ts';
import { checkResponse } from '../../profiles/questionnaire/response.ts';
import type { CodeQuestion, Question, ReferenceQuestion, Validate, ValidationIssue, ValidationOptions } from '../../profiles/validation.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { readMany } from '../../store/read.ts';
import { questionnaireOf, responsesIn } from './questionnaires.ts';

/** A validator that knows what it was asked to know, and what else its definitions tell. */
export interface ReadyValidator {
  readonly validate: Validate;
  readonly valueSets: ValueSets;
}

export interface ContentSources {
  readonly database: Queryable;
  readonly now: () => Date;
  readonly validatorFor: (context: Context) => Promise<ReadyValidator>;
  /** Whether any of the codings of each question is in its value set, by the terminology of the tenant. */
  readonly memberships: (questions: readonly CodeQuestion[], context: Context) => Promise<readonly Membership[]>;
}

export interface ContentResult {
  readonly issues: readonly ValidationIssue[];
  /** Canonicals with version of everything that it was checked against. */
  readonly checked: readonly string[];
}

/** Codes of one resource that are asked for in the database; and targets that are read and checked. */
const mostQuestions = 1000;
const mostTargets = 50;

/** @param options profiles to conform to besides those that are claimed */
export async function checkContent(resource: Resource, options: Omit<ValidationOptions, 'now'>, sources: ContentSources, context: Context): Promise<ContentResult> {
  const { validate, valueSets } = await sources.validatorFor(context);
  const now = sources.now();
  const { issues, questions, checked } = validate(resource, { ...options, now });
  const answers = await answerResponses(resource, valueSets, sources, context);
  const all: readonly Question[] = [...questions, ...answers.questions];
  const [codes, targets] = await Promise.all([
    codeIssues(all.filter((one): one is CodeQuestion => one.kind === 'code').slice(0, mostQuestions), sources, context),
    targetIssues(all.filter((one): one is ReferenceQuestion => one.kind === 'reference' && one.profiles.length > 0).slice(0, mostTargets), validate, now, sources, context),
  ]);
  return { issues: [...issues, ...answers.issues, ...codes, ...targets], checked };
}

export async function codeIssues(questions: readonly CodeQuestion[], { memberships }: Pick<ContentSources, 'memberships'>, context: Context): Promise<readonly ValidationIssue[]> {
  if (questions.length === 0) return [];
  const answers = await memberships(questions, context);
  return questions.flatMap(({ otherwise, unknown }, index) => {
    switch (answers[index]) {
      case 'in': return [];
      case 'out': return [otherwise];
      default: return unknown ?? [];
    }
  });
}

async function answerResponses(resource: Resource, valueSets: ValueSets, { database }: ContentSources, context: Context): Promise<{ issues: readonly ValidationIssue[]; questions: readonly Question[] }> {
  const issues: ValidationIssue[] = [];
  const questions: Question[] = [];
  const whole = resource as unknown as Readonly<Record<string, unknown>>;
  for (const found of responsesIn(whole)) {
    // What has not the form of a response has been told, and cannot be read as one.
    if (typeof found.response['questionnaire'] !== 'string' || shapeIssues(found.response).length > 0) continue;
    const questionnaire = await questionnaireOf(found, whole, database, context);
    if (questionnaire === undefined) {
      issues.push({ code: 'questionnaire-unknown', details: {}, severity: 'warning', expression: `${found.path}.questionnaire` });
      continue;
    }
    const check = checkResponse(found.response, questionnaire, found.path, valueSets);
    for (const issue of check.issues) issues.push(issue);
    for (const question of check.questions) questions.push(question);
  }
  return { issues, questions };
}

/** What references lead to in the store conforms to one of the profiles that their targets must have. */
async function targetIssues(questions: readonly ReferenceQuestion[], validate: Validate, now: Date, { database }: ContentSources, context: Context): Promise<readonly ValidationIssue[]> {
  const wanted = questions.flatMap((question) => {
    const target = readReference(question.reference);
    return target === undefined || (target.base !== undefined && target.base !== context.base) ? [] : [{ question, type: target.type, id: target.id }];
  });
  if (wanted.length === 0) return [];
  const stored = await readMany(database, wanted, context);
  return wanted.flatMap(({ question, type, id }) => {
    const version = stored.get(`${type}/${id}`);
    // That nothing is there is told of every reference (`target-unknown`).
    if (version === undefined) return [];
    const target = parseJson(version.content);
    const conforms = question.profiles.some((profile) => !validate(target, { profiles: [profile], claimed: false, now }).issues.some(isError));
    if (conforms) return [];
    const issue: ValidationIssue = { code: 'reference-target-stored', details: { profiles: question.profiles.join(', ') }, severity: 'warning', expression: question.expression, ...(question.profile !== undefined && { profile: question.profile }) };
    return [issue];
  });
}

export function isError({ severity }: ProblemIssue): boolean {
  return (severity ?? 'error') === 'error';
}
