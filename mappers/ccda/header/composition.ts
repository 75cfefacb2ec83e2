/**
 * The header to Composition: what the document is, who wrote, signed and keeps it, what it is about, what it replaces.
 * Source: CDA R2, 4.2 (header); https://hl7.org/fhir/R4/composition.html; C-CDA on FHIR, "CDA header"
 */
import { nameBasedUuid } from '../../../fhir/ids.ts';
import type { Cursor } from '../../draft.ts';
import { type Conversion, dataAbsent, type Placed } from '../conversion.ts';
import { authorOf, putPart } from '../provenance.ts';
import { codeOf, putConcept, requireConcept, saysSomething } from '../values/concept.ts';
import { putIdentifier, putIdentifiers } from '../values/identifier.ts';
import { putPeriod, putTime } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { putConsent } from './consent.ts';
import { organization, participant, relatedPerson } from './participants.ts';

const relations: Readonly<Record<string, string>> = { RPLC: 'replaces', APND: 'appends', XFRM: 'transforms' };
const confidentialities: ReadonlySet<string> = new Set(['U', 'L', 'M', 'N', 'R', 'V']);
const extensions = 'http://hl7.org/fhir/us/ccda/StructureDefinition/';

/** The Composition of the header; its sections are put by who reads the body. */
export function putComposition(c: Conversion, document: Element): Placed {
  const placed = c.keyed('Composition', c.key);
  const at = placed.cursor;
  putVersion(c, at, document);
  at.set('status', 'final');
  requireConcept(c, at.within('type'), document.child('code'), 'document/code');
  c.refer(at, 'subject', c.patient);
  c.refer(at, 'encounter', c.encounter);
  if (!putTime(c, at, 'date', document.child('effectiveTime'), 'document/effectiveTime')) c.absent(at, 'date', 'unknown');
  putAuthors(c, placed, document);
  putTitle(c, at, document);
  const confidentiality = document.child('confidentialityCode');
  const level = confidentiality?.get('code');
  if (confidentiality !== undefined && level !== undefined && confidentialities.has(level)) {
    c.put(at, 'confidentiality', level, confidentiality, 'code', 'document/confidentialityCode');
    c.consult(confidentiality, 'codeSystem', 'codeSystemName', 'displayName', 'xsi:type');
  }
  putAttesters(c, at, document);
  const custodian = document.at('custodian', 'assignedCustodian', 'representedCustodianOrganization');
  c.refer(at, 'custodian', organization(c, custodian, 'custodian'));
  putRelations(c, at, document);
  putEvents(c, placed, document);
  putOthers(c, placed, document);
  return placed;
}

function putVersion(c: Conversion, at: Cursor, document: Element): void {
  const id = document.child('id');
  const set = document.child('setId');
  // FHIR has one identifier for all versions, which is what a set is; the document's own one is that of the Bundle.
  if (set !== undefined) putIdentifier(c, at.within('identifier'), set, 'document/setId');
  if (!at.within('identifier').exists && id !== undefined) putIdentifier(c, at.within('identifier'), id, 'document/id');
  const version = document.child('versionNumber');
  const number = version?.get('value');
  if (version !== undefined && number !== undefined && /^\d{1,9}$/.test(number)) c.put(at.another('extension').set('url', `${extensions}VersionNumber`), 'valueInteger', Number(number), version, 'value', 'document/versionNumber');
  const language = document.child('languageCode');
  const code = codeOf(language);
  if (language !== undefined && code !== undefined && /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(code)) {
    c.put(at, 'language', code, language, 'code', 'document/languageCode');
    c.consult(language, 'codeSystem', 'xsi:type', 'codeSystemName', 'displayName');
  }
}

function putTitle(c: Conversion, at: Cursor, document: Element): void {
  const title = document.child('title');
  if (title?.text !== undefined) {
    title.isOne = true;
    c.consult(title, 'xsi:type', 'mediaType', 'representation');
    c.put(at, 'title', title.text, title, ownText, 'document/title');
    return;
  }
  const code = document.child('code');
  if (code === undefined || !c.put(at, 'title', code.get('displayName'), code, 'displayName', 'document/code')) c.absent(at, 'title', 'unknown');
}

function putAuthors(c: Conversion, placed: Placed, document: Element): void {
  for (const author of document.all('author')) {
    const who = authorOf(c, author);
    c.referItem(placed.cursor, 'author', who);
    putPart(c, author, who, 'author', placed);
  }
  if (placed.cursor.peek('author') === undefined) placed.cursor.set('author', [{ extension: [dataAbsent('unknown')] }]);
}

function putAttesters(c: Conversion, at: Cursor, document: Element): void {
  for (const [name, mode] of [['legalAuthenticator', 'legal'], ['authenticator', 'professional']] as const) {
    for (const one of document.all(name)) {
      c.consult(one, 'typeCode', 'contextControlCode');
      const signature = one.child('signatureCode');
      if (signature !== undefined) c.consult(signature, 'code', 'codeSystem', 'nullFlavor');
      const who = participant(c, one.child('assignedEntity'), name);
      if (who === undefined) continue;
      const attester = at.another('attester').set('mode', mode);
      c.refer(attester, 'party', who);
      putTime(c, attester, 'time', one.child('time'), `${name}/time`);
    }
  }
}

