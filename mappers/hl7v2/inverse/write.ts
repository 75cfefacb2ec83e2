/**
 * FHIR to HL7 version 2: an ADT of a patient and visit, an ORU of reports. The inverse of the mapping for the fields of
 * PID, PV1, NK1, AL1, DG1, IN1, OBR, OBX and NTE that it fills; what is in the Bundle beyond these is not written.
 * Source: HL7 v2.5.1, chapters 3 and 7.
 */
import type { Bundle, CodeableConcept, Coverage, DiagnosticReport, Encounter, Identifier, Observation, Patient, Practitioner, Reference, Resource } from '@medplum/fhirtypes';
import { type Hl7Field, type Hl7Message, type Hl7Repetition, type Hl7Segment, STANDARD_DELIMITERS } from '../syntax/message.ts';
import { componentField, plainField } from '../syntax/write.ts';
import { sourceCode } from '../types/code-systems.ts';
import { cwe, cx, dtm, ei, field, repetition, unitOf, xad, xcn, xpn, xtn } from './values.ts';

/** What the message is called and who exchanges it; the Bundle does not say. */
export interface Hl7Envelope {
  /** Trigger event, such as `A08`. */
  readonly event: string;
  /** MSH-10, unique with the sender. */
  readonly controlId: string;
  /** MSH-7, with its offset. */
  readonly time: string;
  readonly sendingApplication: string;
  readonly sendingFacility?: string;
  readonly receivingApplication?: string;
  readonly receivingFacility?: string;
}

type Fields = Readonly<Record<number, Hl7Field>>;

class Writer {
  readonly segments: Hl7Segment[] = [];
  readonly #resources: ReadonlyMap<string, Resource>;

  constructor(bundle: Bundle) {
    this.#resources = new Map((bundle.entry ?? []).flatMap(({ fullUrl, resource }) => (resource === undefined ? [] : [[fullUrl ?? '', resource] as const, ...(resource.id === undefined ? [] : [[`${resource.resourceType}/${resource.id}`, resource] as const])])));
  }

