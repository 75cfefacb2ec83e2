/** A version of a resource as it is written. */
import type { IndexRow } from '../index-row.ts';
import type { LedgerRow, ObjectReference } from './changes.ts';
import type { DefinitionChange } from './definitions.ts';

/** A version of a resource, ready to be written. */
export interface ResourceRow {
  readonly tenant: number;
  readonly type: string;
  readonly typeCode: number;
  readonly id: string;
  readonly shard: number;
  readonly version: number;
  readonly lastUpdated: Date;
  readonly deleted: boolean;
  readonly index: IndexRow;
  readonly content: string;
  /** The prior authorization that holds it (`held.ts`). */
  readonly authorization: string | undefined;
  /** Of a Binary: its content in the object store, or that it is what the version before had. */
  readonly object?: ObjectReference | 'kept';
  /** Where its values came from, when a message of the inbox brought them. */
  readonly ledger?: LedgerRow;
  /** By which version of the tenant's search parameters it is indexed. */
  readonly indexedBy: number;
  /** Of a SearchParameter: what it changes of these. */
  readonly definition?: DefinitionChange;
  readonly interaction: 'create' | 'update' | 'delete';
  readonly actor: string;
  readonly request: string;
}
