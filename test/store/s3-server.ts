/** The part of S3 that an object store needs, path-style: PUT, GET with range, HEAD, DELETE, ListObjectsV2 in pages of three. */
import { createHash } from 'node:crypto';
import { signatureFault, type Account } from './signature-version-4.ts';
import { sendBytes, startStoreServer, type StoreServer } from './store-server.ts';

export async function startS3Server(bucket: string, account: Account, now: () => Date): Promise<StoreServer> {
  return startStoreServer((request, response, body, { objects }) => {
    const refuse = (status: number, code: string): void => { response.writeHead(status, { 'content-type': 'application/xml' }).end(request.method === 'HEAD' ? undefined : `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`); };
    const fault = signatureFault(request, account, now());
    if (fault !== undefined) return refuse(403, fault);
    if (createHash('sha256').update(body).digest('hex') !== request.headers['x-amz-content-sha256']) return refuse(400, 'XAmzContentSHA256Mismatch');
    const url = new URL(request.url!, 'http://store');
    const [, first, ...rest] = url.pathname.split('/');
    if (first !== bucket) return refuse(404, 'NoSuchBucket');
    const key = decodeURIComponent(rest.join('/'));
    const found = objects.get(key);
    switch (request.method) {
      case 'PUT':
        // S3 takes no body of unannounced length.
        if (request.headers['content-length'] === undefined) return refuse(411, 'MissingContentLength');
        objects.set(key, { bytes: body, putAt: now() });
        return void response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
      case 'DELETE':
        objects.delete(key);
        return void response.writeHead(204).end();
      case 'GET': case 'HEAD':
        if (key === '' && url.searchParams.get('list-type') === '2') return void response.writeHead(200, { 'content-type': 'application/xml' }).end(listing(objects, url.searchParams));
        if (!found) return refuse(404, 'NoSuchKey');
        response.setHeader('last-modified', found.putAt.toUTCString());
        return sendBytes(request, response, found);
      default:
        return refuse(405, 'MethodNotAllowed');
    }
  });
}

const pageSize = 3;

function listing(objects: StoreServer['objects'], parameters: URLSearchParams): string {
  const after = parameters.get('continuation-token');
  const keys = [...objects.keys()].filter((key) => key.startsWith(parameters.get('prefix') ?? '')).toSorted().filter((key) => after === null || key > Buffer.from(after, 'base64').toString());
  const page = keys.slice(0, pageSize);
  const more = keys.length > page.length;
  const contents = page.map((key) => `<Contents><Key>${key.replaceAll('&', '&amp;')}</Key><LastModified>${objects.get(key)!.putAt.toISOString()}</LastModified><Size>${objects.get(key)!.bytes.length}</Size><Owner><ID>x</ID></Owner></Contents>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>${more}</IsTruncated>${contents.join('')}${more ? `<NextContinuationToken>${Buffer.from(page.at(-1)!).toString('base64')}</NextContinuationToken>` : ''}</ListBucketResult>`;
}
