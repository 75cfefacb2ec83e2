/**
 * Headers of a Subscription are credentials: what they say is stored sealed, so that no way of reading it (REST, search,
 * history, an operation, a notification about Subscriptions) gives it back, and is opened when a notification is sent.
 * The sealed form may be written again by whoever has read it, and stands for the same value. It is good for the endpoint
 * and the name that it was made for, and for no other: else whoever may read a Subscription could have its credentials
 * sent to himself.
 * Source: AES-256-GCM, NIST SP 800-38D, https://csrc.nist.gov/pubs/sp/800/38/d/final
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { readHeader, type Header } from '../../operations/outbound/headers.ts';

/** For whom a header is: it is sealed for that alone. */
export interface HeaderPurpose {
  readonly tenant: number;
  readonly endpoint: string;
}

export interface HeaderSeal {
  /** @returns undefined for what is no header, or is sealed for another purpose */
  seal(line: string, purpose: HeaderPurpose): string | undefined;
  /** Of a line as it is stored; one of an older release is not sealed. @returns undefined as `seal` */
  open(line: string, purpose: HeaderPurpose): Header | undefined;
}

const mark = 'sealed.v1.';
const algorithm = 'aes-256-gcm';
const length = { nonce: 12, tag: 16 };

/** @param key of 32 bytes */
export function createHeaderSeal(key: Uint8Array, random: (count: number) => Uint8Array): HeaderSeal {
  const about = ({ tenant, endpoint }: HeaderPurpose, name: string): Buffer => Buffer.from(JSON.stringify([tenant, endpoint, name.toLowerCase()]));
  const opened = (sealed: string, purpose: HeaderPurpose, name: string): string | undefined => {
    const bytes = Buffer.from(sealed.slice(mark.length), 'base64url');
    if (bytes.length < length.nonce + length.tag) return undefined;
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, length.nonce)).setAAD(about(purpose, name)).setAuthTag(bytes.subarray(length.nonce, length.nonce + length.tag));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(length.nonce + length.tag)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  };
  const open = (line: string, purpose: HeaderPurpose): Header | undefined => {
    const header = readHeader(line);
    if (!header?.value.startsWith(mark)) return header;
    const value = opened(header.value, purpose, header.name);
    return value === undefined ? undefined : { name: header.name, value };
  };
  return {
    open,
    seal(line, purpose) {
      const header = open(line, purpose);
      if (!header) return undefined;
      const nonce = random(length.nonce);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(about(purpose, header.name));
      const text = Buffer.concat([cipher.update(header.value, 'utf8'), cipher.final()]);
      return `${header.name}: ${mark}${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')}`;
    },
  };
}
