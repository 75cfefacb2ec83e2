/**
 * recordTarget to Patient: demographics, US Core race and ethnicity, language, guardians, managing organization.
 * Source: C-CDA on FHIR, "Patient" (CF-patient); https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-patient.html
 */
import type { Cursor } from '../../draft.ts';
import { translated } from '../codes/translate.ts';
import { systemOf } from '../codes/systems.ts';
import { businessKey, type Conversion, type Placed } from '../conversion.ts';
import { codeOf, putCoding, putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putAddress, putContacts, putName, putTelecom } from '../values/person.ts';
import { putTime } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { organization } from './participants.ts';

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const core = 'http://hl7.org/fhir/StructureDefinition/';

/** A tag of BCP 47, as far as its form goes. */
const languageForm = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/;
const raceSystem = 'urn:oid:2.16.840.1.113883.6.238';

/** Categories of the Office of Management and Budget; all other codes of the system are below one of these. */
const raceCategories: ReadonlySet<string> = new Set(['1002-5', '2028-9', '2054-5', '2076-8', '2106-3', '2131-1']);
const ethnicityCategories: ReadonlySet<string> = new Set(['2135-2', '2186-5']);

/** The patient of the document. A document without one still has a Patient, so that its statements have a subject. */
export function putPatient(c: Conversion, document: Element): Placed {
  const role = document.at('recordTarget', 'patientRole');
  const key = role === undefined ? undefined : businessKey(role);
  const placed = key === undefined ? c.placed('Patient', role ?? document) : c.keyed('Patient', ...key);
  c.patient = placed;
  if (role === undefined) {
    c.tell('error', 'patient-missing', 'The document names no patient.', document);
    return placed;
  }
  const at = placed.cursor;
  putIdentifiers(c, at, role, 'patient/id');
  const patient = role.child('patient');
  if (patient !== undefined) putPerson(c, at, patient);
  putContacts(c, at, role, 'patient/contact');
  c.refer(at, 'managingOrganization', organization(c, role.child('providerOrganization'), 'patient/organization'));
  for (const other of document.all('recordTarget').slice(1)) {
    c.leave(other, 'a document of several patients is mapped for the first one');
    c.tell('error', 'several-patients', 'The document has several patients: it is mapped for the first one.', other);
  }
  return placed;
}

function putPerson(c: Conversion, at: Cursor, patient: Element): void {
  c.consult(patient, 'classCode', 'determinerCode', 'nullFlavor');
  putExtensions(c, at, patient);
  for (const name of patient.all('name')) putName(c, at.another('name'), name, 'patient/name');
  const gender = patient.child('administrativeGenderCode');
  if (gender !== undefined) {
    const code = translated('CF-AdministrativeGender', gender.get('code')) ?? (gender.get('nullFlavor') === undefined ? undefined : 'unknown');
    c.consult(gender, 'codeSystem', 'codeSystemName', 'displayName', 'nullFlavor');
    if (!c.put(at, 'gender', code, gender, gender.get('code') === undefined ? 'nullFlavor' : 'code', 'patient/gender')) c.tell('warning', 'gender-unknown', 'The administrative gender is none that FHIR has.', gender);
  }
  putTime(c, at, 'birthDate', patient.child('birthTime'), 'patient/birthTime', 'date');
  putDeath(c, at, patient);
  putConcept(c, at.within('maritalStatus'), patient.child('maritalStatusCode'), 'patient/maritalStatus');
  for (const language of patient.all('languageCommunication')) putLanguage(c, at.another('communication'), language);
  for (const guardian of patient.all('guardian')) putGuardian(c, at.another('contact'), guardian);
  putMultipleBirth(c, at, patient);
}

function putDeath(c: Conversion, at: Cursor, patient: Element): void {
  const indicator = patient.child('sdtc:deceasedInd');
  if (putTime(c, at, 'deceasedDateTime', patient.child('sdtc:deceasedTime'), 'patient/deceasedTime')) {
    indicator?.useAll();
    return;
  }
  const sent = indicator?.get('value');
  if (sent === 'true' || sent === 'false') c.put(at, 'deceasedBoolean', sent === 'true', indicator!, 'value', 'patient/deceasedInd');
}

function putMultipleBirth(c: Conversion, at: Cursor, patient: Element): void {
  const order = patient.child('sdtc:multipleBirthOrderNumber');
  const indicator = patient.child('sdtc:multipleBirthInd');
  if (order !== undefined && /^[1-9]\d?$/.test(order.get('value') ?? '')) {
    indicator?.useAll();
    c.put(at, 'multipleBirthInteger', Number(order.get('value')), order, 'value', 'patient/multipleBirth');
  } else if (indicator !== undefined && /^(?:true|false)$/.test(indicator.get('value') ?? '')) {
    c.put(at, 'multipleBirthBoolean', indicator.get('value') === 'true', indicator, 'value', 'patient/multipleBirth');
  }
}

