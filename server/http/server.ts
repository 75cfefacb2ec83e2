/** The HTTP server: parsers that keep raw bytes, guards, one error shape, one log line and one metric per request. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { outcomeOf } from '../../fhir/outcome.ts';
import { catalogue, Problem, type ProblemCode } from '../../fhir/problems.ts';
import type { House } from '../house.ts';
import { faultName, faultOf } from '../log.ts';
import { isDecodable } from './address-text.ts';
import { noteMethods } from './allowed-methods.ts';
import { closeConnectionsOnStop } from './connections.ts';
import { fhirJson } from './media-types.ts';
import { sendOutcome } from './representation.ts';
import { positionsIn } from './source-positions.ts';
import { isPasAddress, withoutPasVersion } from './pas-address.ts';
import { isTenantAddress, withoutTenant } from './tenant-address.ts';

export function createServer(house: House): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: house.configuration.bodyLimit,
    genReqId: () => randomUUID(),
    requestTimeout: house.configuration.requestTimeout * 1000,
    http: {
      maxHeaderSize: house.configuration.headerLimit,
      // Node takes the longer of the two for the body.
      headersTimeout: Math.min(house.configuration.requestTimeout * 1000, 60_000),
      // How late a request that takes too long is noticed.
      connectionsCheckingInterval: Math.min(house.configuration.requestTimeout * 500, 10_000),
      // The guard says it in the words of the catalogue.
      requireHostHeader: false,
    },
    // Lets a stopping server finish what it has begun and drops connections that are idle; the guard refuses the rest.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // Failures before any route: the address cannot be decoded, or the bytes are no HTTP.
    frameworkErrors: (error, request, reply) => { void sendProblem(reply, asProblem(error, request, house)); },
    clientErrorHandler: (error, socket) => { answerBrokenRequest(error, socket, house); },
    rewriteUrl: (request) => withoutPasVersion(request, withoutTenant(request)),
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
  });
  const whatIsWrong = noteMethods(server);
  closeConnectionsOnStop(server);
  keepRawBodies(server);
  guard(server, house);
  observe(server, house);
  server.setNotFoundHandler((request, reply) => sendProblem(reply, whatIsWrong(request, reply)));
  server.setErrorHandler(async (error: FastifyError, request, reply) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') await bodyPassed(request.raw);
    return sendProblem(reply, asProblem(error, request, house));
  });
  return server;
}

/** Every body arrives as the bytes that were sent; routes decide what they are (and keep them where that is the rule). */
function keepRawBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** What of a body that is too large is read and forgotten, at most: bytes, and milliseconds. */
const mostForgotten = 256 * 1024 * 1024;
const longestForgetting = 5_000;

/**
 * Waits until a body has passed that nobody wants. A client that is still sending when the connection ends never reads
 * the answer that tells it why.
 */
async function bodyPassed(body: IncomingMessage): Promise<void> {
  let left = mostForgotten;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, longestForgetting);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    body.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) done();
    });
    for (const event of ['end', 'close', 'error']) body.once(event, done);
    if (body.readableEnded || body.destroyed) done();
    body.resume();
  });
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

function guard(server: FastifyInstance, house: House): void {
  // A page on the web that has its name point to 127.0.0.1 must not reach a server that trusts its loopback.
  const isOurName = (hostname: string): boolean =>
    loopbackNames.has(hostname) || hostname === house.configuration.host || hostname === new URL(house.baseUrl()).hostname;
  server.addHook('onRequest', (request, reply, done) => {
    if (!isOurName(request.hostname) || !isTenantAddress(request, house) || !isPasAddress(request)) return done(new Problem('no-such-route'));
    reply.headers({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'x-request-id': request.id });
    const coding = request.headers['content-encoding'];
    // Nothing is unpacked here: a small body must not become a large one.
    if (coding !== undefined && !/^(identity)?$/i.test(coding.trim())) return done(new Problem('unsupported-content-coding'));
    if (!isDecodable(request.url)) return done(new Problem('malformed-address'));
    if (!house.ready() && request.routeOptions.config.always !== true) return done(new Problem('overloaded'));
    done();
  });
}

/** What logs and metrics have for a request whose client did not wait, as other servers do. */
const clientGone = catalogue['client-gone'].status;

function observe(server: FastifyInstance, house: House): void {
  const durations = new Map<string, { observe(seconds: number): void }>();
  const note = (request: FastifyRequest, reply: FastifyReply, status: number): void => {
    const { method } = request;
    // The pattern, not the address: an address may hold a member's number.
    const route = request.routeOptions.url ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    const labels = `${method} ${route} ${status}`;
    let duration = durations.get(labels);
    if (duration === undefined) durations.set(labels, duration = house.metrics.requests.labels({ method, route, status: String(status) }));
    duration.observe(seconds);
    if (house.log.isLevelEnabled('info')) house.log.info({ request: request.id, method, route, status, ms: Math.round(seconds * 1e5) / 100 }, 'request');
  };
  server.addHook('onRequest', (request, reply, done) => {
    // The framework tells of answers that were read; of the others only the connection does.
    reply.raw.once('close', () => { if (!reply.raw.writableFinished) note(request, reply, clientGone); });
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    note(request, reply, reply.statusCode);
    done();
  });
}

/** What passes by itself, or with a setting: nobody has to be woken for it. */
const expected: ReadonlySet<ProblemCode> = new Set(['search-parameter-building', 'overloaded', 'transaction-too-slow']);

function asProblem(error: FastifyError | Error, request: FastifyRequest, house: House): Problem {
  if (error instanceof Problem) {
    // 501 says that the client asked for what is not there; no fault of ours.
    if (error.status >= 500 && error.status !== 501) house.log[expected.has(error.code) ? 'warn' : 'error']({ request: request.id, problem: error.code, cause: faultName(error.cause) }, 'problem');
    return error;
  }
  switch ('code' in error ? error.code : undefined) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': return new Problem('too-large', { limit: house.configuration.bodyLimit });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH': return new Problem('invalid-element', { element: 'Content-Length', reason: 'it is not the length of the body' });
    case 'FST_ERR_MAX_PARAM_LENGTH': return new Problem('no-such-route');
    case 'FST_ERR_BAD_URL': return new Problem('malformed-address');
    // The client has gone, or has ended the connection before its body was out.
    case 'ECONNRESET': return new Problem('incomplete-body');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE': return new Problem('unsupported-media-type', { mediaType: 'unknown', expected: fhirJson });
    default:
      house.log.error({ request: request.id, ...faultOf(error) }, 'fault');
      return new Problem('internal', { request: request.id });
  }
}

/** No request could be read from the connection, so there is no reply to use. */
function answerBrokenRequest(error: { code?: string }, socket: Socket, house: House): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = brokenRequest(error.code, house);
  const status = `${problem.status} ${STATUS_CODES[problem.status]}`;
  const body = JSON.stringify(outcomeOf(problem));
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: ${fhirJson}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

function brokenRequest(code: string | undefined, { configuration }: House): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': return new Problem('headers-too-large', { limit: configuration.headerLimit });
    case 'ERR_HTTP_REQUEST_TIMEOUT': return new Problem('request-too-slow', { limit: configuration.requestTimeout });
    default: return new Problem('invalid-element', { element: 'The HTTP request', reason: 'it cannot be read' });
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 503) reply.header('retry-after', '5');
  return sendOutcome(reply.status(problem.status), JSON.stringify(outcomeOf(problem, positionsIn(reply.request, problem.issues))));
}
