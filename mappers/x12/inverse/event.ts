/** A Claim as a whole as 2000E segments, in the order of the loop. */
import type { Claim, ClaimSupportingInfo, CodeableConcept, Encounter, Extension, Identifier } from '@medplum/fhirtypes';
import { diagnosisQualifier } from '../codes.ts';
import { toX12Date } from '../grammar/dates.ts';
import { EXTENSION, SYSTEM, TRACE_SYSTEM_PREFIX, x12System } from '../pas.ts';
import { buildSegment, type ElementInput, type Segment } from '../segment.ts';
import { codeIn, findExtension, firstCode, list } from '../shapes.ts';
import { dateSegments } from './service.ts';
import type { Source } from './source.ts';

/** TRN03 of an identifier: the rest of its system, else the number of its assigner. */
export function traceOrganization(identifier: Identifier | undefined): string | undefined {
  const { system } = identifier ?? {};
  return system?.startsWith(TRACE_SYSTEM_PREFIX) === true ? system.slice(TRACE_SYSTEM_PREFIX.length) : identifier?.assigner?.identifier?.value;
}

/** TRN of the identifiers, at most two. */
export function traceSegments(identifiers: readonly Identifier[], defaultOrganization: string): Segment[] {
  return identifiers.slice(0, 2).flatMap((identifier) => {
    const department = findExtension(identifier, EXTENSION.identifierSubDepartment)?.valueString;
    return identifier.value === undefined ? [] : [buildSegment('TRN', '1', identifier.value, traceOrganization(identifier) ?? defaultOrganization, department)];
  });
}

/** REF*BB and REF*NT of a Claim or an item. */
export function reviewReferenceSegments(holder: { extension?: Extension[] }): Segment[] {
  const authorization = findExtension(holder, EXTENSION.authorizationNumber)?.valueString;
  const administrative = findExtension(holder, EXTENSION.administrationReferenceNumber)?.valueString;
  return [...(authorization === undefined ? [] : [buildSegment('REF', 'BB', authorization)]), ...(administrative === undefined ? [] : [buildSegment('REF', 'NT', administrative)])];
}

/** Facility code and its qualifier for UM04. */
export function locationElement(location: CodeableConcept | undefined): ElementInput {
  const bill = codeIn(location, SYSTEM.typeOfBill);
  if (bill !== undefined) return [bill.replace(/^0(?=\d{2})/, '').slice(0, 2), 'A'];
  const place = codeIn(location, SYSTEM.placeOfService) ?? firstCode(location);
  return place === undefined ? undefined : [place, 'B'];
}

const withCategory = (claim: Claim, code: string): ClaimSupportingInfo[] => list(claim.supportingInfo).filter((info) => codeIn(info.category, SYSTEM.pasTemporary) === code);

/** DTP*439, AAH, 435 and 096. */
export function eventDateSegments(claim: Claim): Segment[] {
  const dated = (code: string, category: string): Segment[] => withCategory(claim, category).slice(0, 1).flatMap((info) => dateSegments(code, info.timingDate, info.timingPeriod));
  return [...dateSegments('439', claim.accident?.date), ...dated('AAH', 'patientEvent'), ...dated('435', 'admissionDates'), ...dated('096', 'dischargeDates')];
}

/** HI; diagnoses beyond twelve, or in systems X12 has no qualifier for, are reported. */
export function diagnosisSegments(source: Source, claim: Claim): Segment[] {
  const composites = list(claim.diagnosis).flatMap((diagnosis): ElementInput[] => {
    const type = codeIn(list(diagnosis.type)[0], SYSTEM.pasTemporary);
    const coding = list(diagnosis.diagnosisCodeableConcept?.coding).find((each) => diagnosisQualifier(each.system, type) !== undefined);
    if (coding?.code === undefined) {
      source.warn('diagnosis-system', 'A diagnosis is in no code system a 278 can carry.');
      return [];
    }
    const recorded = toX12Date(findExtension(diagnosis, EXTENSION.diagnosisRecordedDate)?.valueDate);
    return [[diagnosisQualifier(coding.system, type), coding.code.replace('.', ''), ...(recorded === undefined ? [] : ['D8', recorded])]];
  });
  if (composites.length > 12) source.warn('too-many-diagnoses', 'A 278 carries twelve diagnoses; the others were left out.');
  return composites.length === 0 ? [] : [buildSegment('HI', ...composites.slice(0, 12))];
}

