/**
 * The body of Claim/[id]/$decide, read: who decides, and what on each item. Whatever is missing or wrong is told all
 * at once, with the place; nothing that was sent is passed over in silence.
 */
import type { CodeableConcept, Coding, Money, Parameters, ParametersParameter, Period, Quantity } from '@medplum/fhirtypes';
import { Problem, type ProblemIssue } from '../../fhir/problems.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { decideDefinition } from './decide-definition.ts';
import { checkParameters } from './defined-parameters.ts';
import type { ApprovedDetail, Person, Reason, WantedInformation } from './events.ts';
import { isPersonName } from './person-name.ts';
import { hasLetterOrDigit, isVisible } from './visible-text.ts';

const actions = ['certify', 'modify', 'deny', 'pend'] as const;
type Action = (typeof actions)[number];

/** What each action takes besides `sequence`, `action` and `text`; anything else would be thought to count. */
const takes: Readonly<Record<Action, readonly string[]>> = {
  certify: ['period'],
  modify: ['reason', 'period', 'productOrService', 'quantity', 'unitPrice'],
  deny: ['reason'],
  pend: ['information'],
};

interface ItemDecisionHead {
  readonly sequence: number;
  readonly text: string | undefined;
}

/** What a person says on one item. Only a denial and a modification need a reason, and they cannot be without one. */
export type ItemDecision =
  | ItemDecisionHead & { readonly action: 'certify'; readonly period: Period | undefined }
  | ItemDecisionHead & { readonly action: 'modify'; readonly reason: Reason; readonly period: Period | undefined; readonly approved: ApprovedDetail }
  | ItemDecisionHead & { readonly action: 'deny'; readonly reason: Reason }
  | ItemDecisionHead & { readonly action: 'pend'; readonly wanted: readonly WantedInformation[] };

export interface PersonDecision {
  readonly author: Person;
  readonly items: readonly ItemDecision[];
}

type Complain = (rule: string, expression: string) => void;

/** @throws {Problem} `wrong-resource-type`, or `decision-invalid` with an issue for everything that is missing or wrong */
export function readDecision(body: unknown): PersonDecision {
  const parameters = body as Parameters | null;
  const type: unknown = typeof parameters === 'object' ? parameters?.resourceType : undefined;
  if (parameters === null || type !== 'Parameters') throw new Problem('wrong-resource-type', { found: isResourceType(type) ? type : 'something else', expected: 'Parameters' });
  const issues: ProblemIssue[] = [];
  const complain: Complain = (rule, expression) => { issues.push({ code: 'decision-invalid', details: { rule }, expression }); };
  for (const { expression, reason } of shapeIssues(parameters)) complain(`An element has the wrong form: it ${reason}.`, expression);
  refuseIfAny(issues);

  const list = parameters.parameter ?? [];
  checkParameters(list, decideDefinition.parameter, 'Parameters.parameter', complain);
  const author = list.find((parameter) => parameter.name === 'author')?.valueReference;
  const name = author?.display?.trim() ?? '';
  if (!isPersonName(name)) complain('author must name the person who decides (valueReference.display).', 'Parameters.parameter.where(name = \'author\')');
  const specialty = list.find((parameter) => parameter.name === 'specialty')?.valueCodeableConcept;
  const parts = list.filter((parameter) => parameter.name === 'item');
  const items = parts.flatMap((parameter, index) => readItem(parameter, `Parameters.parameter.where(name = 'item')[${index}]`, complain));
  if (parts.length === 0) complain('At least one item must be decided.', 'Parameters.parameter');
  if (new Set(items.map((item) => item.sequence)).size < items.length) complain('An item is decided twice.', 'Parameters.parameter');
  refuseIfAny(issues);
  return {
    author: { kind: 'person', name, ...(author?.identifier && { identifier: author.identifier }), ...(specialty && { specialty }) },
    items,
  };
}

function refuseIfAny([first, ...more]: readonly ProblemIssue[]): void {
  if (first) throw Problem.of([first, ...more]);
}

