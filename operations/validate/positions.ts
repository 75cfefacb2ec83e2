/** Where in the body of a $validate stands what issues are about: the resource is the body itself, or within Parameters. */
import type { Positions } from '../../fhir/outcome.ts';
import { jsonPositions } from '../../fhir/positions/json.ts';
import { xmlPositions } from '../../fhir/positions/xml.ts';
import { xmlDisorder } from '../../fhir/xml/order.ts';
import type { ProblemIssue } from '../../fhir/problems.ts';
import { isObject } from '../inputs.ts';
import type { OperationCall } from '../registry.ts';

/** Lines of a body of this size are not looked for: it takes as long as parsing it. */
const largestLookedAt = 4 * 1024 * 1024;

/** @param resource the part of the body that was validated; undefined: something else was */
export function positionsOf(issues: readonly ProblemIssue[], resource: unknown, { body, mediaType, resource: read }: OperationCall): Positions | undefined {
  const expressions = issues.flatMap(({ expression }) => expression ?? []);
  if (!isObject(resource) || expressions.length === 0 || body.length === 0 || body.length > largestLookedAt) return undefined;
  const type = String(resource['resourceType']);
  const start = startOf(read('a resource'), type);
  const places = new Map(expressions.flatMap((expression) => expression.startsWith(type) ? [[start + expression.slice(type.length), expression]] : []));
  const text = body.toString('utf8');
  const found = mediaType.includes('xml') ? xmlPositions(text, places.keys()) : jsonPositions(text, places.keys());
  return new Map([...found].map(([place, position]) => [places.get(place)!, position]));
}

/** Elements that stand in another order in the XML that was sent than FHIR has them; parsed, nothing shows it any more. */
export function orderIssues(resource: unknown, { body, mediaType, resource: read }: OperationCall): readonly ProblemIssue[] {
  if (!isObject(resource) || !mediaType.includes('xml') || body.length > largestLookedAt) return [];
  const type = String(resource['resourceType']);
  const start = startOf(read('a resource'), type);
  return xmlDisorder(body.toString('utf8')).flatMap(({ expression, element, before }): ProblemIssue[] =>
    expression === start || expression.startsWith(`${start}.`) ? [{ code: 'xml-order', details: { element, before }, expression: type + expression.slice(start.length), severity: 'error' }] : []);
}

function startOf(body: unknown, type: string): string {
  const parameters: unknown = isObject(body) && body['resourceType'] === 'Parameters' ? body['parameter'] : undefined;
  const index = Array.isArray(parameters) ? parameters.findIndex((parameter) => isObject(parameter) && parameter['name'] === 'resource') : -1;
  return index === -1 ? type : `Parameters.parameter[${index}].resource`;
}
