/**
 * A FHIR document or collection to a C-CDA document, for those who take an attachment in that form only. Pure: time and
 * ids come with the options, and the same Bundle gives the same text. What has no place is told, value by value.
 * Source: C-CDA 2.1; HL7 C-CDA on FHIR, FHIR to C-CDA (https://build.fhir.org/ig/HL7/ccda-on-fhir)
 */
import type { Bundle } from '@medplum/fhirtypes';
import type { MappingIssue, Unmapped } from '../../ledger.ts';
import { attesters, authors, custodian, encompassingEncounter, recordTarget, serviceEvents } from './header.ts';
import { narrativeOf, tableOf } from './narrative.ts';
import { type DocumentType, encounterSection, type SectionRule, sections } from './sections.ts';
import { type Source, SourceBundle, type SourceResource } from './source.ts';
import { timeOf } from './values.ts';
import { type InstanceId, template, Writing } from './writing.ts';
import { el, textOf, type XmlElement } from './xml.ts';

export interface WritingOptions {
  readonly type: DocumentType;
  /** ClinicalDocument.id: a new one for each document. */
  readonly id: InstanceId;
  /** When the document is made: a FHIR dateTime. */
  readonly time: string;
  /** Language of the document; `en-US` unless told. */
  readonly language?: string;
}

export interface WrittenDocument {
  /** XML in UTF-8. */
  readonly document: string;
  readonly issues: readonly MappingIssue[];
  /** Every value of the Bundle that is not in the document, with the reason. */
  readonly unmapped: readonly Unmapped[];
}

const kinds: Readonly<Record<DocumentType, { readonly template: string; readonly code: string; readonly title: string }>> = {
  ccd: { template: '2.16.840.1.113883.10.20.22.1.2', code: '34133-9', title: 'Continuity of Care Document' },
  referral: { template: '2.16.840.1.113883.10.20.22.1.14', code: '57133-1', title: 'Referral Note' },
};
const names: Readonly<Record<string, string>> = { '34133-9': 'Summarization of Episode Note', '57133-1': 'Referral note' };

/** Writes one document. Never throws for what a Bundle holds. */
export function writeClinicalDocument(bundle: Bundle, options: WritingOptions): WrittenDocument {
  const from = new SourceBundle(bundle);
  const composition = from.ofType('Composition')[0]?.source;
  const named = from.resolve(composition?.one('subject'));
  const patient = named?.type === 'Patient' ? named : from.ofType('Patient')[0];
  const c = new Writing(from, options.id, patient);
  if (patient === undefined) c.issues.push({ severity: 'error', code: 'patient-missing', text: 'The Bundle has no patient: the document is about nobody.', source: 'Bundle' });
  leaveOthers(c, patient);
  const header = headerOf(c, composition, options);
  const body = bodyOf(c, composition, options.type);
  const document = el(
    'ClinicalDocument', { xmlns: 'urn:hl7-org:v3', 'xmlns:sdtc': 'urn:hl7-org:sdtc', 'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance' },
    header, el('component', {}, el('structuredBody', {}, body.map((section) => el('component', {}, section)))),
  );
  for (const resource of from.resources) tellUnwritten(c, resource);
  return { document: `<?xml version="1.0" encoding="UTF-8"?>\n${textOf(document)}\n`, issues: c.issues, unmapped: from.unmapped() };
}

/** A document is about one patient, and says nothing that was entered in error. */
function leaveOthers(c: Writing, patient: SourceResource | undefined): void {
  for (const resource of c.bundle.resources) {
    const { source } = resource;
    const isMistake = source.peek('status') === 'entered-in-error' || source.one('verificationStatus')?.all('coding').some((coding) => coding.peek('code') === 'entered-in-error') === true;
    const subject = source.one('subject') ?? source.one('patient') ?? source.one('beneficiary');
    const isOthers = subject !== undefined && patient !== undefined && subject.has('reference') && c.bundle.resolve(subject) !== patient && resource.type !== 'Composition';
    if (!isMistake && !isOthers) continue;
    c.written.add(resource);
    source.leave('*', isMistake ? 'entered in error' : 'about another than the patient of the document');
    c.tell('warning', isMistake ? 'entered-in-error' : 'another-patient', isMistake ? 'A resource that was entered in error is not in the document.' : 'A resource that is not about the patient of the document is not in it.', source);
  }
}

