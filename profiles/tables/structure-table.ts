/**
 * What a validator needs of a StructureDefinition, and nothing else: the rows of its snapshot without prose, with every
 * canonical pinned to a version where the package that it comes from says which. Tables are plain JSON: they are what
 * packages are distilled to when they are installed, what the repository ships for its main job, and what the compiler
 * turns into functions.
 * Source: https://hl7.org/fhir/R4/structuredefinition.html, https://hl7.org/fhir/R4/elementdefinition.html
 */

export interface StructureTable {
  readonly url: string;
  readonly version: string;
  /** Of the package, as `hl7.fhir.us.core#7.0.0`; `posted` for one that a client has stored. */
  readonly from: string;
  readonly kind: 'primitive-type' | 'complex-type' | 'resource' | 'logical';
  readonly abstract?: true;
  /** The type that it defines or constrains. */
  readonly type: string;
  /** `specialization`: defines the type. `constraint`: a profile of it. */
  readonly derivation: 'specialization' | 'constraint';
  /** Canonical of what it is derived from. */
  readonly base?: string;
  /** Of an extension: where it may stand. */
  readonly context?: readonly ExtensionContext[];
  /** Of an extension: FHIRPath that has to hold where it stands. */
  readonly contextInvariants?: readonly string[];
  /** The snapshot, in its order: the row of the type itself is the first. */
  readonly elements: readonly ElementRow[];
}

export interface ExtensionContext {
  readonly type: 'element' | 'extension' | 'fhirpath';
  readonly expression: string;
}

export interface ElementRow {
  /** As `Claim.careTeam:overall.extension:scope`. */
  readonly id: string;
  /** As `Claim.careTeam.extension`; a choice keeps its `[x]`. */
  readonly path: string;
  /** The slice of the list at `path` that this row and the rows below it describe. */
  readonly slice?: string;
  readonly min: number;
  /** A number, or `*`. */
  readonly max: string;
  /** What the base definition allows, where it differs: tells arrays from single values. `*` or more than 1: an array in JSON. */
  readonly baseMax?: string;
  readonly types?: readonly TypeRow[];
  /** Id of the row (in the definition of the type) whose content this element has. */
  readonly contentReference?: string;
  readonly slicing?: Slicing;
  readonly fixed?: TypedValue;
  readonly pattern?: TypedValue;
  readonly minValue?: TypedValue;
  readonly maxValue?: TypedValue;
  /** A Duration: not so long ago as that, and not so far ahead (R6). */
  readonly minValueDuration?: TypedValue;
  readonly maxValueDuration?: TypedValue;
  /** In characters. */
  readonly maxLength?: number;
  /** In characters (http://hl7.org/fhir/StructureDefinition/minLength). */
  readonly minLength?: number;
  /** Of a primitive type: the regular expression that its values match as a whole. */
  readonly regex?: string;
  /** Of a primitive: an extension does not stand in for its value (`mustHaveValue` of R5). */
  readonly valueRequired?: true;
  /** Of a primitive: extensions that do, and no others (`valueAlternatives` of R5). */
  readonly valueAlternatives?: readonly string[];
  readonly binding?: Binding;
  readonly constraints?: readonly Constraint[];
  /** Its presence changes the meaning of what holds it. */
  readonly modifier?: true;
  readonly mustSupport?: true;
}

export interface TypeRow {
  /** `string`, `Reference`, `Claim`; FHIRPath's system types are named by the FHIR type that they stand for. */
  readonly code: string;
  /** Canonicals: the value conforms to one of them. */
  readonly profiles?: readonly string[];
  /** Canonicals, of a Reference or a canonical: what it leads to conforms to one of them. */
  readonly targets?: readonly string[];
  readonly aggregation?: readonly ('contained' | 'referenced' | 'bundled')[];
  readonly versioning?: 'independent' | 'specific';
}

export interface Slicing {
  readonly discriminators: readonly Discriminator[];
  readonly rules: 'closed' | 'open' | 'openAtEnd';
  readonly ordered?: true;
}

export interface Discriminator {
  readonly type: 'value' | 'exists' | 'pattern' | 'type' | 'profile';
  /** The restricted FHIRPath of discriminators, as `code.coding.system`, `resolve().ofType(Patient)`, `extension('…').value`. */
  readonly path: string;
}

/** The value of `fixedCodeableConcept`: its FHIR type, and the JSON (`sibling`: what `_fixedString` holds). */
export interface TypedValue {
  readonly type: string;
  readonly value?: unknown;
  readonly sibling?: unknown;
}

export interface Binding {
  readonly strength: 'required' | 'extensible' | 'preferred' | 'example';
  /** Canonical of the ValueSet. */
  readonly valueSet?: string;
  /** Canonical of the largest value set that an extensible or preferred binding allows. */
  readonly max?: string;
  /** Further bindings (http://hl7.org/fhir/tools/StructureDefinition/additional-binding). `usage`: only in a context of use that the definition names, in `usages` where that is a code. */
  readonly additional?: readonly { readonly purpose: string; readonly valueSet: string; readonly usage?: true; readonly usages?: readonly UsageRow[] }[];
}

/** A UsageContext: the kind of context (http://terminology.hl7.org/CodeSystem/usage-context-type), and one code that says which. */
export interface UsageRow {
  readonly code: string;
  readonly system?: string;
  readonly value: string;
}

export interface Constraint {
  readonly key: string;
  readonly severity: 'error' | 'warning';
  /** FHIRPath; a constraint without one cannot be checked and is not in the table. */
  readonly expression: string;
  /** What it means, for the reader of an issue: there where the definition was read at run time. */
  readonly human?: string;
  /** Canonical of the definition that brought it in. */
  readonly source?: string;
  /** A constraint that is best practice only: told as a hint unless asked for (elementdefinition-bestpractice). */
  readonly bestPractice?: true;
}
