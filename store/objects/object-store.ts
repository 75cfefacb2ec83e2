/**
 * The object store: large contents outside of PostgreSQL, each under the SHA-256 of its bytes and apart for each tenant.
 *
 * Object     a sequence of bytes that never changes; its name is its hash, so putting it twice is putting it once
 * Reference  hash and size, as a row of `resource_object` keeps it (store/write/object-rows.ts)
 *
 * An object is put before the commit that refers to it. Where that commit fails, nothing refers to the object, and
 * cleaning (clean.ts) takes it away later.
 */
import type { Readable } from 'node:stream';
import type { ObjectReference } from '../write/changes.ts';

/** Bytes from `first` to `last`, both counted from 0 and both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface KeptObject extends ObjectReference {
  /** When it was last put. What was put a moment ago may belong to a commit that is still under way. */
  readonly putAt: Date;
}

/** All methods throw {@link Problem} `store-unavailable` when the store behind does not answer. */
export interface ObjectStore {
  /**
   * Keeps what `source` gives, in memory that does not grow with it. Durable when this returns.
   * @throws {Problem} `too-large` beyond `limit` bytes, `store-full`
   * @throws whatever `source` throws; nothing is kept then
   */
  put(tenant: number, source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, limit: number): Promise<ObjectReference>;
  /** The bytes of an object, or a range of them. @throws {Problem} `store-unavailable` also when the object is not there: what is referred to must be. */
  get(tenant: number, sha256: string, range?: ByteRange): Promise<Readable>;
  /** Undefined when it is not there. */
  head(tenant: number, sha256: string): Promise<KeptObject | undefined>;
  /** Succeeds also when it is not there. */
  delete(tenant: number, sha256: string): Promise<void>;
  /** All objects of a tenant, in no order. */
  list(tenant: number): AsyncIterable<KeptObject>;
}

/** `TENANT/ab/abcdef…`: two digits of the hash as a folder keep any one folder small. */
export function nameOfObject(tenant: number, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('Not a SHA-256 in hexadecimal');
  return `${tenant}/${sha256.slice(0, 2)}/${sha256}`;
}

/** The hash at the end of an object's name; undefined for anything else that may lie beside objects. */
export function hashInName(name: string): string | undefined {
  return /(?:^|\/)([0-9a-f]{64})$/.exec(name)?.[1];
}
