/**
 * Everything a resource can be found by.
 *
 * Each resource type has a plan: its search parameters compiled to visits, made when the first resource of the type
 * arrives and kept, since a set of definitions never changes. A resource may be malformed anywhere: what is not what its
 * type says is passed over, and nothing is thrown.
 */
import { compileFhirPath } from '../fhirpath/compiler.ts';
import type { Interpreter } from '../fhirpath/interpreter.ts';
import type { Ending } from '../fhirpath/scope.ts';
import type { Visit } from '../fhirpath/visit.ts';
import { isResourceType } from '../resource-types.ts';
import { standardParameters, type SearchParameter, type SearchParameterSet, type SearchParameterType } from '../search-parameters.ts';
import { composites } from './composites.ts';
import { dates } from './dates.ts';
import { numbers } from './numbers.ts';
import { positions } from './positions.ts';
import { quantities } from './quantities.ts';
import { references } from './references.ts';
import { strings } from './strings.ts';
import { tokens } from './tokens.ts';
import { uris } from './uris.ts';
import type { SearchValue } from './values.ts';

type Maker = (parameter: SearchParameter, type: string) => Visit<SearchValue[]> | undefined;

const makers: Readonly<Record<Exclude<SearchParameterType, 'composite'>, Maker>> = {
  token: tokens,
  reference: references,
  date: dates,
  string: strings,
  number: numbers,
  quantity: quantities,
  uri: uris,
  special: positions,
};

function endingOf(parameter: SearchParameter, resourceType: string, set: SearchParameterSet): Ending<SearchValue[]> {
  const { type: parameterType } = parameter;
  if (parameterType === 'composite') return (type) => composites(parameter, type, resourceType, set, (component) => endingOf(component, resourceType, set));
  const make = makers[parameterType];
  return (type) => make(parameter, type);
}

/**
 * The compiled extraction of one parameter for resources of one type; undefined where such a resource can have no value for it.
 * @throws {FhirPathError} for an expression outside the supported part of FHIRPath
 */
export function searchValueVisit(parameter: SearchParameter, resourceType: string, set: SearchParameterSet = standardParameters): Visit<SearchValue[]> | undefined {
  const ending = endingOf(parameter, resourceType, set);
  return parameter.evaluate === undefined ? compileFhirPath(parameter.expression, resourceType, ending) : interpreted(parameter.evaluate, ending);
}

/** The visit of what an interpreter selects: it knows the type of a node when it is there. */
function interpreted(evaluate: Interpreter, ending: Ending<SearchValue[]>): Visit<SearchValue[]> {
  const visits = new Map<string, Visit<SearchValue[]> | undefined>();
  return (resource, walk) => {
    for (const { type, value } of evaluate(resource)) {
      if (!visits.has(type)) visits.set(type, ending(type));
      visits.get(type)?.(value, walk);
    }
  };
}

const plans = new WeakMap<SearchParameterSet, Map<string, readonly Visit<SearchValue[]>[]>>();

function planOf(resourceType: string, set: SearchParameterSet): readonly Visit<SearchValue[]>[] {
  let ofSet = plans.get(set);
  if (ofSet === undefined) plans.set(set, ofSet = new Map());
  let plan = ofSet.get(resourceType);
  if (plan === undefined) {
    plan = set.of(resourceType).map((parameter) => searchValueVisit(parameter, resourceType, set)).filter((visit) => visit !== undefined);
    ofSet.set(resourceType, plan);
  }
  return plan;
}

/**
 * The search values of a resource, parameter by parameter in the order of the set. The same value may come twice where
 * a resource says the same twice: an index is a set. None for what is no R4 resource.
 */
export function extractSearchValues(resource: { readonly resourceType: string }, set: SearchParameterSet = standardParameters): SearchValue[] {
  const out: SearchValue[] = [];
  if (!isResourceType(resource?.resourceType)) return out;
  const walk = { resource, out };
  for (const visit of planOf(resource.resourceType, set)) visit(resource, walk);
  return out;
}
