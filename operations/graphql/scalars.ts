/**
 * Scalars: FHIR's primitive types under their own names, where GraphQL has none of the kind, and what search parameters
 * take. As literals they may be written without quotes (`use: official`, `id: example`), as the specification does.
 * Source: https://hl7.org/fhir/R4/graphql.html
 */
import type { GraphQLScalarType, ValueNode } from 'graphql';
import type { GraphQL } from './library.ts';

export interface Scalars {
  /** Of a primitive FHIR type, as a value of an element. */
  primitive(type: string): GraphQLScalarType;
  /** A value that an element or a search parameter is compared with: always a text in the end. */
  readonly value: GraphQLScalarType;
}

export function scalarsOf(graphql: GraphQL): Scalars {
  const { GraphQLBoolean, GraphQLInt, GraphQLScalarType, GraphQLString, GraphQLError, Kind } = graphql;
  const known = new Map<string, GraphQLScalarType>([
    ['boolean', GraphQLBoolean], ['integer', GraphQLInt], ['positiveInt', GraphQLInt], ['unsignedInt', GraphQLInt], ['string', GraphQLString], ['http://hl7.org/fhirpath/System.String', GraphQLString],
  ]);
  const literal = (node: ValueNode): string => {
    switch (node.kind) {
      case Kind.STRING: case Kind.INT: case Kind.FLOAT: case Kind.ENUM: return node.value;
      case Kind.BOOLEAN: return String(node.value);
      default: throw new GraphQLError('A single value is expected here.', { nodes: node });
    }
  };
  const variable = (value: unknown): string => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Number) return String(value);
    throw new GraphQLError('A single value is expected here.');
  };
  // What is stored has the form that its type asks for; a decimal keeps its digits until the answer is written.
  const make = (name: string): GraphQLScalarType => new GraphQLScalarType({ name, serialize: (value) => value, parseValue: variable, parseLiteral: literal });
  return {
    value: make('Value'),
    primitive(type) {
      const there = known.get(type);
      if (there !== undefined) return there;
      const made = make(type);
      known.set(type, made);
      return made;
    },
  };
}
