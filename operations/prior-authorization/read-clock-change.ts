/** The body of Claim/[id]/$extend or $downgrade, read. Whatever is missing or wrong is told all at once. */
import type { Parameters } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import type { ClockGround } from '../../review/clock/rules.ts';
import type { ClockOperation } from './clock-definitions.ts';
import { checkParameters } from './defined-parameters.ts';
import type { Person } from './events.ts';
import { isPersonName } from './person-name.ts';
import { hasLetterOrDigit } from './visible-text.ts';

export interface ClockChange {
  readonly author: Person;
  /** Of the Claim; undefined: all that are not decided. */
  readonly items: readonly number[] | undefined;
  readonly ground: ClockGround;
  readonly text: string;
  readonly notice: string;
}

/** Longer is no notice that anybody reads. */
const mostText = 4000;

/** @throws {Problem} `wrong-resource-type`, or `decision-invalid` with an issue for everything that is missing or wrong */
export function readClockChange(body: unknown, { definition, grounds }: ClockOperation): ClockChange {
  const parameters = body as Parameters | null;
  const type: unknown = typeof parameters === 'object' ? parameters?.resourceType : undefined;
  if (parameters === null || type !== 'Parameters') throw new Problem('wrong-resource-type', { found: isResourceType(type) ? type : 'something else', expected: 'Parameters' });
  const issues: ProblemIssue[] = [];
  const complain = (rule: string, expression = 'Parameters.parameter'): void => { issues.push({ code: 'decision-invalid', details: { rule }, expression }); };
  for (const { expression, reason } of shapeIssues(parameters)) complain(`An element has the wrong form: it ${reason}.`, expression);
  refuseIfAny(issues);

  const list = parameters.parameter ?? [];
  const one = (name: string) => list.find((each) => each.name === name);
  checkParameters(list, definition.parameter, 'Parameters.parameter', complain);
  const author = one('author')?.valueReference;
  const name = author?.display?.trim() ?? '';
  if (!isPersonName(name)) complain('author must name the person who does so (valueReference.display).');
  const ground = grounds.find((each) => each === one('reason')?.valueCode);
  if (ground === undefined) complain(`reason must be ${grounds.length === 1 ? '' : 'one of '}${grounds.join(', ')}.`);
  const text = one('text')?.valueString?.trim() ?? '';
  const notice = one('notice')?.valueString?.trim() ?? '';
  if (!hasLetterOrDigit(text)) complain('text must say why, in words that the provider can understand.');
  if (!hasLetterOrDigit(notice)) complain('notice must say what the member and the provider are told.');
  if (Math.max(text.length, notice.length) > mostText) complain(`text and notice have ${mostText} characters at most.`);
  const items = list.filter((each) => each.name === 'item').flatMap((each) => each.valuePositiveInt ?? each.valueInteger ?? []);
  if (new Set(items).size < items.length) complain('An item is named twice.');
  refuseIfAny(issues);
  const specialty = one('specialty')?.valueCodeableConcept;
  return {
    author: { kind: 'person', name, ...(author?.identifier && { identifier: author.identifier }), ...(specialty && { specialty }) },
    items: items.length > 0 ? items : undefined, ground: ground!, text, notice,
  };
}

function refuseIfAny([first, ...more]: readonly ProblemIssue[]): void {
  if (first) throw Problem.of([first, ...more]);
}