/** CRC, at most seven. */
export function conditionSegments(claim: Claim): Segment[] {
  const conditions = list(claim.extension).filter((extension) => extension.url === EXTENSION.conditionCode);
  return conditions.slice(0, 7).map((condition) => {
    const codes = list(condition.extension).filter((part) => part.url === 'code').map((part) => firstCode(part.valueCodeableConcept));
    const holds = findExtension(condition, 'indicator')?.valueBoolean === true;
    return buildSegment('CRC', firstCode(findExtension(condition, 'category')?.valueCodeableConcept), holds ? 'Y' : 'N', ...codes.slice(0, 5));
  });
}

/** CL1, and HSD*DY for the length of the stay. */
export function encounterSegments(encounter: Encounter | undefined): { stay: Segment[]; institutional: Segment[] } {
  if (encounter === undefined) return { stay: [], institutional: [] };
  const type = firstCode(list(encounter.type)[0]);
  const origin = firstCode(encounter.hospitalization?.admitSource);
  const status = firstCode(findExtension(encounter, EXTENSION.patientStatus)?.valueCodeableConcept);
  const residential = firstCode(findExtension(encounter, EXTENSION.nursingHomeResidentialStatus)?.valueCodeableConcept);
  const says = [type, origin, status, residential].some((code) => code !== undefined);
  const { length } = encounter;
  return {
    stay: length?.code === 'd' && length.value !== undefined ? [buildSegment('HSD', 'DY', String(length.value))] : [],
    institutional: says ? [buildSegment('CL1', type, origin, status, residential)] : [],
  };
}

/** CR6. */
export function homeHealthSegments(claim: Claim): Segment[] {
  const extension = findExtension(claim, EXTENSION.homeHealthCareInformation);
  const prognosis = codeIn(findExtension(extension, 'prognosis')?.valueCodeableConcept, x12System('923'));
  const date = toX12Date(findExtension(extension, 'date')?.valueDate);
  return prognosis === undefined || date === undefined ? [] : [buildSegment('CR6', prognosis, date)];
}

/** PWK and MSG of the given supporting information; messages are joined, since a loop has one MSG. */
export function attachmentSegments(source: Source, information: readonly ClaimSupportingInfo[]): Segment[] {
  const attachments = information.flatMap((info) => {
    const document = findExtension(info, EXTENSION.documentInformation);
    const report = firstCode(findExtension(document, 'reportTypeCode')?.valueCodeableConcept);
    if (report === undefined) return [];
    const transmission = firstCode(findExtension(document, 'transmissionMethod')?.valueCodeableConcept) ?? 'EL';
    const controlNumber = findExtension(document, 'controlNumber')?.valueString;
    const description = findExtension(document, 'description')?.valueString;
    if ((description?.length ?? 0) > 80) source.warn('cut-text', 'The description of a document is longer than 80 characters and was cut.');
    return [buildSegment('PWK', report, transmission, '', '', controlNumber === undefined ? '' : 'AC', controlNumber, description?.slice(0, 80))];
  });
  if (attachments.length > 10) source.warn('too-many-attachments', 'A loop announces ten documents; the others were left out.');
  const messages = information.filter((info) => codeIn(info.category, SYSTEM.pasTemporary) === 'freeFormMessage').map((info) => info.valueString ?? '');
  return [...attachments.slice(0, 10), ...messageSegments(source, messages)];
}

/** One MSG of at most 264 characters. */
export function messageSegments(source: Source, messages: readonly string[]): Segment[] {
  const text = messages.join(' ').replaceAll(/[\r\n\t]+/g, ' ').trim();
  if (text.length > 264) source.warn('cut-text', 'A message is longer than 264 characters and was cut.');
  return text === '' ? [] : [buildSegment('MSG', text.slice(0, 264).trim())];
}

/** UM05: causes of an accident, state and country. */
export function accidentElement(claim: Claim): ElementInput {
  const causes = list(claim.accident?.type?.coding).filter((coding) => coding.system?.endsWith('/1362') === true).map((coding) => coding.code);
  const { state, country } = claim.accident?.locationAddress ?? {};
  return causes.length === 0 ? undefined : [causes[0], causes[1], causes[2], state, country];
}