function putExtensions(c: Conversion, at: Cursor, patient: Element): void {
  putCategories(c, at, [...patient.all('raceCode'), ...patient.all('sdtc:raceCode')], `${usCore}us-core-race`, raceCategories, 'patient/race');
  putCategories(c, at, [...patient.all('ethnicGroupCode'), ...patient.all('sdtc:ethnicGroupCode')], `${usCore}us-core-ethnicity`, ethnicityCategories, 'patient/ethnicity');
  const religion = patient.child('religiousAffiliationCode');
  if (saysSomething(c, religion)) putConcept(c, at.another('extension').set('url', `${core}patient-religion`).within('valueCodeableConcept'), religion, 'patient/religion');
  const birthplace = patient.at('birthplace', 'place');
  const address = birthplace?.child('addr');
  if (address?.text !== undefined) {
    c.consult(birthplace!, 'classCode', 'determinerCode');
    putAddress(c, at.another('extension').set('url', `${core}patient-birthPlace`).within('valueAddress'), address, 'patient/birthplace');
  }
}

/** One extension with the categories and what is more detailed; US Core asks for a text of all of it. */
function putCategories(c: Conversion, at: Cursor, codes: readonly Element[], url: string, categories: ReadonlySet<string>, rule: string): void {
  const told = codes.filter((code) => code.get('code') !== undefined || code.get('nullFlavor') === 'UNK' || code.get('nullFlavor') === 'ASKU');
  for (const code of codes) c.consult(code, 'nullFlavor');
  if (told.length === 0) return;
  const extension = at.another('extension').set('url', url);
  const isEthnicity = categories === ethnicityCategories;
  let categoriesPut = 0;
  const words: string[] = [];
  const seen = new Set<string>();
  for (const code of told) {
    const value = codeOf(code);
    if (value !== undefined && seen.has(value)) {
      code.useAll();
      continue;
    }
    if (value !== undefined) seen.add(value);
    const isCategory = value !== undefined && categories.has(value) && categoriesPut < (isEthnicity ? 1 : 5);
    if (isCategory) categoriesPut++;
    if (value === undefined) {
      // The way of US Core to say that it was asked for and is not known.
      if (categoriesPut > 0) continue;
      const unknown = code.get('nullFlavor') === 'ASKU' ? 'ASKU' : 'UNK';
      c.put(extension.another('extension').set('url', 'ombCategory').within('valueCoding').set('system', 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor'), 'code', unknown, code, 'nullFlavor', rule);
      categoriesPut = 5;
      words.push('Unknown');
      continue;
    }
    words.push(code.get('displayName') ?? value);
    if (!isCategory && !isDetail(code, value, isEthnicity)) {
      c.leave(code, 'a code that is no detail of the kind: its words are in the text');
      continue;
    }
    const part = extension.another('extension').set('url', isCategory ? 'ombCategory' : 'detailed').within('valueCoding');
    putCoding(c, part, code, rule);
    part.set('system', raceSystem);
  }
  extension.another('extension').set('url', 'text').set('valueString', words.join(', '));
}

/** The codes of the Centers for Disease Control that are below the categories: races up to 2131, ethnicities from 2137. */
function isDetail(code: Element, value: string, isEthnicity: boolean): boolean {
  const number = Number(/^(\d{4})-\d$/.exec(value)?.[1] ?? 0);
  if (systemOf(code.get('codeSystem') ?? '') !== raceSystem || raceCategories.has(value) || ethnicityCategories.has(value)) return false;
  return isEthnicity ? number >= 2137 && number <= 2184 : number >= 1004 && number <= 2129;
}

function putLanguage(c: Conversion, at: Cursor, from: Element): void {
  const code = from.child('languageCode');
  const sent = code?.get('code');
  if (code === undefined || sent === undefined || !languageForm.test(sent)) {
    if (code !== undefined) c.consult(code, 'nullFlavor');
    c.leave(from, 'a language that is not named');
    return;
  }
  c.put(at.within('language').another('coding').set('system', 'urn:ietf:bcp:47'), 'code', sent, code, 'code', 'patient/language');
  c.consult(code, 'codeSystem', 'codeSystemName', 'displayName', 'xsi:type');
  const preference = from.child('preferenceInd');
  const preferred = preference?.get('value');
  if (preferred === 'true' || preferred === 'false') c.put(at, 'preferred', preferred === 'true', preference!, 'value', 'patient/language');
  const mode = from.child('modeCode');
  const level = from.child('proficiencyLevelCode');
  if (codeOf(mode) === undefined && codeOf(level) === undefined) return;
  const proficiency = at.another('extension').set('url', `${core}patient-proficiency`);
  if (level !== undefined && codeOf(level) !== undefined) putCoding(c, proficiency.another('extension').set('url', 'level').within('valueCoding'), level, 'patient/language');
  if (mode !== undefined && codeOf(mode) !== undefined) putCoding(c, proficiency.another('extension').set('url', 'type').within('valueCoding'), mode, 'patient/language');
}

function putGuardian(c: Conversion, at: Cursor, guardian: Element): void {
  c.consult(guardian, 'classCode', 'nullFlavor');
  putName(c, at.within('name'), guardian.at('guardianPerson', 'name'), 'patient/guardian');
  for (const telecom of guardian.all('telecom')) putTelecom(c, at.another('telecom'), telecom, 'patient/guardian');
  putAddress(c, at.within('address'), guardian.child('addr'), 'patient/guardian');
  c.refer(at, 'organization', organization(c, guardian.child('guardianOrganization'), 'patient/guardian'));
  const name = guardian.at('guardianOrganization', 'name');
  if (!at.exists && name !== undefined) c.consult(name, ownText);
  if (!at.exists) return;
  at.setItem('relationship', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'GUARD' }] });
  putConcept(c, at.another('relationship'), guardian.child('code'), 'patient/guardian');
}
