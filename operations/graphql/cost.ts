/**
 * What a query would cost, before it is executed: how deep it goes, and how many fields it would resolve if every list had
 * as many entries as it may. An alias counts like a field of its own, a fragment wherever it is spread.
 */
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLNamedType, GraphQLOutputType, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { hasDirective } from './elements.ts';
import type { GraphQL } from './library.ts';
import { defaultCount, largestWindow } from './lists.ts';

export interface Estimate {
  readonly depth: number;
  readonly cost: number;
}

/** A search, in fields: a round trip to the store and its rows. */
const searchCost = 50;
/** Following a reference: those of a level are read together. */
const referenceCost = 5;
/** Evaluating an expression, on a list of elements. */
const expressionCost = 50;
/** How many elements lists of elements have, as a rule. */
const usualElements = 3;

const nothing: Estimate = { depth: 0, cost: 0 };

/** @param document without circular fragments */
export function estimate(graphql: GraphQL, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): Estimate {
  const { Kind, getNamedType, getNullableType, isInterfaceType, isListType, isObjectType } = graphql;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  // A fragment costs the same wherever it is spread; looked at once, a chain of fragments that double each other is no work.
  const known = new Map<string, Estimate>();

  const ofFragment = (name: string): Estimate => {
    const there = known.get(name);
    if (there !== undefined) return there;
    const definition = fragments.get(name);
    const made = definition === undefined ? nothing : ofSelections(definition.selectionSet, schema.getType(definition.typeCondition.name.value));
    known.set(name, made);
    return made;
  };

  const fieldType = (parent: GraphQLNamedType | undefined, name: string): GraphQLOutputType | undefined => {
    if (isObjectType(parent) || isInterfaceType(parent)) {
      const own = parent.getFields()[name]?.type;
      if (own !== undefined || !isInterfaceType(parent)) return own;
      // On any resource: the field of whatever type has it.
      return schema.getPossibleTypes(parent).map((type) => type.getFields()[name]?.type).find((type) => type !== undefined);
    }
    return undefined;
  };

  const ofField = (field: FieldNode, parent: GraphQLNamedType | undefined): Estimate => {
    const name = field.name.value;
    const type = fieldType(parent, name);
    const named = type && getNamedType(type);
    const within = field.selectionSet === undefined ? nothing : ofSelections(field.selectionSet, named);
    const depth = 1 + within.depth;
    const isList = isListType(type && getNullableType(type));
    const isSearch = /^[A-Z]\w*(?:List|Connection)$/.test(name);
    if (isSearch) return { depth, cost: searchCost + (window(field) ?? defaultCount) * (1 + within.cost) };
    if (name === 'resource') return { depth, cost: referenceCost + within.cost };
    // The edges of a connection have been counted with it.
    const own = 1 + (hasDirective(field, 'slice') || field.arguments?.some((argument) => argument.name.value === 'fhirpath') ? expressionCost : 0);
    if (isList && field.selectionSet !== undefined && name !== 'edges') return { depth, cost: own + (hasDirective(field, 'first') ? 1 : Math.min(usualElements, window(field) ?? usualElements)) * within.cost };
    return { depth, cost: own + within.cost };
  };

  const window = (field: FieldNode): number | undefined => {
    const edges = ['_count', '_offset'].map((name) => field.arguments?.find((argument) => argument.name.value === name)?.value);
    if (edges[0] === undefined && edges[1] === undefined) return undefined;
    const [count = defaultCount, offset = 0] = edges.map((value) => {
      if (value === undefined) return undefined;
      const number = value.kind === Kind.INT ? Number(value.value) : value.kind === Kind.VARIABLE ? variables[value.name.value] : largestWindow;
      return typeof number === 'number' && number >= 0 ? number : largestWindow;
    });
    return count + offset;
  };

  const ofSelections = (set: SelectionSetNode, parent: GraphQLNamedType | undefined): Estimate => {
    let depth = 0;
    let cost = 0;
    for (const selection of set.selections) {
      const one = selection.kind === Kind.FIELD ? ofField(selection, parent)
        : selection.kind === Kind.FRAGMENT_SPREAD ? ofFragment(selection.name.value)
          : ofSelections(selection.selectionSet, selection.typeCondition === undefined ? parent : schema.getType(selection.typeCondition.name.value));
      depth = Math.max(depth, one.depth);
      cost += one.cost;
    }
    return { depth, cost };
  };

  return ofSelections(operation.selectionSet, schema.getQueryType() ?? undefined);
}
