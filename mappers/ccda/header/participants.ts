/**
 * Persons, organizations and devices that have a part in a document or statement: Practitioner with PractitionerRole,
 * Organization, Device, RelatedPerson. Each once, by its number; one without a number by where it is first named.
 * Source: C-CDA on FHIR, "Participations"; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-practitionerrole.html
 */
import type { Cursor } from '../../draft.ts';
import { businessKey, type Conversion, type Placed } from '../conversion.ts';
import { putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifiers } from '../values/identifier.ts';
import { putAddress, putContacts, putName, putTelecom } from '../values/person.ts';
import { type Element, ownText } from '../xml/element.ts';

const persons = ['assignedPerson', 'relatedPerson', 'associatedPerson', 'informationRecipient'];
const organizations = ['representedOrganization', 'scopingOrganization', 'receivedOrganization', 'providerOrganization', 'representedCustodianOrganization', 'guardianOrganization'];
const npi = '2.16.840.1.113883.4.6';

function firstOf(from: Element, names: readonly string[]): Element | undefined {
  for (const child of from.children) if (names.includes(child.name)) return child;
  return undefined;
}

/**
 * Who has a part: the role of a practitioner in an organization, or whatever of it is told.
 * @param role assignedEntity, assignedAuthor, associatedEntity, intendedRecipient, relatedEntity
 */
export function participant(c: Conversion, role: Element | undefined, rule: string): Placed | undefined {
  if (role === undefined) return undefined;
  return entity(c, role, rule, () => {
    c.consult(role, 'classCode', 'nullFlavor');
    const device = role.child('assignedAuthoringDevice');
    if (device !== undefined) return authoringDevice(c, role, device, rule);
    if (isPatient(c, role)) return c.patient;
    if (role.name === 'relatedEntity') return relatedPerson(c, role, rule);
    return practitioner(c, role, rule);
  });
}

/** The organization of an element that is one. */
export function organization(c: Conversion, from: Element | undefined, rule: string): Placed | undefined {
  if (from === undefined) return undefined;
  return entity(c, from, rule, () => {
    c.consult(from, 'classCode', 'nullFlavor');
    const name = from.all('name').find((one) => one.text !== undefined);
    const key = businessKey(from);
    if (name === undefined && key === undefined) return undefined;
    const placed = key === undefined ? c.placed('Organization', from) : c.keyed('Organization', ...key);
    const at = placed.cursor;
    putIdentifiers(c, at, from, rule);
    at.set('active', true);
    if (name !== undefined && at.peek('name') === undefined) {
      c.consult(name, 'xsi:type', 'use');
      c.put(at, 'name', name.text, name, ownText, rule);
    }
    putConcept(c, at.another('type'), from.child('standardIndustryClassCode'), rule);
    putContacts(c, at, from, rule, 'home');
    return placed;
  });
}

/** A relative, guardian or other person around the patient. */
export function relatedPerson(c: Conversion, role: Element, rule: string): Placed | undefined {
  const person = firstOf(role, persons);
  if (person?.child('name')?.text === undefined && !saysSomething(c, role.child('code')) && businessKey(role) === undefined) return undefined;
  const placed = c.placed('RelatedPerson', role);
  const at = placed.cursor;
  putIdentifiers(c, at, role, rule);
  at.set('active', true);
  c.refer(at, 'patient', c.patient);
  putConcept(c, at.another('relationship'), role.child('code'), rule);
  const classCode = relationshipOfClass[role.get('classCode') ?? ''];
  if (classCode !== undefined) c.put(at.another('relationship').another('coding').set('system', classCode.system), 'code', classCode.code, role, 'classCode', rule);
  for (const name of person?.all('name') ?? []) putName(c, at.another('name'), name, rule);
  putContacts(c, at, role, rule);
  return placed;
}

