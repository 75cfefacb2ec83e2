/**
 * Where in a resource the values of a search parameter stand, for the parameters whose expression is a path: their
 * elements' names, types and owners. What a place tells: whether a code's system is fixed by its element, whether a
 * reference is a canonical address, by which JSON path a page can be sorted.
 */
import { elementTypes, isKindOf, isType } from './element-types.ts';
import { FhirPathError } from './fhirpath/error.ts';
import { parseFhirPath } from './fhirpath/parser.ts';
import type { Expression } from './fhirpath/syntax.ts';
import type { SearchParameter } from './search-parameters.ts';

/** Which of the values of a property are meant; undefined: all. */
export type PlaceFilter =
  /** Those with this value in an element of their own. */
  | { readonly kind: 'has'; readonly element: string; readonly value: string | number | boolean }
  /** References to resources of this type. */
  | { readonly kind: 'refers'; readonly type: string };

export interface PlaceStep {
  /** The name in JSON: `valueQuantity`, not `value`. */
  readonly property: string;
  readonly filter?: PlaceFilter;
}

export interface SearchPlace {
  readonly steps: readonly PlaceStep[];
  /** FHIR type of the values. */
  readonly type: string;
  /** The type or structure that has the last element, and the element's name. */
  readonly owner: string;
  readonly element: string;
}

const known = new WeakMap<SearchParameter, Map<string, readonly SearchPlace[] | undefined>>();

/** The places of a parameter in resources of a type; undefined where its expression is more than a path. */
export function searchPlaces(parameter: SearchParameter, type: string): readonly SearchPlace[] | undefined {
  let ofParameter = known.get(parameter);
  if (ofParameter === undefined) known.set(parameter, ofParameter = new Map());
  if (!ofParameter.has(type)) ofParameter.set(type, findPlaces(parameter.expression, type));
  return ofParameter.get(type);
}

function findPlaces(expression: string, type: string): readonly SearchPlace[] | undefined {
  try {
    return follow(parseFhirPath(expression), { steps: [], type, owner: '', element: '' });
  } catch (error) {
    if (error instanceof FhirPathError) return undefined;
    throw error;
  }
}

function follow(expression: Expression, start: SearchPlace): SearchPlace[] | undefined {
  switch (expression.kind) {
    case 'this': return [start];
    case 'member': {
      const { of, name } = expression;
      if (of.kind === 'this' && /^[A-Z]/.test(name) && isType(name)) return isKindOf(start.type, name) ? [start] : [];
      return follow(of, start)?.flatMap((place) => children(place, name));
    }
    case 'union': {
      const branches = expression.branches.map((branch) => follow(branch, start));
      return branches.every((branch) => branch !== undefined) ? branches.flat() : undefined;
    }
    case 'as': return follow(expression.of, start)?.filter((place) => isKindOf(place.type, expression.type));
    case 'call': return call(expression, start);
    case 'resource': case 'literal': case 'index': case 'is': case 'equality': case 'and': case 'or':
    default: return undefined;
  }
}

function children({ steps, type }: SearchPlace, name: string): SearchPlace[] {
  return elementTypes(type, name).map((choice) => ({ steps: [...steps, { property: choice.property }], type: choice.type, owner: type, element: name }));
}

function call({ of, name, arguments: [argument, ...more] }: Extract<Expression, { kind: 'call' }>, start: SearchPlace): SearchPlace[] | undefined {
  if (argument === undefined || more.length > 0) return undefined;
  const places = follow(of, start);
  if (places === undefined) return undefined;
  if (name === 'extension' && argument.kind === 'literal') {
    return places.flatMap((place) => children(place, 'extension')).map((place) => filtered(place, { kind: 'has', element: 'url', value: argument.value }));
  }
  const filter = name === 'where' ? filterOf(argument) : undefined;
  // A filter on the resource itself has no step to stand on.
  return filter === undefined || places.some(({ steps }) => steps.length === 0) ? undefined : places.map((place) => filtered(place, filter));
}

function filtered(place: SearchPlace, filter: PlaceFilter): SearchPlace {
  const last = place.steps.at(-1)!;
  return { ...place, steps: [...place.steps.slice(0, -1), { property: last.property, filter }] };
}

function filterOf(criterion: Expression): PlaceFilter | undefined {
  if (criterion.kind === 'is' && criterion.of.kind === 'call' && criterion.of.name === 'resolve' && criterion.of.of.kind === 'this') return { kind: 'refers', type: criterion.type };
  if (criterion.kind !== 'equality' || criterion.negated) return undefined;
  const { left, right } = criterion;
  return left.kind === 'member' && left.of.kind === 'this' && right.kind === 'literal' ? { kind: 'has', element: left.name, value: right.value } : undefined;
}
