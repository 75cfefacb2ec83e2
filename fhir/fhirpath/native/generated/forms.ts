/** Forms of expressions that there is something to know of before any data: what they can yield, and of what they are made. */
import type { Expression } from '../syntax.ts';
import { constantText } from '../variables.ts';

/** Whether a condition is never empty. */
export function isDefinite(expression: Expression): boolean {
  if (expression.kind === 'literal') return typeof expression.value === 'boolean';
  if (expression.kind === 'call') return expression.name === 'not' ? isDefinite(expression.of) : ['exists', 'empty', 'all', 'hasValue', 'isDistinct'].includes(expression.name);
  if (expression.kind !== 'operation') return false;
  const { operator, left, right } = expression;
  if (operator === 'and' || operator === 'or' || operator === 'xor' || operator === 'implies') return isDefinite(left) && isDefinite(right);
  if (operator === '=' || operator === '!=') return (isDefinite(left) && isDefinite(right)) || (isCount(left) && isCount(right));
  return ['<', '<=', '>', '>='].includes(operator) && isCount(left) && isCount(right);
}

/** A number of elements, or a sum of such; or a number as written. */
export function isCount(expression: Expression): boolean {
  if (expression.kind === 'literal') return typeof expression.value === 'number';
  if (expression.kind === 'operation') return expression.operator === '+' && isCount(expression.left) && isCount(expression.right);
  return expression.kind === 'call' && expression.name === 'count';
}

export function constantOf(expression: Expression): string | number | boolean | undefined {
  if (expression.kind === 'literal') return expression.value;
  return expression.kind === 'variable' ? constantText(expression.name) : undefined;
}

/** The texts of `('a' | 'b' | 'c')`. */
export function textsOf(expression: Expression): string[] | undefined {
  if (expression.kind === 'literal') return typeof expression.value === 'string' ? [expression.value] : undefined;
  if (expression.kind !== 'operation' || expression.operator !== '|') return undefined;
  const [left, right] = [textsOf(expression.left), textsOf(expression.right)];
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}

/** The name of the element that a path starts with, where the path selects nothing if that is not there. */
export function firstStep(path: Expression): string | undefined {
  switch (path.kind) {
    case 'member': return path.of.kind === 'this' ? path.name : firstStep(path.of);
    case 'call': return ['where', 'select', 'trace', 'first', 'tail', 'last', 'resolve', 'children', 'descendants', 'extension'].includes(path.name) ? firstStep(path.of) : undefined;
    case 'type': return path.operator === 'is' ? undefined : firstStep(path.of);
    case 'this': case 'index': case 'total': case 'empty': case 'literal': case 'decimal': case 'moment': case 'quantity': case 'variable': case 'item': case 'sign': case 'operation':
    default: return undefined;
  }
}
