/** From the text of a query to its result: parsed, measured, checked, executed, brought into form. */
import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { Problem } from '../../fhir/problems.ts';
import type { Context } from '../../store/context.ts';
import type { Queryable } from '../../store/database.ts';
import { estimate } from './cost.ts';
import { failureOf, failuresOf, problemIn, withoutValues, type Failure } from './failures.ts';
import { changeForm, changesForm, withTypes } from './flatten.ts';
import { loadGraphQL, type GraphQL } from './library.ts';
import { brokenRules, endlessRules } from './rules.ts';
import type { SchemaCache } from './schema-cache.ts';
import type { Root } from './schema.ts';
import { openSession, type Limits } from './session.ts';

export interface Query {
  readonly text: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface QueryParts {
  readonly database: Queryable;
  readonly cursorKey: Uint8Array;
  readonly limits: Limits;
  readonly schemas: SchemaCache;
}

export interface Result {
  /** Undefined: the query was not executed. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly errors: readonly Failure[];
}

/** More than a person writes, and little enough to look through. */
const mostTokens = 4000;

/** What ends a query for good, wherever in it this comes up. */
const final: ReadonlySet<string> = new Set(['graphql-too-slow', 'graphql-too-large', 'store-unavailable']);

/**
 * @param source what the fields at the top are read from: a resource, at its own level
 * @throws {Problem} when the query as a whole is refused: `graphql-query`, `graphql-too-deep`, `graphql-too-costly`, `graphql-too-slow`, `graphql-too-large`
 */
export async function runQuery(parts: QueryParts, root: Root, source: (session: ReturnType<typeof openSession>) => unknown, query: Query, context: Context): Promise<Result> {
  const graphql = await loadGraphQL();
  const document = parse(graphql, query.text);
  const operation = graphql.getOperationAST(document, query.operationName);
  if (!operation) throw new Problem('graphql-query', { reason: 'There is no operation of that name, or there are several and none is named.' });
  const names = namesIn(graphql, document);
  const isIntrospective = names.has('__schema') || names.has('__type');
  const schema = parts.schemas.schema(graphql, root, context.parameters, isIntrospective ? undefined : names);

  const endless = endlessRules(graphql, schema, document);
  if (endless.length > 0) return { data: undefined, errors: failuresOf(endless) };
  assertWithin(parts.limits, estimate(graphql, schema, document, operation, query.variables));
  const broken = brokenRules(graphql, schema, document);
  if (broken.length > 0) return { data: undefined, errors: failuresOf(broken) };

  if (isIntrospective && asksOfSchemaAlone(graphql, operation)) {
    const key = JSON.stringify([query.text, query.operationName, query.variables]);
    const data = await parts.schemas.introspection(root, context.parameters, key, async () => {
      const answer = await graphql.execute({ schema, document, variableValues: query.variables, operationName: query.operationName ?? null });
      if (answer.data == null) throw new Problem('graphql-query', { reason: withoutValues(answer.errors?.[0]?.message ?? '') });
      return answer.data;
    });
    return { data, errors: [] };
  }
  const session = openSession({ ...parts, context });
  const formed = changesForm(names);
  const { data, errors = [] } = await graphql.execute({
    schema,
    document: formed ? withTypes(graphql, document) : document,
    rootValue: source(session),
    contextValue: session,
    variableValues: query.variables,
    operationName: query.operationName ?? null,
  });
  const last = errors.map(problemIn).find(({ code }) => final.has(code));
  if (last !== undefined) throw last;
  const failures = failuresOf(errors);
  if (data == null) return { data: undefined, errors: failures };
  if (!formed) return { data, errors: failures };
  return inForm(graphql, schema, document, operation, data, session.slices, failures);
}

function inForm(graphql: GraphQL, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, data: Readonly<Record<string, unknown>>, slices: ReadonlyMap<string, readonly string[]>, errors: readonly Failure[]): Result {
  try {
    return { data: changeForm(graphql, schema, document, operation, data, slices), errors };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { data: undefined, errors: [...errors, failureOf(error)] };
  }
}

function parse(graphql: GraphQL, text: string): DocumentNode {
  try {
    return graphql.parse(text, { maxTokens: mostTokens });
  } catch (error) {
    if (!(error instanceof graphql.GraphQLError)) throw error;
    const [place] = error.locations ?? [];
    throw new Problem('graphql-query', { reason: `${withoutValues(error.message)}${place ? ` (line ${place.line}, column ${place.column})` : ''}` });
  }
}

/** Every name that occurs: of fields, arguments, types, directives. What is none of these cannot be asked for. */
function namesIn(graphql: GraphQL, document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  graphql.visit(document, { Name: ({ value }) => { names.add(value); } });
  return names;
}

function asksOfSchemaAlone({ Kind }: GraphQL, { selectionSet }: OperationDefinitionNode): boolean {
  return selectionSet.selections.every((selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'));
}

function assertWithin(limits: Limits, { depth, cost }: { readonly depth: number; readonly cost: number }): void {
  if (depth > limits.depth) throw new Problem('graphql-too-deep', { depth, limit: limits.depth });
  if (cost > limits.cost) throw new Problem('graphql-too-costly', { cost: Number.isFinite(cost) ? Math.round(cost) : 'more than can be counted', limit: limits.cost });
}
