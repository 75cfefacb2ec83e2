/**
 * The resources of a compartment as a query.
 * Source: https://hl7.org/fhir/R4/compartmentdefinition.html
 */
import { principalDate } from '../../fhir/principal-date.ts';
import { resourceTypeCode } from '../../fhir/resource-types.ts';
import { compartmentParameters, compartmentTypes } from '../../fhir/search-parameters.ts';
import type { Place } from '../../store/search/expression.ts';
import type { RecordQuery } from '../../store/search/sql/record.ts';
import { compartmentKey, keyMaker } from '../../store/search-keys.ts';
import type { Wanted } from './wanted.ts';

export type CompartmentType = 'Patient' | 'Encounter';

/** Of content on a page, so that a thousand large documents are several pages. */
export const pageBytes = 16 * 1024 * 1024;

/** Types of which some are in the compartment of a patient or an encounter, and some may not be: Group, List, Basic… */
export function mayBeInCompartment(compartment: CompartmentType, type: string): boolean {
  return type === compartment || compartmentParameters(compartment, type).length > 0;
}

/**
 * Asks for what is in a compartment, the resource that it is of not included.
 * Where a type is wanted that is in no compartment, everything is looked through, because of what it refers to.
 */
export function recordQuery(tenant: number, compartment: CompartmentType, id: string, wanted: Wanted, after: Place | undefined, limit: number): RecordQuery {
  const types = typesOf(compartment, wanted);
  return {
    types, after, limit,
    bytes: pageBytes,
    since: wanted.since,
    care: careDates(types, wanted),
    ...(compartment === 'Patient' ? { patient: id, keys: [compartmentKey(tenant, id)] } : { patient: undefined, keys: linkKeys(tenant, compartment, id, types) }),
  };
}

function typesOf(compartment: CompartmentType, { types }: Wanted): readonly string[] {
  const supportIsWanted = types !== undefined && [...types].some((type) => !mayBeInCompartment(compartment, type));
  return compartmentTypes(compartment).filter((type) => type !== compartment && mayBeInCompartment(compartment, type) && (types === undefined || supportIsWanted || types.has(type)));
}

function linkKeys(tenant: number, compartment: CompartmentType, id: string, types: readonly string[]): bigint[] {
  return types.flatMap((type) => {
    const make = keyMaker(tenant, resourceTypeCode(type));
    return compartmentParameters(compartment, type).map((parameter) => make.reference(parameter, compartment, id));
  });
}

/** A person's date of birth is the principal date of its type, and no date of care. */
const noCareDate: ReadonlySet<string | undefined> = new Set(['birthdate']);

/** In range, or without a date: what cannot be told to be of another time belongs to the record of any. */
function careDates(types: readonly string[], { start, end }: Wanted): RecordQuery['care'] {
  if (start === undefined && end === undefined) return undefined;
  return { from: start && new Date(start.low), until: end && new Date(end.high + 1), undated: types.filter((type) => noCareDate.has(principalDate(type))) };
}
