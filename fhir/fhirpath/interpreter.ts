/**
 * FHIRPath beyond what the compiler knows, by the `fhirpath` package: for expressions that users bring (custom search
 * parameters). Slower, so it is loaded when the first such expression comes, and held to functions whose time grows
 * with the resource alone: no recursion, no regular expressions, no clock, nothing that leaves the resource.
 */
import { Decimal } from '../json.ts';
import type { SyntaxNode } from './engine.ts';
import { FhirPathError } from './error.ts';

/** A node that an expression selected, and its FHIR type. */
export interface TypedNode {
  readonly type: string;
  readonly value: unknown;
}

/** Evaluates one expression. What fails on a malformed resource selects nothing. */
export type Interpreter = (resource: unknown) => readonly TypedNode[];

const longest = 4000;
/** Calls in one expression, and calls within each other. */
const mostCalls = 20;
const deepest = 3;

const functions = new Set([
  'empty', 'exists', 'all', 'allTrue', 'anyTrue', 'allFalse', 'anyFalse', 'count', 'where', 'select', 'ofType', 'is', 'as',
  'single', 'first', 'last', 'tail', 'skip', 'take', 'iif', 'not', 'extension', 'hasValue', 'getValue', 'toString', 'toInteger', 'toDecimal', 'toQuantity',
  'toDate', 'toDateTime', 'startsWith', 'endsWith', 'contains', 'indexOf', 'substring', 'length', 'lower', 'upper', 'trim', 'abs', 'round', 'floor', 'ceiling', 'truncate',
]);

/** @throws {FhirPathError} `syntax` where it is no FHIRPath, `unsupported` where it uses what is not evaluated here */
export async function interpret(expression: string): Promise<Interpreter> {
  assertBounded(expression);
  const [{ default: fhirpath }, { default: r4 }] = await Promise.all([import('fhirpath'), import('fhirpath/fhir-context/r4')]);
  const branches = branchesOf(expression).map((branch): ((resource: unknown) => unknown[]) => {
    try {
      assertLinear(fhirpath.parse(branch) as SyntaxNode);
      return fhirpath.compile(branch, r4, { resolveInternalTypes: false });
    } catch (error) {
      if (error instanceof FhirPathError) throw error;
      throw new FhirPathError('syntax', 'The expression is no FHIRPath', positionOf(error));
    }
  });
  return (resource) => {
    const value = plain(resource);
    return branches.flatMap((evaluate) => {
      try {
        return evaluate(value).flatMap(typedNode);
      } catch {
        return [];
      }
    });
  };
}

/** The branches of a union are evaluated one by one: the engine compares every element of one with every one of the other. */
function branchesOf(expression: string): string[] {
  const bare = withoutTexts(expression);
  const branches: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < bare.length; index += 1) {
    const character = bare[index];
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (character !== '|' || depth > 0) continue;
    branches.push(expression.slice(start, index));
    start = index + 1;
  }
  return [...branches, expression.slice(start)];
}

/** Nothing whose time is the square of the resource's size; and no sum, whose operands the engine may write to the console. */
function assertLinear(node: SyntaxNode): void {
  if (node.type === 'AdditiveExpression') throw new FhirPathError('unsupported', 'A sum');
  if (node.type === 'UnionExpression') throw new FhirPathError('unsupported', 'A union within an expression');
  if (node.type === 'EqualityExpression' && (node.text === '~' || node.text === '!~')) throw new FhirPathError('unsupported', 'The operator ~');
  for (const child of node.children ?? []) assertLinear(child);
}

/** The expression with blanks in place of its texts and comments. */
function withoutTexts(expression: string): string {
  return expression.replace(/'(?:[^'\\]|\\.)*'/g, (text) => ' '.repeat(text.length)).replace(/\/\/.*|\/\*[^]*?\*\//g, (text) => ' '.repeat(text.length));
}

function assertBounded(expression: string): void {
  if (expression.length > longest) throw new FhirPathError('unsupported', `An expression of more than ${longest} characters`);
  const bare = withoutTexts(expression);
  const variable = /%\w*/.exec(bare);
  if (variable) throw new FhirPathError('unsupported', 'A variable', variable.index);
  let calls = 0;
  for (const { 1: name = '', index } of bare.matchAll(/(\w+)\s*\(/g)) {
    if (/^(?:and|or|xor|implies|in|div|mod)$/.test(name)) continue;
    if (!functions.has(name)) throw new FhirPathError('unsupported', `Function ${name.slice(0, 40)}()`, index);
    if (++calls > mostCalls) throw new FhirPathError('unsupported', `More than ${mostCalls} functions`, index);
  }
  let depth = 0;
  for (let index = 0; index < bare.length; index += 1) {
    const character = bare[index];
    depth += character === '(' ? 1 : character === ')' ? -1 : 0;
    if (depth > deepest) throw new FhirPathError('unsupported', `More than ${deepest} parentheses within each other`, index);
  }
}

function positionOf(error: unknown): number | undefined {
  const column = error instanceof Error ? /column: (\d+)/.exec(error.message)?.[1] : undefined;
  return column === undefined ? undefined : Number(column);
}

/** The package computes with numbers of its own; what a number's last digit says is not asked of a search value. */
function plain(value: unknown): unknown {
  if (value instanceof Decimal) return Number(String(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

interface PackageNode {
  readonly fhirNodeDataType?: string;
  readonly data?: unknown;
  /** Of a date: as it is written. */
  readonly asStr?: unknown;
}

function typedNode(node: unknown): TypedNode[] {
  if (node === null || node === undefined) return [];
  switch (typeof node) {
    case 'string': return [{ type: 'string', value: node }];
    case 'boolean': return [{ type: 'boolean', value: node }];
    case 'number': return [{ type: 'decimal', value: node }];
    case 'object': break;
    default: return [];
  }
  const { fhirNodeDataType: type, data } = node as PackageNode;
  if (type !== undefined && data !== null && data !== undefined) return [{ type, value: data }];
  // A date that a function made.
  const { asStr: text } = node as PackageNode;
  return typeof text === 'string' ? [{ type: 'dateTime', value: text }] : [];
}
