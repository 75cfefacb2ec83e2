/**
 * From statements to the rules that read them: by template, else by the section they stand in. What no rule knows is
 * told and stays in the narrative of its section. What a rule leaves of the statements within goes the same way.
 */
import type { Conversion, Placed, Scope } from './conversion.ts';
import { putStatementText } from './narrative.ts';
import { putProvenance } from './provenance.ts';
import { nestedStatements, templatesOf } from './sections/nested.ts';
import { fallbackOf, statementRuleOf } from './sections/registry.ts';
import type { Element } from './xml/element.ts';

/** The resources of a statement: its own first, then those of the statements within that its rule did not take. */
export function placeStatement(c: Conversion, statement: Element, scope: Scope): readonly Placed[] {
  statement.taken = true;
  const map = statementRuleOf(templatesOf(statement)) ?? fallbackOf(scope.section, statement.name);
  if (map === undefined) {
    c.leave(statement, 'the template is not known');
    c.tell('warning', 'unknown-template', 'A statement has no template that is known: it is in the narrative of its section only.', statement);
    return [];
  }
  const own = map(c, statement, scope);
  if (own.length > 0) {
    putStatementText(c, own[0]!.cursor, statement.child('text'));
    for (const author of statement.all('author')) putProvenance(c, author, own);
    linkEncounters(c, statement, own[0]!);
  }
  return [...own, ...placeNested(c, statement, scope)];
}

/** The statements within a statement that nobody has taken. */
export function placeNested(c: Conversion, statement: Element, scope: Scope): Placed[] {
  return nestedStatements(statement).flatMap((nested) => (nested.taken ? [] : placeStatement(c, nested, { ...scope, within: statement })));
}

/** Types that say in which encounter they came to be. */
const withEncounter: ReadonlySet<string> = new Set(['Observation', 'Condition', 'Procedure', 'MedicationRequest', 'Immunization', 'AllergyIntolerance', 'ServiceRequest', 'DiagnosticReport']);

/** An encounter without a template within a statement names the encounter of the statement by its id. */
function linkEncounters(c: Conversion, statement: Element, own: Placed): void {
  for (const nested of nestedStatements(statement)) {
    if (nested.taken || nested.name !== 'encounter' || statementRuleOf(templatesOf(nested)) !== undefined) continue;
    c.referToEncounter(nested, (url) => {
      if (withEncounter.has(own.type) && own.cursor.peek('encounter') === undefined) own.cursor.set('encounter', { reference: url });
    });
  }
}
