/**
 * The part of Google Cloud Storage's JSON API that an object store needs (simple upload, download with range, metadata,
 * delete, list in pages of three), and the token endpoint that a workload identity asks.
 */
import { createHash } from 'node:crypto';
import { sendBytes, startStoreServer, type StoredObject, type StoreServer } from './store-server.ts';

export interface GcsServer extends StoreServer {
  /** What a client of this server puts into the file that GOOGLE_APPLICATION_CREDENTIALS names. */
  credentials(subjectTokenFile: string): object;
}

const subjectToken = 'the-token-of-the-workload';

export async function startGcsServer(bucket: string, now: () => Date, corrupt: () => boolean): Promise<GcsServer> {
  const tokens = new Set<string>();
  const server = await startStoreServer((request, response, body, { objects }) => {
    const json = (status: number, value: unknown): void => { response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value)); };
    const url = new URL(request.url!, 'http://store');
    if (url.pathname === '/token') {
      const form = new URLSearchParams(body.toString());
      if (form.get('subject_token') !== subjectToken || form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:token-exchange') return json(400, { error: 'invalid_grant' });
      const token = `token-${tokens.size + 1}`;
      tokens.add(token);
      return json(200, { access_token: token, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 3600 });
    }
    if (!tokens.has(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')) return json(401, { error: { code: 401 } });
    const path = /^\/(upload\/)?storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?$/.exec(url.pathname);
    if (path?.[2] !== bucket) return json(404, { error: { code: 404 } });
    if (path[1] !== undefined) {
      const name = url.searchParams.get('name');
      if (request.method !== 'POST' || url.searchParams.get('uploadType') !== 'media' || name === null || request.headers['content-length'] === undefined) return json(400, { error: { code: 400 } });
      const bytes = corrupt() ? Buffer.concat([body.subarray(1), Buffer.from('!')]) : body;
      objects.set(name, { bytes, putAt: now() });
      return json(200, metadata(name, objects.get(name)!));
    }
    if (path[3] === undefined) return json(200, listing(objects, url.searchParams));
    const name = decodeURIComponent(path[3]);
    const found = objects.get(name);
    if (!found) return json(404, { error: { code: 404 } });
    if (request.method === 'DELETE') {
      objects.delete(name);
      return void response.writeHead(204).end();
    }
    return url.searchParams.get('alt') === 'media' ? sendBytes(request, response, found) : json(200, metadata(name, found));
  });
  return Object.assign(server, {
    credentials: (file: string) => ({
      type: 'external_account', audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt', token_url: `${server.origin}/token`, credential_source: { file }, subjectToken,
    }),
  });
}

function metadata(name: string, { bytes, putAt }: StoredObject): object {
  return { kind: 'storage#object', name, size: String(bytes.length), timeCreated: putAt.toISOString(), md5Hash: createHash('md5').update(bytes).digest('base64') };
}

function listing(objects: StoreServer['objects'], parameters: URLSearchParams): object {
  const after = parameters.get('pageToken');
  const names = [...objects.keys()].filter((name) => name.startsWith(parameters.get('prefix') ?? '')).toSorted().filter((name) => after === null || name > after);
  const page = names.slice(0, 3);
  return { kind: 'storage#objects', ...(page.length > 0 && { items: page.map((name) => metadata(name, objects.get(name)!)) }), ...(names.length > page.length && { nextPageToken: page.at(-1) }) };
}
