/**
 * Payers: Policy Activity to Coverage, with payer, member, policy holder, group and order.
 * Source: C-CDA 2.1, Coverage Activity, Policy Activity; https://hl7.org/fhir/us/core/STU7/StructureDefinition-us-core-coverage.html
 */
import type { Cursor } from '../../draft.ts';
import { businessKey, type Conversion, dataAbsent, type Placed } from '../conversion.ts';
import { putConcept, saysSomething } from '../values/concept.ts';
import { putIdentifier, putIdentifiers } from '../values/identifier.ts';
import { putAddress, putContacts, putName } from '../values/person.ts';
import { putPeriod, putTime } from '../values/times.ts';
import { type Element, ownText } from '../xml/element.ts';
import { hasTemplate, statementIn, takeNested } from './nested.ts';
import type { SectionRules } from './rules.ts';
import { markStatement } from './statement.ts';

const root = '2.16.840.1.113883.10.20.22.4.';
const policies = [`${root}61`, '2.16.840.1.113883.10.20.1.26'];
const payerPerformer = [`${root}87`];
const guarantorPerformer = `${root}88`;
const relationships: Readonly<Record<string, string>> = { SELF: 'self', ONESELF: 'self', SPS: 'spouse', HUSB: 'spouse', WIFE: 'spouse', CHILD: 'child', NCHILD: 'child', SON: 'child', DAU: 'child', STPCHLD: 'child', ADOPTF: 'child', PRN: 'parent', MTH: 'parent', FTH: 'parent', DOMPART: 'common', FAMDEP: 'other', HANDICDEP: 'other', INJ: 'injured' };

export const payers: SectionRules = {
  statements: [
    { templates: [`${root}60`, '2.16.840.1.113883.10.20.1.20'], map: coverages },
    { templates: policies, map: (c, statement) => [policy(c, statement)] },
  ],
  sections: [{ code: '48768-6', templates: ['2.16.840.1.113883.10.20.22.2.18'], fallbacks: { act: coverages } }],
};

/** A list of policies, in the order in which they pay. */
function coverages(c: Conversion, act: Element): readonly Placed[] {
  markStatement(c, act);
  for (const name of ['id', 'code', 'statusCode', 'effectiveTime']) for (const part of act.all(name)) if (part.left === undefined) c.leave(part, 'a list of policies is told by its policies');
  takeNested(act, ...policies);
  return act.all('entryRelationship').flatMap((holder) => {
    const statement = statementIn(holder);
    if (statement === undefined || !hasTemplate(statement, ...policies)) return [];
    const made = policy(c, statement);
    const order = holder.child('sequenceNumber');
    if (order !== undefined && /^[1-9]\d{0,3}$/.test(order.get('value') ?? '') && made.cursor.peek('order') === undefined) c.put(made.cursor, 'order', Number(order.get('value')), order, 'value', 'payer/order');
    return [made];
  });
}

function policy(c: Conversion, act: Element): Placed {
  markStatement(c, act);
  const made = c.stated('Coverage', act);
  if (made.again) return made;
  const at = made.cursor;
  const covered = act.all('participant').find((part) => part.get('typeCode') === 'COV');
  const holder = act.all('participant').find((part) => part.get('typeCode') === 'HLD');
  putIdentifiers(c, at, act, 'payer/id');
  at.set('status', 'active');
  putConcept(c, at.within('type'), act.child('code'), 'payer/type');
  putHolder(c, at, holder, covered);
  putCovered(c, at, covered);
  c.refer(at, 'beneficiary', c.patient);
  for (const performer of act.all('performer')) putPayer(c, at, performer);
  if (at.peek('payor') === undefined) at.set('payor', [{ extension: [dataAbsent('unknown')] }]);
  putGroup(c, at, act);
  return made;
}

