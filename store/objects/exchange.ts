/**
 * Requests to an object store behind HTTP: bodies stream in both directions with their length announced, a server that
 * says nothing is given up, and what fails in passing is tried again.
 */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { Problem } from '../../fhir/problems.ts';

export interface ExchangeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Made anew for each attempt; `content-length` among the headers says how long it is. */
  readonly body?: () => Readable;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** To be read to its end, or destroyed. */
  readonly body: Readable;
}

/** Silence, in milliseconds, after which a server is taken for lost. */
const patience = 30_000;
/** Before the second and the third attempt, in milliseconds. */
const pauses = [50, 250];
const passing = new Set([500, 502, 503, 504]);

/**
 * @param prepare makes the request of an attempt; a signature may be old by the next one
 * @throws {Problem} `store-unavailable`
 */
export async function exchange(prepare: () => Promise<ExchangeRequest>): Promise<ExchangeAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    const pause = pauses[attempt];
    try {
      const answer = await once(await prepare());
      if (pause === undefined || !passing.has(answer.status)) return answer;
      answer.body.destroy();
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (pause === undefined) throw new Problem('store-unavailable', {}, undefined, { cause: error });
    }
    await wait(pause);
  }
}

async function once({ method, url, headers, body }: ExchangeRequest): Promise<ExchangeAnswer> {
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { method, headers });
  request.setTimeout(patience, () => { request.destroy(new Error('the object store is silent')); });
  const answered = new Promise<ExchangeAnswer>((resolve, reject) => {
    request.once('response', (response) => resolve({ status: response.statusCode!, headers: response.headers, body: response }));
    request.once('error', reject);
  });
  if (!body) {
    request.end();
    return answered;
  }
  // A server may refuse before it has read everything; its answer counts then, not the broken pipe.
  const sent = pipeline(body(), request);
  sent.catch(() => {});
  return answered;
}

/** The text of an answer that is known to be small. @throws {Problem} `store-unavailable` */
export async function smallText(body: Readable, limit = 16 * 1024 * 1024): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += (chunk as Buffer).length;
      if (size > limit) throw new Error('an answer of the object store is too long');
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw new Problem('store-unavailable', {}, undefined, { cause: error });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What a GET gave, once it is known to be what was asked for. A range that was passed over would be other bytes. */
export function isContent(answer: ExchangeAnswer, ranged: boolean): boolean {
  return answer.status === (ranged ? 206 : 200);
}
