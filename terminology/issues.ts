/**
 * What terminology operations say of codes, systems and value sets. Codes are those of HL7's terminology ecosystem, and so are
 * message ids and texts: clients (the Java validator, the IG publisher) compare them
 * (https://build.fhir.org/ig/HL7/fhir-tx-ecosystem-ig/, CodeSystem tx-issue-type).
 */
import { Problem } from '../fhir/problems.ts';

interface Definition {
  readonly severity: 'error' | 'warning' | 'information';
  /** https://hl7.org/fhir/R4/valueset-issue-type.html */
  readonly issue: string;
  /** http://hl7.org/fhir/tools/CodeSystem/tx-issue-type */
  readonly type?: string;
  readonly messageId?: string;
  /** `{name}` is filled from the details. */
  readonly text: string;
  /** Not repeated in the answer's `message`. */
  readonly quiet?: true;
}

const define = <const T extends Record<string, Definition>>(definitions: T): T => definitions;

export const terminologyIssues = define({
  'not-in-value-set': { severity: 'error', issue: 'code-invalid', type: 'not-in-vs', messageId: 'None_of_the_provided_codes_are_in_the_value_set_one', text: `The provided code '{code}' was not found in the value set '{valueSet}'` },
  'coding-not-in-value-set': { severity: 'information', issue: 'code-invalid', type: 'this-code-not-in-vs', messageId: 'None_of_the_provided_codes_are_in_the_value_set_one', text: `The provided code '{code}' was not found in the value set '{valueSet}'`, quiet: true },
  'no-coding-in-value-set': { severity: 'error', issue: 'code-invalid', type: 'not-in-vs', messageId: 'TX_GENERAL_CC_ERROR_MESSAGE', text: `No valid coding was found for the value set '{valueSet}'` },
  'unknown-code': { severity: 'error', issue: 'code-invalid', type: 'invalid-code', messageId: 'Unknown_Code_in_Version', text: `Unknown code '{code}' in the CodeSystem '{system}' version '{version}'` },
  'unknown-code-unversioned': { severity: 'error', issue: 'code-invalid', type: 'invalid-code', messageId: 'Unknown_Code_in', text: `Unknown code '{code}' in the CodeSystem '{system}'` },
  'unknown-code-in-fragment': { severity: 'warning', issue: 'code-invalid', type: 'invalid-code', messageId: 'UNKNOWN_CODE_IN_FRAGMENT', text: `Unknown Code '{code}' in the CodeSystem '{system}' version '{version}' - note that the code system is labeled as a fragment, so the code may be valid in some other fragment`, quiet: true },
  'unknown-code-system': { severity: 'error', issue: 'not-found', type: 'not-found', messageId: 'UNKNOWN_CODESYSTEM', text: `A definition for CodeSystem '{system}' could not be found, so the code cannot be validated` },
  'unknown-code-system-version': { severity: 'error', issue: 'not-found', type: 'not-found', messageId: 'UNKNOWN_CODESYSTEM_VERSION', text: `A definition for CodeSystem '{system}' version '{version}' could not be found, so the code cannot be validated. Valid versions: {versions}` },
  'version-mismatch': { severity: 'error', issue: 'invalid', type: 'vs-invalid', messageId: 'VALUESET_VALUE_MISMATCH', text: `The code system '{system}' version '{version}' in the ValueSet include is different to the one in the value ('{said}')` },
  'version-mismatch-changed': { severity: 'error', issue: 'invalid', type: 'vs-invalid', messageId: 'VALUESET_VALUE_MISMATCH_CHANGED', text: `The code system '{system}' version '{version}' resulting from the version '{asked}' in the ValueSet include is different to the one in the value ('{said}')` },
  'version-mismatch-default': { severity: 'warning', issue: 'invalid', type: 'vs-invalid', messageId: 'VALUESET_VALUE_MISMATCH_DEFAULT', text: `The code system '{system}' version '{version}' for the versionless include in the ValueSet include is different to the one in the value ('{said}')` },
  'system-is-value-set': { severity: 'error', issue: 'invalid', type: 'invalid-data', messageId: 'Terminology_TX_System_ValueSet2', text: `The Coding references a value set, not a code system ('{system}')` },
  'system-is-supplement': { severity: 'error', issue: 'invalid', type: 'invalid-data', messageId: 'CODESYSTEM_CS_NO_SUPPLEMENT', text: `CodeSystem {system} is a supplement, so can't be used as a value in Coding.system` },
  'system-relative': { severity: 'error', issue: 'invalid', type: 'invalid-data', messageId: 'Terminology_TX_System_Relative', text: 'Coding.system must be an absolute reference, not a local reference' },
  'no-system': { severity: 'warning', issue: 'invalid', type: 'invalid-data', messageId: 'Coding_has_no_system__cannot_validate', text: 'Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided' },
  'system-not-inferred': { severity: 'error', issue: 'not-found', type: 'cannot-infer', messageId: 'UNABLE_TO_INFER_CODESYSTEM', text: `The System URI could not be determined for the code '{code}' in the ValueSet '{valueSet}' (code systems: {systems})` },
  'several-systems': { severity: 'error', issue: 'not-found', type: 'cannot-infer', messageId: 'Unable_to_resolve_system__value_set_has_multiple_matches', text: `The System URI could not be determined for the code '{code}' in the ValueSet '{valueSet}': value set expansion has multiple matches: [{systems}]` },
  'abstract-code': { severity: 'error', issue: 'business-rule', type: 'code-rule', messageId: 'ABSTRACT_CODE_NOT_ALLOWED', text: `Code '{code}' is abstract, and not allowed in this context` },
  'inactive-code': { severity: 'warning', issue: 'business-rule', type: 'code-comment', messageId: 'INACTIVE_CONCEPT_FOUND', text: `The concept '{code}' has a status of {status} and its use should be reviewed` },
  'code-not-active': { severity: 'error', issue: 'business-rule', type: 'code-rule', messageId: 'STATUS_CODE_WARNING_CODE', text: `The concept '{code}' is valid but is not active` },
  'deprecated-code': { severity: 'warning', issue: 'business-rule', type: 'code-comment', messageId: 'DEPRECATED_CONCEPT_FOUND', text: `The concept '{code}' is {status} and its use should be reviewed` },
  'deprecated-in-value-set': { severity: 'warning', issue: 'business-rule', type: 'code-comment', messageId: 'CONCEPT_DEPRECATED_IN_VALUESET', text: `The presence of the concept '{code}' in the system '{system}' in the value set {valueSet} is marked with a status of deprecated and its use should be reviewed`, quiet: true },
  'case-difference': { severity: 'information', issue: 'business-rule', type: 'code-rule', messageId: 'CODE_CASE_DIFFERENCE', text: `The code '{code}' differs from the correct code '{right}' by case. Although the code system '{system}' is case insensitive, implementers are strongly encouraged to use the correct case anyway`, quiet: true },
  'wrong-display': { severity: 'error', issue: 'invalid', type: 'invalid-display', messageId: 'Display_Name_for__should_be_one_of__instead_of', text: `Wrong Display Name '{display}' for {system}#{code}. {right} (for the language(s) '{languages}')` },
  'wrong-white-space': { severity: 'error', issue: 'invalid', type: 'invalid-display', messageId: 'Display_Name_WS_for__should_be_one_of__instead_of', text: `Wrong whitespace in Display Name '{display}' for {system}#{code}. {right} (for the language(s) '{languages}')` },
  'display-of-default-language': { severity: 'information', issue: 'invalid', type: 'invalid-display', messageId: 'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_OK', text: `There are no valid display names found for the code {system}#{code} for language(s) '{languages}'. The display is '{display}' which is a valid display for the default language` },
  'no-display-of-language': { severity: 'error', issue: 'invalid', type: 'invalid-display', messageId: 'NO_VALID_DISPLAY_FOUND_NONE_FOR_LANG_ERR', text: `Wrong Display Name '{display}' for {system}#{code}. There are no valid display names found for language(s) '{languages}'. Default display is '{right}'` },
  'withdrawn-display': { severity: 'warning', issue: 'invalid', type: 'display-comment', messageId: 'INACTIVE_DISPLAY_FOUND', text: `'{display}' is no longer considered a correct display for code '{code}' (status = deprecated). The correct display is one of {right}.`, quiet: true },

  // Refusals: nothing can be said of any code
  'nothing-to-validate': { severity: 'error', issue: 'invalid', text: 'Unable to find code to validate (looked for coding | codeableConcept | code+system | code+inferSystem in parameters' },
  'unknown-value-set': { severity: 'error', issue: 'not-found', type: 'not-found', messageId: 'Unable_to_resolve_value_Set_', text: `A definition for the value Set '{valueSet}' could not be found` },
  'unknown-concept-map': { severity: 'error', issue: 'not-found', type: 'not-found', text: `A definition for the concept map '{conceptMap}' could not be found` },
  'unknown-system': { severity: 'error', issue: 'not-found', type: 'not-found', messageId: 'UNKNOWN_CODESYSTEM_EXP', text: `A definition for CodeSystem '{system}' could not be found, so the value set cannot be expanded` },
  'unknown-system-version': { severity: 'error', issue: 'not-found', type: 'not-found', messageId: 'UNKNOWN_CODESYSTEM_VERSION_EXP', text: `A definition for CodeSystem '{system}' version '{version}' could not be found, so the value set cannot be expanded. Valid versions: {versions}` },
  'unknown-concept': { severity: 'error', issue: 'not-found', type: 'invalid-code', messageId: 'Unknown_Code_in_Version', text: `Unable to find code '{code}' in {system} version '{version}'` },
  'supplement-missing': { severity: 'error', issue: 'not-found', type: 'not-found', messageId: 'VALUESET_SUPPLEMENT_MISSING', text: 'Required supplement not found: {supplement}' },
  'circular-value-set': { severity: 'error', issue: 'processing', type: 'vs-invalid', messageId: 'VALUESET_CIRCULAR_REFERENCE', text: 'Found a circularity pointing to {valueSet} processing ValueSet with pathway [{path}]' },
  'filter-without-value': { severity: 'error', issue: 'invalid', type: 'vs-invalid', messageId: 'UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE', text: 'The system {system} filter with property = {property}, op = {op} has no value' },
  'filter-not-supported': { severity: 'error', issue: 'not-supported', type: 'vs-invalid', messageId: 'FILTER_NOT_UNDERSTOOD', text: 'The filter "{property} {op}" from the value set {valueSet} was not understood in the context of {system}' },
  'filter-value-not-boolean': { severity: 'error', issue: 'invalid', type: 'vs-invalid', messageId: 'VALUESET_BAD_FILTER_VALUE_BOOLEAN', text: 'The system {system} filter with property = {property}, op = {op} takes the values true and false alone' },
  'value-set-undefined': { severity: 'error', issue: 'business-rule', type: 'vs-invalid', text: `The value set '{valueSet}' has neither a composition nor an expansion: nothing says which codes it has` },
  'value-set-not-shipped': { severity: 'error', issue: 'not-supported', text: `What is in the value set '{valueSet}' cannot be told: {reason}` },
  'value-set-too-large': { severity: 'error', issue: 'too-costly', messageId: 'VALUESET_TOO_COSTLY', text: `The value set '{valueSet}' expansion has too many codes to produce (>{limit})` },
  'too-many-parts': { severity: 'error', issue: 'too-costly', messageId: 'VALUESET_TOO_COSTLY', text: `The value set '{valueSet}' is made of too many parts (>{limit})` },
  'bad-language': { severity: 'error', issue: 'processing', type: 'invalid-display', messageId: 'INVALID_DISPLAY_NAME', text: `Invalid displayLanguage: '{languages}'` },
  'version-check': { severity: 'error', issue: 'exception', type: 'version-error', messageId: 'VALUESET_VERSION_CHECK', text: `The version '{version}' is not allowed for system '{system}': required to be '{wanted}' by a version-check parameter` },
});

export type TerminologyIssueCode = keyof typeof terminologyIssues;

export interface TerminologyIssue {
  readonly code: TerminologyIssueCode;
  readonly details: Readonly<Record<string, string | number>>;
  /** FHIRPath of the input it is about. */
  readonly expression?: string;
  readonly severity?: 'error' | 'warning' | 'information';
}

export function severityOf({ code, severity }: TerminologyIssue): 'error' | 'warning' | 'information' {
  return severity ?? terminologyIssues[code].severity;
}

export function issueText({ code, details }: TerminologyIssue): string {
  return terminologyIssues[code].text.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ''));
}

/** Nothing can be answered. Search and the validator see a {@link Problem} like others; operations answer with the issue's own codes. */
export class TerminologyRefusal extends Problem {
  readonly terminology: TerminologyIssue;

  constructor(code: TerminologyIssueCode, details: Readonly<Record<string, string | number>>, expression?: string) {
    super('terminology-refused', { reason: code });
    this.terminology = { code, details, ...(expression !== undefined && { expression }) };
  }
}
