/** Being in a compartment (https://hl7.org/fhir/R4/compartmentdefinition.html). */
import { Problem } from '../../../fhir/problems.ts';
import { compartmentParameters, type CompartmentName } from '../../../fhir/search-parameters.ts';
import { compartmentKey } from '../../search-keys.ts';
import type { Expression } from '../expression.ts';
import { anyOf, type Reading } from './reading.ts';

/** A resource and all that is linked to it. */
export interface Compartment {
  readonly name: CompartmentName;
  readonly id: string;
}

/** @throws {Problem} `not-in-compartment` for types that are in no such compartment */
export function compartmentCondition({ name, id }: Compartment, { type, make, context }: Pick<Reading, 'type' | 'make' | 'context'>): Expression {
  const parameters = compartmentParameters(name, type);
  const own = type === name;
  if (parameters.length === 0 && !own) throw new Problem('not-in-compartment', { type, compartment: name });
  if (name === 'Patient') return { kind: 'patient', id, key: compartmentKey(context.tenant.id, id) };
  const linked: Expression = { kind: 'key', anyOf: parameters.map((parameter) => make.reference(parameter, name, id)), selective: true };
  // The resource that a compartment is named after is in it.
  return own ? anyOf([{ kind: 'id', ids: [id] }, ...(parameters.length > 0 ? [linked] : [])]) : linked;
}
