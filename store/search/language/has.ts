/**
 * `_has`: resources that are referred to by others, on which there is a condition
 * (https://hl7.org/fhir/R4/search.html#has): `_has:Observation:patient:code`.
 */
import { Problem } from '../../../fhir/problems.ts';
import { isResourceType } from '../../../fhir/resource-types.ts';
import type { Expression } from '../expression.ts';
import { followedParameter, saysWhosePatient } from './chain.ts';
import { linkedReading, spendStep, type Reading } from './reading.ts';
import { targetsOf } from './reference.ts';

/**
 * @param link what is behind `_has:`
 * @throws {Problem} `invalid-chain`, `unknown-search-parameter` and those of the condition
 */
export async function hasCondition(link: string, value: string, reading: Reading): Promise<Expression> {
  const [type = '', code = '', ...rest] = link.split(':');
  if (!isResourceType(type) || code === '' || rest.length === 0) throw new Problem('invalid-chain', { name: '_has', reason: 'a type, a reference and a parameter are expected, as in _has:Observation:patient:code' });
  spendStep(reading);
  const source = linkedReading(reading, type, '_has');
  const parameter = followedParameter(source, code);
  if (!targetsOf(parameter, type).includes(reading.type)) throw new Problem('invalid-chain', { name: '_has', reason: `${code} of ${type} does not refer to resources of type ${reading.type}` });
  const where = await reading.condition(rest.join(':'), value, source);
  return { kind: 'has', type, parameter: code, where, viaPatient: reading.type === 'Patient' && saysWhosePatient(parameter, source) };
}
