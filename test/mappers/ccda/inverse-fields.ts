/**
 * The fields that a document written from a Bundle gives back when it is read: per type, what of a resource must be the
 * same after `read(write(bundle))`. Times are compared as moments, codes by system and code.
 * What a document cannot leave open comes back as what the way in takes it for, which is the same here: no gender is
 * `unknown`, a condition without verification `confirmed`, an encounter without a status `finished`; who has no number gets one.
 */
import type { Bundle } from '@medplum/fhirtypes';

type Json = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]) as readonly Json[];

function concept(value: unknown): unknown {
  const found = value as Json | undefined;
  if (found === undefined) return undefined;
  const codings = list(found['coding']).map((coding) => `${word(coding['system'])}|${word(coding['code'])}`);
  return codings.length > 0 ? codings : text(found['text']);
}

const concepts = (value: unknown): unknown => list(value).map(concept);
const word = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' || value instanceof Number ? value.toString() : '');
const text = (value: unknown): unknown => (value === undefined ? undefined : word(value).replaceAll(/\s+/g, ' ').trim());

function time(value: unknown): unknown {
  return typeof value === 'string' && value.includes('T') ? new Date(value).toISOString() : value;
}

function quantity(value: unknown): unknown {
  const found = value as Json | undefined;
  return found === undefined ? undefined : `${word(found['comparator'])} ${String(Number(found['value']))} ${word(found['code'] ?? found['unit'])}`;
}

function valueOf(from: Json): unknown {
  return [quantity(from['valueQuantity']), concept(from['valueCodeableConcept']), text(from['valueString']), text(from['valueInteger']), text(from['valueBoolean']), time(from['valueDateTime'])];
}

function name(from: unknown): unknown {
  return list(from).map((one) => [text(one['family']), list(one['given']).map(text), one['use']]);
}

/** What must be the same of each type. */
const fields: Readonly<Record<string, (resource: Json) => unknown>> = {
  Patient: (one) => [name(one['name']), one['gender'] ?? 'unknown', one['birthDate'], list(one['identifier']).filter((id) => id['system'] !== 'urn:ietf:rfc:3986').map((id) => [id['system'], id['value']]), list(one['address']).map((address) => [address['line'], address['city'], address['state'], address['postalCode'], address['use']]), list(one['telecom']).map((telecom) => [telecom['value'], telecom['use']])],
  AllergyIntolerance: (one) => [concept(one['code']), concept(one['clinicalStatus']), concept(one['verificationStatus']), one['type'], one['category'], one['criticality'], time(one['onsetDateTime']), list(one['reaction']).map((reaction) => [concepts(reaction['manifestation']), reaction['severity']]), list(one['note']).map((note) => text(note['text']))],
  Condition: (one) => [concept(one['code']), concept(one['clinicalStatus']), concept(one['verificationStatus']) ?? ['http://terminology.hl7.org/CodeSystem/condition-ver-status|confirmed'], time(one['onsetDateTime']), time(one['abatementDateTime']), concepts(one['bodySite']), list(one['note']).map((note) => text(note['text']))],
  MedicationRequest: (one) => [one['status'], one['intent'], one['doNotPerform'], concept(one['medicationCodeableConcept']), concepts(one['reasonCode']), list(one['dosageInstruction']).map(dosage), dispense(one['dispenseRequest'] as Json | undefined)],
  Immunization: (one) => [one['status'], concept(one['vaccineCode']), time(one['occurrenceDateTime']), text(one['lotNumber']), concept(one['route']), concept(one['site']), quantity(one['doseQuantity']), concept(one['statusReason'])],
  Observation: (one) => [concept(one['code']), time(one['effectiveDateTime']), valueOf(one), concepts(one['interpretation']), list(one['component']).map((part) => [concept(part['code']), valueOf(part)]), list(one['referenceRange']).map((range) => [quantity(range['low']), quantity(range['high']), text(range['text'])])],
  Procedure: (one) => [concept(one['code']), one['status'], time(one['performedDateTime']), concepts(one['bodySite'])],
  Encounter: (one) => [concepts(one['type']), one['status'] === 'unknown' ? 'finished' : one['status'], time((one['period'] as Json | undefined)?.['start']), time((one['period'] as Json | undefined)?.['end'])],
  Coverage: (one) => [concept(one['type']), text(one['subscriberId']), text(one['order'])],
  ServiceRequest: (one) => [concept(one['code']), one['status'], one['intent'], concepts(one['reasonCode'])],
};

function dosage(one: Json): unknown {
  const dose = list(one['doseAndRate'])[0] ?? {};
  const repeat = ((one['timing'] as Json | undefined)?.['repeat'] ?? {}) as Json;
  return [text(one['text']), concept(one['route']), quantity(dose['doseQuantity']), repeat['frequency'], text(repeat['period']), repeat['periodUnit'], time((repeat['boundsPeriod'] as Json | undefined)?.['start'])];
}

function dispense(one: Json | undefined): unknown {
  return one === undefined ? undefined : [quantity(one['quantity']), one['numberOfRepeatsAllowed']];
}

/** Each resource of the declared types as a line, sorted: the same lines are the same fields. */
export function declaredFields(bundle: Bundle, types: readonly string[] = Object.keys(fields)): string[] {
  return (bundle.entry ?? []).flatMap(({ resource }) => {
    if (resource === undefined || !types.includes(resource.resourceType)) return [];
    return [`${resource.resourceType} ${JSON.stringify(fields[resource.resourceType]!(resource as unknown as Json))}`];
  }).toSorted();
}
