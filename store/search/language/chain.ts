/**
 * Chains: conditions on what a resource refers to, `subject:Patient.organization.name`
 * (https://hl7.org/fhir/R4/search.html#chaining). Without a type every type that the reference may mean, and that has
 * the parameter, is asked.
 */
import { Problem } from '../../../fhir/problems.ts';
import { ownPatientParameters } from '../../../fhir/single-valued.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import type { Context } from '../../context.ts';
import type { Expression } from '../expression.ts';
import { linkedReading, nameShown, parameterOf, spendStep, type Reading } from './reading.ts';
import { isCanonical, targetsOf } from './reference.ts';

/** A reference that may mean more types than this is no path but a guess. */
const mostTargets = 30;

/** What speaks against one type of target and not against another. */
const ofOneTarget: ReadonlySet<string> = new Set(['unknown-search-parameter', 'invalid-chain', 'unsupported-modifier']);

/**
 * @param link `parameter` or `parameter:Type`
 * @param follow reads what is asked of the targets
 * @throws {Problem} `invalid-chain`, `unknown-search-parameter` and those of `follow`
 */
export async function chainCondition(link: string, follow: (target: Reading) => Promise<Expression>, reading: Reading): Promise<Expression> {
  const colon = link.indexOf(':');
  const [code, type] = colon < 0 ? [link, undefined] : [link.slice(0, colon), link.slice(colon + 1)];
  const parameter = followedParameter(reading, code);
  const types = type === undefined ? targetsOf(parameter, reading.type) : [type];
  if (type !== undefined && (!isResourceType(type) || !targetsOf(parameter, reading.type).includes(type))) {
    throw new Problem('invalid-chain', { name: code, reason: isResourceType(type) ? `it does not refer to resources of type ${type}` : 'what is behind ":" is no resource type' });
  }
  if (types.length > mostTargets) throw new Problem('invalid-chain', { name: code, reason: `it may refer to ${types.length} types; say which is meant, as in ${code}:Patient` });

  const targets: { type: string; where: Expression }[] = [];
  let refusal: Problem | undefined;
  for (const target of types) {
    spendStep(reading);
    try {
      targets.push({ type: target, where: await follow(linkedReading(reading, target, code)) });
    } catch (error) {
      if (!(error instanceof Problem && ofOneTarget.has(error.code))) throw error;
      refusal ??= error;
    }
  }
  if (targets.length === 0) throw refusal ?? new Problem('invalid-chain', { name: code, reason: 'it refers to nothing' });
  return { kind: 'chain', parameter: code, targets, viaPatient: saysWhosePatient(parameter, reading) };
}

/** A reference that can be followed. @throws {Problem} `invalid-chain`, `unknown-search-parameter` */
export function followedParameter(reading: { readonly type: string; readonly context: Pick<Context, 'parameters'> }, code: string): SearchParameter {
  const parameter = parameterOf(reading, code);
  if (parameter.type !== 'reference') throw new Problem('invalid-chain', { name: nameShown(code), reason: 'it is no reference' });
  if (isCanonical(parameter, reading.type)) throw new Problem('invalid-chain', { name: nameShown(code), reason: 'it holds canonical addresses, which are not followed' });
  return parameter;
}

/** Whether what the parameter refers to is the patient of the resource's row. */
export function saysWhosePatient(parameter: SearchParameter, { type, context }: Pick<Reading, 'type' | 'context'>): boolean {
  return ownPatientParameters(type).has(parameter.code) && context.parameters.find(type, parameter.code) === parameter;
}
