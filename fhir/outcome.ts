/** Problems as FHIR says them: OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html). */
import type { Extension, OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import type { Position } from './positions/wanted.ts';
import { catalogue, textOf, type Problem, type ProblemIssue } from './problems.ts';

/** Where the codes of the catalogue live, so that a client can switch on a code and need not read a text. */
export const problemCodeSystem = 'https://priora.health/fhir/CodeSystem/problem';
/** Where the keys of constraints live that are told beside a code: `us-core-6`, `dom-6`. */
export const constraintKeySystem = 'https://priora.health/fhir/CodeSystem/constraint-key';

/** The extensions by which FHIR tells line, column, and the definition that was not met. */
const line = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line';
const column = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col';
const context = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-context';

/** Where elements stand in the text that was sent, by FHIRPath. */
export type Positions = ReadonlyMap<string, Position>;

export function outcomeOf(problem: Problem, positions?: Positions): OperationOutcome {
  return outcomeOfIssues(problem.issues, positions);
}

export function outcomeOfIssues(issues: readonly ProblemIssue[], positions?: Positions): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues.map((issue) => issueOf(issue, issue.expression === undefined ? undefined : positions?.get(issue.expression))) };
}

function issueOf(issue: ProblemIssue, position: Position | undefined): OperationOutcomeIssue {
  const { code, profile, constraint, expression } = issue;
  const text = textOf(issue);
  const extension: Extension[] = [
    ...(position === undefined ? [] : [{ url: line, valueInteger: position.line }, { url: column, valueInteger: position.column }]),
    ...(profile === undefined ? [] : [{ url: context, valueString: profile }]),
  ];
  return {
    ...(extension.length > 0 && { extension }),
    severity: issue.severity ?? 'error',
    code: catalogue[code].issue,
    details: { coding: [{ system: problemCodeSystem, code }, ...(constraint === undefined ? [] : [{ system: constraintKeySystem, code: constraint }])], text },
    diagnostics: position === undefined ? text : `${text} (line ${position.line}, column ${position.column})`,
    ...(expression === undefined ? {} : { expression: [expression] }),
  };
}
