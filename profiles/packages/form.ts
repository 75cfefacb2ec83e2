/**
 * Whether a definition in a package has the form of its type. Published packages have been written by many tools: what
 * nothing here reads, as a status that is missing or an element of a later FHIR, makes no definition useless.
 */
import { shapeIssues, wholeShapeIssues } from '../../fhir/shape.ts';
import type { JsonObject } from '../distill/json-parts.ts';

/** Findings of one definition at most; one with more is taken for none at all. */
const mostFindings = 200;

/** @returns what is wrong, with its place; undefined where nothing is, or it is no definition that is read here */
export function formReason(resource: JsonObject): string | undefined {
  const type = resource['resourceType'];
  const ofTerminology = type === 'CodeSystem' || type === 'ValueSet' || type === 'ConceptMap';
  if (!ofTerminology && type !== 'StructureDefinition') return undefined;
  // Parts of terminology are rows of tables, whose columns cannot be empty.
  const issues = (ofTerminology ? wholeShapeIssues : shapeIssues)(resource, undefined, mostFindings);
  const issue = issues.length >= mostFindings ? issues[0] : issues.find(({ expression, reason }) => !isHarmless(type, expression, reason));
  return issue && `${issue.expression} ${issue.reason}`;
}

function isHarmless(type: string, expression: string, reason: string): boolean {
  const isMissing = reason.endsWith('which is mandatory');
  // Structures are read element by element, and do without one that is empty.
  if (type === 'StructureDefinition' && reason === 'must not be empty') return true;
  return expression.startsWith(`${type}.text`) || (isMissing && expression === type) || reason.startsWith('must not have ');
}
