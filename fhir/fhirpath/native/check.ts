/**
 * Whether an expression can mean anything for the type it starts from, by the letter of the specification: elements exist,
 * texts are asked of texts, order is asked of what has one. Where a type is known only from the data, nothing is said.
 * Source: FHIRPath 2.0, "Type Safety and Strict Evaluation" (http://hl7.org/fhirpath/N1/#type-safety-and-strict-evaluation).
 */
import { elementTypes, elementsOf, isKindOf, isType } from '../../element-types.ts';
import { FhirPathError } from '../error.ts';
import { isPrimitiveType, isResource } from './items.ts';
import type { Call, Expression } from './syntax.ts';

/** The types a part may have; undefined where that is known only from the data. `ordered` is false after `children()`. */
interface Known {
  readonly types: readonly string[] | undefined;
  readonly ordered: boolean;
}

const unknown: Known = { types: undefined, ordered: true };

/** @throws {FhirPathError} `semantic` */
export function assertMeaning(expression: Expression, type: string): void {
  known(expression, { types: isResource(type) && !isConcrete(type) ? undefined : [type], ordered: true });
}

function isConcrete(type: string): boolean {
  return type !== 'Resource' && type !== 'DomainResource';
}

function known(expression: Expression, focus: Known): Known {
  switch (expression.kind) {
    case 'this': return focus;
    case 'literal': return { types: [`System.${expression.type}`], ordered: true };
    case 'member': return child(known(expression.of, focus), expression.name, expression.of.kind === 'this', expression.position);
    case 'item':
      known(expression.index, focus);
      return known(expression.of, focus);
    case 'sign':
      known(expression.of, focus);
      return unknown;
    case 'type': {
      const of = known(expression.of, focus);
      const { name, namespace } = expression.type;
      if (expression.operator === 'is') return { types: ['System.Boolean'], ordered: true };
      return { types: namespace !== 'System' && isType(name) && isConcrete(name) ? [name] : undefined, ordered: of.ordered };
    }
    case 'operation': {
      const [left, right] = [known(expression.left, focus), known(expression.right, focus)];
      if (expression.operator !== '|') return unknown;
      return { types: left.types === undefined || right.types === undefined ? undefined : [...left.types, ...right.types], ordered: left.ordered };
    }
    case 'call': return called(expression, focus);
    case 'index':
    case 'total':
    case 'empty':
    case 'decimal':
    case 'moment':
    case 'quantity':
    case 'variable':
    default: return unknown;
  }
}

function child({ types, ordered }: Known, name: string, starts: boolean, position: number): Known {
  if (types === undefined) return unknown;
  if (starts && types.some((type) => isType(name) && isKindOf(type, name))) return { types, ordered };
  if (types.some((type) => type.startsWith('System.'))) return unknown;
  const found = types.flatMap((type) => elementTypes(type, name));
  if (found.length === 0 && types.every((type) => isPrimitiveType(type) || elementsOf(type).length > 0) && !(name === 'id' || name === 'extension')) throw new FhirPathError('semantic', 'An element that the type does not have', position);
  return { types: found.length === 0 || found.some(({ type }) => isResource(type)) ? undefined : found.map(({ type }) => type), ordered };
}

const wantOrder: ReadonlySet<string> = new Set(['first', 'last', 'tail', 'skip', 'take']);
const wantText: ReadonlySet<string> = new Set(['startsWith', 'endsWith', 'contains', 'matches', 'matchesFull', 'indexOf', 'substring', 'upper', 'lower', 'replace', 'replaceMatches', 'length', 'toChars', 'trim', 'split']);
const filters: ReadonlySet<string> = new Set(['where', 'first', 'last', 'tail', 'skip', 'take', 'single', 'trace', 'distinct', 'exclude', 'intersect', 'sort']);

function called({ of, name, arguments: given, position }: Call, focus: Known): Known {
  const input = known(of, focus);
  if (!input.ordered && wantOrder.has(name)) throw new FhirPathError('semantic', `${name}() of what has no order`, position);
  if (wantText.has(name) && input.types !== undefined && input.types.length > 0 && input.types.every((type) => !type.startsWith('System.') && !isPrimitiveType(type))) throw new FhirPathError('semantic', `${name}() of what is no text`, position);
  if (name === 'exists' || name === 'where' || name === 'all' || name === 'select') {
    const inner = given.map((one) => known(one, input));
    return name === 'where' ? input : name === 'select' ? { types: inner[0]?.types, ordered: input.ordered } : { types: ['System.Boolean'], ordered: true };
  }
  if (name === 'children' || name === 'descendants') return { types: undefined, ordered: false };
  return filters.has(name) ? input : unknown;
}
