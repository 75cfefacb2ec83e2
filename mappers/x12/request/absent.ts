/**
 * What US Core requires and a 278 need not say: marked as unknown, by data-absent-reason, never invented.
 * Source: US Core 7.0.0 (Practitioner.identifier and name.family, PractitionerRole pd-1, Organization.name, Patient.name, Encounter.type).
 */
import type { CodeableConcept, ContactPoint, Element, Extension, HumanName, Identifier } from '@medplum/fhirtypes';
import { SYSTEM } from '../pas.ts';

const UNKNOWN: Extension[] = [{ url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' }];

/** System of identifiers that are URIs: what has no number of its own is named by its URN. */
export const URI_SYSTEM = 'urn:ietf:rfc:3986';

export function uriIdentifier(fullUrl: string): Identifier {
  return { system: URI_SYSTEM, value: fullUrl };
}

/** A telephone number nobody gave. */
export function unknownTelecom(): ContactPoint {
  const telecom: ContactPoint & { _value: Element } = { system: 'phone', _value: { extension: UNKNOWN } };
  return telecom;
}

/** A person's name nobody gave, with a family name to be unknown. */
export function unknownFamily(name: HumanName | undefined): HumanName {
  const unknown: HumanName & { _family: Element } = { ...name, _family: { extension: UNKNOWN } };
  return unknown;
}

export function unknownName(): HumanName {
  return { extension: UNKNOWN };
}

/** Member of an Organization whose name nobody gave. */
export function unknownOrganizationName(): { _name: Element } {
  return { _name: { extension: UNKNOWN } };
}

export function unknownConcept(): CodeableConcept {
  return { coding: [{ system: SYSTEM.dataAbsent, code: 'unknown' }] };
}
