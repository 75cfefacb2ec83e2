/** Where in the body of a request stands what problems are told of, in the syntax in which it came. */
import { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import type { Positions } from '../../fhir/outcome.ts';
import { jsonPositions } from '../../fhir/positions/json.ts';
import { xmlPositions } from '../../fhir/positions/xml.ts';
import type { ProblemIssue } from '../../fhir/problems.ts';
import { isFhirXml, mediaTypeOf } from './media-types.ts';

/** Lines of a body of this size are not looked for: it takes as long as parsing it. */
const largestLookedAt = 4 * 1024 * 1024;

/**
 * @param within FHIRPath of what was judged, where the body is an envelope around it
 * @returns undefined where there is no text that a client could look into
 */
export function positionsIn(request: FastifyRequest, issues: readonly ProblemIssue[], within?: { readonly type: string; readonly path: string }): Positions | undefined {
  const { body } = request;
  const expressions = issues.flatMap(({ expression }) => expression ?? []);
  // An entry of a batch is sent on inside of the server: its text is not the client's.
  if (expressions.length === 0 || !Buffer.isBuffer(body) || body.length === 0 || body.length > largestLookedAt || !(request.raw instanceof IncomingMessage)) return undefined;
  const places = new Map(expressions.map((expression) => [within === undefined ? expression : expression.replace(within.type, within.path), expression]));
  const text = body.toString('utf8');
  try {
    const positions = isFhirXml(mediaTypeOf(request)) ? xmlPositions(text, places.keys()) : jsonPositions(text, places.keys());
    return new Map([...positions].map(([place, position]) => [places.get(place)!, position]));
  } catch {
    // What could not be read at all has been told by the parser, with its place.
    return undefined;
  }
}
