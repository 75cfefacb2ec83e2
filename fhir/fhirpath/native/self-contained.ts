/**
 * Expressions that say the same of a resource whenever and wherever they are evaluated: what selects search values and
 * elements to be changed must not hinge on the clock, on other resources or on what a terminology knows today.
 */
import { FhirPathError } from '../error.ts';
import { partsOf } from './parser.ts';
import type { Expression } from './syntax.ts';
import { constantText } from './variables.ts';

const outward: ReadonlySet<string> = new Set(['now', 'today', 'timeOfDay', 'resolve', 'memberOf', 'conformsTo', 'subsumes', 'subsumedBy', 'trace']);
const variables: ReadonlySet<string> = new Set(['resource', 'rootResource', 'context']);

/** @throws {FhirPathError} `unsupported` */
export function assertSelfContained(tree: Expression): void {
  for (let level: readonly Expression[] = [tree]; level.length > 0; level = level.flatMap(partsOf)) {
    for (const part of level) {
      if (part.kind === 'call' && outward.has(part.name)) throw new FhirPathError('unsupported', `Function ${part.name}()`, part.position);
      if (part.kind === 'variable' && !variables.has(part.name) && constantText(part.name) === undefined) throw new FhirPathError('unsupported', 'A variable', part.position);
    }
  }
}
