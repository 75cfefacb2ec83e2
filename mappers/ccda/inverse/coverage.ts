/** Coverage to Coverage Activity with a Policy Activity. Source: C-CDA 2.1, Payers Section. */
import { addressOf, nameOf, telecomOf } from './parties.ts';
import type { Source, SourceResource } from './source.ts';
import { readSubject } from './statements.ts';
import { conceptOf, hasCode, idOf, idsOf, intervalOf, timeElement, wordsOf } from './values.ts';
import { ccda, code, template, textReference, type Writing, type Written } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

const relationshipSystem = 'http://terminology.hl7.org/CodeSystem/subscriber-relationship';
const relationships: Readonly<Record<string, string>> = { self: 'SELF', spouse: 'SPS', child: 'CHILD', parent: 'PRN', common: 'DOMPART', other: 'FAMDEP', injured: 'INJ' };

export function writeCoverage(c: Writing, resource: SourceResource): Written {
  const { source } = resource;
  const id = c.rowId('payer');
  readSubject(c, source, 'beneficiary');
  if (source.peek('status') === 'active') source.use('status');
  const payer = c.bundle.resolve(source.one('payor'));
  const order = source.text('order');
  const { policies, members } = idsOfPolicy(c, resource);
  const policy = el(
    'act', { classCode: 'ACT', moodCode: 'EVN' }, ccda('61', '2015-08-01'), policies, conceptOf('code', source.one('type')), textReference(id), el('statusCode', { code: 'completed' }),
    payer?.type === 'Organization' ? payerOf(c, payer) : undefined, coveredOf(c, source, members), holderOf(c, source),
  );
  const statement = el(
    'act', { classCode: 'ACT', moodCode: 'EVN' }, ccda('60', '2015-08-01'), el('id', { ...c.ownId(resource, 'coverage') }), code('code', 'loinc', '48768-6', 'Payment sources'), el('statusCode', { code: 'completed' }),
    el('entryRelationship', { typeCode: 'COMP' }, order === undefined ? undefined : el('sequenceNumber', { value: order }), policy),
  );
  return { statement, rows: [{ id, cells: [payer === undefined ? '' : payer.source.word('name'), wordsOf(source.one('type')), source.word('subscriberId')] }] };
}

/** The number of the group names the policy, that of the member the covered party. */
function idsOfPolicy(c: Writing, resource: SourceResource): { policies: readonly XmlElement[]; members: readonly XmlElement[] } {
  const { source } = resource;
  const group = source.all('class').find((one) => one.one('type')?.all('coding').some((coding) => coding.peek('code') === 'group'));
  const identifiers = source.all('identifier');
  const isMember = (identifier: Source): boolean => hasCode(identifier.one('type'), 'http://terminology.hl7.org/CodeSystem/v2-0203', 'MB');
  const others = identifiers.filter((one) => !isMember(one)).flatMap((one) => idOf(one) ?? []);
  const ofMember = identifiers.filter(isMember).flatMap((one) => {
    one.one('type')?.all('coding').forEach((coding) => coding.use('system', 'code', 'display'));
    return idOf(one) ?? [];
  });
  const subscriber = source.text('subscriberId');
  const members = ofMember.length > 0 || subscriber === undefined ? ofMember : [el('id', { root: c.ownId(resource, 'members').root, extension: subscriber })];
  const value = group?.text('value');
  group?.one('type')?.all('coding').forEach((coding) => coding.use('system', 'code', 'display'));
  if (others.length > 0 && (value === undefined || others.some((one) => one.attributes['extension'] === value))) return { policies: others, members };
  if (value !== undefined) return { policies: [el('id', { root: c.ownId(resource, 'groups').root, extension: value }), ...others], members };
  return { policies: others.length > 0 ? others : [el('id', { ...c.ownId(resource) })], members };
}

function payerOf(c: Writing, payer: SourceResource): XmlElement {
  const { source } = payer;
  source.use('active');
  for (const kind of source.all('type')) if (hasCode(kind, 'http://terminology.hl7.org/CodeSystem/organization-type', 'pay')) for (const coding of kind.all('coding')) coding.use('system', 'code', 'display');
  const name = source.text('name');
  return el('performer', { typeCode: 'PRF' }, template('2.16.840.1.113883.10.20.22.4.87'), el(
    'assignedEntity', {}, idsOf(c, payer), el('code', { code: 'PAYOR', codeSystem: '2.16.840.1.113883.5.110' }),
    source.all('address').map(addressOf), source.all('telecom').flatMap((telecom) => telecomOf(telecom) ?? []), el('representedOrganization', {}, name === undefined ? el('name', { nullFlavor: 'NI' }) : el('name', {}, name)),
  ));
}

function coveredOf(c: Writing, source: Source, members: readonly XmlElement[]): XmlElement {
  const relationship = source.one('relationship');
  const own = relationship?.all('coding').find((coding) => coding.peek('system') === relationshipSystem);
  const told = relationships[own?.word('code') ?? ''];
  if (told !== undefined) own!.use('system', 'code', 'display');
  const period = source.one('period');
  if (told === 'SELF') c.bundle.resolve(source.one('subscriber'));
  const name = c.patient?.source.one('name');
  return el('participant', { typeCode: 'COV' }, template('2.16.840.1.113883.10.20.22.4.89'), period === undefined ? undefined : intervalOf('time', period), el(
    'participantRole', { classCode: 'PAT' }, members.length > 0 ? members : el('id', { nullFlavor: 'NI' }), told === undefined ? conceptOf('code', relationship) : el('code', { code: told, codeSystem: '2.16.840.1.113883.5.111' }),
    el('playingEntity', {}, nameOf(name)),
  ));
}

/** The policy holder, where it is a relative. */
function holderOf(c: Writing, source: Source): XmlElement | undefined {
  const holder = c.bundle.resolve(source.one('policyHolder')) ?? c.bundle.resolve(source.one('subscriber'));
  if (holder?.type !== 'RelatedPerson') return undefined;
  c.bundle.resolve(source.one('subscriber'));
  readSubject(c, holder.source, 'patient');
  holder.source.use('active');
  const birth = holder.source.text('birthDate');
  return el('participant', { typeCode: 'HLD' }, template('2.16.840.1.113883.10.20.22.4.90', '2015-08-01'), el(
    'participantRole', {}, idsOf(c, holder), holder.source.all('address').map(addressOf), holder.source.all('telecom').flatMap((telecom) => telecomOf(telecom) ?? []),
    el('playingEntity', {}, nameOf(holder.source.one('name')), birth === undefined ? undefined : timeElement('sdtc:birthTime', birth)),
  ));
}
