/**
 * Which search parameters have one value in a resource at most, and where it stands: such a value can be a column of
 * the resource's row.
 */
import { elementsOf } from './element-types.ts';
import { searchParameter, patientCompartmentParameters, type SearchParameter } from './search-parameters.ts';

/** Conditions on what a reference points to, and casts of a choice, do not change where a value stands. */
const refinement = /\.where\(resolve\(\) is \w+\)|\.as\(\w+\)|\s+as\s+\w+/g;

/** The path of a parameter's only value in a resource of the type; undefined where there may be several, or none is a plain path. */
export function singlePath(parameter: SearchParameter, type: string): string | undefined {
  const paths = new Set<string>();
  for (const branch of parameter.expression.split('|')) {
    const path = branch.replace(refinement, '').replace(/[()\s]/g, '');
    if (path === type || path.startsWith(`${type}.`)) paths.add(path);
  }
  const [path] = paths;
  return paths.size === 1 && path !== undefined && isSingle(path) ? path : undefined;
}

function isSingle(path: string): boolean {
  const [first = '', ...steps] = path.split('.');
  let type = first;
  for (const step of steps) {
    const element = elementsOf(type).find(({ name }) => name === step);
    if (element === undefined || element.repeats) return false;
    type = element.types.length === 1 ? element.types[0]!.type : '';
  }
  return true;
}

/** What a resource's own patient is called, best first. */
const ownPatient = ['patient', 'subject', 'beneficiary', 'individual', 'candidate'];

/** The parameters that put a resource of the type into a Patient's compartment, that of its own patient first. */
export function patientParametersInOrder(type: string): readonly string[] {
  const codes = patientCompartmentParameters(type);
  const rank = (code: string): number => ownPatient.includes(code) ? ownPatient.indexOf(code) : ownPatient.length;
  return codes.toSorted((a, b) => rank(a) - rank(b));
}

const known = new Map<string, ReadonlySet<string>>();

/**
 * The parameters of a type that have one value at most, and where that is a Patient it is the patient whose compartment
 * the resource is in first: a resource found by `subject=Patient/1` is in the row of Patient/1.
 */
export function ownPatientParameters(type: string): ReadonlySet<string> {
  let codes = known.get(type);
  if (codes === undefined) known.set(type, codes = findOwnPatientParameters(type));
  return codes;
}

function findOwnPatientParameters(type: string): ReadonlySet<string> {
  const [first] = patientParametersInOrder(type);
  const path = first === undefined ? undefined : pathOf(type, first);
  if (path === undefined) return new Set();
  return new Set([first!, ...ownPatient].filter((code) => pathOf(type, code) === path));
}

function pathOf(type: string, code: string): string | undefined {
  const parameter = searchParameter(type, code);
  return parameter?.type === 'reference' ? singlePath(parameter, type) : undefined;
}
