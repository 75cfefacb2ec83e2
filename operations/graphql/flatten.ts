/**
 * The directives that change the form of a result: @flatten puts the fields within in the place of a field, as lists;
 * @singleton says that such a list is one value; @slice tells them apart by a name. (@first has chosen already.)
 * Source: https://hl7.org/fhir/R4/graphql.html, "List Management / Graph Flattening"
 */
import type { DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { Problem } from '../../fhir/problems.ts';
import { isObject } from '../inputs.ts';
import { hasDirective } from './elements.ts';
import type { GraphQL } from './library.ts';

type Data = Readonly<Record<string, unknown>>;
type Out = Record<string, unknown>;

/** Under this name each object of a result says its type while its form is changed. No name of FHIR begins so. */
const typeKey = '__type__';

/** Whether any directive of a query changes the form of its result. */
export function changesForm(names: ReadonlySet<string>): boolean {
  return ['flatten', 'singleton', 'slice'].some((name) => names.has(name));
}

/** The query, asking of each object what type it has: fragments apply to some. */
export function withTypes(graphql: GraphQL, document: DocumentNode): DocumentNode {
  const asked: FieldNode = { kind: graphql.Kind.FIELD, alias: { kind: graphql.Kind.NAME, value: typeKey }, name: { kind: graphql.Kind.NAME, value: '__typename' } };
  return graphql.visit(document, { SelectionSet: (set) => ({ ...set, selections: [...set.selections, asked] }) });
}

/** @param data the result of a query that `withTypes` made. @throws {Problem} `graphql-not-one` */
export function changeForm(graphql: GraphQL, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, data: Data, slices: ReadonlyMap<string, readonly string[]>): Data {
  const { Kind } = graphql;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);

  /** The fields of one object by their names in the result, in order. */
  const fieldsOf = (sets: readonly SelectionSetNode[], object: Data, found = new Map<string, FieldNode[]>()): Map<string, FieldNode[]> => {
    for (const selection of sets.flatMap((set) => set.selections)) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        // What a condition left out is not in the result.
        if (key in object && key !== typeKey) found.set(key, [...found.get(key) ?? [], selection]);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment !== undefined && appliesTo(fragment.typeCondition?.name.value, object)) fieldsOf([fragment.selectionSet], object, found);
    }
    return found;
  };

  const appliesTo = (condition: string | undefined, object: Data): boolean => {
    if (condition === undefined || condition === object[typeKey]) return true;
    const [wanted, actual] = [schema.getType(condition), schema.getType(String(object[typeKey]))];
    return graphql.isAbstractType(wanted) && graphql.isObjectType(actual) && schema.isSubType(wanted, actual);
  };

  const within = (nodes: readonly FieldNode[]): readonly SelectionSetNode[] => nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));

  const formed = (value: unknown, sets: readonly SelectionSetNode[], place: string): unknown => {
    if (Array.isArray(value)) return value.map((item, index) => formed(item, sets, `${place}.${index}`));
    return isObject(value) && sets.length > 0 ? formedObject(value, sets, place) : value;
  };

  const formedObject = (object: Data, sets: readonly SelectionSetNode[], place: string): Out => {
    const out: Out = {};
    for (const [key, nodes] of fieldsOf(sets, object)) {
      const at = place === '' ? key : `${place}.${key}`;
      if (hasDirective(nodes[0], 'flatten')) flatten(object[key], within(nodes), at, '', out);
      else out[key] = hasDirective(nodes[0], 'singleton') ? oneOf(formed(object[key], within(nodes), at)) : formed(object[key], within(nodes), at);
    }
    return out;
  };

  const flatten = (value: unknown, sets: readonly SelectionSetNode[], place: string, suffix: string, out: Out): void => {
    if (Array.isArray(value)) {
      const names = slices.get(place);
      for (const [index, item] of value.entries()) flatten(item, sets, `${place}.${index}`, names?.[index] ? `${suffix}.${names[index]}` : suffix, out);
      return;
    }
    if (!isObject(value)) return;
    for (const [key, nodes] of fieldsOf(sets, value)) {
      const part = value[key];
      if (part == null) continue;
      if (hasDirective(nodes[0], 'flatten')) {
        flatten(part, within(nodes), `${place}.${key}`, suffix, out);
        continue;
      }
      const made = formed(part, within(nodes), `${place}.${key}`);
      const name = `${key}${suffix}`;
      if (hasDirective(nodes[0], 'singleton')) {
        if (name in out) throw new Problem('graphql-not-one');
        out[name] = oneOf(made);
      } else {
        out[name] = [...(name in out ? out[name] as unknown[] : []), ...(Array.isArray(made) ? made as unknown[] : [made])];
      }
    }
  };

  return formedObject(data, [operation.selectionSet], '');
}

function oneOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  if (value.length > 1) throw new Problem('graphql-not-one');
  return value[0];
}
