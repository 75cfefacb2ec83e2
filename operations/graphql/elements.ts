/**
 * Lists of elements: which of them are wanted. Their arguments are equality with a primitive part (`name(use: official)`),
 * a FHIRPath condition, a window; the directives @first and @slice look at them, too.
 * Source: https://hl7.org/fhir/R4/graphql.html, "Lists of elements"
 */
import type { FieldNode, GraphQLResolveInfo } from 'graphql';
import { FhirPathError, type FhirPathErrorCode } from '../../fhir/fhirpath/error.ts';
import { Problem } from '../../fhir/problems.ts';
import { isObject } from '../inputs.ts';
import type { Session } from './session.ts';

/** Arguments of every list. */
export const listArguments: readonly string[] = ['fhirpath', '_count', '_offset'];

/** The elements of a list, of a FHIR type, that a field asks for; undefined as it stands where there is no list. */
export function selectElements(list: unknown, type: string, given: Readonly<Record<string, unknown>>, session: Session, info: GraphQLResolveInfo): unknown {
  if (!Array.isArray(list)) return list;
  let selected: unknown[] = list;
  for (const [name, wanted] of Object.entries(given)) {
    if (wanted == null || listArguments.includes(name)) continue;
    selected = selected.filter((element) => isObject(element) && isSame(element[name], wanted));
  }
  if (typeof given['fhirpath'] === 'string') {
    const condition = given['fhirpath'];
    selected = selected.filter((element) => holds(session, type, element, condition));
  }
  const from = windowEdge('_offset', given['_offset']) ?? 0;
  const count = windowEdge('_count', given['_count']);
  if (from > 0 || count !== undefined) selected = selected.slice(from, count === undefined ? undefined : from + count);
  const [field] = info.fieldNodes;
  if (hasDirective(field, 'first')) selected = selected.slice(0, 1);
  const slice = field?.directives?.find(({ name }) => name.value === 'slice');
  if (slice) noteSlices(selected, type, slicePath(slice, info), session, info);
  // An empty list is an element that is not there.
  return selected.length === 0 ? undefined : selected;
}

function isSame(value: unknown, wanted: unknown): boolean {
  const isPrimitive = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Number;
  return isPrimitive && value.toString() === String(wanted);
}

export function hasDirective(field: FieldNode | undefined, name: string): boolean {
  return field?.directives?.some((directive) => directive.name.value === name) === true;
}

function slicePath(slice: NonNullable<FieldNode['directives']>[number], { variableValues }: GraphQLResolveInfo): string {
  const value = slice.arguments?.find(({ name }) => name.value === 'path')?.value;
  const path: unknown = value === undefined ? undefined : 'value' in value ? value.value : 'name' in value ? variableValues[value.name.value] : undefined;
  if (typeof path !== 'string') throw new Problem('graphql-argument', { name: 'path', reason: 'a FHIRPath or $index is expected' });
  return path;
}

/** The names of slices are made of the elements themselves, which the result need not hold: they are noted by the place in the result. */
function noteSlices(elements: readonly unknown[], type: string, path: string, session: Session, info: GraphQLResolveInfo): void {
  const names = elements.map((element, index) => {
    if (path === '$index') return String(index);
    const [value] = evaluate(session, type, element, path);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  });
  session.slices.set(placeOf(info), names);
}

/** A field's place in the result: `PatientList.0.name`. */
function placeOf({ path }: GraphQLResolveInfo): string {
  const keys: (string | number)[] = [];
  for (let step: GraphQLResolveInfo['path'] | undefined = path; step; step = step.prev) keys.unshift(step.key);
  return keys.join('.');
}

function windowEdge(name: string, value: unknown): number | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'number' || value < 0) throw new Problem('graphql-argument', { name, reason: 'a number from 0 on is expected' });
  return value;
}

function holds(session: Session, type: string, element: unknown, condition: string): boolean {
  const result = evaluate(session, type, element, condition);
  return result.length > 0 && result[0] !== false;
}

const longestExpression = 400;

function evaluate(session: Session, type: string, element: unknown, expression: string): unknown[] {
  if (expression.length > longestExpression) throw new Problem('graphql-argument', { name: 'fhirpath', reason: `an expression of ${longestExpression} characters at most is expected` });
  try {
    return session.evaluate(type, element, expression);
  } catch (error) {
    if (!(error instanceof FhirPathError)) throw error;
    // Its own text names parts of the expression.
    throw new Problem('graphql-argument', { name: 'fhirpath', reason: reasons[error.code] });
  }
}

const reasons: Readonly<Record<FhirPathErrorCode, string>> = {
  syntax: 'it is no FHIRPath', unsupported: 'it may look at an element, and at nothing else', semantic: 'it does not apply to these elements', evaluation: 'it cannot be evaluated on these elements', limit: 'it takes too long',
};
