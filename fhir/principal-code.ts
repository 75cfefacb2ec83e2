/**
 * The principal code of a resource type: the search parameter that says what a resource is about (an Observation's or a
 * Condition's `code`). Its first coding is stored in the resource's own row, beside the principal date.
 */
import { searchParameter } from './search-parameters.ts';
import { singlePath } from './single-valued.ts';

const known = new Map<string, string | undefined>();

/** Code of the parameter; undefined for a type that is not about something coded. */
export function principalCode(type: string): string | undefined {
  if (!known.has(type)) {
    const parameter = searchParameter(type, 'code');
    known.set(type, parameter?.type === 'token' && singlePath(parameter, type) !== undefined ? 'code' : undefined);
  }
  return known.get(type);
}
