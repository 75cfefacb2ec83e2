/** Versions of code systems without their concepts. */
import type { CodeSystem } from '@medplum/fhirtypes';

/** A row in a scope: its own number, and the scope's. */
export interface StoredKey {
  readonly tenant: number;
  readonly number: number;
  /** Its closure is not made yet: what is above and below is found along its links. */
  readonly unclosed?: true;
}

/** The scope of what an administrator installs for all tenants. No tenant has this number. */
export const sharedScope = 0;

/** Concepts that are at hand (memory-system.ts). */
export interface InMemory {
  readonly inMemory: true;
}

/** A version of a code system without its concepts. */
export interface CodeSystemHead {
  readonly key: StoredKey | InMemory;
  readonly url: string;
  /** Empty where it has none. */
  readonly version: string;
  readonly content: string;
  readonly caseSensitive: boolean;
  readonly conceptCount: number;
  /** Its concepts are nested; then expansions are, too. A hierarchy of properties alone is no tree. */
  readonly nested: boolean;
  readonly resource: CodeSystem;
}
