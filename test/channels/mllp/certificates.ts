/** Certificates made in the test: an authority, and what it signs. As little of X.509 (RFC 5280) as TLS asks for. */
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  /** A certificate of a common name, for 127.0.0.1. */
  issue(commonName: string): Certificate;
}

export function createAuthority(commonName: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = certificateOf(commonName, keys.publicKey, commonName, keys.privateKey, true);
  return {
    ...own,
    issue(name) {
      const issued = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { certificate } = certificateOf(name, issued.publicKey, commonName, keys.privateKey, false);
      return { certificate, key: pemKey(issued.privateKey) };
    },
  };
}

let serial = 1;

function certificateOf(subject: string, publicKey: KeyObject, issuer: string, issuerKey: KeyObject, isAuthority: boolean): Certificate {
  const algorithm = sequence(oid('2a8648ce3d040302'));
  const extensions = isAuthority
    ? sequence(oid('551d13'), tagged(0x01, Buffer.from([0xff])), octets(sequence(tagged(0x01, Buffer.from([0xff])))))
    : sequence(oid('551d11'), octets(sequence(tagged(0x87, Buffer.from([127, 0, 0, 1])))));
  serial += 1;
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))), tagged(0x02, Buffer.from([serial])), algorithm, nameOf(issuer),
    sequence(tagged(0x17, Buffer.from('200101000000Z')), tagged(0x17, Buffer.from('491231235959Z'))), nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }), tagged(0xa3, sequence(extensions)),
  );
  const signature = sign('sha256', body, issuerKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return { certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`, key: pemKey(issuerKey) };
}

function pemKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nameOf(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(commonName)))));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function tagged(tag: number, content: Buffer): Buffer {
  const length = content.length < 0x80 ? [content.length] : content.length < 0x100 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
