/**
 * The header: patient, authors, custodian, signatures, what is documented, and the encounter.
 * Source: C-CDA 2.1, US Realm Header; C-CDA on FHIR, "Patient" (FC-patient)
 */
import { translated } from '../codes/translate.ts';
import { assignedOf, authorOf, contactsOf, extensionCode, nameOf, addressOf, telecomOf, organizationOf } from './parties.ts';
import type { Source, SourceResource } from './source.ts';
import { codedOf, conceptIfAny, flavorOf, idsOf, intervalOf, timeElement, timeOf } from './values.ts';
import type { Writing } from './writing.ts';
import { type Content, el, type XmlElement } from './xml.ts';

const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';
const core = 'http://hl7.org/fhir/StructureDefinition/';
const raceSystem = '2.16.840.1.113883.6.238';

/** The patient; an empty record target where the Bundle has none, which is told. */
export function recordTarget(c: Writing): XmlElement {
  if (c.patient === undefined) return el('recordTarget', {}, el('patientRole', {}, el('id', { nullFlavor: 'NI' }), contactsOf(undefined, true), el('patient', {}, nameOf(undefined), el('administrativeGenderCode', { nullFlavor: 'NI' }), el('birthTime', { nullFlavor: 'NI' }))));
  const { source } = c.patient;
  const organization = c.bundle.resolve(source.one('managingOrganization'));
  source.use('active');
  return el('recordTarget', {}, el('patientRole', {}, idsOf(c, c.patient), contactsOf(source, true), personOf(source), organization?.type === 'Organization' ? organizationOf(c, 'providerOrganization', organization) : undefined));
}

function personOf(source: Source): XmlElement {
  const names = source.all('name').map(nameOf);
  const extension = (url: string): Source | undefined => source.all('extension').find((one) => one.peek('url') === url);
  const birth = timeOf(source.text('birthDate'));
  const [race, ...races] = categoriesOf('raceCode', extension(`${usCore}us-core-race`));
  const [ethnicity, ...ethnicities] = categoriesOf('ethnicGroupCode', extension(`${usCore}us-core-ethnicity`));
  const place = extension(`${core}patient-birthPlace`);
  const birthplace = place?.one('valueAddress');
  if (birthplace !== undefined) place!.use('url');
  const guardians = source.all('contact').filter((contact) => contact.all('relationship').some((one) => one.all('coding').some((coding) => coding.peek('code') === 'GUARD')));
  return el(
    'patient', {}, names.length > 0 ? names : nameOf(undefined), genderOf(source), birth === undefined ? el('birthTime', { nullFlavor: 'UNK' }) : el('birthTime', { value: birth }), deathOf(source), birthOrderOf(source),
    conceptIfAny('maritalStatusCode', source.one('maritalStatus')), extensionCode('religiousAffiliationCode', extension(`${core}patient-religion`)),
    race ?? el('raceCode', { nullFlavor: 'UNK' }), races.map((one) => el('sdtc:raceCode', one.attributes)), ethnicity ?? el('ethnicGroupCode', { nullFlavor: 'UNK' }), ethnicities.map((one) => el('sdtc:ethnicGroupCode', one.attributes)),
    guardians.map(guardianOf), birthplace === undefined ? undefined : el('birthplace', {}, el('place', {}, addressOf(birthplace))), source.all('communication').map(languageOf),
  );
}

/** `unknown` is what FHIR has where nobody knows. */
function genderOf(source: Source): XmlElement {
  const code = translated('FC-AdministrativeGender', source.text('gender'));
  return el('administrativeGenderCode', code === undefined ? { nullFlavor: 'UNK' } : { code, codeSystem: '2.16.840.1.113883.5.1' });
}

function deathOf(source: Source): Content {
  const time = timeOf(source.text('deceasedDateTime'));
  if (time !== undefined) return [el('sdtc:deceasedInd', { value: 'true' }), el('sdtc:deceasedTime', { value: time })];
  const indicator = source.text('deceasedBoolean');
  return indicator === undefined ? undefined : el('sdtc:deceasedInd', { value: indicator });
}

function birthOrderOf(source: Source): Content {
  const order = source.text('multipleBirthInteger');
  if (order !== undefined) return [el('sdtc:multipleBirthInd', { value: 'true' }), el('sdtc:multipleBirthOrderNumber', { value: order })];
  const indicator = source.text('multipleBirthBoolean');
  return indicator === undefined ? undefined : el('sdtc:multipleBirthInd', { value: indicator });
}

/** The categories, then the details; the text of all of it follows from these. */
function categoriesOf(name: string, extension: Source | undefined): readonly XmlElement[] {
  if (extension === undefined) return [];
  extension.use('url');
  return ['ombCategory', 'detailed'].flatMap((url) => extension.all('extension').filter((part) => part.peek('url') === url)).flatMap((part) => {
    const coding = part.one('valueCoding');
    part.use('url');
    if (coding?.peek('system') === 'http://terminology.hl7.org/CodeSystem/v3-NullFlavor') {
      coding.use('system', 'display');
      return [el(name, { nullFlavor: coding.text('code') })];
    }
    const code = codedOf(name, coding);
    return code === undefined ? [] : [el(name, { ...code.attributes, codeSystem: raceSystem })];
  }).concat(readText(extension));
}

function readText(extension: Source): [] {
  for (const part of extension.all('extension')) if (part.peek('url') === 'text') part.use('url', 'valueString');
  return [];
}

