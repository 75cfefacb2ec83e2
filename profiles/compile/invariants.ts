/**
 * Constraints, compiled from FHIRPath once for each type that they stand on. What cannot be compiled or evaluated is not
 * told as wrong but as not evaluated: the definition is at fault, not the resource.
 * Source: https://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint
 */
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import { compileExpression } from '../../fhir/fhirpath/native/index.ts';
import type { Holds } from './check.ts';
import { wellKnown } from './well-known.ts';
import type { Invariants } from './unit.ts';

export const invariantsByFhirPath: Invariants = (expression, type) => {
  const known = wellKnown.get(expression);
  if (known !== undefined) return known;
  try {
    const compiled = compileExpression(expression, type);
    const cost = 1 + (expression.length >> 6);
    const holds: Holds = (node, sibling, session) => {
      const { budget } = session;
      // That there is no budget left is told once, of the whole.
      if (!budget.affords(cost)) return true;
      try {
        return compiled.test(node, sibling, session.environment);
      } catch (error) {
        // Expressions are evaluated on values whose form may be wrong, which has been told: null where an object should be.
        if (error instanceof FhirPathError || error instanceof TypeError) return budget.isSpent ? true : undefined;
        throw error;
      }
    };
    return holds;
  } catch (error) {
    if (error instanceof FhirPathError) return () => undefined;
    throw error;
  }
};
