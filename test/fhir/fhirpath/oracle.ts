/** fhirpath.js as an oracle for search expressions: the same questions in words that it answers, evaluated with types. */
import { compile } from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';

export interface Node {
  readonly resourceType: string;
  readonly [element: string]: unknown;
}

/** A node and the FHIR type that fhirpath.js gives it. */
export interface TypedNode {
  readonly type: string;
  /** Where the node stands in its resource type, as `Observation.component`. */
  readonly path: string;
  readonly value: unknown;
}

/** It resolves nothing, and its `as` refuses collections. */
function inItsWords(expression: string): string {
  return expression
    .replaceAll(/where\(resolve\(\) is (\w+)\)/g, "where(reference.matches('^(https?:.*/)?$1/[A-Za-z0-9.-]+(/_history/[A-Za-z0-9.-]+)?$$') or (type = '$1' and reference.matches('/[A-Za-z0-9.-]+$$').not()) or reference in %inside$1)")
    .replaceAll(/([\w.]+) as (\w+)/g, '$1.ofType($2)')
    .replaceAll(/\.as\((\w+)\)/g, '.ofType($1)');
}

const targets = ['Patient', 'Practitioner', 'RelatedPerson', 'Location'];

function insideOf(resource: Node): Record<string, string[]> {
  const contained = Array.isArray(resource['contained']) ? (resource['contained'] as { resourceType?: string; id?: string }[]) : [];
  return Object.fromEntries(targets.map((type) => [`inside${type}`, contained.filter((one) => one?.resourceType === type).map((one) => `#${one.id}`)]));
}

interface ItsNode {
  readonly path?: string;
  readonly fhirNodeDataType?: string;
  readonly data?: unknown;
}
type Engine = (node: unknown, environment: Record<string, unknown>) => unknown[];

const plain = new Map<string, Engine>();
const typed = new Map<string, Engine>();

/** The nodes of a resource that an expression selects, nulls left out. */
export function evaluate(expression: string, resource: Node): unknown[] {
  let engine = plain.get(expression);
  if (engine === undefined) plain.set(expression, engine = compile(inItsWords(expression), r4) as unknown as Engine);
  return engine(resource, insideOf(resource)).filter((node) => node !== null && node !== undefined);
}

/** The same with types, from a resource or from a node within it: `base` says what the node is. */
export function evaluateTyped(expression: string, node: unknown, resource: Node, base?: string): TypedNode[] {
  const key = `${base} ${expression}`;
  let engine = typed.get(key);
  const words = inItsWords(expression);
  if (engine === undefined) typed.set(key, engine = compile(base === undefined ? words : { base, expression: words }, r4, { resolveInternalTypes: false }) as unknown as Engine);
  return (engine(node, insideOf(resource)) as (ItsNode | boolean)[])
    // What an operator made is no node of the resource.
    .map((one) => (typeof one === 'object' ? { type: one.fhirNodeDataType ?? '', path: one.path ?? '', value: withoutItsNumbers(one.data) } : { type: 'boolean', path: '', value: one }))
    .filter(({ value }) => value !== null && value !== undefined);
}

/** Its own decimals are objects that remember their digits. */
function withoutItsNumbers(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'asStr' in value ? Number((value as { asStr: string }).asStr) : value;
}
