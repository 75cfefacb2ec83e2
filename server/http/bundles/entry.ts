/** An entry of a transaction or a batch: its method and its address, taken apart. */
import { isDecodable } from '../address-text.ts';
import { Problem } from '../../../fhir/problems.ts';
import { isObject } from '../resource-body.ts';

export interface RequestedEntry {
  readonly index: number;
  /** FHIRPath of the entry. */
  readonly at: string;
  readonly fullUrl: string | undefined;
  readonly method: string;
  /** Steps of the address, from the FHIR base. */
  readonly path: readonly string[];
  /** What follows the question mark; undefined where there is none. */
  readonly query: string | undefined;
  readonly request: Readonly<Record<string, unknown>>;
  readonly resource: unknown;
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH']);

/**
 * @param base the FHIR base: an absolute address under it means the same as a relative one
 * @throws {Problem} `bundle-entry`
 */
export function readEntry(entry: unknown, index: number, base: string): RequestedEntry {
  const at = `Bundle.entry[${index}]`;
  const refuse = (reason: string): Problem => new Problem('bundle-entry', { index, reason }, at);
  if (!isObject(entry) || !isObject(entry['request'])) throw refuse('request is missing');
  const { request, resource, fullUrl } = entry;
  const { method, url } = request;
  if (typeof method !== 'string' || typeof url !== 'string') throw refuse('request.method and request.url are needed');
  if (!methods.has(method)) throw refuse('request.method is none of POST, PUT, PATCH, DELETE, GET, HEAD');
  const address = (url.startsWith(`${base}/`) ? url.slice(base.length) : url).replace(/^\//, '');
  // Spaces, backslashes, an authority: whatever a URL parser could read in another way than it is meant.
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/^[a-z][a-z0-9+.-]*:|^\/|[\u0000-\u0020\\#]/i.test(address)) throw refuse('request.url is no address under the FHIR base');
  if (!isDecodable(address)) throw refuse('request.url has percent-encoding that stands for no text');
  const cut = address.indexOf('?');
  const path = (cut < 0 ? address : address.slice(0, cut)).split('/').filter((step, place, steps) => step !== '' || place < steps.length - 1);
  if (path.some((step) => step === '' || step === '.' || step === '..')) throw refuse('request.url has an empty step');
  return {
    index, at, method, path, request, resource,
    fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined, query: cut < 0 ? undefined : address.slice(cut + 1),
  };
}
