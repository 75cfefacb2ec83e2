/**
 * Preconditions: what a client makes its request depend on. They come in headers, or in the `request` of a Bundle's entry.
 * One that is not understood is refused, never passed over: the client believes that it holds.
 * Source: https://hl7.org/fhir/R4/http.html#concurrency, #cread, #ccreate; RFC 9110, section 13
 */
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../fhir/problems.ts';
import type { ExpectedVersion } from '../../store/write/changes.ts';

export interface Preconditions {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
  readonly ifUnmodifiedSince?: string;
  readonly ifNoneExist?: string;
}

const headers = { ifMatch: 'If-Match', ifNoneMatch: 'If-None-Match', ifModifiedSince: 'If-Modified-Since', ifUnmodifiedSince: 'If-Unmodified-Since', ifNoneExist: 'If-None-Exist' } as const;
const names = Object.keys(headers) as (keyof Preconditions)[];

/** Those of a request's headers. */
export function preconditionsOf(request: FastifyRequest): Preconditions {
  const found: Partial<Record<keyof Preconditions, string>> = {};
  for (const name of names) {
    const value = request.headers[headers[name].toLowerCase()];
    if (value !== undefined) found[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return found;
}

/** Those of `Bundle.entry.request`. @throws {Problem} `bad-precondition` */
export function preconditionsOfEntry(request: Readonly<Record<string, unknown>>, where: string): Preconditions {
  const found: Partial<Record<keyof Preconditions, string>> = {};
  for (const name of names) {
    const value = request[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' || value === '') throw new Problem('bad-precondition', { header: `request.${name}`, reason: 'a text is expected' }, `${where}.${name}`);
    found[name] = value;
  }
  return found;
}

/**
 * Refuses preconditions that mean nothing on an interaction.
 * @throws {Problem} `bad-precondition`
 */
export function assertOnly(preconditions: Preconditions, allowed: readonly (keyof Preconditions)[], interaction: string): void {
  for (const name of names) {
    if (preconditions[name] === undefined || allowed.includes(name)) continue;
    // By RFC 9110, section 13.1.3, a date says nothing where nothing is read: it is passed over, and nobody is misled.
    if (name === 'ifModifiedSince') continue;
    throw new Problem('bad-precondition', { header: headers[name], reason: `it has no meaning on this interaction (${interaction})` });
  }
}

/** The version that a write expects; `*` where any will do that is there. @throws {Problem} `bad-if-match` */
export function expectedVersion({ ifMatch }: Preconditions): ExpectedVersion | undefined {
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === '*') return '*';
  const version = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(ifMatch)?.[1];
  if (version === undefined) throw new Problem('bad-if-match');
  return Number(version);
}

/** Whether a write is only wanted where nothing is there yet (`If-None-Match: *`). @throws {Problem} `bad-precondition` */
export function mustBeNew({ ifNoneMatch, ifMatch }: Preconditions): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() !== '*') throw new Problem('bad-precondition', { header: headers.ifNoneMatch, reason: 'on a write it can only be *, which creates and never replaces' });
  if (ifMatch !== undefined) throw new Problem('bad-precondition', { header: headers.ifNoneMatch, reason: 'If-Match demands a version that is there, and this that none is' });
  return true;
}

/** A version as far as preconditions judge it. */
export interface Judged {
  readonly type: string;
  readonly id: string;
  readonly version: number;
  readonly lastUpdated: Date;
}

/**
 * Whether a read need not send what it found: the client has it. If-None-Match goes before If-Modified-Since
 * (RFC 9110, section 13.2.2), whose dates count whole seconds.
 * @throws {Problem} `version-conflict` where If-Match names another version
 */
export function isUnchanged(preconditions: Preconditions, stored: Judged): boolean {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = preconditions;
  if (ifMatch !== undefined && !isNamed(ifMatch, stored.version)) {
    throw new Problem('version-conflict', { type: stored.type, id: stored.id, current: stored.version, expected: isList(ifMatch) ? 'one of those that If-Match names' : expectedVersion({ ifMatch })! });
  }
  const seconds = Math.floor(stored.lastUpdated.getTime() / 1000);
  if (ifMatch === undefined && ifUnmodifiedSince !== undefined) {
    const since = readDate(ifUnmodifiedSince);
    if (since !== undefined && seconds > since) throw new Problem('version-conflict', { type: stored.type, id: stored.id, current: stored.version, expected: 'one of an earlier time' });
  }
  if (ifNoneMatch !== undefined) return isNamed(ifNoneMatch, stored.version);
  const since = ifModifiedSince === undefined ? undefined : readDate(ifModifiedSince);
  return since !== undefined && seconds <= since;
}

/** Whether there are several entity tags, which mean something where nothing is written. */
function isList(tags: string): boolean {
  return tags.includes(',') && tags.split(',').every((tag) => /^\s*(?:W\/)?"[^"]*"\s*$/.test(tag));
}

/** Whether a list of entity tags, or `*`, names a version (RFC 9110, section 13.1.2; compared weakly). */
function isNamed(tags: string, version: number): boolean {
  return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${version}"`);
}

/** Seconds since 1970 of an HTTP date, or of an instant, as a Bundle has it. What is neither is passed over, as RFC 9110 says. */
function readDate(value: string): number | undefined {
  const isDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(value) || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value);
  const time = isDate ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000);
}

export function entityTag(version: number): string {
  return `W/"${version}"`;
}
