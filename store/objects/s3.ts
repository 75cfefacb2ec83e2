/**
 * Objects in a bucket of S3, or of a store that speaks its protocol. Every request is signed with the hash of its body,
 * so that the store itself refuses what has changed on the way. One request for an object: up to 5 GiB.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { createReadStream } from 'node:fs';
import { AwsV4Signer } from 'aws4fetch';
import type { Problem } from '../../fhir/problems.ts';
import { exchange, isContent, smallText, type ExchangeAnswer } from './exchange.ts';
import { statusProblem } from './failures.ts';
import { readListing } from './s3-listing.ts';
import { hashInName, nameOfObject, type ObjectStore } from './object-store.ts';
import { spool } from './spool.ts';

export interface S3Options {
  readonly bucket: string;
  /** In front of every name; empty, or ending in a slash. */
  readonly prefix: string;
  readonly region: string;
  /** Of a store other than Amazon's, where the bucket is the first step of the path. */
  readonly endpoint: string | undefined;
  readonly credentials: S3Credentials;
  readonly spoolFolder: string;
  readonly now: () => Date;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const nothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function s3(options: S3Options): ObjectStore {
  const { bucket, prefix, region, endpoint, credentials, spoolFolder, now } = options;
  const base = endpoint === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint.replace(/\/+$/, '')}/${bucket}`;
  const keyOf = (tenant: number, sha256: string): string => `/${prefix}${nameOfObject(tenant, sha256)}`;

  function call(method: string, path: string, more: { headers?: Record<string, string>; bodyHash?: string; file?: string } = {}): Promise<ExchangeAnswer> {
    return exchange(async () => {
      const signer = new AwsV4Signer({
        ...credentials, region, service: 's3', method, url: base + path, datetime: now().toISOString().replace(/[:-]|\.\d{3}/g, ''),
        headers: { ...more.headers, 'x-amz-content-sha256': more.bodyHash ?? nothing },
      });
      const { url, headers } = await signer.sign();
      return { method, url, headers: Object.fromEntries(headers), ...(more.file !== undefined && { body: () => createReadStream(more.file!) }) };
    });
  }

  return {
    async put(tenant, source, limit) {
      const spooled = await spool(source, spoolFolder, limit);
      try {
        const { sha256, size, path } = spooled;
        await expectStatus(await call('PUT', keyOf(tenant, sha256), { headers: { 'content-length': String(size), 'content-type': 'application/octet-stream' }, bodyHash: sha256, file: path }), 200);
        return { sha256, size };
      } finally {
        await spooled.dispose();
      }
    },

    async get(tenant, sha256, range) {
      const answer = await call('GET', keyOf(tenant, sha256), range && { headers: { range: `bytes=${range.first}-${range.last}` } });
      if (!isContent(answer, range !== undefined)) throw refused(answer);
      return answer.body;
    },

    async head(tenant, sha256) {
      const answer = await call('HEAD', keyOf(tenant, sha256));
      answer.body.resume();
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw statusProblem(answer.status);
      return { sha256, size: Number(answer.headers['content-length']), putAt: new Date(answer.headers['last-modified'] ?? Number.NaN) };
    },

    async delete(tenant, sha256) {
      await expectStatus(await call('DELETE', keyOf(tenant, sha256)), 204, 200, 404);
    },

    async* list(tenant) {
      let continuation: string | undefined;
      do {
        const query = new URLSearchParams({ ...(continuation !== undefined && { 'continuation-token': continuation }), 'list-type': '2', prefix: `${prefix}${tenant}/` });
        // A plus sign in a query is a space to some stores and a plus to others.
        const answer = await call('GET', `/?${query.toString().replaceAll('+', '%20')}`);
        if (answer.status !== 200) throw refused(answer);
        const page = readListing(await smallText(answer.body));
        for (const { key, size, lastModified } of page.objects) {
          const sha256 = hashInName(key);
          if (sha256 !== undefined) yield { sha256, size, putAt: lastModified };
        }
        continuation = page.next;
      } while (continuation !== undefined);
    },
  };
}

async function expectStatus(answer: ExchangeAnswer, ...expected: number[]): Promise<void> {
  if (!expected.includes(answer.status)) throw refused(answer);
  await smallText(answer.body);
}

function refused(answer: ExchangeAnswer): Problem {
  answer.body.destroy();
  return statusProblem(answer.status);
}
