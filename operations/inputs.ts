/**
 * The input parameters of an operation: those of the address, and those of a Parameters resource in the body. An
 * operation with one input that is a resource takes that resource as its body, too.
 * Source: https://hl7.org/fhir/R4/operations.html#request
 */
import { Problem } from '../fhir/problems.ts';
import type { OperationCall } from './registry.ts';

/** What an operation takes: names of parameters that are plain values, and of those that are elements or resources. */
export interface InputShape {
  /** Of primitive type: in the address or in Parameters. */
  readonly primitives?: readonly string[];
  /** Of a data type: in Parameters alone. */
  readonly elements?: readonly string[];
  /** A resource: in Parameters, or the body itself. */
  readonly resource?: string;
}

export interface Inputs {
  /** Every value of a primitive parameter, as text. */
  all(name: string): readonly string[];
  /** The value of a parameter that occurs once at most. @throws {Problem} `invalid-operation-parameter` */
  one(name: string): string | undefined;
  /** The value of a parameter that is an element. @throws {Problem} `invalid-operation-parameter` */
  element(name: string): Readonly<Record<string, unknown>> | undefined;
  /** The resource that was sent. */
  readonly resource: unknown;
}

/** Longer than any operation here has use for, and short enough to look through. */
const mostParameters = 1000;

/** @throws {Problem} `unknown-operation-parameter`, `invalid-operation-parameter`, and those of reading a body */
export function readInputs(call: OperationCall, operation: string, shape: InputShape): Inputs {
  const values = new Map<string, unknown[]>();
  const resources: unknown[] = [];
  const add = (name: string, value: unknown): void => { values.set(name, [...values.get(name) ?? [], value]); };
  for (const [name, value] of call.query) {
    if (!shape.primitives?.includes(name)) throw unknownParameter(operation, name);
    add(name, value);
  }
  if (call.method === 'POST' && call.body.length > 0) {
    const body = call.resource(shape.resource === undefined ? 'a Parameters resource' : 'a resource or a Parameters resource');
    if (isObject(body) && body['resourceType'] === 'Parameters' && !isOwnSubject(body, call, shape)) readParameters(body, operation, shape, add, resources);
    else if (shape.resource !== undefined) resources.push(body);
    else throw new Problem('not-parameters', { operation });
  }
  if (resources.length > 1) throw invalid(shape.resource ?? 'resource', 'it occurs more than once');
  const single = (name: string): unknown => {
    const [value, ...more] = values.get(name) ?? [];
    if (more.length > 0) throw invalid(name, 'it occurs more than once');
    return value;
  };
  return {
    all: (name) => (values.get(name) ?? []).map((value) => textOf(name, value)),
    one: (name) => { const value = single(name); return value === undefined ? undefined : textOf(name, value); },
    element: (name) => {
      const value = single(name);
      if (value !== undefined && !isObject(value)) throw invalid(name, 'an element is expected');
      return value;
    },
    resource: resources[0],
  };
}

/** A Parameters resource may itself be what the operation is about: then it is not the envelope. */
function isOwnSubject(body: Readonly<Record<string, unknown>>, call: OperationCall, shape: InputShape): boolean {
  if (call.type !== 'Parameters' || shape.resource === undefined) return false;
  return !list(body['parameter']).some((parameter) => isObject(parameter) && parameter['name'] === shape.resource);
}

function readParameters(body: Readonly<Record<string, unknown>>, operation: string, shape: InputShape, add: (name: string, value: unknown) => void, resources: unknown[]): void {
  const parameters = list(body['parameter']);
  if (parameters.length > mostParameters) throw new Problem('invalid-element', { element: 'Parameters.parameter', reason: `there are more than ${mostParameters}` });
  for (const [index, parameter] of parameters.entries()) {
    const at = `Parameters.parameter[${index}]`;
    if (!isObject(parameter) || typeof parameter['name'] !== 'string') throw new Problem('invalid-element', { element: at, reason: 'an object with a name is expected' }, at);
    const { name } = parameter;
    if (name === shape.resource) {
      if (parameter['resource'] === undefined) throw invalid(name, 'a resource is expected', at);
      resources.push(parameter['resource']);
      continue;
    }
    const isElement = shape.elements?.includes(name) === true;
    if (!isElement && !shape.primitives?.includes(name)) throw unknownParameter(operation, name, at);
    const [property, ...others] = Object.keys(parameter).filter((key) => key.startsWith('value'));
    if (property === undefined || others.length > 0) throw invalid(name, 'one value is expected', at);
    const value = parameter[property];
    if (isElement ? !isObject(value) : !isPrimitive(value)) throw invalid(name, isElement ? 'an element is expected' : 'a primitive value is expected', at);
    add(name, value);
  }
}

function isPrimitive(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Number;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (isPrimitive(value)) return String(value);
  throw invalid(name, 'a primitive value is expected');
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(name: string, reason: string, expression?: string): Problem {
  return new Problem('invalid-operation-parameter', { name, reason }, expression);
}

/** The name is the sender's, and is repeated only where it can be nothing but a name. */
function unknownParameter(operation: string, name: string, expression?: string): Problem {
  return new Problem('unknown-operation-parameter', { operation, name: /^[A-Za-z_][A-Za-z_-]{0,39}$/.test(name) ? name : '(not a name)' }, expression);
}
