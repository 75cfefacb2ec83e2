/**
 * Where a compiler and a validator find definitions: a set that is complete before it is used, so that checking never
 * waits. A set is made by the edge (`store/packages`), from the tables that ship with the repository, from installed
 * packages and from what a tenant has stored.
 */
import type { CodeSystemTable, ValueSetTable } from './tables/code-tables.ts';
import type { StructureTable } from './tables/structure-table.ts';

/** A definition that is known, and of no use. */
export interface Unusable {
  readonly url: string;
  readonly version: string;
  /** The type that it says it is about. */
  readonly type: string;
  readonly reason: string;
}

export interface Definitions {
  /**
   * @param canonical with `|version` where one is meant; `|7.0` stands for the newest 7.0.x; without a version the newest
   * @returns undefined where it is not known
   */
  structure(canonical: string): StructureTable | undefined;
  /** Why a structure that is there cannot be used, where `structure` has none for that reason. */
  unusable?(canonical: string): Unusable | undefined;
  /** The definition (not a profile) of a type of FHIR R4, as `Claim`, `HumanName`, `string`. */
  type(name: string): StructureTable | undefined;
  valueSet(canonical: string): ValueSetTable | undefined;
  /** @param url with `|version` where one is meant */
  codeSystem(url: string): CodeSystemTable | undefined;
  /** All versions of a code system that are here; absent: one of each is. */
  codeSystemVersions?(url: string): readonly CodeSystemTable[];
}
