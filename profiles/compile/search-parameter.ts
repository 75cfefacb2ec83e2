/**
 * The expression of a SearchParameter selects something: each of its branches makes sense for one of the base types.
 * Source: https://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression
 */
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import { compileExpression } from '../../fhir/fhirpath/native/index.ts';
import { own, type ResourceRule } from './check.ts';

/** Longer expressions are not looked at; the longest of R4 has 2,000 characters. */
const longest = 10_000;

export const searchParameterRule: ResourceRule = (parameter, session) => {
  const [expression, base] = [own(parameter, 'expression'), own(parameter, 'base')];
  if (typeof expression !== 'string' || expression.length > longest || !Array.isArray(base)) return;
  const types = base.filter((type) => typeof type === 'string').slice(0, 200);
  if (types.length === 0 || types.includes('Resource') || types.includes('DomainResource')) return;
  if (!branchesOf(expression).every((branch) => types.some((type) => makesSense(branch, type)))) {
    session.addAt({ code: 'search-expression', details: {}, severity: 'error' }, '.expression');
  }
};

function makesSense(expression: string, type: string): boolean {
  try {
    compileExpression(expression, type, { rules: 'specification' });
    return true;
  } catch (error) {
    // What is beyond the compiler may still make sense.
    if (error instanceof FhirPathError) return error.code !== 'semantic';
    throw error;
  }
}

/** The operands of unions that stand in no parentheses and no text. */
function branchesOf(expression: string): string[] {
  const branches = [''];
  let depth = 0;
  let quote = '';
  for (const character of expression) {
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === "'" || character === '`' || character === '"') quote = character;
    else if (character === '(') depth++;
    else if (character === ')') depth--;
    if (character === '|' && depth === 0 && quote === '') branches.push('');
    else branches[branches.length - 1] += character;
  }
  return branches;
}
