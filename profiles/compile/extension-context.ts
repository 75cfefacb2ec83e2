/**
 * Where an extension may stand, by the contexts of its definition.
 * Source: https://hl7.org/fhir/R4/defining-extensions.html#context
 */
import { FhirPathError } from '../../fhir/fhirpath/error.ts';
import { compileExpression, type Compiled } from '../../fhir/fhirpath/native/index.ts';
import type { StructureTable } from '../tables/structure-table.ts';
import type { CompiledExtension, JsonObject, Session } from './check.ts';
import { plainPath } from './site.ts';

/**
 * Contexts of R4 that leave out where R4's own definitions have these extensions; later versions of the extensions, and
 * HL7's validator, have them so.
 */
const corrections: ReadonlyMap<string, readonly string[]> = new Map([
  ['http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type', ['ElementDefinition.type']],
  ['http://hl7.org/fhir/StructureDefinition/regex', ['ElementDefinition.type']],
  ['http://hl7.org/fhir/StructureDefinition/structuredefinition-normative-version', ['Element']],
  ['http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation', ['Element']],
  ['http://hl7.org/fhir/StructureDefinition/capabilitystatement-prohibited', ['Element']],
]);

/** @param exceptions extensions whose contexts are not looked at, for they contradict the profiles that use them */
export function contextOf({ url, context }: StructureTable, exceptions: ReadonlySet<string>): CompiledExtension['allows'] {
  if (context === undefined || context.length === 0 || exceptions.has(url)) return () => true;
  const expressionsOf = (kind: string): string[] => context.flatMap(({ type, expression }) => type === kind ? [expression] : []);
  // Before R4 a profile stood in front of the element, behind which the element is named.
  const elements = [...expressionsOf('element'), ...corrections.get(url) ?? []].map((expression) => plainPath(expression.slice(expression.indexOf('#') + 1)));
  const extensions = new Set(expressionsOf('extension'));
  const selections = expressionsOf('fhirpath').map(selectionOf);
  return (site, holder, session) => elements.some((name) => site.names.has(name))
    || (extensions.size > 0 && session.extensionUrl !== undefined && extensions.has(session.extensionUrl) && (site.names.has('Extension') || site.names.has('Extension.value')))
    || selections.some((selects) => selects(holder, session));
}

/** Whether an expression, from the resource on, selects what holds the extension; what cannot be told does not stand in the way. */
function selectionOf(expression: string): (holder: JsonObject, session: Session) => boolean {
  let compiled: Compiled;
  try {
    compiled = compileExpression(expression, 'Resource');
  } catch (error) {
    if (error instanceof FhirPathError) return () => true;
    throw error;
  }
  return (holder, session) => {
    try {
      return compiled.typedValues(session.resource, undefined, session.environment).some(({ value, sibling }) => value === holder || sibling === holder);
    } catch (error) {
      if (error instanceof FhirPathError || error instanceof TypeError) return true;
      throw error;
    }
  };
}
