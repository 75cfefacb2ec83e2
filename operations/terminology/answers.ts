/** Answers of terminology operations, and refusals in the codes of HL7's terminology ecosystem. */
import type { OperationOutcome, OperationOutcomeIssue, ParametersParameter } from '@medplum/fhirtypes';
import { issueText, severityOf, TerminologyRefusal, terminologyIssues, type TerminologyIssue } from '../../terminology/issues.ts';
import { fhirAnswer, type OperationAnswer } from '../registry.ts';

const issueTypes = 'http://hl7.org/fhir/tools/CodeSystem/tx-issue-type';
const messageId = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id';

export function outcomeOfTerminology(issues: readonly TerminologyIssue[]): OperationOutcome {
  return { resourceType: 'OperationOutcome', issue: issues.map(issueOf) };
}

function issueOf(issue: TerminologyIssue): OperationOutcomeIssue {
  const definition = terminologyIssues[issue.code];
  return {
    ...('messageId' in definition && { extension: [{ url: messageId, valueString: definition.messageId }] }),
    severity: severityOf(issue),
    code: definition.issue,
    details: { ...('type' in definition && { coding: [{ system: issueTypes, code: definition.type }] }), text: issueText(issue) },
    ...(issue.expression !== undefined && { location: [issue.expression], expression: [issue.expression] }),
  };
}

export function parametersAnswer(parameter: readonly ParametersParameter[]): OperationAnswer {
  return resourceAnswer({ resourceType: 'Parameters', parameter });
}

export function resourceAnswer(resource: object, status = 200): OperationAnswer {
  return { status, mediaType: fhirAnswer, body: JSON.stringify(resource) };
}

/** The answer, or the refusal as an answer. */
export async function orRefusal(answer: () => Promise<OperationAnswer>): Promise<OperationAnswer> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof TerminologyRefusal)) throw error;
    return resourceAnswer(outcomeOfTerminology([error.terminology]), error.terminology.code === 'unknown-value-set' || error.terminology.code === 'unknown-concept-map' || error.terminology.code === 'unknown-concept' ? 404 : 422);
  }
}
