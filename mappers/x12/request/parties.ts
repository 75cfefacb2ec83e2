/**
 * Who takes part: organizations and practitioners (2010A, 2010B, 2010EA, 2010F) and persons (2010C, 2010D).
 * NM102 tells a person (1) from an organization (2).
 */
import type { Address, ContactPoint, HumanName, Identifier, Organization, Practitioner, PractitionerRole } from '@medplum/fhirtypes';
import { identifierSystem } from '../codes.ts';
import type { NameLoop } from './levels.ts';
import { profile, SYSTEM, x12System } from '../pas.ts';
import { type Segment, valueAt } from '../segment.ts';
import { compact, concept } from '../shapes.ts';
import { unknownFamily, unknownOrganizationName, unknownTelecom, uriIdentifier } from './absent.ts';
import { type Draft, segmentsOf, urnOf } from './draft.ts';
import type { SegmentReader } from './recorder.ts';

/** What a party was mapped to: the reference to use and the specialty for the care team. */
export interface MappedParty {
  reference: string;
  resourceType: 'Organization' | 'PractitionerRole';
}

/** Same content, same party: the key holds all that was sent about it. */
function contentKey(loop: NameLoop, withEntity: boolean): string {
  const segments = loop.segments.filter((segment) => withEntity || segment.id !== 'PRV');
  return JSON.stringify(segments.map((segment) => [segment.id, segment.id === 'NM1' && !withEntity ? segment.elements.slice(1) : segment.elements]));
}

/** Maps a provider or organization loop; `role` names the PAS profile of an organization. */
export function mapParty(draft: Draft, loop: NameLoop, role: 'insurer' | 'requestor' | 'organization'): MappedParty {
  const nm1 = loop.segments[0]!;
  const key = contentKey(loop, role !== 'organization');
  if (valueAt(nm1, 2) !== '1') {
    const fullUrl = urnOf('organization', role, key);
    draft.add(fullUrl, mapOrganization(draft, loop, fullUrl, role));
    return { reference: fullUrl, resourceType: 'Organization' };
  }
  const practitioner = urnOf('practitioner', key);
  const practitionerRole = urnOf('practitioner-role', role, key);
  draft.add(practitionerRole, mapPractitionerRole(draft, loop, practitionerRole, practitioner, role));
  draft.add(practitioner, mapPractitioner(draft, loop, practitioner));
  return { reference: practitionerRole, resourceType: 'PractitionerRole' };
}

function mapOrganization(draft: Draft, loop: NameLoop, fullUrl: string, role: string): Organization {
  const nm1 = draft.readers(loop, 'NM1', fullUrl)[0]!;
  nm1.consult(2);
  const contacts = draft.readers(loop, 'PER', fullUrl).flatMap((per) => {
    const telecom = mapTelecom(per, 'contact[0].telecom');
    const name = per.take('contact[0].name.text', 2);
    return telecom.length === 0 && name === undefined ? [] : [compact<NonNullable<Organization['contact']>[number]>({ name: name === undefined ? undefined : { text: name }, telecom })];
  });
  const type = role === 'organization' ? undefined : concept(x12System('98'), nm1.take('type[0].coding[0].code', 1));
  const name = nm1.take('name', 3);
  return compact<Organization>({
    ...(name === undefined ? unknownOrganizationName() : {}),
    resourceType: 'Organization',
    meta: { profile: [profile(role)] },
    identifier: mapIdentifiers(draft, loop, fullUrl),
    active: true,
    type: type === undefined ? undefined : [type],
    name,
    address: mapAddress(draft, loop, fullUrl),
    contact: contacts,
  });
}

function mapPractitioner(draft: Draft, loop: NameLoop, fullUrl: string): Practitioner {
  const nm1 = draft.readers(loop, 'NM1', fullUrl)[0]!;
  nm1.consult(2);
  const identifiers = mapIdentifiers(draft, loop, fullUrl);
  const name = mapName(nm1)[0];
  return compact<Practitioner>({
    resourceType: 'Practitioner',
    meta: { profile: [profile('practitioner')] },
    identifier: identifiers.length > 0 ? identifiers : [uriIdentifier(fullUrl)],
    name: [name?.family === undefined ? unknownFamily(name) : name],
    address: mapAddress(draft, loop, fullUrl),
  });
}

function mapPractitionerRole(draft: Draft, loop: NameLoop, fullUrl: string, practitioner: string, role: string): PractitionerRole {
  const telecom = draft.readers(loop, 'PER', fullUrl).flatMap((per) => mapTelecom(per, 'telecom'));
  const prv = role === 'requestor' ? draft.readers(loop, 'PRV', fullUrl)[0] : undefined;
  prv?.consult(2);
  const specialty = concept(SYSTEM.providerTaxonomy, prv?.take('specialty[0].coding[0].code', 3));
  const code = role === 'organization' ? undefined : concept(x12System('98'), draft.readers(loop, 'NM1', fullUrl)[0]!.take('code[0].coding[0].code', 1));
  return compact<PractitionerRole>({
    resourceType: 'PractitionerRole',
    meta: { profile: [profile('practitionerrole')] },
    active: true,
    practitioner: { reference: practitioner },
    code: code === undefined ? undefined : [code],
    specialty: specialty === undefined ? undefined : [specialty],
    telecom: telecom.length > 0 ? telecom : [unknownTelecom()],
  });
}