function putRelations(c: Conversion, at: Cursor, document: Element): void {
  for (const related of document.all('relatedDocument')) {
    const code = relations[related.get('typeCode') ?? ''];
    const parent = related.child('parentDocument');
    const id = parent?.child('id');
    if (code === undefined || id === undefined) continue;
    const relation = at.another('relatesTo');
    if (!putIdentifier(c, relation.within('targetIdentifier'), id, 'relatedDocument/id')) continue;
    c.put(relation, 'code', code, related, 'typeCode', 'relatedDocument/typeCode');
    for (const more of parent!.children) if (more !== id) c.leave(more, 'a relation of FHIR names the other document by one identifier');
  }
}

/** What the document is about: service events with their performers as care teams, and orders that it fulfils. */
function putEvents(c: Conversion, { cursor }: Placed, document: Element): void {
  for (const holder of document.all('documentationOf')) {
    const from = holder.child('serviceEvent');
    if (from === undefined) continue;
    c.consult(holder, 'typeCode');
    c.consult(from, 'classCode', 'moodCode');
    for (const template of from.all('templateId')) template.useAll();
    const event = cursor.another('event');
    if (saysSomething(c, from.child('code'))) putConcept(c, event.another('code'), from.child('code'), 'serviceEvent/code');
    putPeriod(c, event.within('period'), from.child('effectiveTime'), 'serviceEvent/time');
    for (const id of from.all('id')) {
      if (id.get('root') === undefined) c.consult(id, 'nullFlavor');
      else c.leave(id, 'an event of a composition has no identifier');
    }
    c.referItem(event, 'detail', careTeam(c, from));
  }
  for (const holder of document.all('inFulfillmentOf')) {
    const order = holder.child('order');
    if (order === undefined) continue;
    c.consult(holder, 'typeCode');
    c.consult(order, 'classCode', 'moodCode');
    const request = c.stated('ServiceRequest', order);
    putIdentifiers(c, request.cursor, order, 'order/id');
    request.cursor.set('status', 'unknown').set('intent', 'order');
    putConcept(c, request.cursor.within('code'), order.child('code'), 'order/code');
    c.refer(request.cursor, 'subject', c.patient);
    c.referItem(cursor.another('event'), 'detail', request);
  }
}

function careTeam(c: Conversion, event: Element): Placed | undefined {
  const performers = event.all('performer');
  const members = performers.flatMap((performer) => {
    c.consult(performer, 'typeCode');
    for (const template of performer.all('templateId')) template.useAll();
    const who = participant(c, performer.child('assignedEntity'), 'serviceEvent/performer');
    return who === undefined ? [] : [{ performer, who }];
  });
  if (members.length === 0) return undefined;
  const team = c.placed('CareTeam', event);
  c.refer(team.cursor, 'subject', c.patient);
  for (const { performer, who } of members) {
    const member = team.cursor.another('participant');
    c.refer(member, 'member', who);
    const role = performer.child('functionCode') ?? performer.at('assignedEntity', 'code');
    putConcept(c, member.another('role'), role, 'serviceEvent/function');
    putPeriod(c, member.within('period'), performer.child('time'), 'serviceEvent/performer/time');
  }
  return team;
}

/** Parts that a Composition has no element for: Provenance tells them, relatives are resources, recipients an extension. */
function putOthers(c: Conversion, placed: Placed, document: Element): void {
  for (const enterer of document.all('dataEnterer')) putPart(c, enterer, participant(c, enterer.child('assignedEntity'), 'dataEnterer'), 'enterer', placed);
  for (const informant of document.all('informant')) putPart(c, informant, participant(c, informant.child('assignedEntity') ?? informant.child('relatedEntity'), 'informant'), 'informant', placed);
  for (const recipient of document.all('informationRecipient')) {
    c.consult(recipient, 'typeCode');
    const who = participant(c, recipient.child('intendedRecipient'), 'informationRecipient');
    if (who !== undefined) c.refer(placed.cursor.another('extension').set('url', `${extensions}InformationRecipientExtension`), 'valueReference', who);
  }
  for (const other of document.all('participant')) putParticipant(c, placed, other);
  for (const holder of document.all('authorization')) putConsent(c, holder);
  for (const fixed of [document.child('realmCode'), document.child('typeId'), ...document.all('templateId')]) fixed?.useAll();
}

function putParticipant(c: Conversion, placed: Placed, part: Element): void {
  const role = part.child('associatedEntity');
  if (role === undefined) return;
  c.consult(part, 'typeCode', 'contextControlCode', 'nullFlavor');
  for (const template of part.all('templateId')) template.useAll();
  const classCode = role.get('classCode');
  const isRelative = part.get('typeCode') === 'IND' || ['ECON', 'NOK', 'PRS', 'GUARD', 'CAREGIVER', 'AGNT'].includes(classCode ?? '');
  const isFormal = part.get('typeCode') === 'HLD' || part.get('typeCode') === 'COV' || classCode === 'PAYOR' || classCode === 'POLHOLD';
  if (isRelative && !isFormal) {
    const person = relatedPerson(c, role, 'participant');
    if (person !== undefined) putPeriod(c, person.cursor.within('period'), part.child('time'), 'participant/time');
    return;
  }
  const who = participant(c, role, 'participant');
  if (who === undefined) return;
  if (part.get('typeCode') === 'CALLBCK') putPart(c, part, who, 'attester', placed);
  else c.refer(placed.cursor.another('extension').set('url', `${extensions}ParticipantExtension`), 'valueReference', who);
}

/** A UUID of the whole document, for one that does not say which it is. */
export function keyOfText(text: string): string {
  return nameBasedUuid('priora:ccda:text', text);
}
