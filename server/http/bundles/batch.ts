/**
 * batch: each entry is a request of its own, sent to the same routes as if it had come by itself; what one of them meets
 * is no matter of the others. Deletes go first and reads last, as in a transaction.
 * Source: https://hl7.org/fhir/R4/http.html#batch, #brules
 */
import type { FastifyInstance, FastifyRequest, HTTPMethods } from 'fastify';
import { stringifyJson } from '../../../fhir/json.ts';
import { outcomeOf } from '../../../fhir/outcome.ts';
import { Problem } from '../../../fhir/problems.ts';
import type { House } from '../../house.ts';
import { AnswerBudget, answerTooLarge, bundleText, type BundleEntryText } from '../bundle-text.ts';
import { preconditionsOfEntry, type Preconditions } from '../preconditions.ts';
import { contextOf } from '../request-context.ts';
import { isObject } from '../resource-body.ts';
import { deadlineOf } from './deadline.ts';
import { readEntry, type RequestedEntry } from './entry.ts';

/** Entries under way at once: more than this would let one client keep the others waiting for connections. */
const together = 4;

const phases = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET', 'HEAD'];

const headerOf: Readonly<Record<keyof Preconditions, string>> = {
  ifMatch: 'if-match', ifNoneMatch: 'if-none-match', ifModifiedSince: 'if-modified-since', ifUnmodifiedSince: 'if-unmodified-since', ifNoneExist: 'if-none-exist',
};

/** The answer to a batch, as JSON text. @throws {Problem} `client-gone` */
export async function readBatch(entries: readonly unknown[], request: FastifyRequest, server: FastifyInstance, house: House): Promise<string> {
  const { base } = contextOf(request, house);
  const deadline = deadlineOf(request, house);
  const answers: BundleEntryText[] = Array.from({ length: entries.length });
  const budget = new AnswerBudget();
  const waiting = new Map<number, RequestedEntry>();
  for (const [index, entry] of entries.entries()) {
    try {
      waiting.set(index, readEntry(entry, index, base));
    } catch (error) {
      answers[index] = refusal(error);
    }
  }
  for (const phase of phases.map((method) => [...waiting.values()].filter((entry) => entry.method === method))) {
    const next = phase.values();
    // As many hands as there may be requests under way; each takes what is next.
    await Promise.all(Array.from({ length: Math.min(together, phase.length) }, async () => {
      for (const entry of next) {
        deadline.assertClient();
        answers[entry.index] = deadline.passed() ? refusal(new Problem('batch-too-slow', { limit: deadline.limit }, entry.at))
          : budget.spent && isRead(entry) ? refusal(answerTooLarge()) : within(budget, await answer(entry, request, server));
      }
    }));
  }
  return bundleText('batch-response', [], answers);
}

/** A search by POST reads, too, but goes the way of what is written: it is not told apart here. */
function isRead({ method }: RequestedEntry): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** What has been done is done; where the answer has no room for it, that is said in its place. */
function within(budget: AnswerBudget, entry: BundleEntryText): BundleEntryText {
  try {
    budget.take(entry);
    return entry;
  } catch (error) {
    const { resource: _resource, ...rest } = entry;
    return rest.response?.status.startsWith('2') && rest.response.location !== undefined ? rest : refusal(error);
  }
}

async function answer(entry: RequestedEntry, request: FastifyRequest, server: FastifyInstance): Promise<BundleEntryText> {
  try {
    if (entry.path.length === 0 && entry.method !== 'GET') throw new Problem('bundle-entry', { index: entry.index, reason: 'a Bundle in a Bundle is not processed' }, entry.at);
    const { headers, payload } = sent(entry, request);
    const address = `${baseOf(request)}/${entry.path.join('/')}${entry.query === undefined ? '' : `?${entry.query}`}`;
    const answered = await server.inject({ method: entry.method as HTTPMethods & 'GET', url: address, headers, ...(payload !== undefined && { payload }) });
    return entryOf(answered.statusCode, answered.headers, answered.payload, entry);
  } catch (error) {
    return refusal(error);
  }
}

/** The address of the FHIR base as it came, tenant included. */
function baseOf(request: FastifyRequest): string {
  return request.originalUrl.replace(/\?.*$/s, '').replace(/\/$/, '');
}

/** Headers and body of the request that an entry stands for. Whoever sent the Bundle is who asks. */
function sent(entry: RequestedEntry, request: FastifyRequest): { headers: Record<string, string>; payload?: string | Buffer } {
  const headers: Record<string, string> = { accept: 'application/fhir+json' };
  for (const name of ['host', 'authorization', 'prefer']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  const preconditions = preconditionsOfEntry(entry.request, `${entry.at}.request`);
  for (const [name, value] of Object.entries(preconditions)) headers[headerOf[name as keyof Preconditions]] = headerText(value as string, name);
  if (entry.resource === undefined) return { headers };
  const { resource } = entry;
  if (entry.method === 'PATCH' && isObject(resource) && resource['resourceType'] === 'Binary' && typeof resource['data'] === 'string') {
    return { headers: { ...headers, 'content-type': headerText(String(resource['contentType']), 'Binary.contentType') }, payload: Buffer.from(resource['data'], 'base64') };
  }
  return { headers: { ...headers, 'content-type': 'application/fhir+json' }, payload: stringifyJson(resource) };
}

/** A text from a Bundle that becomes a header: what no header can hold is refused. @throws {Problem} `bad-precondition` */
function headerText(value: string, name: string): string {
  if (name === 'ifModifiedSince' && !Number.isNaN(Date.parse(value))) return new Date(value).toUTCString();
  if (!/^[\t -~]{1,4096}$/.test(value)) return encodeURI(value).slice(0, 8192);
  return value;
}

function entryOf(status: number, headers: Readonly<Record<string, unknown>>, payload: string, entry: RequestedEntry): BundleEntryText {
  const text = (name: string): string | undefined => typeof headers[name] === 'string' ? headers[name] : undefined;
  const etag = text('etag');
  const location = text('location');
  const modified = text('last-modified');
  const isJson = /^application\/(?:fhir\+)?json\b/.test(text('content-type') ?? '') && payload !== '';
  const isOutcome = isJson && payload.startsWith('{"resourceType":"OperationOutcome"') && entry.method !== 'GET';
  return {
    ...(isJson && status < 400 && !isOutcome && { resource: payload }),
    response: {
      status: String(status),
      ...(location !== undefined && { location }),
      ...(etag !== undefined && { etag }),
      ...(modified !== undefined && { lastModified: new Date(modified).toISOString() }),
      ...(isJson && (status >= 400 || isOutcome) && { outcome: JSON.parse(payload) as object }),
    },
  };
}

function refusal(error: unknown): BundleEntryText {
  if (!(error instanceof Problem)) throw error;
  return { response: { status: String(error.status), outcome: outcomeOf(error) } };
}
