/**
 * The paths of FHIRPath Patch. Any FHIRPath that selects elements of the resource is taken, as long as its cost is
 * bounded by the resource's size: no way back to the root, no descent into everything, no patterns.
 * Source: https://hl7.org/fhir/R4/fhirpatch.html
 */
import type { FhirPathEngine, NodeStep, SyntaxNode } from '../fhirpath/engine.ts';
import { malformed, notApplicable } from './refusal.ts';

const longestPath = 2000;
/** Criteria within criteria. */
const deepestCriteria = 3;

const functions = new Set([
  'where', 'exists', 'all', 'empty', 'not', 'count', 'ofType', 'as', 'is', 'first', 'last', 'tail', 'skip', 'take', 'single',
  'extension', 'hasValue', 'getValue', 'startsWith', 'endsWith', 'contains', 'lower', 'upper', 'toString', 'toInteger', 'toDecimal', 'length',
]);

/**
 * Where the elements are that a path selects.
 * @throws {Problem} `invalid-patch` for what is no such path, `patch-not-applicable` where it cannot be evaluated or selects no elements
 */
export function locateElements(engine: FhirPathEngine, resource: unknown, written: string, index: number): (readonly NodeStep[])[] {
  if (written.length > longestPath) throw malformed(index, `its path is longer than ${longestPath} characters`);
  const path = withQuotedWords(written);
  assertBounded(parsed(engine, path, index), index);
  let found: (readonly NodeStep[] | undefined)[];
  try {
    found = engine.locate(resource, path);
  } catch {
    // The engine's own words quote the path and what it found.
    throw notApplicable(index, 'its path cannot be evaluated on this resource');
  }
  return found.map((steps) => {
    if (steps === undefined) throw notApplicable(index, 'its path selects a value that is no element of the resource');
    return steps;
  });
}

/** Behind a dot, div can only be the narrative: an operator in FHIRPath, and still written without its quotes by all. */
function withQuotedWords(path: string): string {
  return path.replace(/'(?:[^'\\]|\\.)*'|`[^`]*`|\.div\b/g, (text) => (text === '.div' ? '.`div`' : text));
}

function parsed(engine: FhirPathEngine, path: string, index: number): SyntaxNode {
  try {
    return engine.parse(path);
  } catch {
    throw malformed(index, 'its path is not FHIRPath');
  }
}

/** Literals alone. */
function isConstant(node: SyntaxNode): boolean {
  return node.type?.endsWith('Invocation') !== true && (node.children ?? []).every(isConstant);
}

function assertBounded(node: SyntaxNode, index: number, criteria = 0): void {
  if (node.type === 'ExternalConstantTerm' || node.type === 'ExternalConstant') throw malformed(index, 'its path uses a variable');
  // The engine writes the operands of a sum that it has to round to the console, and they are a patient's.
  if (node.type === 'AdditiveExpression') throw malformed(index, 'its path computes a sum');
  // Both compare every element of one side with every one of the other, in the square of the resource's size.
  const isPairwise = node.type === 'UnionExpression' || (node.type === 'EqualityExpression' && (node.text === '~' || node.text === '!~'));
  const computed = isPairwise ? (node.children ?? []).filter((side) => !isConstant(side)).length : 0;
  if (computed > (node.type === 'UnionExpression' ? 0 : 1)) throw malformed(index, 'its path compares lists of elements with each other');
  const isFunction = node.type === 'FunctionInvocation';
  if (isFunction && !functions.has(node.text ?? '')) throw malformed(index, 'its path uses a function that a patch may not use');
  if (criteria > deepestCriteria) throw malformed(index, `its path nests criteria deeper than ${deepestCriteria}`);
  for (const child of node.children ?? []) assertBounded(child, index, node.type === 'ParamList' ? criteria + 1 : criteria);
}
