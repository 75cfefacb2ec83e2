/**
 * FHIRPath that somebody else wrote, evaluated by the `fhirpath` package with the model of R4. (Expressions of search
 * parameters, which are known beforehand and evaluated all day, have a compiler of their own: `compiler.ts`.)
 * Source: http://hl7.org/fhirpath/N1/, https://hl7.org/fhir/R4/fhirpath.html
 */
import type { FP_Decimal } from 'fhirpath';
import { Decimal } from '../json.ts';

/** One step down from a resource: the element's name in FHIRPath (`value`, never `valueQuantity`), and its place where it repeats. */
export interface NodeStep {
  readonly name: string;
  readonly index: number | undefined;
}

export interface FhirPathEngine {
  /**
   * What an expression selects in a resource, as plain values.
   * @throws {Error} of the package, with text of the expression and the resource in its message
   */
  evaluate(resource: unknown, expression: string, environment?: Readonly<Record<string, unknown>>): unknown[];
  /**
   * Where the selected elements are, from the resource on; undefined in place of a value that is computed.
   * @throws {Error} as above
   */
  locate(resource: unknown, expression: string): (readonly NodeStep[] | undefined)[];
  /** The syntax tree. @throws {Error} when there is none */
  parse(expression: string): SyntaxNode;
}

export interface SyntaxNode {
  readonly type?: string;
  readonly text?: string;
  readonly children?: readonly SyntaxNode[];
}

/** What the package makes of an element, as far as it is used here. */
interface Node {
  readonly parentResNode: Node | null;
  readonly propName: string | null;
  readonly index: number | null;
}

/** Sums of decimals are exact; what an expression traces is patient data and goes nowhere. */
const options = { preciseMath: true, traceFn: () => {} };

let loading: Promise<FhirPathEngine> | undefined;

/** The package is large: it is loaded when the first expression comes. */
export function loadFhirPath(): Promise<FhirPathEngine> {
  return loading ??= load();
}

async function load(): Promise<FhirPathEngine> {
  const [{ default: fhirpath }, { default: model }] = await Promise.all([import('fhirpath'), import('fhirpath/fhir-context/r4')]);
  return {
    evaluate: (resource, expression, environment = {}) => fhirpath.evaluate(forEngine(resource, fhirpath), expression, { ...variablesIn(expression), ...environment }, model, options) as unknown[],
    locate: (resource, expression) => (fhirpath.evaluate(forEngine(resource, fhirpath), expression, variablesIn(expression), model, { ...options, resolveInternalTypes: false }) as unknown[]).map(stepsTo),
    parse: (expression) => fhirpath.parse(expression) as SyntaxNode,
  };
}

/** The variables that FHIR defines for every expression (https://hl7.org/fhir/R4/fhirpath.html#vars), as far as the expression names them. */
function variablesIn(expression: string): Record<string, string> {
  const variables: Record<string, string> = { sct: 'http://snomed.info/sct', loinc: 'http://loinc.org' };
  for (const [, name, kind, id] of expression.matchAll(/%[`"']?((vs|ext)-([A-Za-z0-9\-.]+))/g)) {
    variables[name!] = `http://hl7.org/fhir/${kind === 'vs' ? 'ValueSet' : 'StructureDefinition'}/${id!}`;
  }
  return variables;
}

/** A copy with decimals as the package knows them; the package writes to what it is given. */
function forEngine(value: unknown, fhirpath: { readonly FP_Decimal: typeof FP_Decimal }): unknown {
  if (value instanceof Decimal) return fhirpath.FP_Decimal.getDecimal(value.toString());
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => forEngine(item, fhirpath));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, forEngine(item, fhirpath)]));
}

function stepsTo(found: unknown): readonly NodeStep[] | undefined {
  if (typeof found !== 'object' || found === null || !('parentResNode' in found)) return undefined;
  const steps: NodeStep[] = [];
  for (let node: Node | null = found as Node; node !== null && node.propName !== null; node = node.parentResNode) {
    steps.unshift({ name: node.propName, index: node.index ?? undefined });
  }
  return steps;
}
