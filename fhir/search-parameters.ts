/**
 * The search parameters of FHIR R4 and US Core, and the compartments built from them.
 * Source: hl7.fhir.r4.core 4.0.1 and hl7.fhir.us.core 8.0.0 (scripts/distill-search-parameters.mjs, which lists what
 * it corrects); FHIR R4, "Search" (https://hl7.org/fhir/R4/search.html) and "CompartmentDefinition".
 */
import { lineage } from './element-types.ts';
import type { Interpreter } from './fhirpath/interpreter.ts';
import compartmentTable from './r4/compartments.json' with { type: 'json' };
import parameterTable from './r4/search-parameters.json' with { type: 'json' };

export type SearchParameterType = 'number' | 'date' | 'string' | 'token' | 'reference' | 'composite' | 'quantity' | 'uri' | 'special';

/** A part of a composite parameter: the parameter it stands for and its path from the composite's node. */
export interface SearchParameterComponent {
  readonly definition: string;
  readonly expression: string;
}

export interface SearchParameter {
  /** Canonical address: the parameter's identity. */
  readonly url: string;
  /** Name in a search URL. */
  readonly code: string;
  readonly type: SearchParameterType;
  /** Resource types that have the parameter; `Resource` for all of them. */
  readonly base: readonly string[];
  /** FHIRPath, a union over the base types. */
  readonly expression: string;
  /** References only: the types that may be referred to; `Resource` for any. */
  readonly target?: readonly string[];
  /** Composites only. */
  readonly component?: readonly SearchParameterComponent[];
  /** Of a tenant's own: the id of the SearchParameter that defines it. */
  readonly source?: string;
  /** Evaluates an expression that is beyond the compiler. */
  readonly evaluate?: Interpreter;
  /** There while what was stored before the definition is not indexed by it yet: a search would miss some of it. */
  readonly building?: IndexProgress;
}

/** How far the indexing by a new definition has come. */
export interface IndexProgress {
  /** From 0 to 100, rounded down. */
  readonly percent: number;
}

const parameters = parameterTable as unknown as readonly SearchParameter[];
const byUrl: ReadonlyMap<string, SearchParameter> = new Map(parameters.map((parameter) => [parameter.url, parameter]));
const byBase = new Map<string, Map<string, SearchParameter>>();
for (const parameter of parameters) {
  for (const base of parameter.base) {
    const codes = byBase.get(base) ?? new Map<string, SearchParameter>();
    byBase.set(base, codes.set(parameter.code, parameter));
  }
}
const listed = new Map<string, readonly SearchParameter[]>();

/**
 * The parameters that hold in one place: those of the specification, and with them what a tenant has defined. What is
 * compiled from them is kept by set, so that a set, once made, never changes.
 */
export interface SearchParameterSet {
  /** The parameter a resource type knows under a name, its own or one that all resources have. */
  find(type: string, code: string): SearchParameter | undefined;
  /** Every parameter of a resource type, those of all resources first. None for an unknown type. */
  of(type: string): readonly SearchParameter[];
  /** The parameter with a canonical address. */
  byUrl(url: string): SearchParameter | undefined;
  /** Which of the tenant's sets this is; goes up with every change. None where the tenant has never defined anything. */
  readonly version?: number;
  /** Those of them that the tenant has defined. */
  readonly own?: readonly SearchParameter[];
}

/** FHIR R4's and US Core's. */
export const standardParameters: SearchParameterSet = { find: searchParameter, of: searchParametersOf, byUrl: searchParameterByUrl };

/** The parameters of `below` and `more`; of two for one type under one name that of `below` stays. */
export function extendedParameters(below: SearchParameterSet, more: readonly SearchParameter[]): SearchParameterSet {
  const added = more.flatMap((parameter) => parameter.base.map((base) => ({ base, parameter })));
  const ownOf = (type: string): SearchParameter[] => {
    const names = lineage(type);
    return added.filter(({ base, parameter }) => names.includes(base) && below.find(type, parameter.code) === undefined).map(({ parameter }) => parameter);
  };
  return {
    ...(below.version !== undefined && { version: below.version }),
    own: [...(below.own ?? []), ...more],
    find: (type, code) => below.find(type, code) ?? ownOf(type).find((parameter) => parameter.code === code),
    of: (type) => [...below.of(type), ...ownOf(type)],
    byUrl: (url) => below.byUrl(url) ?? more.find((parameter) => parameter.url === url),
  };
}

/** The parameter a resource type knows under a name, its own or one that all resources have. */
export function searchParameter(type: string, code: string): SearchParameter | undefined {
  for (const name of lineage(type)) {
    const found = byBase.get(name)?.get(code);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every parameter of a resource type, those of all resources first. None for an unknown type. */
export function searchParametersOf(type: string): readonly SearchParameter[] {
  const known = listed.get(type);
  if (known !== undefined) return known;
  const all = lineage(type).toReversed().flatMap((name) => [...(byBase.get(name)?.values() ?? [])]);
  if (all.length > 0) listed.set(type, all);
  return all;
}

/** The parameter with a canonical address. */
export function searchParameterByUrl(url: string): SearchParameter | undefined {
  return byUrl.get(url);
}

export type CompartmentName = keyof typeof compartmentTable;
const compartments: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> = new Map(
  Object.entries(compartmentTable).map(([name, types]) => [name, new Map(Object.entries(types as unknown as Record<string, string[]>))]),
);

/** The names of the parameters that put a resource of `type` into a compartment; none where the type is never in it. */
export function compartmentParameters(compartment: CompartmentName, type: string): readonly string[] {
  return compartments.get(compartment)?.get(type) ?? [];
}

/** The resource types that may be in a compartment. */
export function compartmentTypes(compartment: CompartmentName): readonly string[] {
  return [...(compartments.get(compartment)?.keys() ?? [])];
}

/** The names of the parameters that put a resource of `type` into a Patient's compartment. */
export function patientCompartmentParameters(type: string): readonly string[] {
  return compartmentParameters('Patient', type);
}