function headerOf(c: Writing, composition: Source | undefined, { type, id, time, language }: WritingOptions): readonly (XmlElement | readonly XmlElement[] | undefined)[] {
  const kind = kinds[type];
  const title = composition?.text('title');
  composition?.use('status', 'date');
  composition?.one('type')?.all('coding').filter((coding) => coding.peek('code') === kind.code).forEach((coding) => coding.use('system', 'code', 'display'));
  c.bundle.resolve(composition?.one('subject'));
  const confidentiality = composition?.text('confidentiality') ?? 'N';
  const spoken = composition?.text('language') ?? language ?? 'en-US';
  return [
    el('realmCode', { code: 'US' }), el('typeId', { root: '2.16.840.1.113883.1.3', extension: 'POCD_HD000040' }), template('2.16.840.1.113883.10.20.22.1.1', '2015-08-01'), template(kind.template, '2015-08-01'),
    el('id', { root: id.root, extension: id.extension }), el('code', { code: kind.code, codeSystem: '2.16.840.1.113883.6.1', displayName: names[kind.code] }), el('title', {}, title ?? kind.title),
    el('effectiveTime', { value: timeOf(time), nullFlavor: timeOf(time) === undefined ? 'UNK' : undefined }), el('confidentialityCode', { code: confidentiality, codeSystem: '2.16.840.1.113883.5.25' }), el('languageCode', { code: spoken }),
    recordTarget(c), authors(c, composition, time), custodian(c, composition), attesters(c, composition), serviceEvents(c, composition, type === 'ccd'), encompassingEncounter(c, composition),
  ];
}

function bodyOf(c: Writing, composition: Source | undefined, type: DocumentType): readonly XmlElement[] {
  // Encounters take their diagnoses with them, so they are written before the problems and stand last.
  const encounters = sectionOf(c, encounterSection, composition, type);
  const found = sections.flatMap((rule) => sectionOf(c, rule, composition, type) ?? []);
  return encounters === undefined ? found : [...found, encounters];
}

function sectionOf(c: Writing, rule: SectionRule, composition: Source | undefined, type: DocumentType): XmlElement | undefined {
  const told = composition?.all('section').find((section) => section.one('code')?.all('coding').some((coding) => coding.peek('code') === rule.code));
  const written = rule.write(c, type);
  const words = written.length === 0 ? wordsOf(told) : undefined;
  if (written.length === 0 && words === undefined && !rule.requiredIn.includes(type)) return undefined;
  const title = readSection(c, told);
  return el(
    'section', { nullFlavor: written.length === 0 && words === undefined ? 'NI' : undefined }, rule.templates.map(([root, extension]) => el('templateId', { root, extension })),
    el('code', { code: rule.code, codeSystem: '2.16.840.1.113883.6.1' }), el('title', {}, title ?? rule.title), words ?? tableOf(rule.columns, written.flatMap(({ rows }) => rows)),
    written.map(({ statement }) => el('entry', { typeCode: 'DRIV' }, statement)),
  );
}

/** The narrative of a section without entries, which is all that it says. */
function wordsOf(told: Source | undefined): XmlElement | undefined {
  const narrative = told?.one('text');
  const div = narrative?.peek('div');
  const words = typeof div === 'string' && narrative?.peek('status') !== 'empty' && !told!.has('emptyReason') ? narrativeOf(div) : undefined;
  if (words !== undefined) narrative!.use('div', 'status');
  return words;
}

function readSection(c: Writing, told: Source | undefined): string | undefined {
  told?.one('code')?.all('coding').forEach((coding) => coding.use('system', 'code', 'display'));
  told?.one('code')?.use('text');
  told?.one('text')?.leave('*', 'the narrative is written from the entries');
  told?.all('entry').forEach((reference) => c.bundle.resolve(reference));
  return told?.text('title');
}

/** Types that are statements of their own, and would be missed. */
export const statementTypes: ReadonlySet<string> = new Set(['AllergyIntolerance', 'Condition', 'MedicationRequest', 'MedicationStatement', 'MedicationAdministration', 'MedicationDispense', 'Immunization', 'Observation', 'DiagnosticReport', 'Procedure', 'Encounter', 'Coverage', 'CareTeam', 'ServiceRequest', 'Goal', 'DeviceUseStatement', 'FamilyMemberHistory', 'DocumentReference', 'CarePlan', 'DeviceRequest', 'CommunicationRequest', 'QuestionnaireResponse']);

function tellUnwritten(c: Writing, resource: SourceResource): void {
  if (!statementTypes.has(resource.type) || c.written.has(resource)) return;
  resource.source.leave('*', 'no section of the document takes such a resource');
  c.tell('warning', 'resource-not-written', 'A resource has no section in the document.', resource.source);
}