function putCovered(c: Conversion, at: Cursor, covered: Element | undefined): void {
  const role = covered?.child('participantRole');
  if (covered === undefined || role === undefined) return;
  c.consult(covered, 'typeCode');
  c.consult(role, 'classCode');
  for (const template of [...covered.all('templateId'), ...role.all('templateId')]) template.useAll();
  const member = role.all('id').find((id) => id.get('extension') !== undefined);
  if (member !== undefined) {
    c.put(at, 'subscriberId', member.get('extension'), member, 'extension', 'payer/memberId');
    // The number of the member, which is the identifier of a coverage (MB).
    const identifier = at.another('identifier');
    if (putIdentifier(c, identifier, member, 'payer/memberId')) identifier.set('type', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MB' }] });
  }
  const code = role.child('code');
  const told = relationships[code?.get('code') ?? ''];
  if (told !== undefined) at.within('relationship').setItem('coding', { system: 'http://terminology.hl7.org/CodeSystem/subscriber-relationship', code: told });
  if (saysSomething(c, code)) putConcept(c, at.within('relationship'), code, 'payer/relationship');
  putPeriod(c, at.within('period'), covered.child('time'), 'payer/time');
  for (const name of ['addr', 'telecom', 'playingEntity']) for (const part of role.all(name)) c.leave(part, 'the covered party is the patient, who is told by the header');
}

/** The one whose policy it is, where that is not the patient. */
function putHolder(c: Conversion, at: Cursor, holder: Element | undefined, covered: Element | undefined): void {
  const role = holder?.child('participantRole');
  const isSelf = ['SELF', 'ONESELF'].includes(covered?.at('participantRole', 'code')?.get('code') ?? '');
  if (isSelf) c.refer(at, 'subscriber', c.patient);
  if (holder === undefined || role === undefined) return;
  c.consult(holder, 'typeCode');
  c.consult(role, 'classCode');
  for (const template of [...holder.all('templateId'), ...role.all('templateId')]) template.useAll();
  if (isSelf) {
    c.leave(role, 'the policy holder is the patient, who is told by the header');
    return;
  }
  const entity = role.child('playingEntity');
  const name = entity?.child('name');
  if (name?.text === undefined && !role.all('id').some((id) => id.get('extension') !== undefined)) return;
  const person = c.placed('RelatedPerson', role);
  person.cursor.set('active', true);
  putIdentifiers(c, person.cursor, role, 'payer/holder');
  c.refer(person.cursor, 'patient', c.patient);
  putName(c, person.cursor.another('name'), name, 'payer/holder');
  putTime(c, person.cursor, 'birthDate', entity?.child('sdtc:birthTime'), 'payer/holder', 'date');
  putContacts(c, person.cursor, role, 'payer/holder');
  c.refer(at, 'policyHolder', person);
  c.refer(at, 'subscriber', person);
}

/** The payer, by the number that its role or organization has. */
function putPayer(c: Conversion, at: Cursor, performer: Element): void {
  c.consult(performer, 'typeCode');
  for (const template of performer.all('templateId')) template.useAll();
  const entity = performer.child('assignedEntity');
  if (entity === undefined) return;
  const isGuarantor = hasTemplate(performer, guarantorPerformer) || entity.child('code')?.get('code') === 'GUAR';
  const isPayer = !isGuarantor && (hasTemplate(performer, ...payerPerformer) || entity.child('code')?.get('code') === 'PAYOR' || entity.child('representedOrganization') !== undefined);
  if (!isPayer) {
    c.leave(performer, isGuarantor ? 'a coverage of FHIR has no guarantor' : 'who has a part in a policy other than as its payer');
    return;
  }
  c.consult(entity, 'classCode');
  const organization = entity.child('representedOrganization');
  const name = organization?.child('name');
  const key = (organization === undefined ? undefined : businessKey(organization)) ?? businessKey(entity);
  if (key === undefined && name?.text === undefined) return;
  const payer = key === undefined ? c.placed('Organization', entity) : c.keyed('Organization', ...key);
  const to = payer.cursor;
  putIdentifiers(c, to, entity, 'payer/payer');
  if (organization !== undefined) {
    c.consult(organization, 'classCode');
    putIdentifiers(c, to, organization, 'payer/payer');
  }
  to.set('active', true);
  if (to.peek('type') === undefined) to.setItem('type', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'pay' }] });
  if (name?.text !== undefined && to.peek('name') === undefined) c.put(to, 'name', name.text, name, ownText, 'payer/payer');
  const code = entity.child('code');
  if (code !== undefined) c.consult(code, 'code', 'codeSystem', 'codeSystemName', 'displayName');
  putContacts(c, to, organization?.child('addr') === undefined ? entity : organization, 'payer/payer', 'home');
  if (organization !== undefined && to.peek('address') === undefined) putAddress(c, to.another('address'), organization.child('addr'), 'payer/payer', 'home');
  c.referItem(at, 'payor', payer);
}

/** The id of a policy is the number of its group or contract. */
function putGroup(c: Conversion, at: Cursor, act: Element): void {
  const id = act.all('id').find((one) => one.get('extension') !== undefined);
  if (id === undefined) return;
  const group = at.another('class').set('type', { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-class', code: 'group' }] });
  c.put(group, 'value', id.get('extension'), id, 'extension', 'payer/group');
}