  all<T extends Resource['resourceType']>(type: T): Extract<Resource, { resourceType: T }>[] {
    return [...new Set(this.#resources.values())].filter((each): each is Extract<Resource, { resourceType: T }> => each.resourceType === type);
  }

  find<T extends Resource['resourceType']>(reference: Reference | undefined, type: T): Extract<Resource, { resourceType: T }> | undefined {
    const found = this.#resources.get(reference?.reference ?? '');
    return found?.resourceType === type ? (found as Extract<Resource, { resourceType: T }>) : undefined;
  }

  segment(id: string, fields: Fields): void {
    const last = Math.max(0, ...Object.keys(fields).map(Number));
    this.segments.push({ id, position: this.segments.length + 1, fields: Array.from({ length: last + 1 }, (_, at) => fields[at] ?? []) });
  }
}

/** The patient of the Bundle with the visit, contacts, allergies, diagnoses and insurance that it has. */
export function writeAdt(bundle: Bundle, envelope: Hl7Envelope): Hl7Message {
  const writer = new Writer(bundle);
  header(writer, ['ADT', envelope.event, STRUCTURES[envelope.event] ?? 'ADT_A01'], envelope);
  writer.segment('EVN', { 1: plainField(envelope.event), 2: plainField(envelope.time) });
  const visits = writer.all('Encounter');
  const patient = writer.find(visits[0]?.subject, 'Patient') ?? writer.all('Patient')[0];
  if (patient !== undefined) writePatient(writer, patient);
  for (const [at, contact] of (patient?.contact ?? []).entries()) {
    writer.segment('NK1', { 1: plainField(String(at + 1)), 2: field(contact.name === undefined ? [] : [contact.name], xpn), 3: one(contact.relationship?.[0], 'Relationship'), 4: field(contact.address === undefined ? [] : [contact.address], xad), 5: field(contact.telecom, xtn) });
  }
  writeVisit(writer, visits[0]);
  for (const [at, allergy] of writer.all('AllergyIntolerance').entries()) {
    writer.segment('AL1', { 1: plainField(String(at + 1)), 2: plainField(allergy.category?.[0] === undefined ? undefined : sourceCode('AllergenType[AllergyIntoleranceCategory]', allergy.category[0])), 3: one(allergy.code), 4: plainField(sourceCode('AllergySeverity[AllergyIntolerance.reaction.severity]', allergy.reaction?.[0]?.severity)), 5: field(allergy.reaction?.flatMap(({ manifestation }) => manifestation.map(({ text }) => text)) ?? [], (text) => repetition(text)) });
  }
  for (const [at, condition] of writer.all('Condition').entries()) {
    writer.segment('DG1', { 1: plainField(String(at + 1)), 3: one(condition.code), 5: plainField(dtm(condition.onsetDateTime)), 19: plainField(dtm(condition.recordedDate)) });
  }
  for (const [at, coverage] of writer.all('Coverage').entries()) writeCoverage(writer, coverage, at + 1);
  return { segments: writer.segments, delimiters: STANDARD_DELIMITERS };
}

/** The reports of the Bundle, each with its results and their notes. */
export function writeOru(bundle: Bundle, envelope: Hl7Envelope): Hl7Message {
  const writer = new Writer(bundle);
  header(writer, ['ORU', envelope.event, 'ORU_R01'], envelope);
  const reports = writer.all('DiagnosticReport');
  const patient = writer.find(reports[0]?.subject, 'Patient') ?? writer.all('Patient')[0];
  if (patient !== undefined) writePatient(writer, patient);
  for (const [at, report] of reports.entries()) writeReport(writer, report, at + 1);
  return { segments: writer.segments, delimiters: STANDARD_DELIMITERS };
}

/** Structures of events that do not have that of A01 (table 0354). */
const STRUCTURES: Readonly<Record<string, string>> = { A02: 'ADT_A02', A05: 'ADT_A05', A06: 'ADT_A06', A07: 'ADT_A06', A09: 'ADT_A09', A10: 'ADT_A09', A11: 'ADT_A09', A12: 'ADT_A09', A28: 'ADT_A05', A31: 'ADT_A05' };

function header(writer: Writer, type: readonly string[], envelope: Hl7Envelope): void {
  writer.segment('MSH', {
    1: [[['|']]], 2: [[['^~\\&']]], 3: plainField(envelope.sendingApplication), 4: plainField(envelope.sendingFacility), 5: plainField(envelope.receivingApplication), 6: plainField(envelope.receivingFacility),
    7: plainField(envelope.time), 9: componentField(...type), 10: plainField(envelope.controlId), 11: plainField('P'), 12: plainField('2.5.1'),
  });
}

function one(concept: CodeableConcept | undefined, table?: string): Hl7Field {
  return field([concept], (each) => cwe(each, table));
}

function ofType(identifiers: readonly Identifier[] | undefined, code: string): Identifier | undefined {
  return identifiers?.find(({ type }) => type?.coding?.some((coding) => coding.code === code));
}

function writePatient(writer: Writer, patient: Patient): void {
  const language = patient.communication?.[0]?.language;
  writer.segment('PID', {
    1: plainField('1'), 3: field(patient.identifier, cx), 5: field(patient.name, xpn), 7: plainField(dtm(patient.birthDate)), 8: plainField(sourceCode('AdministrativeSex', patient.gender)),
    11: field(patient.address, xad), 13: field(patient.telecom?.filter(({ use }) => use !== 'work'), xtn), 14: field(patient.telecom?.filter(({ use }) => use === 'work'), xtn),
    15: field([language], (each) => (each === undefined ? undefined : repetition(each.coding?.[0]?.code, each.text))), 16: one(patient.maritalStatus, 'MaritalStatus'),
    24: plainField(patient.multipleBirthBoolean === undefined ? undefined : patient.multipleBirthBoolean ? 'Y' : 'N'), 25: plainField(patient.multipleBirthInteger?.toString()),
    29: plainField(dtm(patient.deceasedDateTime)), 30: plainField(patient.deceasedBoolean === undefined ? undefined : patient.deceasedBoolean ? 'Y' : 'N'),
  });
}

/** Participants by the code of their part in the visit. */
const PARTICIPANTS = { 7: 'ATND', 8: 'REF', 9: 'CON', 17: 'ADM' } as const;

function writeVisit(writer: Writer, visit: Encounter | undefined): void {
  const people = (code: string): Hl7Field => field(visit?.participant?.filter(({ type }) => type?.some(({ coding }) => coding?.some((each) => each.code === code))), ({ individual }) => practitioner(writer.find(individual, 'Practitioner')));
  writer.segment('PV1', {
    1: plainField('1'), 2: plainField(sourceCode('PatientClass[EncounterClass]', visit?.class.code) ?? 'N'), 3: field(visit?.location?.slice(0, 1), ({ location }) => place(writer, location)), 4: one(visit?.type?.[0], 'AdmissionType'),
    ...Object.fromEntries(Object.entries(PARTICIPANTS).map(([at, code]) => [at, people(code)])), 10: one(visit?.serviceType), 14: one(visit?.hospitalization?.admitSource),
    19: field([ofType(visit?.identifier, 'VN') ?? visit?.identifier?.[0]], (each) => (each === undefined ? undefined : cx(each))), 36: one(visit?.hospitalization?.dischargeDisposition), 44: plainField(dtm(visit?.period?.start)), 45: plainField(dtm(visit?.period?.end)),
  });
}

function practitioner(found: Practitioner | undefined): Hl7Repetition | undefined {
  return found === undefined ? undefined : xcn(found.identifier?.[0], found.name?.[0]);
}

/** PL, from the narrowest place outward. */
function place(writer: Writer, reference: Reference | undefined): Hl7Repetition | undefined {
  const levels: Record<string, string | undefined> = {};
  let location = writer.find(reference, 'Location');
  for (let depth = 0; location !== undefined && depth < 8; depth += 1) {
    levels[location.physicalType?.coding?.[0]?.code ?? 'wi'] ??= location.identifier?.[0]?.value ?? location.name;
    location = writer.find(location.partOf, 'Location');
  }
  return repetition(levels['wi'], levels['ro'], levels['bd'], levels['si'], undefined, undefined, levels['bu'], levels['lvl']);
}

function writeCoverage(writer: Writer, coverage: Coverage, sequence: number): void {
  const payer = writer.find(coverage.payor[0], 'Organization');
  const kind = (code: string): { value?: string; name?: string } | undefined => coverage.class?.find(({ type }) => type.coding?.some((each) => each.code === code));
  writer.segment('IN1', {
    1: plainField(String(sequence)), 2: componentField(kind('plan')?.value, kind('plan')?.name), 3: field(payer?.identifier?.slice(0, 1), cx), 4: plainField(payer?.name), 5: field(payer?.address, xad), 8: plainField(kind('group')?.value), 9: plainField(kind('group')?.name),
    12: plainField(dtm(coverage.period?.start)), 13: plainField(dtm(coverage.period?.end)), 17: plainField(coverage.relationship?.coding?.some(({ code }) => code === 'self') === true ? 'SEL' : undefined),
    36: plainField(ofType(coverage.identifier, 'MB')?.value), 49: plainField(coverage.subscriberId),
  });
}

function writeReport(writer: Writer, report: DiagnosticReport, sequence: number): void {
  const orderer = writer.find(writer.find(report.basedOn?.[0], 'ServiceRequest')?.requester, 'PractitionerRole');
  const number = (code: string): Hl7Field => field([ofType(report.identifier, code)], (each) => (each === undefined ? undefined : ei(each)));
  writer.segment('OBR', {
    1: plainField(String(sequence)), 2: number('PLAC'), 3: number('FILL'), 4: one(report.code), 7: plainField(dtm(report.effectiveDateTime ?? report.effectivePeriod?.start)), 8: plainField(dtm(report.effectivePeriod?.end)),
    16: field([writer.find(orderer?.practitioner, 'Practitioner')], practitioner), 22: plainField(dtm(report.issued)), 24: plainField(report.category?.[0]?.coding?.[0]?.code), 25: plainField(sourceCode('ResultStatus[Non-Queries]', report.status)),
  });
  for (const [at, reference] of (report.result ?? []).entries()) {
    const observation = writer.find(reference, 'Observation');
    if (observation !== undefined) writeObservation(writer, observation, at + 1);
  }
}

function writeObservation(writer: Writer, observation: Observation, sequence: number): void {
  const [type, value, unit] = valueOf(observation);
  writer.segment('OBX', {
    1: plainField(String(sequence)), 2: plainField(type), 3: one(observation.code), 5: value, 6: unit, 7: plainField(observation.referenceRange?.[0]?.text), 8: one(observation.interpretation?.[0], 'InterpretationCodes'),
    11: plainField(sourceCode('ObservationResultStatusCodesInterpretation', observation.status)), 14: plainField(dtm(observation.effectiveDateTime)), 17: one(observation.method),
  });
  for (const [at, note] of (observation.note ?? []).entries()) writer.segment('NTE', { 1: plainField(String(at + 1)), 3: field(note.text?.split('\n'), (line) => repetition(line)) });
}

/** OBX-2, OBX-5 and OBX-6. */
function valueOf(observation: Observation): [type: string | undefined, value: Hl7Field, unit: Hl7Field] {
  const { valueQuantity, valueCodeableConcept, valueString, valueDateTime, valueRatio, valueRange, component } = observation;
  if (valueQuantity !== undefined) {
    const unit = [unitOf(valueQuantity)].filter((each) => each.some(([text]) => text !== ''));
    return valueQuantity.comparator === undefined ? ['NM', plainField(valueQuantity.value?.toString()), unit] : ['SN', componentField(valueQuantity.comparator, valueQuantity.value?.toString()), unit];
  }
  if (valueCodeableConcept !== undefined) return ['CWE', one(valueCodeableConcept), []];
  if (valueRatio !== undefined) return ['SN', componentField(valueRatio.numerator?.comparator, valueRatio.numerator?.value?.toString(), ':', valueRatio.denominator?.value?.toString()), []];
  if (valueRange !== undefined) return ['SN', componentField(undefined, valueRange.low?.value?.toString(), '-', valueRange.high?.value?.toString()), []];
  if (valueDateTime !== undefined) return ['DTM', plainField(dtm(valueDateTime)), []];
  if (valueString !== undefined) return ['ST', plainField(valueString), []];
  return component === undefined ? [undefined, [], []] : ['ST', field(component, (each) => repetition(each.valueString)), []];
}