function guardianOf(contact: Source): XmlElement {
  for (const one of contact.all('relationship')) for (const coding of one.all('coding')) if (coding.peek('code') === 'GUARD') coding.use('system', 'code', 'display');
  const code = contact.all('relationship').find((one) => one.all('coding').every((coding) => coding.peek('code') !== 'GUARD'));
  return el('guardian', {}, conceptIfAny('code', code), contact.all('address').map(addressOf), contact.all('telecom').flatMap((telecom) => telecomOf(telecom) ?? []), el('guardianPerson', {}, nameOf(contact.one('name'))));
}

function languageOf(communication: Source): XmlElement {
  const coding = communication.one('language')?.one('coding');
  coding?.use('system', 'display');
  const code = coding?.text('code');
  const preferred = communication.text('preferred');
  const proficiency = communication.all('extension').find((one) => one.peek('url') === `${core}patient-proficiency`);
  const part = (url: string, name: string): XmlElement | undefined => extensionCode(name, proficiency?.all('extension').find((one) => one.peek('url') === url));
  proficiency?.use('url');
  return el('languageCommunication', {}, el('languageCode', code === undefined ? { nullFlavor: flavorOf(communication.one('language')) } : { code }), part('type', 'modeCode'), part('level', 'proficiencyLevelCode'), preferred === undefined ? undefined : el('preferenceInd', { value: preferred }));
}

/** Who wrote the document: those of the Composition, each with the document's time. Nobody is a null flavor. */
export function authors(c: Writing, composition: Source | undefined, time: string): readonly XmlElement[] {
  const references = composition?.all('author') ?? [];
  const found = references.filter((reference) => c.bundle.resolve(reference) !== undefined).map((reference) => authorOf(c, time, reference, true));
  return found.length > 0 ? found : [authorOf(c, time, undefined, true)];
}

/** The organization that keeps the document: the Composition's, else that of the patient. */
export function custodian(c: Writing, composition: Source | undefined): XmlElement {
  const found = c.bundle.resolve(composition?.one('custodian')) ?? c.bundle.resolve(c.patient?.source.one('managingOrganization'));
  const organization = found?.type === 'Organization' ? organizationOf(c, 'representedCustodianOrganization', found, true)
    : el('representedCustodianOrganization', {}, el('id', { nullFlavor: 'NI' }), el('name', { nullFlavor: 'NI' }), el('telecom', { nullFlavor: 'NI' }), el('addr', { nullFlavor: 'NI' }));
  return el('custodian', {}, el('assignedCustodian', {}, organization));
}

/** Signatures: the legal one, then those of others. */
export function attesters(c: Writing, composition: Source | undefined): readonly XmlElement[] {
  const all = composition?.all('attester') ?? [];
  return ([['legal', 'legalAuthenticator'], ['professional', 'authenticator']] as const).flatMap(([mode, name]) => all.filter((one) => one.peek('mode') === mode).flatMap((one) => {
    const entity = assignedOf(c, 'assignedEntity', one.one('party'), true);
    if (entity === undefined) return [];
    one.use('mode');
    return [el(name, {}, timeElement('time', one.text('time')), el('signatureCode', { code: 'S' }), entity)];
  }));
}

/** What the document is about, with the care team of it; a CCD has one, whose time is unknown where nobody tells it. */
export function serviceEvents(c: Writing, composition: Source | undefined, isRequired: boolean): readonly XmlElement[] {
  const events = (composition?.all('event') ?? []).filter((event) => event.has('period', 'code') || event.all('detail').some((detail) => c.bundle.resolve(detail)?.type === 'CareTeam'));
  const made = events.map((event) => {
    const teams = event.all('detail').flatMap((detail) => c.bundle.resolve(detail) ?? []).filter((one) => one.type === 'CareTeam');
    return el('documentationOf', {}, el('serviceEvent', { classCode: 'PCPR' }, conceptIfAny('code', event.one('code')), intervalOf('effectiveTime', event.one('period')), teams.flatMap((team) => performersOfTeam(c, team))));
  });
  return made.length > 0 || !isRequired ? made : [el('documentationOf', {}, el('serviceEvent', { classCode: 'PCPR' }, el('effectiveTime', {}, el('low', { nullFlavor: 'NI' }), el('high', { nullFlavor: 'NI' }))))];
}

function performersOfTeam(c: Writing, team: SourceResource): readonly XmlElement[] {
  c.written.add(team);
  c.bundle.resolve(team.source.one('subject'));
  return team.source.all('participant').flatMap((participant) => {
    const entity = assignedOf(c, 'assignedEntity', participant.one('member'));
    const period = participant.one('period');
    if (entity === undefined) return [];
    return [el('performer', { typeCode: 'PRF' }, conceptIfAny('functionCode', participant.one('role')), period === undefined ? undefined : intervalOf('time', period), entity)];
  });
}

/** The encounter that the document is of. Its other values are those of the Encounters section. */
export function encompassingEncounter(c: Writing, composition: Source | undefined): XmlElement | undefined {
  const found = c.bundle.resolve(composition?.one('encounter'));
  if (found?.type !== 'Encounter') return undefined;
  return el('componentOf', {}, el('encompassingEncounter', {}, idsOf(c, found), intervalOf('effectiveTime', found.source.one('period'))));
}

