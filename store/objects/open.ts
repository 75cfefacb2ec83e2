/** Which object store an address means: a folder, a bucket of S3 or of Google Cloud Storage. */
import { isAbsolute, join, resolve } from 'node:path';
import { localFolder } from './local-folder.ts';
import type { ObjectStore } from './object-store.ts';

export interface ObjectStoreOptions {
  /** `file:FOLDER`, `s3://BUCKET/PREFIX?endpoint=…&region=…` or `gs://BUCKET/PREFIX?endpoint=…`. */
  readonly address: string;
  /** Contents of unknown length wait here before they are sent to a store elsewhere. */
  readonly spoolFolder: string;
  readonly now: () => Date;
}

export function openObjectStore({ address, now }: ObjectStoreOptions): ObjectStore {
  return localFolder(resolve(address.slice('file:'.length)), now);
}

/** The store where nobody has named one. */
export function defaultObjectAddress(dataDirectory: string): string {
  return `file:${join(isAbsolute(dataDirectory) ? dataDirectory : resolve(dataDirectory), 'objects')}`;
}
