/**
 * Which addresses this server may call when a client names them (server-side request forgery, OWASP A10:2021): public
 * ones by https. What the operator lists is an exception: it may be internal, and may be called without TLS.
 */
import ipaddr from 'ipaddr.js';

/** What the setting says, read. */
export interface OutboundRules {
  /** Names of hosts, in lower case. */
  readonly hosts: ReadonlySet<string>;
  readonly ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * Reads names of hosts, addresses and ranges (CIDR), with commas between them.
 * @returns undefined when one of them is none of these
 */
export function readOutboundRules(text: string): OutboundRules | undefined {
  const hosts = new Set<string>();
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  for (const entry of text.split(',').map((part) => part.trim().toLowerCase()).filter((part) => part !== '')) {
    if (ipaddr.isValidCIDR(entry)) ranges.push(ipaddr.parseCIDR(entry));
    else if (ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry)) ranges.push([ipaddr.parse(entry), ipaddr.IPv4.isValid(entry) ? 32 : 128]);
    // What has digits at its end only is a badly written address, and no name.
    else if (hostName.test(entry) && !/(^|\.)\d+$/.test(entry)) hosts.add(entry);
    else return undefined;
  }
  return { hosts, ranges };
}

/** This machine: what a demo may call. */
export const loopbackRules = '127.0.0.0/8,::1';

/** An address of a listed range. */
export function isListed(address: string, { ranges }: OutboundRules): boolean {
  const parsed = ipaddr.process(address);
  return ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
}

/** The whole of what is routed publicly: of IPv6 nothing else is handed out (https://www.iana.org/assignments/ipv6-address-space). */
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];
const documentation = ipaddr.parseCIDR('3fff::/20') as [ipaddr.IPv6, number];

/**
 * An address on the public Internet. Loopback, private, link-local (where clouds keep their credentials), multicast,
 * carrier-grade NAT, reserved ones, and those of IPv6 that lead to any address of IPv4 (6to4, Teredo, NAT64) are not.
 * One of IPv4 that is written as one of IPv6 (`::ffff:a.b.c.d`) is what it stands for.
 */
export function isPublic(address: string): boolean {
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || (parsed.match(globalUnicast) && !parsed.match(documentation));
}

/** Internal networks, for hosts that are listed by name; never what is no network of the operator's (link-local, multicast). */
export function isInternal(address: string): boolean {
  return ['loopback', 'private', 'uniqueLocal', 'carrierGradeNat'].includes(ipaddr.process(address).range());
}
