/**
 * What a query must be to be executed: GraphQL's own rules, but for two that FHIR's use of GraphQL does not keep.
 *
 * `resource { active }` asks for fields of whatever a reference leads to, without a fragment for each type: such a field
 * is right where some type has it, with all that is asked within. And values are compared as texts, so that variables of
 * every scalar type may stand for them.
 * Source: https://spec.graphql.org/October2021/#sec-Validation; https://hl7.org/fhir/R4/graphql.html
 */
import type { ASTVisitor, DocumentNode, FieldNode, GraphQLError, GraphQLNamedType, GraphQLSchema, SelectionSetNode, ValidationContext } from 'graphql';
import type { GraphQL } from './library.ts';

/** What is looked at first, so that nothing else goes round in circles, or compares thousands of fields with each other. */
export function endlessRules(graphql: GraphQL, schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  return graphql.validate(schema, document, [graphql.KnownFragmentNamesRule, graphql.NoFragmentCyclesRule, (context) => fewRepeats(graphql, context)], { maxErrors: 5 });
}

/** A field that is asked for again is the same field; each is compared with each of its name. */
const mostRepeats = 5;

function fewRepeats({ GraphQLError, Kind }: GraphQL, context: ValidationContext): ASTVisitor {
  return {
    SelectionSet(set) {
      const counts = new Map<string, number>();
      for (const selection of set.selections) {
        if (selection.kind !== Kind.FIELD) continue;
        const name = (selection.alias ?? selection.name).value;
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        if (count === mostRepeats + 1) context.reportError(new GraphQLError(`A field is asked for under one name more than ${mostRepeats} times in one place.`, { nodes: selection }));
      }
    },
  };
}

/** Errors of a query without circular fragments; a few of them. */
export function brokenRules(graphql: GraphQL, schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[] {
  const { FieldsOnCorrectTypeRule, OperationTypeNode, VariablesInAllowedPositionRule, recommendedRules, specifiedRules } = graphql;
  const kept = specifiedRules.filter((rule) => rule !== FieldsOnCorrectTypeRule && rule !== VariablesInAllowedPositionRule);
  const queriesAlone = (context: ValidationContext): ASTVisitor => ({
    OperationDefinition(node) {
      if (node.operation !== OperationTypeNode.QUERY) context.reportError(new graphql.GraphQLError('Queries alone are answered here.', { nodes: node }));
    },
  });
  return graphql.validate(schema, document, [...kept, ...recommendedRules, queriesAlone, (context) => fieldsOfSomeType(graphql, context)], { maxErrors: 20 });
}

function fieldsOfSomeType({ GraphQLError, Kind, isInterfaceType }: GraphQL, context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const parent = context.getParentType();
      if (!parent || context.getFieldDef()) return;
      const name = node.name.value;
      if (isInterfaceType(parent)) {
        const types = context.getSchema().getPossibleTypes(parent);
        if (types.some((type) => fits(node, type, context))) return;
      }
      context.reportError(new GraphQLError(`Cannot query field "${name}" on type "${parent.name}".`, { nodes: node }));
    },
  };

  /** Whether a type has a field, with these arguments and what is asked within. */
  function fits(field: FieldNode, type: GraphQLNamedType, { getFragment }: Pick<ValidationContext, 'getFragment'>): boolean {
    const named = fieldOf(field, type);
    if (named === undefined) return false;
    const argumentsKnown = (field.arguments ?? []).every(({ name }) => named.args.includes(name.value));
    const isLeaf = !('getFields' in named.type);
    if (!argumentsKnown || isLeaf !== (field.selectionSet === undefined)) return false;
    return field.selectionSet === undefined || selectionsFit(field.selectionSet, named.type);

    function selectionsFit(set: SelectionSetNode, within: GraphQLNamedType): boolean {
      return set.selections.every((selection) => {
        if (selection.kind === Kind.FIELD) return selection.name.value === '__typename' || fits(selection, within, { getFragment });
        // The rules on fragments look into them by themselves.
        return selection.kind === Kind.FRAGMENT_SPREAD || selection.typeCondition !== undefined || selectionsFit(selection.selectionSet, within);
      });
    }
  }

  function fieldOf({ name }: FieldNode, type: GraphQLNamedType): { type: GraphQLNamedType; args: readonly string[] } | undefined {
    if (!('getFields' in type)) return undefined;
    const field = type.getFields()[name.value];
    if (field === undefined || !('args' in field)) {
      if (!isInterfaceType(type)) return undefined;
      const some = context.getSchema().getPossibleTypes(type).find((possible) => possible.getFields()[name.value] !== undefined);
      return some && fieldOf({ name } as FieldNode, some);
    }
    return { type: namedTypeOf(field.type), args: field.args.map((argument) => argument.name) };
  }
}

function namedTypeOf(type: unknown): GraphQLNamedType {
  let named = type as { ofType?: unknown };
  while (named.ofType !== undefined) named = named.ofType as { ofType?: unknown };
  return named as GraphQLNamedType;
}
