/** Organizations and practitioners as NM1 loops: NM1, REF, N3, N4, PER, PRV. */
import type { Address, ContactPoint, HumanName, Identifier, Practitioner } from '@medplum/fhirtypes';
import type { IndexedEntry } from '../../../fhir/references.ts';
import { SYSTEM, x12System } from '../pas.ts';
import { URI_SYSTEM } from '../request/absent.ts';
import { buildSegment, type ElementInput, type Segment } from '../segment.ts';
import { codeIn, isType, list } from '../shapes.ts';
import type { Source } from './source.ts';

export interface PartyOptions {
  /** NM101. */
  entity: string;
  /** NM108 where the identifier does not tell its own. */
  fallbackQualifier: string;
  /** PRV01 and PRV03: provider code and taxonomy. */
  specialty?: { provider: string; taxonomy: string };
}

/** NM103 to NM107: family or organization, first, middle, prefix, suffix. */
export type NameElements = readonly [string | undefined, string | undefined, string | undefined, string | undefined, string | undefined];

interface PartyFacts {
  isPerson: boolean;
  /** NM103 to NM107. */
  name: NameElements;
  identifiers: readonly Identifier[];
  address?: Address;
  contactName?: string;
  telecom: readonly ContactPoint[];
  taxonomy?: string;
}

/** The segments of a party; empty for a resource that is no party. */
export function partySegments(source: Source, entry: IndexedEntry | undefined, options: PartyOptions): Segment[] {
  const facts = entry === undefined ? undefined : factsOf(source, entry);
  if (facts === undefined) return [];
  const primary = primaryIdentifier(facts.identifiers, options.fallbackQualifier);
  const taxonomy = options.specialty ?? (facts.taxonomy === undefined ? undefined : { provider: 'PE', taxonomy: facts.taxonomy });
  return [
    buildSegment('NM1', options.entity, facts.isPerson ? '1' : '2', ...facts.name, primary?.qualifier, primary?.value),
    ...referenceSegments(facts.identifiers, primary?.identifier),
    ...addressSegments(facts.address),
    ...contactSegments(facts),
    ...(taxonomy === undefined ? [] : [buildSegment('PRV', taxonomy.provider, 'PXC', taxonomy.taxonomy)]),
  ];
}

/** The X12 entity code (element 98) an Organization or role carries. */
export function entityCode(entry: IndexedEntry | undefined): string | undefined {
  const resource = entry?.resource;
  const system = x12System('98');
  if (isType(resource, 'Organization')) return list(resource.type).map((type) => codeIn(type, system)).find((code) => code !== undefined);
  if (isType(resource, 'PractitionerRole')) return list(resource.code).map((code) => codeIn(code, system)).find((code) => code !== undefined);
  return undefined;
}

function factsOf(source: Source, entry: IndexedEntry): PartyFacts | undefined {
  const { resource } = entry;
  if (isType(resource, 'Organization')) {
    const contact = list(resource.contact)[0];
    const address = list(resource.address)[0];
    return {
      isPerson: false,
      name: [resource.name, undefined, undefined, undefined, undefined],
      identifiers: list(resource.identifier),
      telecom: [...list(contact?.telecom), ...list(resource.telecom)],
      ...(address === undefined ? {} : { address }),
      ...(contact?.name?.text === undefined ? {} : { contactName: contact.name.text }),
    };
  }
  if (isType(resource, 'Practitioner')) return practitionerFacts(resource, list(resource.telecom), list(resource.address)[0]);
  if (!isType(resource, 'PractitionerRole')) return undefined;
  const practitioner = source.resource(resource.practitioner, entry, 'Practitioner', 'practitioner of a role');
  const location = source.resource(list(resource.location)[0], entry, 'Location', 'location of a role');
  if (practitioner === undefined) {
    const organization = source.resolve(resource.organization, entry, 'organization of a role');
    return organization === undefined ? undefined : factsOf(source, organization);
  }
  const taxonomy = list(resource.specialty).map((specialty) => codeIn(specialty, SYSTEM.providerTaxonomy)).find((code) => code !== undefined);
  const facts = practitionerFacts(practitioner, list(resource.telecom), list(practitioner.address)[0] ?? location?.address);
  return taxonomy === undefined ? facts : { ...facts, taxonomy };
}

