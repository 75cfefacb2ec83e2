/**
 * Errors as GraphQL says them, each with the OperationOutcome that REST would give. What the graphql package quotes of
 * values in a query is left out: only names are repeated.
 * Source: https://spec.graphql.org/October2021/#sec-Errors
 */
import type { GraphQLError } from 'graphql';
import { outcomeOf } from '../../fhir/outcome.ts';
import { Problem } from '../../fhir/problems.ts';

export interface Failure {
  readonly message: string;
  readonly locations?: readonly unknown[];
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly resource: object };
}

/** Enough to see what is wrong. */
const mostFailures = 50;

/** @throws what is no error of the query but a fault of ours */
export function failuresOf(errors: readonly GraphQLError[]): readonly Failure[] {
  return errors.slice(0, mostFailures).map((error) => failureOf(problemIn(error), error));
}

export function failureOf(problem: Problem, { locations, path }: Partial<Pick<GraphQLError, 'locations' | 'path'>> = {}): Failure {
  return { message: problem.message, ...(locations && { locations }), ...(path && { path }), extensions: { code: problem.code, resource: outcomeOf(problem) } };
}

/** What went wrong, as the catalogue has it. @throws a fault of ours */
export function problemIn(error: GraphQLError): Problem {
  const { originalError } = error;
  if (originalError instanceof Problem) return originalError;
  // The package wraps what it finds itself, and its own classes, in nothing else.
  if (originalError != null && !('locations' in originalError)) throw originalError;
  return new Problem('graphql-query', { reason: withoutValues(error.message) });
}

/** A name, or a type made of one: `[Value]!`, `$count`, `@first`. */
const isName = /^[$@[]*[A-Za-z_]\w{0,79}[\]!]*$/;

/** A message with names alone: values that stand in a query may be a patient's. */
export function withoutValues(message: string): string {
  return message
    .replace(/\bfound (?:String|BlockString|Int|Float|Comment|Unexpected character)\b.*$/s, 'found a value.')
    .replace(/\b(got invalid value|(?:cannot|must) represent .*?value:?) .*$/s, '$1.')
    .replaceAll(/"((?:[^"\\]|\\.)*)"/g, (quoted, inner: string) => (isName.test(inner) ? quoted : '"…"'))
    .slice(0, 300);
}
