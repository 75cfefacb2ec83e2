/**
 * Functional and mental status, health status, nutrition, wounds, outcomes: observations of which FHIR asks no more than
 * a category. An organizer is a panel of its observations.
 * Source: https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-observation-screening-assessment.html
 */
import type { Conversion, Placed, Scope } from '../conversion.ts';
import { requireConcept } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import type { Element } from '../xml/element.ts';
import { nestedStatements } from './nested.ts';
import { observe, type ObservationCategory, putCategories, putObservationStatus, putObservationTime, putPerformers } from './observation.ts';
import type { MapStatement, SectionRules, StatementRule } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';

/** Templates by the last part of their roots. */
const kinds: readonly (readonly [categories: readonly ObservationCategory[], ...templates: readonly string[]])[] = [
  // functional status, functional status problem, sensory status, self-care, functional ability, disability
  [['functional-status'], '67', '68', '127', '128', '505'],
  // mental status, cognitive status problem, cognitive abilities
  [['cognitive-status'], '74', '73', '126'],
  // health status, prognosis, progress toward goal, nutrition assessment, nutritional status, outcome, priority
  [['survey'], '5', '113', '110', '138', '124', '144', '142', '143', '125', '137', '295', '296', '297'],
  // wound, its measurements and characteristics, pressure ulcers
  [['exam'], '114', '133', '134', '76', '77', '70', '139'],
  // deceased, age, number of pressure ulcers
  [['survey'], '79'],
];

/** Of the documents before C-CDA: status, problem health status, functional status. */
const earlier = ['2.16.840.1.113883.10.20.1.57', '2.16.840.1.113883.10.20.1.51', '2.16.840.1.113883.10.20.1.44'];

const rules: readonly StatementRule[] = kinds.map(([categories, ...templates]) => ({
  templates: templates.map((last) => root + last),
  map: (c, statement, scope) => observe(c, statement, scope, { categories: categories.length === 1 && categories[0] === 'functional-status' ? ['survey', 'functional-status'] : categories }),
}));

const surveyed: MapStatement = (c, statement, scope) => observe(c, statement, scope, { categories: ['survey'] });
const functional: MapStatement = (c, statement, scope) => observe(c, statement, scope, { categories: ['survey', 'functional-status'] });
const mental: MapStatement = (c, statement, scope) => observe(c, statement, scope, { categories: ['cognitive-status'] });
const examined: MapStatement = (c, statement, scope) => observe(c, statement, scope, { categories: ['exam'] });

export const statusObservations: SectionRules = {
  statements: [
    ...rules,
    { templates: [`${root}66`], map: (c, organizer, scope) => panel(c, organizer, scope, ['survey', 'functional-status'], functional) },
    { templates: [`${root}75`], map: (c, organizer, scope) => panel(c, organizer, scope, ['cognitive-status'], mental) },
    { templates: earlier, map: surveyed },
  ],
  sections: [
    { code: '47420-5', templates: ['2.16.840.1.113883.10.20.22.2.14'], fallbacks: { observation: functional, organizer: (c, organizer, scope) => panel(c, organizer, scope, ['survey', 'functional-status'], functional) } },
    { code: '10190-7', templates: ['2.16.840.1.113883.10.20.22.2.56'], fallbacks: { observation: mental, organizer: (c, organizer, scope) => panel(c, organizer, scope, ['cognitive-status'], mental) } },
    { code: '11383-7', templates: ['2.16.840.1.113883.10.20.22.2.61'], fallbacks: { observation: surveyed } },
    { code: '8709-8', templates: ['2.16.840.1.113883.10.20.22.2.63'], fallbacks: { observation: examined } },
    { code: '61144-2', templates: ['2.16.840.1.113883.10.20.22.2.57'], fallbacks: { observation: surveyed } },
  ],
};

/** An organizer as an Observation with members. */
export function panel(c: Conversion, organizer: Element, scope: Scope, categories: readonly ObservationCategory[], fallback: MapStatement): readonly Placed[] {
  markStatement(c, organizer);
  const made = c.stated('Observation', organizer);
  if (made.again) return [made];
  const at = made.cursor;
  putIdentifiers(c, at, organizer, 'panel/id');
  putObservationStatus(c, at, organizer);
  putCategories(at, categories);
  requireConcept(c, at.within('code'), organizer.child('code'), 'panel/code');
  c.refer(at, 'subject', c.patient);
  putObservationTime(c, at, organizer);
  putPerformers(c, at, organizer);
  const members = nestedStatements(organizer).filter((nested) => !nested.taken && nested.name === 'observation').flatMap((nested) => {
    nested.taken = true;
    return nested.all('templateId').length > 0 ? c.place(nested, { ...scope, within: organizer }) : fallback(c, nested, { ...scope, within: organizer });
  });
  for (const member of members) if (member.type === 'Observation') c.referItem(at, 'hasMember', member);
  return [made, ...members];
}
