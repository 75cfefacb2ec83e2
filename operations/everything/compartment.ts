/**
 * The resources of a compartment as a query: a tree for each type that can be in it.
 * Source: https://hl7.org/fhir/R4/compartmentdefinition.html
 */
import { principalDate } from '../../fhir/principal-date.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { compartmentParameters, compartmentTypes } from '../../fhir/search-parameters.ts';
import type { Context } from '../../store/context.ts';
import type { Expression, TypeQuery } from '../../store/search/expression.ts';
import { compartmentCondition } from '../../store/search/language/compartment.ts';
import { keyMaker, type KeyMaker } from '../../store/search-keys.ts';
import type { Wanted } from './wanted.ts';

export type CompartmentType = 'Patient' | 'Encounter';

/** Types of which some are in the compartment of a patient or an encounter, and some are not: Group, List, Basic… */
export function mayBeInCompartment(compartment: CompartmentType, type: string): boolean {
  return type === compartment || compartmentParameters(compartment, type).length > 0;
}

/**
 * Asks for what is in a compartment, the resource that it is of not included.
 * Where a type is wanted that is in no compartment, everything is looked through, because of what it refers to.
 */
export function compartmentQueries(context: Context, compartment: CompartmentType, id: string, wanted: Wanted): TypeQuery[] {
  const { types } = wanted;
  const supportIsWanted = types !== undefined && [...types].some((type) => !mayBeInCompartment(compartment, type));
  return compartmentTypes(compartment)
    .filter((type) => type !== compartment && mayBeInCompartment(compartment, type) && (types === undefined || supportIsWanted || types.has(type)))
    .map((type) => {
      const make = keyMaker(context.tenant.id, resourceTypeCode(type));
      return { type, where: { kind: 'all', of: [compartmentCondition({ name: compartment, id }, { type, make, context }), ...changedSince(wanted), ...careDates(type, make, wanted)] } };
    });
}

function changedSince({ since }: Wanted): Expression[] {
  return since === undefined ? [] : [{ kind: 'changed', from: since }];
}

/** A person's date of birth is the principal date of its type, and no date of care. */
const noCareDate: ReadonlySet<string> = new Set(['birthdate']);

/** In range, or without a date: what cannot be told to be of another time belongs to the record of any. */
function careDates(type: string, make: KeyMaker, { start, end }: Wanted): Expression[] {
  const code = principalDate(type);
  if ((start === undefined && end === undefined) || code === undefined || noCareDate.has(code)) return [];
  const bounds: Expression[] = [];
  if (start) bounds.push({ kind: 'date', scope: 'principal', comparison: 'ge', low: new Date(start.low), high: new Date(start.high + 1) });
  if (end) bounds.push({ kind: 'date', scope: 'principal', comparison: 'le', low: new Date(end.low), high: new Date(end.high + 1) });
  return [{ kind: 'any', of: [{ kind: 'all', of: bounds }, { kind: 'not', of: { kind: 'present', parameter: make.present(code) } }] }];
}
