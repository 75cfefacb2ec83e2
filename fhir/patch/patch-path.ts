/**
 * The paths of FHIRPath Patch: any FHIRPath that selects elements of the resource and looks at nothing else.
 * Source: https://hl7.org/fhir/R4/fhirpatch.html
 */
import { FhirPathError } from '../fhirpath/error.ts';
import { compileExpression, type Compiled, type Meter, type NodeStep } from '../fhirpath/native/index.ts';
import { malformed, notApplicable } from './refusal.ts';

const longestPath = 2000;

/**
 * Where the elements are that a path selects.
 * @param meter what all paths of a patch may cost together
 * @throws {Problem} `invalid-patch` for what is no such path, `patch-not-applicable` where it cannot be evaluated or selects no elements
 */
export function locateElements(resource: unknown, type: string, written: string, index: number, meter: Meter): (readonly NodeStep[])[] {
  if (written.length > longestPath) throw malformed(index, `its path is longer than ${longestPath} characters`);
  return located(compiled(withQuotedWords(written), type, index), resource, index, meter).map((steps) => {
    if (steps === undefined) throw notApplicable(index, 'its path selects a value that is no element of the resource');
    return steps;
  });
}

/** Behind a dot, div can only be the narrative: an operator in FHIRPath, and still written without its quotes by all. */
function withQuotedWords(path: string): string {
  return path.replace(/'(?:[^'\\]|\\.)*'|`[^`]*`|\.div\b/g, (text) => (text === '.div' ? '.`div`' : text));
}

function compiled(path: string, type: string, index: number): Compiled {
  try {
    return compileExpression(path, type, { selfContained: true });
  } catch (error) {
    if (!(error instanceof FhirPathError)) throw error;
    // The engine's own words name parts of the path.
    throw malformed(index, error.code === 'syntax' ? 'its path is not FHIRPath' : 'its path uses what a patch may not use');
  }
}

function located(path: Compiled, resource: unknown, index: number, meter: Meter): ReturnType<Compiled['locate']> {
  try {
    return path.locate(resource, { resource, rootResource: resource, now: never, meter });
  } catch (error) {
    if (!(error instanceof FhirPathError)) throw error;
    throw notApplicable(index, error.code === 'limit' ? 'its path takes too long on this resource' : 'its path cannot be evaluated on this resource');
  }
}

/** The clock is not asked: paths that would are refused. */
const never = new Date(0);
