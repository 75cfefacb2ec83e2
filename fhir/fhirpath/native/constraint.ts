/** Constraints as generated functions. */
import { isType } from '../../element-types.ts';
import type { Compilation } from './evaluator.ts';
import { Conditions } from './generated/conditions.ts';
import { Source, TooLarge, type Generated } from './generated/source.ts';
import { itemOf } from './items.ts';
import { partsOf } from './parser.ts';
import { Run, decided, type Environment } from './run.ts';
import type { Expression } from './syntax.ts';

/** Whether a constraint holds for an element; undefined where it is not known. */
export type Constraint = (focus: unknown, sibling: unknown, environment: Environment) => boolean | undefined;

/** The function for a constraint; undefined where there is nothing to gain by one. */
export function constraint(tree: Expression, type: string, compilation: Compilation): Constraint | undefined {
  if (compilation.rules !== 'published' || !isType(type) || type === 'Resource' || type === 'DomainResource' || needsScope(tree)) return undefined;
  const source = new Source();
  let holds: Generated;
  try {
    holds = source.finish(new Conditions(source, compilation).is(true, tree, { value: 'v', sibling: 's', type }));
  } catch (error) {
    // Too large, or code may not be made of text where this runs (--disallow-code-generation-from-strings): closures do.
    if (error instanceof TooLarge || error instanceof EvalError) return undefined;
    throw error;
  }
  if (!source.wantsRun) return (focus, sibling, { meter }) => holds(focus, sibling, meter);
  return (focus, sibling, environment) => {
    const run = new Run(environment, itemOf(type, focus, sibling));
    const result = holds(focus, sibling, run);
    return run.undecided ? decided(environment, run.context, (again) => holds(focus, sibling, again)) : result;
  };
}

/** What generated code does not keep: `$index`, `$total`, variables. */
function needsScope(expression: Expression): boolean {
  return expression.kind === 'index' || expression.kind === 'total' || (expression.kind === 'call' && expression.name === 'defineVariable') || partsOf(expression).some(needsScope);
}
