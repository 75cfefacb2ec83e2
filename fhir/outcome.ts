/** Problems as FHIR says them: OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html). */
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';
import { catalogue, textOf, type Problem, type ProblemIssue } from './problems.ts';

/** Where the codes of the catalogue live, so that a client can switch on a code and need not read a text. */
export const problemCodeSystem = 'https://priora.health/fhir/CodeSystem/problem';

export function outcomeOf(problem: Problem): OperationOutcome {
  return outcomeOfIssues(problem.issues);
}

export function outcomeOfIssues(issues: readonly ProblemIssue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues.map(issueOf) };
}

function issueOf(issue: ProblemIssue): OperationOutcomeIssue {
  return {
    severity: issue.severity ?? 'error',
    code: catalogue[issue.code].issue,
    details: { coding: [{ system: problemCodeSystem, code: issue.code }], text: textOf(issue) },
    diagnostics: textOf(issue),
    ...(issue.expression === undefined ? {} : { expression: [issue.expression] }),
  };
}
