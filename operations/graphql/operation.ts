/**
 * $graphql: a query over the server, or over one resource. By GET with `query`, `operationName` and `variables`; by POST
 * as JSON or as the text of the query. The answer is JSON and no resource: 200 with `data` where the query was executed,
 * 400 with `errors` alone where it was not.
 * Source: https://hl7.org/fhir/R4/graphql.html, resource-operation-graphql.html
 */
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import { Problem } from '../../fhir/problems.ts';
import { readResource } from '../../store/read.ts';
import { isObject } from '../inputs.ts';
import type { Operation, OperationAnswer, OperationCall } from '../registry.ts';
import { failureOf } from './failures.ts';
import { runQuery, type Query, type QueryParts, type Result } from './run.ts';
import { openSchemaCache } from './schema-cache.ts';
import type { Limits } from './session.ts';

/** Wide enough for a screen full of lists and for introspection, and narrow enough for a server that others use, too. */
const limitsOfAll: Omit<Limits, 'depth' | 'cost'> = { time: 10_000, answer: 16_000_000, loaded: 64_000_000 };

export interface GraphQLParts extends Omit<QueryParts, 'limits' | 'schemas'> {
  /** What a query may ask for. */
  readonly bounds: () => Pick<Limits, 'depth' | 'cost'>;
}

const json = 'application/json; charset=utf-8';

export function graphqlOperation({ bounds, ...parts }: GraphQLParts): Operation {
  const schemas = openSchemaCache();
  return {
    code: 'graphql', resource: 'Resource', levels: ['system', 'instance'], canonical: 'http://hl7.org/fhir/OperationDefinition/Resource-graphql', byGet: true, plain: true,
    async handle(call) {
      const { type, id, context, level } = call;
      const limits = { ...limitsOfAll, ...bounds() };
      const stored = level === 'instance' ? await readResource(parts.database, type!, id!, context) : undefined;
      try {
        const result = await runQuery({ ...parts, limits, schemas }, stored === undefined ? 'system' : stored.type, (session) => stored && session.take(stored), readQuery(call), context);
        return answerOf(result, limits);
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500) throw error;
        return { status: error.status, mediaType: json, body: JSON.stringify({ errors: [failureOf(error)] }) };
      }
    },
  };
}

function answerOf({ data, errors }: Result, { answer }: Pick<Limits, 'answer'>): OperationAnswer {
  if (data === undefined) return { status: 400, mediaType: json, body: JSON.stringify({ errors }) };
  const body = stringifyJson({ data, ...(errors.length > 0 && { errors }) });
  if (body.length > answer) throw new Problem('graphql-too-large', { limit: answer });
  return { status: 200, mediaType: json, body };
}

/** @throws {Problem} `graphql-request`, `unsupported-media-type`, `not-utf8`, `malformed-json` */
function readQuery({ method, query, mediaType, body }: OperationCall): Query {
  const inAddress = new Map(query);
  if (inAddress.size < query.length) throw new Problem('graphql-request', { reason: 'a parameter occurs more than once' });
  if ([...inAddress.keys()].some((name) => !['query', 'operationName', 'variables'].includes(name))) throw new Problem('graphql-request', { reason: 'the parameters are query, operationName and variables' });
  if (method === 'GET' || body.length === 0) return queryOf(inAddress.get('query'), inAddress.get('operationName'), objectIn(inAddress.get('variables')));
  const text = textOf(body);
  if (mediaType === 'application/graphql') return queryOf(text, inAddress.get('operationName'), objectIn(inAddress.get('variables')));
  if (mediaType !== 'application/json') throw new Problem('unsupported-media-type', { mediaType: 'of that name', expected: 'application/json or application/graphql' });
  const request = parseJson(text);
  if (!isObject(request)) throw new Problem('graphql-request', { reason: 'an object with query, variables and operationName is expected' });
  return queryOf(request['query'], request['operationName'], request['variables']);
}

function textOf(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new Problem('not-utf8');
  }
}

function objectIn(text: string | undefined): unknown {
  return text === undefined || text === '' ? undefined : parseJson(text);
}

function queryOf(text: unknown, operationName: unknown, variables: unknown): Query {
  if (typeof text !== 'string' || text.trim() === '') throw new Problem('graphql-request', { reason: 'query is missing' });
  if (operationName != null && typeof operationName !== 'string') throw new Problem('graphql-request', { reason: 'operationName is a text' });
  if (variables != null && !isObject(variables)) throw new Problem('graphql-request', { reason: 'variables is an object' });
  return { text, operationName: operationName ?? undefined, variables: variables ?? {} };
}
