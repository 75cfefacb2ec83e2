/**
 * Persons and organizations with a part in the document or a statement: names, addresses, and who they are to it.
 * Source: CDA R2, 4.2.2 (participants); C-CDA 2.1, US Realm Header and US Realm Person Name, Address; HL7 v3 Data Types
 */
import { translated } from '../codes/translate.ts';
import type { Source, SourceResource } from './source.ts';
import { codedOf, conceptIfAny, conceptOf, idsOf, intervalOf, timeElement, timeOf } from './values.ts';
import type { Writing } from './writing.ts';
import { el, type XmlElement } from './xml.ts';

/** A HumanName; its null flavor where there is none. */
export function nameOf(name: Source | undefined): XmlElement {
  if (name === undefined) return el('name', { nullFlavor: 'NI' });
  const isMaiden = name.peek('use') === 'maiden';
  const use = isMaiden ? undefined : translated('FC-NameUse', textOf(name, 'use'));
  if (use !== undefined || isMaiden) name.use('use');
  const parts = [
    ...name.texts('prefix').map((part) => el('prefix', {}, part)),
    ...name.texts('given').map((part) => el('given', {}, part)),
    ...[name.text('family')].flatMap((part) => (part === undefined ? [] : el('family', isMaiden ? { qualifier: 'BR' } : {}, part))),
    ...name.texts('suffix').map((part) => el('suffix', {}, part)),
  ];
  const period = name.one('period');
  if (parts.length === 0) {
    const text = name.text('text');
    return text === undefined ? el('name', { nullFlavor: 'NI' }) : el('name', { use }, text);
  }
  return el('name', { use }, parts, period === undefined ? undefined : intervalOf('validTime', period));
}

function textOf(source: Source, name: string): string | undefined {
  const value = source.peek(name);
  return typeof value === 'string' ? value : undefined;
}

/** An Address. */
export function addressOf(address: Source): XmlElement {
  const uses = [translated('FC-AddressUse', textOf(address, 'use')), address.peek('type') === 'postal' ? 'PST' : undefined].filter((use) => use !== undefined);
  if (translated('FC-AddressUse', textOf(address, 'use')) !== undefined) address.use('use');
  if (address.peek('type') === 'postal') address.use('type');
  const parts = [
    ...address.texts('line').map((line) => el('streetAddressLine', {}, line)),
    ...([['city', 'city'], ['state', 'state'], ['postalCode', 'postalCode'], ['country', 'country'], ['county', 'district']] as const).flatMap(([part, element]) => {
      const text = address.text(element);
      return text === undefined ? [] : el(part, {}, text);
    }),
  ];
  const period = address.one('period');
  const text = parts.length === 0 ? address.text('text') : undefined;
  return el('addr', { use: uses.length === 0 ? undefined : uses.join(' '), nullFlavor: parts.length === 0 && text === undefined ? 'NI' : undefined }, parts, text, period === undefined || parts.length === 0 ? undefined : intervalOf('useablePeriod', period, 'IVL_TS'));
}

/** A ContactPoint as a URL; undefined where it has no value. */
export function telecomOf(telecom: Source): XmlElement | undefined {
  const value = telecom.text('value');
  if (value === undefined) return undefined;
  const system = textOf(telecom, 'system');
  const scheme = system === 'fax' ? 'fax' : translated('FC-TelecomType', system);
  if (scheme !== undefined || system === 'other') telecom.use('system');
  const use = translated('FC-TelecomUse', textOf(telecom, 'use'));
  if (use !== undefined) telecom.use('use');
  const period = telecom.one('period');
  const hasScheme = scheme === undefined || scheme === 'http' || value.toLowerCase().startsWith(`${scheme}:`);
  return el('telecom', { value: hasScheme ? value : `${scheme}:${value}`, use }, period === undefined ? undefined : intervalOf('useablePeriod', period, 'IVL_TS'));
}

/** Addresses and telecommunication addresses, in the order of CDA; with null flavors where the header asks for them. */
export function contactsOf(source: Source | undefined, isRequired: boolean): readonly XmlElement[] {
  const addresses = source?.all('address').map(addressOf) ?? [];
  const telecoms = source?.all('telecom').flatMap((telecom) => telecomOf(telecom) ?? []) ?? [];
  if (!isRequired) return [...addresses, ...telecoms];
  return [...(addresses.length > 0 ? addresses : [el('addr', { nullFlavor: 'NI' })]), ...(telecoms.length > 0 ? telecoms : [el('telecom', { nullFlavor: 'NI' })])];
}

/** An Organization as an element of its kind. Custodians have one address and one telecommunication address only. */
export function organizationOf(c: Writing, name: string, organization: SourceResource, isCustodian = false): XmlElement {
  const { source } = organization;
  source.use('active');
  const telecoms = source.all('telecom').flatMap((telecom) => telecomOf(telecom) ?? []);
  const addresses = source.all('address').map(addressOf);
  const words = source.text('name');
  return el(
    name, {}, idsOf(c, organization), words === undefined ? el('name', { nullFlavor: 'NI' }) : el('name', {}, words),
    isCustodian ? telecoms[0] ?? el('telecom', { nullFlavor: 'NI' }) : telecoms,
    isCustodian ? addresses[0] ?? el('addr', { nullFlavor: 'NI' }) : addresses,
  );
}

interface Party {
  readonly person?: SourceResource;
  readonly organization?: SourceResource;
  readonly role?: SourceResource;
  readonly device?: SourceResource;
}

