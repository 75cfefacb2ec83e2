/** The conditions that all must hold. */
import type { Expression } from '../expression.ts';

export function conjuncts(expression: Expression): readonly Expression[] {
  return expression.kind === 'all' ? expression.of.flatMap(conjuncts) : [expression];
}
