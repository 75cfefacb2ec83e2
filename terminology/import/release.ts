/**
 * What an importer makes of the files of a release: fragments of concepts, in any order, for releases spread what they
 * say of one concept over several files. The store gathers the fragments of a concept and has them assembled.
 */
import type { CodeSystem } from '@medplum/fhirtypes';
import type { Concept, ConceptProperty } from '../concepts.ts';
import type { ReleaseFile } from './files.ts';
import type { Row, RowForm } from './rows.ts';

export type Fragment =
  /** There is such a concept. Where a release tells it more than once, the first counts. */
  | { readonly kind: 'concept'; readonly code: string; readonly display?: string; readonly definition?: string; readonly inactive?: boolean; readonly abstract?: boolean; readonly properties?: readonly ConceptProperty[] }
  | DesignationFragment
  | { readonly kind: 'property'; readonly code: string; readonly property: ConceptProperty }
  /** A line of a text that goes over several, in their order. */
  | { readonly kind: 'text'; readonly code: string; readonly value: string }
  | { readonly kind: 'parent'; readonly code: string; readonly target: string }
  /** An attribute of SNOMED CT with its role group: the value is a concept, or text (a number as written, a string in quotes). */
  | { readonly kind: 'attribute'; readonly code: string; readonly target: string; readonly attribute: string; readonly group: number; readonly concrete: boolean }
  /** Of the description `code`, in the language reference set `target`. */
  | { readonly kind: 'acceptability'; readonly code: string; readonly target: string; readonly preferred: boolean }
  /** The concept `code` is in the reference set `target`; in one of associations, with the concept it points at. */
  | { readonly kind: 'member'; readonly code: string; readonly target: string; readonly points?: string }
  /** The value set `code` has the code `target`. */
  | { readonly kind: 'list'; readonly code: string; readonly target: string; readonly name?: string; readonly display?: string };

export interface DesignationFragment {
  readonly kind: 'designation';
  readonly code: string;
  readonly language?: string;
  readonly use?: { readonly system?: string; readonly code?: string; readonly display?: string };
  readonly value: string;
  /** The one of the lowest rank is the display of a concept that has none of its own. */
  readonly rank?: number;
  /** True where the publisher no longer wants it used: a concept of RxNorm all of whose names are is inactive. */
  readonly suppressed?: boolean;
  /** Of a description of SNOMED CT. */
  readonly description?: { readonly id: string; readonly module: string; readonly time: string };
}

/** A file of a release, and what its rows say. */
export interface ReleasePart {
  readonly file: ReleaseFile;
  readonly form: RowForm;
  /** True where the first row names the columns. */
  readonly header: boolean;
  /**
   * Begins to read: given the rows one after the other, from the first on, it says what they tell.
   * @throws {ImportLineError} through the reader for a row that cannot be understood
   */
  begin(): (row: Row) => readonly Fragment[];
}

/** A concept with what the tables of SNOMED CT say of its designations, by their position. */
export interface Assembled {
  readonly concept: Concept;
  readonly descriptions?: readonly Description[];
}

export interface Description {
  readonly position: number;
  readonly id: string;
  readonly module: string;
  /** YYYYMMDD */
  readonly time: string;
  /** Language reference sets in which it is preferred, and those in which it is acceptable. */
  readonly preferred: readonly string[];
  readonly acceptable: readonly string[];
}

export interface Release {
  /** Without concepts. */
  readonly codeSystem: CodeSystem & { url: string; version: string };
  readonly parts: readonly ReleasePart[];
  /** Each code comes once; if not, that is an error in the file. */
  readonly unique: boolean;
  /** Parents are codes of the same file: one that is not there, or above itself, is an error in it. */
  readonly ownParents?: true;
  /** Where fragments of type `list` are found by: the address of a value set for its code. */
  readonly listUrl?: (code: string) => string;
  /** @param acceptabilities by the id of a description */
  assemble(fragments: readonly Fragment[], acceptabilities: ReadonlyMap<string, readonly Fragment[]>): Assembled;
}

/** A row that cannot be understood: the reader adds file and line. */
export class ImportLineError extends Error {
  override readonly name = 'ImportLineError';
}
