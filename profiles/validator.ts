/**
 * The validator: definitions in, a function out that checks resources. Definitions are compiled on the way, each once;
 * a validator belongs to one set of definitions and is kept as long as that.
 */
import type { ValueSets } from './codes/value-set.ts';
import { valueSetsOf } from './codes/value-set.ts';
import { isObject, own, type ResourceRule } from './compile/check.ts';
import { bundleRule } from './compile/bundle-rule.ts';
import { invariantsByFhirPath } from './compile/invariants.ts';
import { libraryOf } from './compile/compiler.ts';
import { searchParameterRule } from './compile/search-parameter.ts';
import { vitalSignRule } from './compile/vital-signs.ts';
import { Pass } from './compile/pass.ts';
import type { Invariants } from './compile/unit.ts';
import * as form from './compile/form.ts';
import { codeSystemRule } from './rules/code-system.ts';
import { questionnaireRule } from './rules/questionnaire.ts';
import { structureDefinitionRule } from './rules/structure-definition.ts';
import type { Definitions } from './definitions.ts';
import type { Validate, ValidationIssue } from './validation.ts';

export interface ValidatorParts {
  /** Which codes are in a value set; by the definitions unless given. */
  readonly valueSets?: ValueSets;
  /** Checks of resources of a type beyond its definition, by type; those of the specification unless given. */
  readonly rules?: ReadonlyMap<string, readonly ResourceRule[]>;
  readonly invariants?: Invariants;
}

/** What the specification says of resources in words. */
const rules: ReadonlyMap<string, readonly ResourceRule[]> = new Map([
  ['Bundle', [bundleRule]], ['CodeSystem', [codeSystemRule]], ['Observation', [vitalSignRule]], ['Questionnaire', [questionnaireRule]],
  ['SearchParameter', [searchParameterRule]], ['StructureDefinition', [structureDefinitionRule]],
]);

export function createValidator(definitions: Definitions, parts: ValidatorParts = {}): Validate {
  const library = libraryOf({
    definitions,
    valueSets: parts.valueSets ?? valueSetsOf(definitions),
    invariants: parts.invariants ?? invariantsByFhirPath,
    rules: parts.rules ?? rules,
  });
  return (resource, options) => {
    const pass = new Pass(library, resource, options);
    pass.checkResource(resource, false);
    for (const canonical of options.profiles ?? []) {
      const profile = library.profile(canonical);
      if (profile === undefined) pass.add({ ...form.unknownProfile, details: {} });
      else if (isObject(resource)) pass.checkProfile(resource, profile);
    }
    const type = isObject(resource) ? own(resource, 'resourceType') : undefined;
    const start = typeof type === 'string' && library.resource(type) !== undefined ? type : 'Resource';
    const { issues, questions } = pass.settled(start);
    const ends: ValidationIssue[] = [];
    if (pass.dropped > 0 || pass.n >= pass.limit) ends.push({ code: 'validation-stopped', details: { reason: 'after so many issues' }, severity: 'information', expression: start });
    if (pass.budget.isSpent) ends.push({ code: 'validation-stopped', details: { reason: 'because the constraints of the profiles take too long; those that are left were not evaluated' }, severity: 'warning', expression: start });
    return { issues: [...issues, ...ends], questions, checked: [...pass.checked], isWhole: pass.isWhole && pass.n < pass.limit };
  };
}
