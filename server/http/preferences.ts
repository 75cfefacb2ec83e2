/** The Prefer header (https://hl7.org/fhir/R4/http.html#ops): what to return and how strict to be. */
import type { FastifyRequest } from 'fastify';

export interface Preferences {
  readonly return: 'minimal' | 'representation' | 'OperationOutcome';
  readonly handling: 'strict' | 'lenient';
}

/** Strict is the default: a parameter that is silently ignored would answer a question nobody asked. */
export function preferencesOf(request: FastifyRequest): Preferences {
  const header = request.headers['prefer'];
  const text = Array.isArray(header) ? header.join(',') : header ?? '';
  const wanted = /\breturn\s*=\s*"?(minimal|representation|OperationOutcome)\b/i.exec(text)?.[1]?.toLowerCase();
  return {
    return: wanted === 'minimal' ? 'minimal' : wanted === 'operationoutcome' ? 'OperationOutcome' : 'representation',
    handling: /\bhandling\s*=\s*"?lenient\b/i.test(text) ? 'lenient' : 'strict',
  };
}
