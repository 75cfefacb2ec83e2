/**
 * What goes into a validation and what comes out. A pass over a resource is synchronous and knows what it was given; what
 * it cannot know (codes of a terminology that is in the database, resources of the store) it leaves as questions, which
 * the caller answers all at once (`operations/validate`).
 */
import type { ProblemIssue } from '../fhir/problems.ts';

/** One thing that is wrong with a resource, where, and which definition says so. */
export interface ValidationIssue extends ProblemIssue {
  /** FHIRPath, from the resource that was validated: `Bundle.entry[0].resource.name[1]`. */
  readonly expression: string;
}

/** A context of use: `code` says of what kind it is (http://terminology.hl7.org/CodeSystem/usage-context-type), the inWords which. */
export interface Usage {
  readonly code: string;
  readonly system?: string;
  readonly value: string;
}

export interface ValidationOptions {
  /** Canonicals to check besides those that resources claim in `meta.profile`. */
  readonly profiles?: readonly string[];
  /** Whether `meta.profile` is looked at; it is unless this is false. */
  readonly claimed?: false;
  /** Constraints that are best practice only: not told (the default), told as warnings, or as errors. */
  readonly bestPractice?: 'ignore' | 'warning' | 'error';
  /** Time as invariants see it (`now()`, `today()`). */
  readonly now: Date;
  /** A profile that the definitions do not have, claimed by `meta.profile`: a warning (the default), or an error. */
  readonly unknownProfile?: 'warning' | 'error';
  /** An extension that the definitions do not have: information (the default), or more. */
  readonly unknownExtension?: 'information' | 'warning' | 'error';
  /** The same of one that is a modifier: an error (the default), or less. */
  readonly unknownModifier?: 'information' | 'warning' | 'error';
  /**
   * What no definition can say, and the specification says in words: codes and displays that their system does not have,
   * the form of references, definitions that make no sense. Errors (the default), or warnings.
   */
  readonly inWords?: 'warning' | 'error';
  /** Text that looks like markup in strings, which are none: information (the default), or more. Source: https://hl7.org/fhir/R4/security.html#narrative */
  readonly markup?: 'information' | 'error';
  /** Whether contained resources are checked by themselves; they are unless this is false. */
  readonly contained?: false;
  /** Where the resource is used, as inWords of `UsageContext.code` with those of its value: bindings for these usages hold, too. */
  readonly usages?: readonly Usage[];
  /** Errors after which checking stops, and as many warnings and hints as are told: 1,000 unless said. */
  readonly limit?: number;
}

/** Whether a code is in a value set, when what is in memory does not tell. */
export interface CodeQuestion {
  readonly kind: 'code';
  readonly valueSet: string;
  /** Any of them has to be in it (CodeableConcept), or the one. */
  readonly codings: readonly { readonly system?: string; readonly version?: string; readonly code?: string; readonly display?: string }[];
  /** The issue if none is; undefined `unknown` is not told. */
  readonly otherwise: ValidationIssue;
  readonly unknown?: ValidationIssue;
}

/** Whether what a reference leads to, outside of what was validated, is there and conforms. */
export interface ReferenceQuestion {
  readonly kind: 'reference';
  /** As it stands in the resource. */
  readonly reference: string;
  readonly types: readonly string[];
  /** Canonicals, one of which the target conforms to; none: the type is enough. */
  readonly profiles: readonly string[];
  readonly expression: string;
  readonly profile?: string;
}

export type Question = CodeQuestion | ReferenceQuestion;

export interface ValidationResult {
  readonly issues: readonly ValidationIssue[];
  readonly questions: readonly Question[];
  /** Canonicals with version of everything that the resource (and what is inside it) was checked against. */
  readonly checked: readonly string[];
  /** False where more was wrong than is told, hints aside: nobody knows what. */
  readonly isWhole: boolean;
}

/** Checks a resource that `parseJson` has read; never throws for what is in it. */
export type Validate = (resource: unknown, options: ValidationOptions) => ValidationResult;
