/**
 * The one way by which this server calls an address that a client gave: looked up once, judged, connected to what was
 * judged, no redirect followed, and bounded in time and in what is read of the answer.
 */
import { lookup } from 'node:dns/promises';
import { request as requestHttp, type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { Problem } from '../../fhir/problems.ts';
import type { OutboundRules } from './allowed.ts';
import { destinationOf, type Destination, type Resolve } from './destination.ts';
import { isConveyed, type Header } from './headers.ts';

export interface OutboundCall {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** What the client wants conveyed. @see isConveyed: others are left out */
  readonly headers?: readonly Header[];
  readonly body?: { readonly mediaType: string; readonly content: string | Uint8Array };
  /** For the whole of it: looking up, connecting, TLS, sending, and the answer. In milliseconds. */
  readonly timeout: number;
  /** Most bytes that are read of the answer; `status`: nothing but that, whatever follows it. */
  readonly answerLimit: number | 'status';
  readonly signal?: AbortSignal;
}

export interface OutboundAnswer {
  /** Whatever it is: a redirect is an answer like any other, and is not followed. */
  readonly status: number;
  readonly mediaType: string | undefined;
  readonly body: Buffer;
}

export interface Outbound {
  /** @throws {Problem} `outbound-refused` for what may not be called, `outbound-failed` where the name leads nowhere now */
  check(url: string): Promise<void>;
  /** @throws {Problem} the same, and `outbound-failed` where no answer comes */
  call(call: OutboundCall): Promise<OutboundAnswer>;
}

const systemResolve: Resolve = (host) => lookup(host, { all: true, verbatim: true });

export function createOutbound(rules: OutboundRules, resolve: Resolve = systemResolve): Outbound {
  return {
    async check(url) {
      await destinationOf(url, rules, resolve);
    },
    async call(call) {
      const limit = AbortSignal.timeout(call.timeout);
      const signal = call.signal ? AbortSignal.any([limit, call.signal]) : limit;
      const destination = await orAborted(destinationOf(call.url, rules, resolve), signal);
      return exchange(destination, call, signal);
    },
  };
}

/** Waits no longer than the signal lets: a resolver may take its time, and cannot be stopped. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(failed(signal, undefined));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function exchange({ url, addresses }: Destination, call: OutboundCall, signal: AbortSignal): Promise<OutboundAnswer> {
  const secure = url.protocol === 'https:';
  const options: RequestOptions = {
    method: call.method, headers: headersOf(call), signal,
    // No connection is used again: what was judged is what this one goes to.
    agent: false, lookup: answered(addresses),
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? requestHttps : requestHttp)(url, options, (response) => {
      (call.answerLimit === 'status' ? statusAlone(response) : readAnswer(response, call.answerLimit)).then(resolve, (error: unknown) => reject(failed(signal, error)));
    });
    request.on('error', (error) => reject(failed(signal, error)));
    request.end(call.body?.content);
  });
}

function headersOf({ headers = [], body }: OutboundCall): OutgoingHttpHeaders {
  const sent = new Map<string, string[]>([['user-agent', ['Priora']], ['accept-encoding', ['identity']]]);
  const conveyed = new Map<string, string[]>();
  for (const { name, value } of headers.filter(isConveyed)) conveyed.set(name.toLowerCase(), [...conveyed.get(name.toLowerCase()) ?? [], value]);
  for (const [name, values] of conveyed) sent.set(name, values);
  if (body !== undefined) sent.set('content-type', [body.mediaType]).set('content-length', [String(Buffer.byteLength(body.content))]);
  return Object.fromEntries([...sent].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));
}

/** Stands in for the resolver: the connection goes to addresses that were judged, and to no other. */
function answered(addresses: Destination['addresses']): LookupFunction {
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}

async function readAnswer(response: IncomingMessage, limit: number): Promise<OutboundAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Problem('outbound-failed', { reason: `its answer is larger than ${limit} bytes` });
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, mediaType: response.headers['content-type'], body: Buffer.concat(chunks) };
}

/** Milliseconds in which a body that nobody wants may end by itself, so that a receiver's usual answer is not cut off. */
const grace = 1000;

function statusAlone(response: IncomingMessage): Promise<OutboundAnswer> {
  const ending = setTimeout(() => response.destroy(), grace).unref();
  response.on('error', () => { /* nobody waits for it any more */ }).on('close', () => clearTimeout(ending)).resume();
  return Promise.resolve({ status: response.statusCode ?? 0, mediaType: response.headers['content-type'], body: Buffer.alloc(0) });
}

function failed(signal: AbortSignal, error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('outbound-failed', { reason: reasonOf(signal, error) }, undefined, { cause: error });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there', ECONNRESET: 'the connection was closed', EPIPE: 'the connection was closed', ETIMEDOUT: 'it does not answer in time', EHOSTUNREACH: 'no way leads there', ENETUNREACH: 'no way leads there',
};

/** What went wrong, without what the other side said. */
function reasonOf(signal: AbortSignal, error: unknown): string {
  if (signal.aborted) return (signal.reason as { name?: unknown }).name === 'TimeoutError' ? 'it does not answer in time' : 'the call was given up';
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (/^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return 'TLS could not be agreed on, or its certificate is not trusted';
  if (code.startsWith('HPE_')) return 'its answer is no HTTP';
  return reasons[code] ?? 'the connection failed';
}
