/**
 * What every read and write needs to know about the request it serves. Made once, at the edge; the rooms below
 * take time, ids and randomness from here and nowhere else.
 */

import type { SearchParameterSet } from '../fhir/search-parameters.ts';

/** One of the payers that a server hosts. Its number leads every key in the store. */
export interface Tenant {
  readonly id: number;
  readonly name: string;
}

/** Which rows a request may see. Compiled into every query in one place (search/compile.ts). */
export interface Access {
  readonly tenant: number;
}

export interface Context {
  readonly tenant: Tenant;
  /** The tenant's FHIR base as its clients see it, without a slash at the end: references under it are its own. */
  readonly base: string;
  /** Set where the request came to the base of a certain version of PAS: which, and the tenant's base of the current one. */
  readonly pas?: { readonly version: string; readonly currentBase: string };
  /** What the tenant's resources are indexed and searched by. */
  readonly parameters: SearchParameterSet;
  /** Reads `parameters` anew from the store, where a write found them outdated. */
  readonly refreshParameters?: () => Promise<void>;
  readonly access: Access;
  /** Who acts, as far as the server knows: a client, a channel, a person. */
  readonly actor: string;
  /** Id of the request, in every log line and in the outbox. */
  readonly request: string;
  readonly now: () => Date;
  /** Random bytes. */
  readonly random: (count: number) => Uint8Array;
}
