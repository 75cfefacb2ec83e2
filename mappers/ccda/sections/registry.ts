/** Which rule reads what: all sections and their statements, in the order in which a statement of several templates is asked. */
import { allergies } from './allergies.ts';
import { assessmentScales } from './assessment-scales.ts';
import { careTeams } from './care-teams.ts';
import { devices } from './devices.ts';
import { encounters } from './encounters.ts';
import { familyHistory } from './family-history.ts';
import { goals } from './goals.ts';
import { healthConcerns } from './health-concerns.ts';
import { immunizations } from './immunizations.ts';
import { medications } from './medications.ts';
import { narrativeOnly } from './narrative-only.ts';
import { notes } from './notes.ts';
import { payers } from './payers.ts';
import { planned } from './planned.ts';
import { problems } from './problems.ts';
import { procedures } from './procedures.ts';
import { references } from './references.ts';
import { results } from './results.ts';
import type { MapStatement, SectionRule, SectionRules, StatementRule } from './rules.ts';
import { socialHistory } from './social-history.ts';
import { statusObservations } from './status-observations.ts';
import { vitalSigns } from './vital-signs.ts';

const all: readonly SectionRules[] = [
  problems, allergies, medications, immunizations, results, vitalSigns, procedures, encounters, goals, planned, healthConcerns,
  socialHistory, familyHistory, statusObservations, assessmentScales, devices, careTeams, payers, notes, references, narrativeOnly,
];

const statementRules: readonly StatementRule[] = all.flatMap(({ statements }) => statements);
const rankOf: ReadonlyMap<string, number> = new Map(statementRules.flatMap(({ templates }, rank) => templates.map((root) => [root, rank] as const)).toReversed());
const sectionRules: readonly SectionRule[] = all.flatMap(({ sections }) => sections);
const byTemplate: ReadonlyMap<string, SectionRule> = new Map(sectionRules.flatMap((rule) => rule.templates.map((root) => [root, rule] as const)).toReversed());
// A section that has rules of its own is not one of narrative only.
const byCode: ReadonlyMap<string, SectionRule> = new Map(sectionRules.map((rule) => [rule.code, rule] as const).toReversed());

/** The rule of the first registered of several templates. */
export function statementRuleOf(templates: readonly string[]): MapStatement | undefined {
  let best: number | undefined;
  for (const root of templates) {
    const rank = rankOf.get(root);
    if (rank !== undefined && (best === undefined || rank < best)) best = rank;
  }
  return best === undefined ? undefined : statementRules[best]!.map;
}

/** What a section is, by its templates, else by its code. */
export function sectionRuleOf(templates: readonly string[], code: string | undefined): SectionRule | undefined {
  for (const root of templates) {
    const rule = byTemplate.get(root);
    if (rule !== undefined) return rule;
  }
  return code === undefined ? undefined : byCode.get(code);
}

/** What reads a statement without a known template in a section. */
export function fallbackOf(section: string | undefined, statement: string): MapStatement | undefined {
  return section === undefined ? undefined : byCode.get(section)?.fallbacks?.[statement];
}
