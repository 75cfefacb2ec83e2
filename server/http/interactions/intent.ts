/**
 * What a client asks to be written, before anything is looked up: the same for an interaction of its own and for an
 * entry of a transaction.
 */
import type { Resource } from '@medplum/fhirtypes';
import type { ExpectedVersion, ObjectReference } from '../../../store/write/changes.ts';
import type { Criteria } from '../../../store/write/conditional.ts';

interface Common {
  /** Number of the entry, where it came in a Bundle. */
  readonly entry?: number;
  /** What other entries of the Bundle call it. */
  readonly fullUrl?: string;
}

interface Written extends Common {
  readonly resource: Resource;
  /** The content of a Binary, where it came beside the resource and is in the object store already. */
  readonly object?: ObjectReference;
}

/** By id, or by what it must match. */
export type Target = { readonly id: string } | { readonly criteria: Criteria };

export interface Create extends Written {
  readonly kind: 'create';
  /** Only where nothing matches these (If-None-Exist). */
  readonly unless?: Criteria;
}

export interface Update extends Written {
  readonly kind: 'update';
  readonly target: Target;
  readonly ifMatch?: ExpectedVersion;
  /** Only where nothing is there yet (If-None-Match: *). */
  readonly mustBeNew: boolean;
}

export interface PatchResource extends Common {
  readonly kind: 'patch';
  readonly type: string;
  readonly target: Target;
  readonly ifMatch?: ExpectedVersion;
  /** The resource as the patch makes it, from the one that `parseJson` gave. @throws {Problem} where it cannot be applied */
  readonly apply: (resource: unknown) => Promise<unknown>;
}

export interface Delete extends Common {
  readonly kind: 'delete';
  readonly type: string;
  readonly target: Target;
  readonly ifMatch?: ExpectedVersion;
}

export type Intent = Create | Update | PatchResource | Delete;

export function typeOf(intent: Intent): string {
  return intent.kind === 'create' || intent.kind === 'update' ? intent.resource.resourceType : intent.type;
}

/** What its resource is found by, where that is not an id. */
export function criteriaOf(intent: Intent): Criteria | undefined {
  if (intent.kind === 'create') return intent.unless;
  return 'criteria' in intent.target ? intent.target.criteria : undefined;
}

/** FHIRPath of the entry, where problems are said to be. */
export function placeOf({ entry }: Intent): string | undefined {
  return entry === undefined ? undefined : `Bundle.entry[${entry}]`;
}
