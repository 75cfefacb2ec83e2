/**
 * Inputs of terminology operations: those of the address and those of a Parameters resource, by their names. What HL7's
 * tools send along for their own servers is passed over; any other unknown name is refused.
 */
import type { Resource } from '@medplum/fhirtypes';
import { Problem } from '../../fhir/problems.ts';
import { shapeIssues } from '../../fhir/shape.ts';
import { isObject } from '../inputs.ts';
import type { OperationCall } from '../registry.ts';

export interface Parameter {
  readonly name: string;
  /** The value, of whatever type; undefined where there is a resource or parts. */
  readonly value: unknown;
  /** Of the value, as its name in JSON has it behind `value`: `Coding`; undefined in an address. */
  readonly type?: string;
  readonly resource: Resource | undefined;
  readonly parts: readonly Parameter[];
}

/** Longer than any operation here has use for, and short enough to look through. */
const mostParameters = 5000;

/** What clients send that means nothing here. */
const passedOver: ReadonlySet<string> = new Set(['cache-id', 'x-system-cache-id', 'profile', 'profile-url', 'uuid', '_limit', '_incomplete', 'default-to-latest-version', 'diagnostics', 'mode', 'no-cache', 'displayWarning', 'excludePostCoordinated']);

/**
 * The parameters of a request.
 * @param subject the type whose resource may be the body itself, as the parameter of its name
 * @throws {Problem} `unknown-operation-parameter`, `invalid-operation-parameter`, and those of reading a body
 */
export function readParameters(call: OperationCall, operation: string, names: ReadonlySet<string>, subject?: { readonly type: string; readonly name: string }): Inputs {
  const found: Parameter[] = call.query.map(([name, value]) => ({ name, value, resource: undefined, parts: [] }));
  if (call.method === 'POST' && call.body.length > 0) {
    const body = call.resource('a Parameters resource');
    if (isObject(body) && body['resourceType'] === 'Parameters') found.push(...parametersOf(body['parameter'], 'Parameters.parameter', { left: mostParameters }));
    else if (subject !== undefined && isObject(body) && body['resourceType'] === subject.type) {
      assertShape(body, subject.type);
      found.push({ name: subject.name, value: undefined, resource: body as unknown as Resource, parts: [] });
    }
    else throw new Problem('not-parameters', { operation });
  }
  const inputs = new Inputs(found, operation, names);
  inputs.assertKnown();
  return inputs;
}

/** What is sent along is read as definitions that are stored are: it has their form. @throws {Problem} `invalid-element` */
function assertShape(sent: object, at: string): void {
  const [issue] = shapeIssues(sent, at, 1);
  if (issue !== undefined) throw new Problem('invalid-element', { element: issue.expression, reason: issue.reason }, issue.expression);
}

/** The parameters within a Parameters resource that is a parameter; their names are yet to be looked at ({@link Inputs.assertKnown}). */
export function parametersWithin(resource: Resource | undefined, operation: string, names: ReadonlySet<string>): Inputs {
  if (resource?.resourceType !== 'Parameters') throw new Problem('not-parameters', { operation });
  return new Inputs(parametersOf(resource.parameter, 'Parameters.parameter', { left: mostParameters }), operation, names);
}

function parametersOf(list: unknown, at: string, budget: { left: number }): Parameter[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown, index) => {
    budget.left -= 1;
    if (budget.left < 0) throw new Problem('invalid-element', { element: 'Parameters.parameter', reason: `there are more than ${mostParameters}` });
    if (!isObject(entry) || typeof entry['name'] !== 'string') throw new Problem('invalid-element', { element: `${at}[${index}]`, reason: 'an object with a name is expected' }, `${at}[${index}]`);
    const [property, ...others] = Object.keys(entry).filter((key) => key.startsWith('value'));
    if (others.length > 0) throw new Problem('invalid-element', { element: `${at}[${index}]`, reason: 'one value is expected' }, `${at}[${index}]`);
    const value = property === undefined ? undefined : entry[property];
    const resource = isObject(entry['resource']) ? entry['resource'] : undefined;
    // Parameters within are read as these are.
    if (resource !== undefined && resource['resourceType'] !== 'Parameters') assertShape(resource, `${at}[${index}].resource`);
    if (isObject(value)) assertShape({ resourceType: 'Parameters', parameter: [{ name: entry['name'], [property!]: value }] }, 'Parameters');
    return { name: entry['name'], value, ...(property !== undefined && { type: property.slice(5) }), resource: resource as unknown as Resource | undefined, parts: parametersOf(entry['part'], `${at}[${index}].part`, budget) };
  });
}

export class Inputs {
  readonly #parameters: readonly Parameter[];
  readonly #operation: string;
  readonly #names: ReadonlySet<string>;

  constructor(parameters: readonly Parameter[], operation: string, names: ReadonlySet<string>) {
    this.#parameters = parameters;
    this.#operation = operation;
    this.#names = names;
  }

  /** @throws {Problem} `unknown-operation-parameter` */
  assertKnown(): void {
    for (const { name } of this.#parameters) {
      if (!this.#names.has(name) && !passedOver.has(name)) throw new Problem('unknown-operation-parameter', { operation: this.#operation, name: /^[A-Za-z_][A-Za-z_-]{0,39}$/.test(name) ? name : '(not a name)' });
    }
  }

  /** All parameters of a name. */
  of(name: string): readonly Parameter[] {
    return this.#parameters.filter((parameter) => parameter.name === name);
  }

  has(name: string): boolean {
    return this.of(name).length > 0;
  }

  /** The values of a primitive parameter, as text. @throws {Problem} `invalid-operation-parameter` */
  texts(name: string): readonly string[] {
    return this.of(name).map(({ value }) => {
      if (typeof value === 'string') return value;
      if (typeof value === 'number' || typeof value === 'boolean' || value instanceof Number) return String(value);
      throw invalid(name, 'a primitive value is expected');
    });
  }

  text(name: string): string | undefined {
    const [value, ...more] = this.texts(name);
    if (more.length > 0) throw invalid(name, 'it occurs more than once');
    return value === '' ? undefined : value;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new Problem('missing-operation-parameter', { operation: this.#operation, name });
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined || value === 'true' || value === 'false') return value === undefined ? undefined : value === 'true';
    throw invalid(name, 'true or false is expected');
  }

  /** A whole number, not below 0. */
  whole(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,9}$/.test(value)) throw invalid(name, 'a whole number from 0 on is expected');
    return Number(value);
  }

  /** @throws {Problem} `invalid-operation-parameter` where it is of another type */
  element(name: string, type: 'Coding' | 'CodeableConcept'): Readonly<Record<string, unknown>> | undefined {
    const [first, ...more] = this.of(name);
    if (more.length > 0) throw invalid(name, 'it occurs more than once');
    if (first === undefined) return undefined;
    if (!isObject(first.value) || first.type !== type) throw invalid(name, `a ${type} is expected`);
    return first.value;
  }

  resource(name: string, type: string): Resource | undefined {
    const [first, ...more] = this.of(name);
    if (more.length > 0) throw invalid(name, 'it occurs more than once');
    if (first === undefined) return undefined;
    const { resource } = first;
    if (resource === undefined || (resource.resourceType as string) !== type) throw invalid(name, `a ${type} is expected`);
    return resource;
  }
}

export function invalid(name: string, reason: string): Problem {
  return new Problem('invalid-operation-parameter', { name, reason });
}