/** NM103 to NM107. */
export function mapName(nm1: SegmentReader): HumanName[] {
  const family = nm1.take('name[0].family', 3);
  const first = nm1.take('name[0].given[0]', 4);
  // A middle name stands first where there is none before it.
  const middle = nm1.take(`name[0].given[${first === undefined ? 0 : 1}]`, 5);
  const given = [first, middle].filter((part) => part !== undefined);
  const prefix = nm1.take('name[0].prefix[0]', 6);
  const suffix = nm1.take('name[0].suffix[0]', 7);
  if (family === undefined && given.length === 0) return [];
  return [compact<HumanName>({ family, given, prefix: prefix === undefined ? undefined : [prefix], suffix: suffix === undefined ? undefined : [suffix] })];
}

/** NM108/NM109 and every REF as identifiers of the resource. */
export function mapIdentifiers(draft: Draft, loop: NameLoop, fullUrl: string): Identifier[] {
  const identifiers: Identifier[] = [];
  const nm1 = draft.readers(loop, 'NM1', fullUrl)[0]!;
  const qualifier = nm1.consult(8);
  const value = nm1.take('identifier[0].value', 9);
  if (value !== undefined) identifiers.push(identifier('66', qualifier, value));
  return [...identifiers, ...mapReferences(draft, loop, fullUrl, identifiers.length)];
}

/** Every REF as an identifier, numbered from `first` on. `skip` holds qualifiers that belong elsewhere. */
export function mapReferences(draft: Draft, loop: NameLoop, fullUrl: string, first: number, skip: readonly string[] = []): Identifier[] {
  const identifiers: Identifier[] = [];
  for (const ref of draft.readers(loop, 'REF', fullUrl)) {
    if (skip.includes(valueAt(ref.segment, 1))) continue;
    const number = ref.take(`identifier[${first + identifiers.length}].value`, 2);
    if (number !== undefined) identifiers.push(identifier('128', ref.consult(1), number));
  }
  return identifiers;
}

function identifier(dataElement: '66' | '128', qualifier: string, value: string): Identifier {
  const coding = [{ system: x12System(dataElement), code: qualifier }, ...(qualifier === 'PI' ? [{ system: SYSTEM.payerIdentifierType, code: 'payerid' }] : [])];
  return compact<Identifier>({ type: qualifier === '' ? undefined : { coding }, system: identifierSystem(dataElement, qualifier), value });
}

/** N3 and N4. */
export function mapAddress(draft: Draft, loop: NameLoop, fullUrl: string): Address[] {
  const n3 = draft.readers(loop, 'N3', fullUrl)[0];
  const n4 = draft.readers(loop, 'N4', fullUrl)[0];
  if (n3 === undefined && n4 === undefined) return [];
  return [
    compact<Address>({
      line: [n3?.take('address[0].line[0]', 1), n3?.take('address[0].line[1]', 2)].filter((line) => line !== undefined),
      city: n4?.take('address[0].city', 1),
      state: n4?.take('address[0].state', 2),
      postalCode: n4?.take('address[0].postalCode', 3),
      country: n4?.take('address[0].country', 4),
    }),
  ];
}

/** Communication number qualifiers (365) and the systems of contact points. */
export const TELECOM = { TE: 'phone', FX: 'fax', EM: 'email', UR: 'url' } as const;

/** PER03 to PER08; an extension (EX) is written behind the number before it. */
function mapTelecom(per: SegmentReader, path: string): ContactPoint[] {
  const telecom: ContactPoint[] = [];
  for (const at of [3, 5, 7]) {
    const qualifier = valueAt(per.segment, at);
    const last = telecom.at(-1);
    if (qualifier === 'EX' && last !== undefined) {
      const extension = per.take(`${path}[${telecom.length - 1}].value`, at + 1);
      per.consult(at);
      if (extension !== undefined) last.value = `${last.value} x${extension}`;
    } else if (qualifier === 'TE' || qualifier === 'FX' || qualifier === 'EM' || qualifier === 'UR') {
      const value = per.take(`${path}[${telecom.length}].value`, at + 1);
      per.consult(at);
      if (value !== undefined) telecom.push({ system: TELECOM[qualifier], value });
    }
  }
  return telecom;
}

/** The taxonomy code of a care team member (PRV03). */
export function takeSpecialty(draft: Draft, loop: NameLoop, fullUrl: string, path: string): string | undefined {
  const prv: Segment | undefined = segmentsOf(loop.segments, 'PRV')[0];
  if (prv === undefined) return undefined;
  const reader = draft.recorder.reader(loop.id, prv, fullUrl);
  reader.consult(2);
  return reader.take(path, 3);
}