/** An item that is understood; nothing where it is not, and then a complaint was made. */
function readItem(parameter: ParametersParameter, path: string, complain: Complain): ItemDecision[] {
  const parts = parameter.part ?? [];
  const part = (name: string): ParametersParameter | undefined => parts.find((candidate) => candidate.name === name);
  const sequence = part('sequence')?.valuePositiveInt ?? part('sequence')?.valueInteger;
  if (sequence === undefined || sequence < 1) complain('sequence must be the number of an item.', `${path}.part`);
  const action = actions.find((candidate) => candidate === (part('action')?.valueCode as Action | undefined));
  if (action === undefined) complain(`action must be one of ${actions.join(', ')}.`, `${path}.part`);
  for (const name of action === undefined ? [] : misplaced(parts, action)) complain(`${name} does not belong to ${action}.`, `${path}.part`);
  const said = part('text')?.valueString?.trim();
  const text = isVisible(said) ? said : undefined;
  const reason = reasonOf(part('reason')?.valueCodeableConcept?.coding?.[0], text);
  if ((action === 'deny' || action === 'modify') && !hasLetterOrDigit(part('reason')?.valueCodeableConcept?.coding?.[0]?.code)) complain(`To ${action} needs a reason with a code.`, `${path}.part`);
  if ((action === 'deny' || action === 'modify') && !hasLetterOrDigit(text)) complain(`To ${action} needs a text that the patient and the provider can understand.`, `${path}.part`);
  const period = part('period')?.valuePeriod;
  if (period?.start !== undefined && period.end !== undefined && period.end < period.start) complain('period must not end before it begins.', `${path}.part`);
  const approved = approvedOf(part('productOrService')?.valueCodeableConcept, part('quantity')?.valueQuantity, part('unitPrice')?.valueMoney);
  if (action === 'modify' && Object.keys(approved).length === 0) complain('To modify needs what is approved: productOrService, quantity or unitPrice.', `${path}.part`);
  for (const rule of faultsOf(approved)) complain(rule, `${path}.part`);
  if (sequence === undefined || action === undefined) return [];
  switch (action) {
    case 'certify': return [{ action, sequence, text, period }];
    case 'modify': return reason ? [{ action, sequence, text, period, reason, approved }] : [];
    case 'deny': return reason ? [{ action, sequence, text, reason }] : [];
    case 'pend': return [{ action, sequence, text, wanted: wantedOf(part('information')?.valueCodeableConcept, text) }];
  }
}

function reasonOf(coding: Coding | undefined, text: string | undefined): Reason | undefined {
  return coding?.code === undefined || text === undefined ? undefined : { system: coding.system ?? '', code: coding.code, text };
}

function approvedOf(productOrService: CodeableConcept | undefined, quantity: Quantity | undefined, unitPrice: Money | undefined): ApprovedDetail {
  return { ...(productOrService && { productOrService }), ...(quantity && { quantity }), ...(unitPrice && { unitPrice }) };
}

/** Names of the operation that stand beside an action they do not belong to. */
function misplaced(parts: readonly ParametersParameter[], action: Action): string[] {
  const others = new Set(Object.values(takes).flat());
  return [...new Set(parts.map((part) => part.name ?? ''))].filter((name) => others.has(name) && !takes[action].includes(name));
}

function faultsOf({ productOrService, quantity, unitPrice }: ApprovedDetail): string[] {
  const faults: string[] = [];
  if (productOrService && !hasLetterOrDigit(productOrService.text) && !productOrService.coding?.some((coding) => hasLetterOrDigit(coding.code))) faults.push('productOrService must have a code or a text.');
  for (const [name, amount] of [['quantity', quantity], ['unitPrice', unitPrice]] as const) {
    if (amount && amount.value === undefined) faults.push(`${name} must have a number as its value.`);
    if ((amount?.value ?? 0) < 0) faults.push(`${name} must not be negative.`);
  }
  if (quantity?.comparator !== undefined) faults.push('quantity must be exact, without a comparator.');
  return faults;
}

function wantedOf(information: CodeableConcept | undefined, text: string | undefined): WantedInformation[] {
  if (!information) return [];
  const coding = information.coding?.[0];
  return [{ system: coding?.system ?? '', code: coding?.code ?? '', text: information.text ?? coding?.display ?? text ?? 'the information named by the code' }];
}
