/**
 * Schemas that were made, and answers to introspection: both follow from a query's text alone, and the second takes
 * seconds to make for all of FHIR. What was not asked for lately is forgotten.
 */
import type { GraphQLSchema } from 'graphql';
import type { SearchParameterSet } from '../../fhir/search-parameters.ts';
import type { GraphQL } from './library.ts';
import { buildSchema, type Root } from './schema.ts';

export interface SchemaCache {
  /** @param names what the query names; undefined: the whole schema */
  schema(graphql: GraphQL, root: Root, parameters: SearchParameterSet, names: ReadonlySet<string> | undefined): GraphQLSchema;
  /** The answer to a query that asks of the schema alone. */
  introspection(root: Root, parameters: SearchParameterSet, key: string, make: () => Promise<Answer>): Promise<Answer>;
}

type Answer = Readonly<Record<string, unknown>>;

/** Queries that clients repeat, and whole schemas, of which each has some tens of megabytes. */
const most = { pruned: 200, whole: 2, answers: 4 };

export function openSchemaCache(): SchemaCache {
  const bySet = new WeakMap<SearchParameterSet, { pruned: Map<string, GraphQLSchema>; whole: Map<string, GraphQLSchema>; answers: Map<string, Promise<Answer>> }>();
  const cachesOf = (parameters: SearchParameterSet): NonNullable<ReturnType<typeof bySet.get>> => {
    const known = bySet.get(parameters) ?? { pruned: new Map<string, GraphQLSchema>(), whole: new Map<string, GraphQLSchema>(), answers: new Map<string, Promise<Answer>>() };
    bySet.set(parameters, known);
    return known;
  };
  return {
    schema(graphql, root, parameters, names) {
      const { pruned, whole } = cachesOf(parameters);
      const make = (): GraphQLSchema => buildSchema(graphql, root, parameters, names);
      return names === undefined ? remembered(whole, root, most.whole, make) : remembered(pruned, [root, ...[...names].toSorted()].join(' '), most.pruned, make);
    },
    introspection(root, parameters, key, make) {
      const { answers } = cachesOf(parameters);
      const name = `${root} ${key}`;
      const answer = remembered(answers, name, most.answers, make);
      answer.catch(() => { answers.delete(name); });
      return answer;
    },
  };
}

function remembered<T>(known: Map<string, T>, key: string, limit: number, make: () => T): T {
  const value = known.get(key) ?? make();
  // The one that was asked for last is the last to be forgotten.
  known.delete(key);
  known.set(key, value);
  if (known.size > limit) known.delete(known.keys().next().value!);
  return value;
}
