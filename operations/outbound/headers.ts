/** Headers that a client wants conveyed with calls: those that are about the connection stay ours. */
import { validateHeaderName, validateHeaderValue } from 'node:http';

/** About the connection or the framing of a message (RFC 9110, section 7.6.1; RFC 9112), or about who is called. */
const ours = new Set([
  'connection', 'content-length', 'content-encoding', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-authenticate', 'proxy-authorization',
  'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'via',
]);

export interface Header {
  readonly name: string;
  readonly value: string;
}

/** `Name: value`, as `Subscription.channel.header` has it; undefined when it is none, or one that is not the client's to set. */
export function readHeader(line: string): Header | undefined {
  const colon = line.indexOf(':');
  if (colon < 1) return undefined;
  const header = { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
  return isConveyed(header) ? header : undefined;
}

export function isConveyed({ name, value }: Header): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    return false;
  }
  return !ours.has(name.toLowerCase());
}
