/** Which object store an address means: a folder, a bucket of S3 or of Google Cloud Storage. */
import { resolve } from 'node:path';
import { googleCloudStorage } from './google-cloud-storage.ts';
import { localFolder } from './local-folder.ts';
import type { ObjectStore } from './object-store.ts';
import { s3, type S3Credentials } from './s3.ts';

export interface ObjectStoreOptions {
  /** `file:FOLDER`, `s3://BUCKET/PREFIX?endpoint=…&region=…` or `gs://BUCKET/PREFIX?endpoint=…`. */
  readonly address: string;
  /** For S3 alone. */
  readonly credentials?: S3Credentials;
  /** Contents of unknown length wait here before they are sent to a store elsewhere. */
  readonly spoolFolder: string;
  readonly now: () => Date;
}

/** @throws {RangeError} for an address that is none of these, or for S3 without credentials */
export function openObjectStore({ address, credentials, spoolFolder, now }: ObjectStoreOptions): ObjectStore {
  if (address.startsWith('file:')) return localFolder(resolve(address.slice('file:'.length)), now);
  const { protocol, hostname: bucket, pathname, searchParams } = new URL(address);
  const folder = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
  const place = { bucket, prefix: folder === '' ? '' : `${folder}/`, endpoint: searchParams.get('endpoint') ?? undefined, spoolFolder };
  if (protocol === 'gs:') return googleCloudStorage(place);
  if (protocol !== 's3:' || credentials === undefined) throw new RangeError('Not the address of an object store');
  return s3({ ...place, region: searchParams.get('region') ?? 'us-east-1', credentials, now });
}

/** The store where nobody has named one. */
export function defaultObjectAddress(dataDirectory: string): string {
  return `file:${resolve(dataDirectory, 'objects')}`;
}
