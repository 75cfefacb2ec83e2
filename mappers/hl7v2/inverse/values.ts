/** FHIR data types back as those of HL7 version 2: the inverse of types/, by the same tables of codes. */
import type { Address, CodeableConcept, Coding, ContactPoint, HumanName, Identifier, Quantity } from '@medplum/fhirtypes';
import type { Hl7Component, Hl7Field, Hl7Repetition } from '../syntax/message.ts';
import { codeSystemName, sourceCode } from '../types/code-systems.ts';

type Piece = string | undefined | readonly (string | undefined)[];

/** A repetition of components, each a text or subcomponents. */
export function repetition(...pieces: readonly Piece[]): Hl7Repetition {
  return pieces.map((piece): Hl7Component => (typeof piece === 'object' ? piece.map((each) => each ?? '') : [piece ?? '']));
}

/** A field of what is there. */
export function field<T>(values: readonly T[] | undefined, write: (value: T) => Hl7Repetition | undefined): Hl7Field {
  return (values ?? []).map(write).filter((each): each is Hl7Repetition => each !== undefined && each.some((component) => component.some((value) => value !== '')));
}

/** DTM; what FHIR has of a time of day needs its offset. */
export function dtm(value: string | undefined): string | undefined {
  const match = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(?:T(\d{2}):(\d{2}):(\d{2})(\.\d{1,4})?\d*(Z|[+-]\d{2}:\d{2}))?$/.exec(value ?? '');
  if (match === null) return undefined;
  const [, year, month = '', day = '', hour = '', minute = '', second = '', fraction = '', offset = ''] = match;
  return `${year}${month}${day}${hour}${minute}${second}${fraction}${offset === 'Z' ? '+0000' : offset.replace(':', '')}`;
}

/** HD of a system: a universal id, or the namespace that the assigner is called. */
function authority(system: string | undefined, assigner: string | undefined): Piece {
  const oid = /^urn:oid:(.+)$/.exec(system ?? '')?.[1];
  if (oid !== undefined) return [assigner, oid, 'ISO'];
  const uuid = /^urn:uuid:(.+)$/.exec(system ?? '')?.[1];
  if (uuid !== undefined) return [assigner, uuid, 'UUID'];
  return system === undefined ? assigner : [assigner, system, 'URI'];
}

export function cx({ value, system, type, assigner, period }: Identifier): Hl7Repetition | undefined {
  const isKnown = system === 'http://hl7.org/fhir/sid/us-ssn' || system === 'http://hl7.org/fhir/sid/us-npi';
  return value === undefined ? undefined : repetition(value, undefined, undefined, isKnown ? assigner?.display : authority(system, assigner?.display), type?.coding?.[0]?.code, undefined, dtm(period?.start), dtm(period?.end));
}

export function ei({ value, system, assigner }: Identifier): Hl7Repetition | undefined {
  const told = authority(system, assigner?.display);
  const [namespace, id, kind] = typeof told === 'object' ? told : [told, undefined, undefined];
  return value === undefined ? undefined : repetition(value, namespace, id, kind);
}

export function xpn({ family, given, suffix, prefix, use, period }: HumanName): Hl7Repetition {
  return repetition(family, given?.[0], given?.slice(1).join(' '), suffix?.[0], prefix?.[0], suffix?.[1], sourceCode('NameType', use), undefined, undefined, undefined, undefined, dtm(period?.start), dtm(period?.end));
}

export function xad({ line, city, state, postalCode, country, use, type, district }: Address): Hl7Repetition {
  return repetition(line?.[0], line?.slice(1).join(', '), city, state, postalCode, country, sourceCode('AddressType[Use]', use) ?? sourceCode('AddressType[Type]', type), undefined, district);
}

/** XTN with the number as it is written, in the component for that. */
export function xtn({ value, system, use, extension }: ContactPoint): Hl7Repetition | undefined {
  if (value === undefined) return undefined;
  const piece = (name: string): string | undefined => extension?.find(({ url }) => url === `http://hl7.org/fhir/StructureDefinition/contactpoint-${name}`)?.valueString;
  const mobile = use === 'mobile';
  const kind = system === 'email' ? 'Internet' : mobile ? 'CP' : sourceCode('TelecommunicationEquipmentType', system);
  const told = mobile ? 'PRN' : sourceCode('TelecommunicationUseCode', use);
  if (system === 'email') return repetition(undefined, told, kind, value);
  if (piece('local') !== undefined) return repetition(undefined, told, kind, undefined, piece('country'), piece('area'), piece('local'), piece('extension'));
  return repetition(undefined, told, kind, undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined, value);
}

/** CWE of the first two codings; a code that a table translated is told as it was before. */
export function cwe(concept: CodeableConcept | undefined, table?: string): Hl7Repetition | undefined {
  if (concept === undefined) return undefined;
  const codings = (concept.coding ?? []).filter(({ system }) => system !== 'http://terminology.hl7.org/CodeSystem/data-absent-reason');
  const back = table === undefined ? undefined : sourceCode(table, codings[0]?.code);
  const isSentBeside = back !== undefined && codings.slice(1).some(({ code }) => code === back);
  const [first, second] = isSentBeside ? codings.slice(1) : codings;
  const triplet = (coding: Coding | undefined, code: string | undefined): Piece[] => [code ?? coding?.code, coding?.display, codeSystemName(coding?.system)];
  return repetition(...triplet(first, isSentBeside ? undefined : back), ...triplet(second, undefined), first?.version, second?.version, concept.text);
}

/** XCN of a practitioner. */
export function xcn(identifier: Identifier | undefined, name: HumanName | undefined): Hl7Repetition {
  const { family, given, suffix, prefix } = name ?? {};
  return repetition(identifier?.value, family, given?.[0], given?.slice(1).join(' '), suffix?.[0], prefix?.[0], suffix?.[1], undefined, identifier?.system === 'http://hl7.org/fhir/sid/us-npi' ? undefined : authority(identifier?.system, identifier?.assigner?.display), undefined, undefined, undefined, identifier?.type?.coding?.[0]?.code);
}

/** The unit of a quantity as a CWE. */
export function unitOf({ code, unit, system }: Quantity): Hl7Repetition {
  return code === undefined ? repetition(unit) : repetition(code, unit, codeSystemName(system));
}
