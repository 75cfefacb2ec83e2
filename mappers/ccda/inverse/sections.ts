/**
 * The sections of a document: their codes and templates, which resources they hold, and the columns of their tables.
 * Source: C-CDA 2.1, volume 2, Continuity of Care Document, Referral Note, "Section-Level Templates"
 */
import { writeAllergy } from './allergies.ts';
import { writeCareTeam, writeEncounter, writeImmunization, writeProcedure } from './care.ts';
import { writeCoverage } from './coverage.ts';
import { writeMedication } from './medications.ts';
import { isOfCategory, writeReport, writeResult, writeSocialHistory, writeVitalSigns } from './observations.ts';
import { writeProblem } from './problems.ts';
import { writeRequest } from './requests.ts';
import type { SourceResource } from './source.ts';
import type { Writing, Written } from './writing.ts';

export type DocumentType = 'ccd' | 'referral';

export interface SectionRule {
  /** LOINC code. */
  readonly code: string;
  readonly title: string;
  readonly templates: readonly (readonly [root: string, extension?: string])[];
  readonly columns: readonly string[];
  /** The documents that must have it: without entries it has a null flavor. */
  readonly requiredIn: readonly DocumentType[];
  /** The statements of the section, of resources that no earlier section took. */
  readonly write: (c: Writing, type: DocumentType) => readonly Written[];
}

const section = '2.16.840.1.113883.10.20.22.2.';

/** Writes the resources of a type that belong here and are not written yet. */
function each(c: Writing, types: readonly SourceResource['type'][], belongs: (resource: SourceResource) => boolean, write: (resource: SourceResource) => Written | undefined): readonly Written[] {
  return c.bundle.resources.flatMap((resource) => {
    if (!types.includes(resource.type) || c.written.has(resource) || !belongs(resource)) return [];
    const made = write(resource);
    if (made !== undefined) c.written.add(resource);
    return made ?? [];
  });
}

const all = (): boolean => true;

/** A panel takes its members with it, so panels come first. */
function vitals(c: Writing): readonly Written[] {
  const belongs = (resource: SourceResource): boolean => isOfCategory(resource, 'vital-signs');
  return [...each(c, ['Observation'], (resource) => belongs(resource) && resource.source.has('hasMember'), (resource) => writeVitalSigns(c, resource)), ...each(c, ['Observation'], belongs, (resource) => writeVitalSigns(c, resource))];
}

export const encounterSection: SectionRule = {
  code: '46240-8', title: 'Encounters', templates: [[`${section}22`], [`${section}22.1`, '2015-08-01']], columns: ['Encounter', 'Status', 'Time', 'Diagnoses'], requiredIn: [],
  write: (c) => each(c, ['Encounter'], all, (resource) => writeEncounter(c, resource)),
};

export const sections: readonly SectionRule[] = [
  { code: '48765-2', title: 'Allergies', templates: [[`${section}6`], [`${section}6.1`, '2015-08-01']], columns: ['Substance', 'Reactions', 'Status', 'Onset'], requiredIn: ['ccd', 'referral'], write: (c) => each(c, ['AllergyIntolerance'], all, (resource) => writeAllergy(c, resource)) },
  { code: '10160-0', title: 'Medications', templates: [[`${section}1`], [`${section}1.1`, '2014-06-09']], columns: ['Medication', 'Dosage', 'Status', 'Time'], requiredIn: ['ccd', 'referral'], write: (c) => each(c, ['MedicationRequest', 'MedicationStatement'], all, (resource) => writeMedication(c, resource)) },
  { code: '11450-4', title: 'Problems', templates: [[`${section}5`], [`${section}5.1`, '2015-08-01']], columns: ['Problem', 'Status', 'Onset', 'End'], requiredIn: ['ccd', 'referral'], write: (c) => each(c, ['Condition'], all, (resource) => writeProblem(c, resource)) },
  { code: '47519-4', title: 'Procedures', templates: [[`${section}7`], [`${section}7.1`, '2014-06-09']], columns: ['Procedure', 'Status', 'Time'], requiredIn: [], write: (c) => each(c, ['Procedure'], all, (resource) => writeProcedure(c, resource)) },
  { code: '30954-2', title: 'Results', templates: [[`${section}3`], [`${section}3.1`, '2015-08-01']], columns: ['Test', 'Value', 'Time', 'Interpretation'], requiredIn: ['ccd'], write: (c) => [...each(c, ['DiagnosticReport'], all, (resource) => writeReport(c, resource)), ...each(c, ['Observation'], (resource) => isOfCategory(resource, 'laboratory'), (resource) => writeResult(c, resource))] },
  { code: '29762-2', title: 'Social History', templates: [[`${section}17`], [`${section}17`, '2015-08-01']], columns: ['Subject', 'Value', 'Time', 'Interpretation'], requiredIn: ['ccd'], write: (c) => each(c, ['Observation'], (resource) => isOfCategory(resource, 'social-history'), (resource) => writeSocialHistory(c, resource)) },
  { code: '8716-3', title: 'Vital Signs', templates: [[`${section}4`], [`${section}4.1`, '2015-08-01']], columns: ['Vital sign', 'Value', 'Time', 'Interpretation'], requiredIn: ['ccd'], write: vitals },
  { code: '11369-6', title: 'Immunizations', templates: [[`${section}2`], [`${section}2.1`, '2015-08-01']], columns: ['Vaccine', 'Status', 'Time'], requiredIn: [], write: (c) => each(c, ['Immunization'], all, (resource) => writeImmunization(c, resource)) },
  { code: '48768-6', title: 'Payers', templates: [[`${section}18`], [`${section}18`, '2015-08-01']], columns: ['Payer', 'Type', 'Member'], requiredIn: [], write: (c) => each(c, ['Coverage'], all, (resource) => writeCoverage(c, resource)) },
  { code: '85847-2', title: 'Care Teams', templates: [[`${section}500`, '2019-07-01']], columns: ['Team', 'Status'], requiredIn: [], write: (c) => each(c, ['CareTeam'], all, (resource) => writeCareTeam(c, resource)) },
  { code: '42349-1', title: 'Reason for Referral', templates: [['1.3.6.1.4.1.19376.1.5.3.1.3.1'], ['1.3.6.1.4.1.19376.1.5.3.1.3.1', '2014-06-09']], columns: ['Request', 'Status', 'Time', 'Reason'], requiredIn: ['referral'], write: (c, type) => (type === 'referral' ? each(c, ['ServiceRequest'], all, (resource) => writeRequest(c, resource, 'referral')) : []) },
  { code: '18776-5', title: 'Plan of Treatment', templates: [[`${section}10`], [`${section}10`, '2014-06-09']], columns: ['Plan', 'Status', 'Time', 'Reason'], requiredIn: ['referral'], write: (c) => each(c, ['ServiceRequest'], all, (resource) => writeRequest(c, resource, 'planned')) },
  { code: '51848-0', title: 'Assessment', templates: [[`${section}8`]], columns: ['Assessment'], requiredIn: ['referral'], write: () => [] },
];
