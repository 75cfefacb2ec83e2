/**
 * Routes of the registered operations, and the refusal of every other name behind a dollar sign: of one that nobody
 * knows, of one that is asked for in the wrong place, and of one that is not asked for by GET.
 * Source: https://hl7.org/fhir/R4/operations.html#executing
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../../fhir/problems.ts';
import type { Operation, OperationCall, OperationLevel } from '../../../operations/registry.ts';
import type { House } from '../../house.ts';
import { wantsFhir } from '../binary/answer.ts';
import { otherTypeOf } from '../other-type.ts';
import { mediaTypeOf, queryOf, readResourceBytes, resourceBytes } from '../media-types.ts';
import { representationOf, representationParameters } from '../representation.ts';
import { contextOf } from '../request-context.ts';
import { assertId, assertResourceType } from '../resource-body.ts';

interface Address {
  readonly type?: string;
  readonly id?: string;
  readonly version?: string;
  readonly operation?: string;
}

const paths: Readonly<Record<OperationLevel, (type: string) => string>> = {
  system: () => '',
  type: (type) => `/${type}`,
  instance: (type) => `/${type}/:id`,
  version: (type) => `/${type}/:id/_history/:version`,
};

/** To be mounted before the routes of resources, whose names a dollar sign would otherwise be taken for. */
export function operationRoutes(server: FastifyInstance, house: House, operations: readonly Operation[]): void {
  for (const operation of operations) {
    for (const level of operation.levels) {
      const url = `${paths[level](operation.resource === 'Resource' ? ':type' : operation.resource)}/$${operation.code}`;
      const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => answer(request, reply, house, operation, level);
      server.post(url, handler);
      if (operation.byGet) server.get(url, handler);
    }
  }
  for (const level of Object.keys(paths) as OperationLevel[]) {
    for (const method of ['GET', 'POST'] as const) {
      server.route({ method, url: `${paths[level](':type')}/$:operation`, config: { refuses: 'An operation that is not registered there' }, handler: (request, reply) => refuse(request, reply, operations, level) });
    }
  }
}

async function answer(request: FastifyRequest, reply: FastifyReply, house: House, operation: Operation, level: OperationLevel): Promise<FastifyReply> {
  const { type = operation.resource, id, version } = request.params as Address;
  if (level !== 'system') assertResourceType(type);
  if (id !== undefined) assertId(id);
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) throw new Problem('version-not-found', { type, id: id ?? '', version: 'of that name' });
  const isNative = operation.native !== undefined && !wantsFhir(request, operation.native);
  const other = operation.others && otherTypeOf(request, operation.others);
  const representation = operation.plain === true || isNative || other !== undefined ? undefined : representationOf(request);
  const query = queryOf(request);
  const language = request.headers['accept-language'];
  const call: OperationCall = {
    context: contextOf(request, house),
    level,
    type: level === 'system' ? undefined : type,
    id,
    version: version === undefined ? undefined : Number(version),
    method: request.method === 'POST' ? 'POST' : 'GET',
    query: query.filter(([name]) => !representationParameters.includes(name)),
    presentation: query.filter(([name]) => representationParameters.includes(name)),
    ...(language !== undefined && language !== '*' && { language }),
    ...(request.headers['if-match'] !== undefined && { ifMatch: request.headers['if-match'] }),
    isNative,
    ...(other !== undefined && { other }),
    mediaType: mediaTypeOf(request),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    resourceBytes: (expected) => resourceBytes(request, expected),
    resource: (expected) => readResourceBytes(request, expected),
  };
  const { status, headers = {}, mediaType, body } = await operation.handle(call);
  reply.status(status).headers(headers);
  return representation !== undefined && mediaType.startsWith('application/fhir+json') ? representation.send(reply, body) : reply.type(mediaType).send(body);
}

/** @throws {Problem} always: `unknown-operation`, `operation-elsewhere`, `operation-by-post` */
async function refuse(request: FastifyRequest, reply: FastifyReply, operations: readonly Operation[], level: OperationLevel): Promise<never> {
  const { type, operation: code } = request.params as Address;
  if (type !== undefined) assertResourceType(type);
  const known = operations.filter((operation) => operation.code === code);
  const [first] = known;
  if (first === undefined) throw new Problem('unknown-operation');
  const here = known.some(({ resource, levels }) => (level === 'system' || resource === 'Resource' || resource === type) && levels.includes(level));
  if (here) {
    reply.header('allow', 'POST');
    throw new Problem('operation-by-post', { operation: first.code });
  }
  const places = known.flatMap(({ resource, levels }) => levels.map((one) => `${paths[one](resource === 'Resource' ? '[type]' : resource).replaceAll(/:(\w+)/g, '[$1]')}/$${first.code}`));
  throw new Problem('operation-elsewhere', { operation: first.code, places: places.join(', ') });
}
