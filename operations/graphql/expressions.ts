/**
 * FHIRPath of a query: conditions on elements and names of slices. Compiled once for each type it is asked of, and
 * within one budget for the whole query. Source: https://hl7.org/fhir/R4/graphql.html, "Lists of elements"
 */
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import { compileExpression, type Compiled } from '../../fhir/fhirpath/native/index.ts';

/** Steps that all evaluations of a query may take together: about a second. */
const mostSteps = 4_000_000;

export type EvaluateExpression = (type: string, element: unknown, expression: string) => unknown[];

/** @throws {FhirPathError} when it is called: for what is no FHIRPath, looks beyond the element, fails or takes too long */
export function expressionsOfQuery(): EvaluateExpression {
  const compiled = new Map<string, Compiled>();
  let left = mostSteps;
  const spend = (steps: number): void => {
    left -= steps;
    if (left < 0) throw new FhirPathError('limit', 'The query takes too long');
  };
  return (type, element, expression) => {
    const key = `${type} ${expression}`;
    let known = compiled.get(key);
    if (known === undefined) compiled.set(key, known = compileExpression(expression, type, { selfContained: true }));
    return known.values(element, undefined, { resource: element, rootResource: element, now: never, meter: { spend } });
  };
}

/** The clock is not asked: expressions that would are refused. */
const never = new Date(0);
