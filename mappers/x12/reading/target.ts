/**
 * Where values are put: a Bundle under way and the objects in it, as `mappers/draft.ts` has them. Written with an account
 * of every value or, where nobody asked for one, without (`quiet.ts`): the mapping is the same and does not know.
 */
import type { BundleEntry, Resource } from '@medplum/fhirtypes';
import type { Value } from '../../draft.ts';
import type { SourceRef } from '../../ledger.ts';

/** An object of the Bundle that may not be there yet: it comes with its first value. */
export interface Cursor {
  readonly exists: boolean;
  peek(element: string): unknown;
  emit(element: string, value: Value | undefined, from: SourceRef, rule: string): boolean;
  emitItem(element: string, value: Value | undefined, from: SourceRef, rule: string): boolean;
  set(element: string, value: Value | undefined): this;
  setItem(element: string, value: Value | undefined): this;
  within(element: string): Cursor;
  another(element: string): Cursor;
}

/** The entries of a Bundle while they are written. */
export interface Draft {
  resource(resourceType: Resource['resourceType'], fullUrl: string): Cursor;
  has(fullUrl: string): boolean;
  consult(from: SourceRef): void;
  leave(from: SourceRef, reason: string): void;
  entries(first?: string): BundleEntry[];
}
