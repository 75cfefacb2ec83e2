/**
 * Expressions of search parameters that users bring, as far as the compiler of search (`compiler.ts`) does not know them:
 * all of FHIRPath that looks at the resource alone, each evaluation within a budget.
 */
import { FhirPathError } from './error.ts';
import { compileExpression, type TypedValue } from './native/index.ts';

/** A node that an expression selected, and its FHIR type. */
export interface TypedNode {
  readonly type: string;
  readonly value: unknown;
}

/** Evaluates one expression. What fails on a malformed resource, or takes too long on an enormous one, selects nothing. */
export type Interpreter = (resource: unknown) => readonly TypedNode[];

const longest = 4000;
/** Steps of one evaluation: it is part of every write, and is to stay below some milliseconds. */
const mostSteps = 50_000;

/** @throws {FhirPathError} `syntax` where it is no FHIRPath, `unsupported` where it uses what is not evaluated here */
export function interpret(expression: string): Interpreter {
  if (expression.length > longest) throw new FhirPathError('unsupported', `An expression of more than ${longest} characters`);
  const compiled = compileExpression(expression, 'Resource', { selfContained: true });
  return (resource) => {
    let left = mostSteps;
    const spend = (steps: number): void => {
      left -= steps;
      if (left < 0) throw new FhirPathError('limit', 'The evaluation takes too long');
    };
    try {
      return compiled.typedValues(resource, undefined, { resource, rootResource: resource, now: never, meter: { spend } }).flatMap(typedNode);
    } catch (error) {
      if (error instanceof FhirPathError) return [];
      throw error;
    }
  };
}

/** The clock is not asked: expressions that would are refused. */
const never = new Date(0);

/** Types of FHIR for what functions make. A quantity that is computed is none that could be searched by its system. */
const computedTypes: Readonly<Record<string, string>> = {
  'System.String': 'string', 'System.Boolean': 'boolean', 'System.Integer': 'decimal', 'System.Decimal': 'decimal', 'System.Date': 'dateTime', 'System.DateTime': 'dateTime',
};

function typedNode({ type, value }: TypedValue): TypedNode[] {
  if (value === undefined || value === null) return [];
  const known = type.startsWith('System.') ? computedTypes[type] : type;
  return known === undefined ? [] : [{ type: known, value }];
}