function practitionerFacts(practitioner: Practitioner, telecom: readonly ContactPoint[], address: Address | undefined): PartyFacts {
  return { isPerson: true, name: nameElements(list(practitioner.name)[0]), identifiers: list(practitioner.identifier), telecom, ...(address === undefined ? {} : { address }) };
}

/** NM103 to NM107 of a person. */
export function nameElements(name: HumanName | undefined): NameElements {
  const [first, ...middle] = list(name?.given);
  const joined = middle.join(' ');
  return [name?.family ?? name?.text, first, joined === '' ? undefined : joined, list(name?.prefix)[0], list(name?.suffix)[0]];
}

const QUALIFIER_BY_SYSTEM: Readonly<Record<string, string>> = { [SYSTEM.npi]: 'XX', [SYSTEM.ein]: '24', [SYSTEM.ssn]: '34' };

interface PrimaryIdentifier {
  qualifier: string;
  value: string;
  identifier: Identifier;
}

function primaryIdentifier(identifiers: readonly Identifier[], fallback: string): PrimaryIdentifier | undefined {
  const candidates = identifiers.flatMap((identifier): PrimaryIdentifier[] => {
    const { value, type, system } = identifier;
    if (value === undefined || system === URI_SYSTEM || codeIn(type, x12System('128')) !== undefined) return [];
    const qualifier = codeIn(type, x12System('66')) ?? QUALIFIER_BY_SYSTEM[system ?? ''] ?? (codeIn(type, SYSTEM.payerIdentifierType) === 'payerid' ? 'PI' : fallback);
    return [{ qualifier, value, identifier }];
  });
  return candidates.find(({ qualifier }) => qualifier === 'XX') ?? candidates[0];
}

/** Identifiers that carry a REF qualifier, and tax or social security numbers that are not in NM1 already. */
export function referenceSegments(identifiers: readonly Identifier[], used?: Identifier): Segment[] {
  return identifiers.flatMap((identifier) => {
    if (identifier === used || identifier.value === undefined) return [];
    const qualifier = codeIn(identifier.type, x12System('128')) ?? { [SYSTEM.ein]: 'EI', [SYSTEM.ssn]: 'SY' }[identifier.system ?? ''];
    return qualifier === undefined ? [] : [buildSegment('REF', qualifier, identifier.value)];
  });
}

/** N3 and N4. */
export function addressSegments(address: Address | undefined): Segment[] {
  if (address === undefined) return [];
  const [first, ...more] = list(address.line);
  const second = more.join(' ');
  return [
    ...(first === undefined ? [] : [buildSegment('N3', first, second)]),
    ...(address.city === undefined && address.state === undefined && address.postalCode === undefined ? [] : [buildSegment('N4', address.city, address.state, withoutDash(address.postalCode), address.country)]),
  ];
}

/** ZIP+4 has a dash in FHIR and none in X12 (PAS 2.2.1, prof-ben-1). */
function withoutDash(postalCode: string | undefined): string | undefined {
  return postalCode?.replace(/^(\d{5})-(\d{4})$/, '$1$2');
}

function contactSegments({ contactName, telecom }: PartyFacts): Segment[] {
  const qualifiers: Readonly<Record<string, string>> = { phone: 'TE', fax: 'FX', email: 'EM', url: 'UR' };
  const numbers = telecom.flatMap((point): [string, string][] => {
    const qualifier = qualifiers[point.system ?? ''];
    if (qualifier === undefined || point.value === undefined) return [];
    const extension = /^(.*) x(\d+)$/.exec(point.value);
    return extension === null ? [[qualifier, point.value]] : [[qualifier, extension[1]!], ['EX', extension[2]!]];
  });
  if (numbers.length === 0 && contactName === undefined) return [];
  const elements: ElementInput[] = numbers.slice(0, 3).flat();
  return [buildSegment('PER', 'IC', contactName, ...elements)];
}
