/**
 * What a validator needs of a ValueSet and a CodeSystem: which codes there are, and how they are called; no definitions.
 * Source: https://hl7.org/fhir/R4/valueset.html, https://hl7.org/fhir/R4/codesystem.html
 */

export interface CodeSystemTable {
  readonly url: string;
  readonly version?: string;
  readonly from: string;
  readonly content: 'not-present' | 'example' | 'fragment' | 'complete' | 'supplement';
  /** Only where it is false: codes that differ in case alone are one. */
  readonly caseSensitive?: false;
  /** Codes in the order of the definition. Licensed lists are never in a table that the repository ships. */
  readonly codes: readonly string[];
  /** For each code what it is called, in any language; absent where no concept is called anything. */
  readonly displays?: readonly (readonly string[])[];
  /** For each code the place of its parent in `codes`, -1 for one at the top; absent where all are. */
  readonly parents?: readonly number[];
  /** Places of codes that are headings and cannot be chosen. */
  readonly abstract?: readonly number[];
  /** Values of properties that value sets filter by: by property, then by place. */
  readonly properties?: Readonly<Record<string, Readonly<Record<number, readonly string[]>>>>;
}

export interface ValueSetTable {
  readonly url: string;
  readonly version?: string;
  readonly from: string;
  readonly include: readonly ValueSetPart[];
  readonly exclude?: readonly ValueSetPart[];
  /** Codes by system from an expansion that is complete; then the parts need not be looked at. */
  readonly expansion?: Readonly<Record<string, readonly string[]>>;
  /** The definition says nothing of what is in it: whether a code is cannot be told. */
  readonly notExpandable?: true;
}

/** Codes that are in the system's part and in every one of the value sets. */
export interface ValueSetPart {
  readonly system?: string;
  readonly version?: string;
  /** Absent: all of the system that pass the filters. */
  readonly codes?: readonly string[];
  /** The definition lists codes of a licensed system, which the repository does not ship: of its codes it cannot be told whether they are in. */
  readonly licensed?: true;
  readonly filters?: readonly { readonly property: string; readonly op: string; readonly value: string }[];
  /** Canonicals. */
  readonly valueSets?: readonly string[];
}