const relationshipOfClass: Readonly<Record<string, { system: string; code: string }>> = {
  ECON: { system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'C' },
  NOK: { system: 'http://terminology.hl7.org/CodeSystem/v2-0131', code: 'N' },
  GUARD: { system: 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', code: 'GUARD' },
  PRS: { system: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass', code: 'PRS' },
};

/** The same element content twice is the same party: what it says is said already. */
function entity(c: Conversion, from: Element, rule: string, make: () => Placed | undefined): Placed | undefined {
  const content = `${rule}${c.contentOf(from)}`;
  const known = c.parties.get(content);
  if (known !== undefined) {
    from.useAll();
    return known;
  }
  const placed = make();
  if (placed !== undefined) c.parties.set(content, placed);
  return placed;
}

function isPatient(c: Conversion, role: Element): boolean {
  if (c.patient === undefined) return false;
  const key = businessKey(role);
  const isSelf = role.child('code')?.get('code') === 'ONESELF' || role.get('classCode') === 'PAT';
  if (isSelf || (key !== undefined && c.urlOf('Patient', ...key) === c.patient.url)) {
    role.useAll();
    return true;
  }
  return false;
}

function authoringDevice(c: Conversion, role: Element, device: Element, rule: string): Placed | undefined {
  const key = businessKey(role);
  const placed = key === undefined ? c.placed('Device', role) : c.keyed('Device', ...key);
  const at = placed.cursor;
  putIdentifiers(c, at, role, rule);
  const maker = device.child('manufacturerModelName');
  const software = device.child('softwareName');
  c.consult(device, 'classCode');
  if (maker?.text !== undefined && at.peek('deviceName') === undefined) c.put(at.another('deviceName').set('type', 'model-name'), 'name', maker.text, maker, ownText, rule);
  if (software?.text !== undefined && at.peek('version') === undefined) c.put(at.another('version'), 'value', software.text, software, ownText, rule);
  putConcept(c, at.within('type'), device.child('code') ?? role.child('code'), rule);
  c.refer(at, 'owner', organization(c, firstOf(role, organizations), rule));
  if (at.peek('contact') === undefined) for (const telecom of role.all('telecom')) putTelecom(c, at.another('contact'), telecom, rule);
  for (const address of role.all('addr')) c.leave(address, 'a device of FHIR has no address');
  return placed;
}

function practitioner(c: Conversion, role: Element, rule: string): Placed | undefined {
  const person = firstOf(role, persons);
  const names = person?.all('name').filter((name) => name.text !== undefined) ?? [];
  const employer = organization(c, firstOf(role, organizations), rule);
  const key = practitionerKey(role);
  if (names.length === 0 && key === undefined) {
    // An organization that acts without a person.
    if (employer === undefined) return undefined;
    putContacts(c, employer.cursor, role, rule, 'home');
    return employer;
  }
  const placed = key === undefined ? c.placed('Practitioner', role) : c.keyed('Practitioner', ...key);
  const at = placed.cursor;
  if (person !== undefined) c.consult(person, 'classCode', 'determinerCode');
  putIdentifiers(c, at, role, rule);
  if (at.peek('name') === undefined) for (const name of names) putName(c, at.another('name'), name, rule);
  else leaveRepeated(c, person);
  const isAddressed = at.peek('address') !== undefined;
  const isCalled = at.peek('telecom') !== undefined;
  putContacts(c, at, role, rule);
  for (const address of isAddressed ? role.all('addr') : []) leaveRepeated(c, address);
  for (const telecom of isCalled ? role.all('telecom') : []) leaveRepeated(c, telecom);
  putPersonCodes(c, at, person, rule);
  const code = role.child('code');
  if (employer === undefined && !saysSomething(c, code)) return placed;
  const position = c.keyed('PractitionerRole', placed.url, employer?.url ?? '', code?.get('code') ?? '', code?.get('codeSystem') ?? '');
  c.refer(position.cursor, 'practitioner', placed);
  c.refer(position.cursor, 'organization', employer);
  const element = code?.get('codeSystem') === '2.16.840.1.113883.6.101' ? 'specialty' : 'code';
  if (position.cursor.peek(element) === undefined) putConcept(c, position.cursor.another(element), code, rule);
  // Who can be called is told with the role too (us-core-practitionerrole asks for it).
  if (position.cursor.peek('telecom') === undefined) position.cursor.set('telecom', at.peek('telecom') as never);
  return position;
}

/** What was said of the same person before. */
function leaveRepeated(c: Conversion, from: Element | undefined): void {
  if (from !== undefined) c.leave(from, 'the same person is told of earlier in the document');
}

function putPersonCodes(c: Conversion, at: Cursor, person: Element | undefined, rule: string): void {
  if (person === undefined || at.peek('qualification') !== undefined) return;
  for (const code of person.all('sdtc:asPatientRelationship')) c.leave(code, 'who a practitioner is to the patient has no place');
  for (const specialty of person.all('sdtc:specialty')) putConcept(c, at.another('qualification').within('code'), specialty, rule);
}

/** By the national number where there is one: a person has it everywhere. */
function practitionerKey(role: Element): readonly [string, string] | undefined {
  for (const id of role.all('id')) {
    const extension = id.get('extension');
    if (id.get('root') === npi && extension !== undefined) return [npi, extension];
  }
  return businessKey(role);
}

/** A place where something was done: participant with a service delivery location, healthCareFacility. */
export function location(c: Conversion, role: Element | undefined, rule: string): Placed | undefined {
  if (role === undefined) return undefined;
  return entity(c, role, rule, () => {
    c.consult(role, 'classCode', 'nullFlavor');
    for (const template of role.all('templateId')) template.useAll();
    const place = role.child('playingEntity') ?? role.child('location');
    const name = place?.child('name');
    if (name?.text === undefined && !saysSomething(c, role.child('code')) && businessKey(role) === undefined) return undefined;
    const key = businessKey(role);
    const placed = key === undefined ? c.placed('Location', role) : c.keyed('Location', ...key);
    const at = placed.cursor;
    putIdentifiers(c, at, role, rule);
    if (name !== undefined && at.peek('name') === undefined) {
      c.consult(name, 'xsi:type');
      c.put(at, 'name', name.text, name, ownText, rule);
    }
    if (place !== undefined) c.consult(place, 'classCode', 'determinerCode');
    if (at.peek('type') === undefined) putConcept(c, at.another('type'), role.child('code'), rule);
    if (at.peek('telecom') === undefined) for (const telecom of role.all('telecom')) putTelecom(c, at.another('telecom'), telecom, rule);
    if (at.peek('address') === undefined) putAddress(c, at.within('address'), role.child('addr') ?? place?.child('addr'), rule);
    c.refer(at, 'managingOrganization', organization(c, role.child('serviceProviderOrganization') ?? role.child('scopingEntity'), rule));
    return placed;
  });
}
