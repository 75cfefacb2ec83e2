/**
 * The GraphQL schema of FHIR R4, made from the table of element types. What a query needs of it is made for the query:
 * only fields and arguments that it names, so that the types of one query, not those of all of FHIR, are in memory.
 * Introspection gets the whole.
 * Source: https://hl7.org/fhir/R4/graphql.html
 */
import type { Resource } from '@medplum/fhirtypes';
import type { GraphQLFieldConfig, GraphQLFieldConfigArgumentMap, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { elementsOf, isPrimitive, isType, type ElementOfType } from '../../fhir/element-types.ts';
import { resourceTypes } from '../../fhir/resource-types.ts';
import type { SearchParameterSet } from '../../fhir/search-parameters.ts';
import { listArguments, selectElements } from './elements.ts';
import type { GraphQL } from './library.ts';
import { argumentName, findConnection, findList, searchArguments } from './lists.ts';
import { followReference, readOne } from './references.ts';
import { findReverseList } from './reverse-lists.ts';
import { scalarsOf } from './scalars.ts';
import type { Session } from './session.ts';

/** Fields behind which a resource of any type may be: what a reference leads to, and the elements that hold resources. */
const placesOfResources: readonly string[] = ['resource', 'contained', 'outcome'];

/** Where a query starts: the whole server (`system`), or one resource of the type of this name. */
export type Root = string;

type Field = GraphQLFieldConfig<unknown, Session>;
type Fields = Record<string, Field>;

export function buildSchema(graphql: GraphQL, root: Root, parameters: SearchParameterSet, names?: ReadonlySet<string>): GraphQLSchema {
  const { GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLInterfaceType, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } = graphql;
  const scalars = scalarsOf(graphql);
  const has = (name: string): boolean => names === undefined || names.has(name);
  const objects = new Map<string, GraphQLObjectType>();

  const argumentsNamed = (wanted: readonly string[], more: GraphQLFieldConfigArgumentMap = {}): GraphQLFieldConfigArgumentMap => ({
    ...Object.fromEntries(wanted.filter(has).map((name) => [name, { type: typeOfArgument[name] ?? scalars.value }])),
    ...more,
  });
  const typeOfArgument: Readonly<Record<string, GraphQLFieldConfigArgumentMap[string]['type']>> = { _count: GraphQLInt, _offset: GraphQLInt };

  const anyResource: GraphQLInterfaceType = new GraphQLInterfaceType({
    name: 'Resource',
    resolveType: (value) => (value as Resource).resourceType,
    fields: () => ({ ...elementFields('Resource'), ...(has('resourceType') && { resourceType: { type: GraphQLString } }) }),
  });

  const objectOf = (type: string): GraphQLObjectType => {
    const known = objects.get(type);
    if (known !== undefined) return known;
    const isResource = resourceTypes.includes(type);
    const made: GraphQLObjectType = new GraphQLObjectType({
      name: objectName(type),
      ...(isResource && { interfaces: [anyResource] }),
      fields: () => ({
        ...elementFields(type),
        ...(isResource && { ...(has('resourceType') && { resourceType: { type: GraphQLString } }), ...reverseFields(type) }),
        ...(type === 'Reference' && has('resource') && { resource: referenceField() }),
      }),
    });
    objects.set(type, made);
    return made;
  };

  const elementFields = (type: string): Fields => {
    const fields: Fields = {};
    for (const element of elementsOf(type)) {
      for (const { property, type: of } of element.types) {
        if (has(property)) fields[property] = elementField(property, of, element);
        if (isPrimitive(of) && has(`_${property}`)) fields[`_${property}`] = { type: element.repeats ? new GraphQLList(objectOf('Element')) : objectOf('Element') };
      }
    }
    return fields;
  };

  const elementField = (property: string, of: string, { repeats }: ElementOfType): Field => {
    const type = isPrimitive(of) || !isType(of) ? scalars.primitive(of) : of === 'Resource' ? anyResource : objectOf(of);
    if (!repeats) return { type };
    return {
      type: new GraphQLList(type),
      args: argumentsNamed([...listArguments, ...primitiveParts(of, names === undefined)]),
      resolve: (source, given, session, info) => selectElements((source as Record<string, unknown>)[property], of, given, session, info),
    };
  };

  const referenceField = (): Field => ({
    type: anyResource,
    args: { ...(has('type') && { type: { type: scalars.value } }), ...(has('optional') && { optional: { type: GraphQLBoolean } }) },
    resolve: (source, given, session) => followReference(source, given, session),
  });

  /**
   * Introspection is told of what refers to a type by its name, and of the arguments that all reverse lists have; what may
   * refer to anything, and every search parameter, is taken all the same. The whole would be twice as large.
   */
  const listed = resourceTypes.filter((type) => has(`${type}List`) || has(`${type}Connection`));
  const reverseFields = (type: string): Fields => {
    const sources = names === undefined ? resourceTypes.filter((source) => refersByName(parameters, source, type)) : listed;
    return Object.assign({}, ...sources.map((source) => listFields(source, argumentsNamed(names === undefined ? searchArguments : searchArgumentsOf(source), { _reference: { type: new GraphQLNonNull(scalars.value) } }), true))) as Fields;
  };

  const searchArgumentsOf = (type: string): readonly string[] => [...new Set([...parameters.of(type).map(argumentName), ...searchArguments])];

  const listFields = (type: string, given: GraphQLFieldConfigArgumentMap, reverse: boolean): Fields => {
    // Several values of one parameter are several conditions, all of which hold.
    const args = Object.fromEntries(Object.entries(given).map(([name, argument]) => [name, name === '_reference' || name in typeOfArgument ? argument : { type: new GraphQLList(scalars.value) }]));
    return {
      ...(has(`${type}List`) && { [`${type}List`]: { type: new GraphQLList(objectOf(type)), args, resolve: (source: unknown, values: Record<string, unknown>, session: Session) => (reverse ? findReverseList(type, values, source as Resource, session) : findList(type, values, undefined, session)) } }),
      ...(has(`${type}Connection`) && { [`${type}Connection`]: { type: connectionOf(type), args, resolve: (source: unknown, values: Record<string, unknown>, session: Session) => findConnection(type, values, reverse ? source as Resource : undefined, session) } }),
    };
  };

  const connections = new Map<string, GraphQLObjectType>();
  const connectionOf = (type: string): GraphQLObjectType => {
    const known = connections.get(type);
    if (known !== undefined) return known;
    const edge = new GraphQLObjectType({ name: `${type}Edge`, fields: () => ({ mode: { type: scalars.primitive('code') }, score: { type: scalars.primitive('decimal') }, resource: { type: objectOf(type) } }) });
    const text = { type: GraphQLString };
    const made = new GraphQLObjectType({ name: `${type}Connection`, fields: { count: { type: GraphQLInt }, offset: { type: GraphQLInt }, pagesize: { type: GraphQLInt }, edges: { type: new GraphQLList(edge) }, first: text, previous: text, next: text, last: text } });
    connections.set(type, made);
    return made;
  };

  const systemFields = (): Fields => Object.assign({}, ...resourceTypes.map((type) => ({
    ...(has(type) && { [type]: { type: objectOf(type), args: { id: { type: new GraphQLNonNull(scalars.value) } }, resolve: (_source: unknown, { id }: Record<string, unknown>, session: Session) => readOne(type, String(id), session) } }),
    ...listFields(type, has(`${type}List`) || has(`${type}Connection`) ? argumentsNamed(searchArgumentsOf(type)) : {}, false),
  }))) as Fields;

  // Where nothing leads to a resource of any type, those that are named are enough.
  const possible = names === undefined || placesOfResources.some((name) => names.has(name)) ? resourceTypes : resourceTypes.filter(has);
  const named = [...names ?? []].filter((name) => isType(name) && isPrimitive(name)).map((name) => scalars.primitive(name));
  const types: GraphQLNamedType[] = [GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString, scalars.value, anyResource, ...named, ...possible.map(objectOf)];
  return new GraphQLSchema({
    query: root === 'system' ? new GraphQLObjectType({ name: 'Query', fields: systemFields }) : objectOf(root),
    types: [...new Map(types.map((type) => [type.name, type])).values()],
    directives: [...graphql.specifiedDirectives, ...directivesOf(graphql, scalars.value)],
    // What is left of a type may be a type without fields.
    assumeValid: names !== undefined,
  });
}

function directivesOf({ DirectiveLocation, GraphQLDirective, GraphQLNonNull }: GraphQL, value: ReturnType<typeof scalarsOf>['value']): InstanceType<GraphQL['GraphQLDirective']>[] {
  const locations = [DirectiveLocation.FIELD];
  return [
    new GraphQLDirective({ name: 'flatten', locations, description: 'The fields within take the place of this one, as lists of all their values.' }),
    new GraphQLDirective({ name: 'singleton', locations, description: 'Within @flatten: there is one value, and it is no list.' }),
    new GraphQLDirective({ name: 'first', locations, description: 'The first of the list alone.' }),
    new GraphQLDirective({ name: 'slice', locations, description: 'With @flatten: names of the fields within are told apart by what path says of each element.', args: { path: { type: new GraphQLNonNull(value) } } }),
  ];
}

/** `Patient.contact` is PatientContact. */
function objectName(type: string): string {
  return type.split('.').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

/** What the elements of a list can be selected by; of nested structures and of choices introspection is not told. */
function primitiveParts(type: string, introspective: boolean): string[] {
  if (isPrimitive(type) || !isType(type) || type === 'Resource' || (introspective && type.includes('.'))) return [];
  return elementsOf(type).filter(({ repeats, choice }) => !repeats && !(introspective && choice)).flatMap(({ types }) => types.filter((one) => isPrimitive(one.type)).map(({ property }) => property));
}

function refersByName(parameters: SearchParameterSet, source: string, target: string): boolean {
  return parameters.of(source).some(({ type, target: targets }) => type === 'reference' && targets?.includes(target) === true);
}
