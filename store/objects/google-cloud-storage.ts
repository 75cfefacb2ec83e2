/**
 * Objects in a bucket of Google Cloud Storage, by its JSON API. Who we are follows Google's usual rules (Application
 * Default Credentials): a key file, a workload identity, the machine's own account.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/objects
 */
import { createReadStream } from 'node:fs';
import { Problem } from '../../fhir/problems.ts';
import { exchange, isContent, smallText, type ExchangeAnswer } from './exchange.ts';
import { statusProblem } from './failures.ts';
import { hashInName, nameOfObject, type ObjectStore } from './object-store.ts';
import { spool } from './spool.ts';

export interface GoogleCloudStorageOptions {
  readonly bucket: string;
  /** In front of every name; empty, or ending in a slash. */
  readonly prefix: string;
  /** Of an emulator or a private address; Google's own where undefined. */
  readonly endpoint: string | undefined;
  readonly spoolFolder: string;
}

const scope = 'https://www.googleapis.com/auth/devstorage.read_write';

interface Item {
  readonly name: string;
  readonly size: string;
  readonly timeCreated: string;
  readonly md5Hash?: string;
}

export function googleCloudStorage({ bucket, prefix, endpoint, spoolFolder }: GoogleCloudStorageOptions): ObjectStore {
  const base = (endpoint ?? 'https://storage.googleapis.com').replace(/\/+$/, '');
  const objects = `/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const nameOf = (tenant: number, sha256: string): string => `${prefix}${nameOfObject(tenant, sha256)}`;
  const pathOf = (tenant: number, sha256: string): string => `${objects}/${encodeURIComponent(nameOf(tenant, sha256))}`;
  const authorization = authorizer();

  function call(method: string, path: string, headers: Record<string, string> = {}, file?: string): Promise<ExchangeAnswer> {
    return exchange(async () => ({
      method, url: new URL(base + path), headers: { ...headers, ...await authorization() }, ...(file !== undefined && { body: () => createReadStream(file) }),
    }));
  }

  async function json<T>(answer: ExchangeAnswer): Promise<T> {
    if (answer.status !== 200) throw refused(answer);
    try {
      return JSON.parse(await smallText(answer.body)) as T;
    } catch (error) {
      throw error instanceof Problem ? error : new Problem('store-unavailable', {}, undefined, { cause: error });
    }
  }

  async function remove(tenant: number, sha256: string): Promise<void> {
    const answer = await call('DELETE', pathOf(tenant, sha256));
    if (![200, 204, 404].includes(answer.status)) throw refused(answer);
    await smallText(answer.body);
  }

  return {
    async put(tenant, source, limit) {
      const spooled = await spool(source, spoolFolder, limit);
      try {
        const { sha256, size, md5, path } = spooled;
        const query = new URLSearchParams({ uploadType: 'media', name: nameOf(tenant, sha256), fields: 'size,md5Hash' });
        const kept = await json<Item>(await call('POST', `/upload${objects}?${query.toString()}`, { 'content-length': String(size), 'content-type': 'application/octet-stream' }, path));
        if (kept.md5Hash !== md5 || Number(kept.size) !== size) {
          await remove(tenant, sha256);
          throw new Problem('store-unavailable', {}, undefined, { cause: new Error('the object store has kept other bytes') });
        }
        return { sha256, size };
      } finally {
        await spooled.dispose();
      }
    },

    async get(tenant, sha256, range) {
      const answer = await call('GET', `${pathOf(tenant, sha256)}?alt=media`, range && { range: `bytes=${range.first}-${range.last}` });
      if (!isContent(answer, range !== undefined)) throw refused(answer);
      return answer.body;
    },

    async head(tenant, sha256) {
      const answer = await call('GET', `${pathOf(tenant, sha256)}?fields=size,timeCreated`);
      if (answer.status === 404) {
        answer.body.resume();
        return undefined;
      }
      const { size, timeCreated } = await json<Item>(answer);
      return { sha256, size: Number(size), putAt: new Date(timeCreated) };
    },

    delete: remove,

    async* list(tenant) {
      let pageToken: string | undefined;
      do {
        const query = new URLSearchParams({ prefix: `${prefix}${tenant}/`, fields: 'items(name,size,timeCreated),nextPageToken', ...(pageToken !== undefined && { pageToken }) });
        const page = await json<{ items?: Item[]; nextPageToken?: string }>(await call('GET', `${objects}?${query.toString()}`));
        for (const { name, size, timeCreated } of page.items ?? []) {
          const sha256 = hashInName(name);
          if (sha256 !== undefined) yield { sha256, size: Number(size), putAt: new Date(timeCreated) };
        }
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined);
    },
  };
}

/** Google's library is large, and nobody else needs it: it is loaded with the first request. */
function authorizer(): () => Promise<Record<string, string>> {
  let auth: Promise<{ getRequestHeaders(): Promise<Headers> }> | undefined;
  return async () => {
    auth ??= import('google-auth-library').then(({ GoogleAuth }) =>
      // Buckets have names of their own in the whole world. Where no project is named, the library asks another service for it.
      new GoogleAuth({ scopes: [scope], projectId: 'any' }));
    try {
      const headers = await (await auth).getRequestHeaders();
      return Object.fromEntries(headers);
    } catch (error) {
      throw new Problem('store-unavailable', {}, undefined, { cause: error });
    }
  };
}

function refused(answer: ExchangeAnswer): Problem {
  answer.body.destroy();
  return statusProblem(answer.status);
}
