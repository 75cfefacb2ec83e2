/**
 * Where versions of PAS meet the operations: everything is planned, recorded and answered under the current version's
 * base; the answer goes out as the asked version has it, with its own base in the addresses. So a delivery that is
 * repeated at another base gets the same answer, in that base's shape.
 */
import type { Resource } from '@medplum/fhirtypes';
import { parseJson, stringifyJson } from '../../../fhir/json.ts';
import type { Context } from '../../../store/context.ts';
import type { PasOperation } from './pas-operation.ts';
import { pasVersionNamed } from './pas-version.ts';

export function atCurrentBase(context: Context): Context {
  // What the context knows of the tenant's search parameters changes with time.
  return context.pas === undefined ? context : { ...context, base: context.pas.currentBase, get parameters() { return context.parameters; } };
}

/** @param body JSON of a resource, with addresses under the current version's base */
export function inVersion(operation: PasOperation, body: string, context: Context): string {
  const version = context.pas && pasVersionNamed(context.pas.version);
  if (context.pas === undefined || version === undefined) return body;
  const answer = version.answer(operation, parseJson(body) as Resource, context.now());
  return stringifyJson(withBase(answer, `${context.pas.currentBase}/`, `${context.base}/`));
}

/** Addresses of ours, wherever they stand. */
function withBase(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.startsWith(from) ? `${to}${value.slice(from.length)}` : value === from.slice(0, -1) ? to.slice(0, -1) : value;
  if (Array.isArray(value)) return value.map((each) => withBase(each, from, to));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withBase(each, from, to)]));
}