function partyOf(c: Writing, found: SourceResource): Party | undefined {
  if (found.type === 'PractitionerRole') {
    const person = c.bundle.resolve(found.source.one('practitioner'));
    const organization = c.bundle.resolve(found.source.one('organization'));
    return { role: found, ...(person && { person }), ...(organization && { organization }) };
  }
  if (found.type === 'Organization') return { organization: found };
  if (found.type === 'Device') return { device: found };
  return found.type === 'Practitioner' || found.type === 'RelatedPerson' || found.type === 'Patient' ? { person: found } : undefined;
}

/**
 * Who a reference means, as assignedEntity or assignedAuthor; undefined where it leads to nobody of the Bundle.
 * @param isHeader the header asks for an address and a telecommunication address, if only to say that there is none
 */
export function assignedOf(c: Writing, name: 'assignedEntity' | 'assignedAuthor', reference: Source | undefined, isHeader = false): XmlElement | undefined {
  const found = c.bundle.resolve(reference);
  const party = found === undefined ? undefined : partyOf(c, found);
  if (party === undefined) return undefined;
  const { person, organization, role, device } = party;
  const holder = person ?? device ?? role ?? organization!;
  const words = role?.source.one('specialty') ?? role?.source.one('code');
  const position = conceptIfAny('code', words) ?? (device === undefined ? undefined : conceptIfAny('code', device.source.one('type')));
  // A person of a role without a person is the role's organization alone.
  const contacts = person !== undefined || device !== undefined ? (person ?? device)!.source : role?.source;
  if (role !== undefined && contacts !== role.source) role.source.use('telecom');
  return el(
    name, {}, holder.type === 'Organization' ? el('id', { nullFlavor: 'NI' }) : idsOf(c, holder), position, contactsOf(contacts, isHeader),
    person === undefined ? undefined : el('assignedPerson', {}, namesOf(person.source)),
    device === undefined ? undefined : deviceOf(device.source),
    organization === undefined ? undefined : organizationOf(c, 'representedOrganization', organization),
  );
}

function namesOf(person: Source): readonly XmlElement[] {
  person.use('active');
  const names = person.all('name').map(nameOf);
  return names.length === 0 ? [nameOf(undefined)] : names;
}

function deviceOf(device: Source): XmlElement {
  const model = device.one('deviceName');
  model?.use('type');
  const modelName = model?.text('name');
  const software = device.one('version')?.text('value');
  return el('assignedAuthoringDevice', {}, modelName === undefined ? el('manufacturerModelName', { nullFlavor: 'NI' }) : el('manufacturerModelName', {}, modelName), software === undefined ? el('softwareName', { nullFlavor: 'NI' }) : el('softwareName', {}, software));
}

/** An author participation with its time. */
export function authorOf(c: Writing, time: string | undefined, reference: Source | undefined, isHeader = false): XmlElement {
  const author = assignedOf(c, 'assignedAuthor', reference, isHeader) ?? el('assignedAuthor', {}, el('id', { nullFlavor: 'NI' }), isHeader ? contactsOf(undefined, true) : undefined);
  return el('author', {}, isHeader ? undefined : el('templateId', { root: '2.16.840.1.113883.10.20.22.4.119' }), timeElement('time', time), author);
}

/**
 * The authors of a resource: those that a Provenance names, else who recorded it and when.
 * @param who elements that name the author, the first that is there
 * @param when the element with the time
 */
export function authorsOf(c: Writing, resource: SourceResource, who: readonly string[], when: string): readonly XmlElement[] {
  const told = provenancesOf(c, resource).map(({ time, agent }) => authorOf(c, time, agent));
  const reference = who.map((name) => resource.source.one(name)).find((one) => one !== undefined);
  if (told.length > 0) {
    // Read with the Provenance, which says the same.
    c.bundle.resolve(reference);
    resource.source.use(when);
    return told;
  }
  const time = resource.source.text(when);
  return reference === undefined && timeOf(time) === undefined ? [] : [authorOf(c, time, reference)];
}

function provenancesOf(c: Writing, resource: SourceResource): { time: string | undefined; agent: Source | undefined }[] {
  return (c.provenances.get(resource) ?? []).flatMap((source) => {
    const agents = source.all('agent').filter((agent) => agent.one('type')?.all('coding').some((coding) => coding.peek('code') === 'author') ?? false);
    if (agents.length === 0) return [];
    const time = source.text('recorded') ?? source.text('occurredDateTime');
    return agents.map((agent) => {
      agent.one('type')?.all('coding').forEach((coding) => coding.use('system', 'code', 'display'));
      c.bundle.resolve(agent.one('onBehalfOf'));
      return { time, agent: agent.one('who') };
    });
  });
}

/** Performers, each an assignedEntity; with their function where there is one. */
export function performersOf(c: Writing, references: readonly Source[]): readonly XmlElement[] {
  return references.flatMap((reference) => {
    const entity = assignedOf(c, 'assignedEntity', reference);
    return entity === undefined ? [] : [el('performer', {}, entity)];
  });
}

/** A performer with a role and a time, such as a member of a team. */
export function memberOf(c: Writing, reference: Source | undefined, role: Source | undefined, period?: Source): XmlElement | undefined {
  const entity = assignedOf(c, 'assignedEntity', reference);
  if (entity === undefined) return undefined;
  return el('performer', { typeCode: 'PRF' }, conceptIfAny('sdtc:functionCode', role), period === undefined ? undefined : intervalOf('time', period), entity);
}

/** A concept or a coding of an extension, as a code. */
export function extensionCode(name: string, extension: Source | undefined): XmlElement | undefined {
  if (extension === undefined) return undefined;
  const concept = extension.one('valueCodeableConcept');
  const found = concept === undefined ? codedOf(name, extension.one('valueCoding')) : conceptOf(name, concept);
  if (found !== undefined) extension.use('url');
  return found;
}
