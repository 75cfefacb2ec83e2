/**
 * AWS Signature Version 4 as the receiving side checks it, from AWS's description alone: nothing of it comes from the
 * library that signs. https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

const fifteenMinutes = 15 * 60 * 1000;

/** What is wrong with the signature of a request; undefined where it holds. */
export function signatureFault(request: IncomingMessage, account: Account, now: Date): string | undefined {
  const header = request.headers.authorization ?? '';
  const parts = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(header);
  if (!parts) return 'MissingSecurityHeader';
  const [, accessKey, day, region, signedHeaders, signature] = parts as unknown as [string, string, string, string, string, string];
  const date = one(request, 'x-amz-date');
  if (accessKey !== account.accessKeyId) return 'InvalidAccessKeyId';
  if (region !== account.region || !date.startsWith(day)) return 'AuthorizationHeaderMalformed';
  if (one(request, 'x-amz-security-token') !== (account.sessionToken ?? '')) return 'InvalidToken';
  const sent = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(sent - now.getTime()) <= fifteenMinutes)) return 'RequestTimeTooSkewed';
  const names = signedHeaders.split(';');
  const demanded = ['host', ...Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'))];
  if (!demanded.every((name) => names.includes(name))) return 'AccessDenied';

  const url = new URL(request.url!, 'http://store');
  const canonical = [
    request.method!,
    url.pathname.split('/').map((step) => encoded(decodeURIComponent(step))).join('/'),
    [...url.searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).toSorted().join('&'),
    ...names.map((name) => `${name}:${one(request, name).trim().replace(/ +/g, ' ')}`), '',
    signedHeaders,
    one(request, 'x-amz-content-sha256'),
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce((derived, part) => createHmac('sha256', derived).update(part).digest(), Buffer.from(`AWS4${account.secretAccessKey}`));
  const expected = createHmac('sha256', key).update(toSign).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch';
}

function one(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '');
}

function encoded(text: string): string {
  return [...Buffer.from(text, 'utf8')].map((byte) => /[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
