/** An address that a client gave, looked up once and judged by what it leads to. */
import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { Problem } from '../../fhir/problems.ts';
import { isInternal, isListed, isPublic, type OutboundRules } from './allowed.ts';

export interface Destination {
  readonly url: URL;
  /** Where to connect to: these and no others, whatever the name may lead to a moment later. */
  readonly addresses: readonly LookupAddress[];
}

/** All addresses of a name. Rejects where there is none, or nobody answers. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Longer addresses are of no use to anybody, and cost everybody who keeps them. */
const longestUrl = 2048;

/**
 * @throws {Problem} `outbound-refused` for what may not be called, `outbound-failed` where the name leads nowhere now.
 * Neither says what the address was: it may hold credentials in its query.
 */
export async function destinationOf(address: string, rules: OutboundRules, resolve: Resolve): Promise<Destination> {
  const url = readUrl(address);
  // An address of IPv6 stands in brackets. A dot at the end of a name says that it is complete.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  const family = isIP(host);
  const addresses = family === 0 ? await lookUp(host, resolve) : [{ address: host, family }];
  const named = rules.hosts.has(host);
  // One address that may not be called is enough: which of them is taken is chance.
  if (!addresses.every(({ address: each }) => isPublic(each) || isListed(each, rules) || (named && isInternal(each)))) throw refused('it leads into a network that clients have no business in');
  if (url.protocol !== 'https:' && !named && !addresses.every(({ address: each }) => isListed(each, rules))) throw refused('https is required');
  return { url, addresses };
}

function readUrl(address: string): URL {
  if (address.length > longestUrl) throw refused(`it is longer than ${longestUrl} characters`);
  if (!URL.canParse(address)) throw refused('it is no absolute URL');
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused('https is required');
  if (url.username + url.password !== '') throw refused('it holds credentials; send them as a header');
  return url;
}

async function lookUp(host: string, resolve: Resolve): Promise<readonly LookupAddress[]> {
  const found = await resolve(host).catch((error: unknown) => {
    throw new Problem('outbound-failed', { reason: 'its name is not known to DNS' }, undefined, { cause: error });
  });
  if (found.length === 0) throw new Problem('outbound-failed', { reason: 'its name is not known to DNS' });
  return found;
}

function refused(reason: string): Problem {
  return new Problem('outbound-refused', { reason });
}
