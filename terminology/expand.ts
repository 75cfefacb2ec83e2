/**
 * Expansions: which codes a value set has, a page at a time, with what is wanted beside them
 * (https://hl7.org/fhir/R4/valueset-operation-expand.html).
 */
import type { Extension, ValueSetComposeIncludeConcept, ValueSetComposeIncludeConceptDesignation, ValueSetExpansionContains } from '@medplum/fhirtypes';
import { codeKey, propertiesFor, type ConceptProperty, type Designation, type NumberedConcept } from './concepts.ts';
import { detailed, extensionsOf, merged, standardsStatus, statusOf, supplementsTo, type ExtensionValue } from './details.ts';
import { shownOf } from './displays.ts';
import { TerminologyRefusal } from './issues.ts';
import type { WantedLanguages } from './languages.ts';
import type { Elsewhere, Part, Scheme } from './scheme.ts';
import { canonicalOf, splitCanonical, type CodeSystemHead, type TerminologySource } from './source.ts';
import { withListed } from './validate.ts';
import { versionsHere } from './versions-wanted.ts';
import { wordsOf } from './words.ts';

export interface ExpandRequest {
  readonly source: TerminologySource;
  readonly scheme: Scheme;
  /** Every word of it begins a word of a concept. */
  readonly filter: string | undefined;
  readonly offset: number;
  /** Undefined: all of it, unless there are more than {@link mostUnpaged}. */
  readonly count: number | undefined;
  readonly languages: WantedLanguages | undefined;
  readonly includeDesignations: boolean;
  /** `urn:ietf:bcp:47|de`, `system|code` of a use: of the designations only these. */
  readonly designations: readonly string[];
  /** Properties that are wanted. */
  readonly properties: readonly string[];
  /** A flat list in place of a tree. */
  readonly excludeNested: boolean;
  /** Without what is only a heading. */
  readonly excludeNotForUI: boolean;
  readonly supplements: readonly CodeSystemHead[];
  /** Codes that several versions of a system have are told once. */
  readonly versionsMatch: boolean;
}

/** Codes that are told without being asked for by pages. */
export const mostUnpaged = 1000;
/** Codes on one page. */
export const mostOnPage = 10_000;

/** R5 has these as elements; R4 tells them as extensions (https://hl7.org/fhir/R5/valueset-definitions.html). */
const containsProperty = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.contains.property';
export const expansionProperty = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property';

export interface Expanded {
  readonly total: number;
  readonly contains: readonly ValueSetExpansionContains[];
  /** Code and uri of the properties that are told. */
  readonly properties: ReadonlyMap<string, string>;
  /** Canonicals. */
  readonly used: { readonly codeSystems: readonly string[]; readonly supplements: readonly string[]; readonly fragments: readonly string[] };
}

/** @throws {TerminologyRefusal} `value-set-too-large`, `unknown-system`, `unknown-system-version` */
export async function expand(request: ExpandRequest): Promise<Expanded> {
  const { scheme, count, offset } = request;
  const unknown = scheme.elsewhere.find(({ codes }) => codes === 'unknown');
  if (unknown !== undefined) throw await unknownSystem(unknown, request.source);
  const limit = Math.min(count ?? mostUnpaged, mostOnPage);
  const words = wordsOf([request.filter ?? '']);
  const systems = scheme.parts.map(({ system }) => system);
  const excluded = excludedVersions(scheme);
  const contains: Entry[] = [];
  const properties = new Map<string, string>();
  let total = 0;
  for (const part of ordered(request)) {
    const skip = Math.max(0, offset - total);
    const room = Math.max(0, limit - contains.length);
    const found = await page(part, words, skip, room, request, properties);
    total += found.total;
    const several = excluded.some((canonical) => splitCanonical(canonical).url === part.system.url) || systems.some((other) => other !== part.system && other.url === part.system.url);
    for (const entry of found.entries) contains.push(several ? { ...entry, contains: { ...entry.contains, version: part.system.version } } : entry);
  }
  for (const { system, version, codes } of scheme.elsewhere) {
    if (codes === 'unknown') continue;
    const listed = [...codes.values()].filter((concept) => words.every((word) => wordsOf([concept.code ?? '', concept.display ?? '']).some((one) => one.startsWith(word))));
    const skip = Math.max(0, offset - total);
    contains.push(...listed.slice(skip, skip + Math.max(0, limit - contains.length)).map((concept) => ({ contains: entryElsewhere(system, version, concept) })));
    total += listed.length;
  }
  if (count === undefined && total - offset > mostUnpaged) throw new TerminologyRefusal('value-set-too-large', { valueSet: canonicalOf(scheme.valueSet), limit: mostUnpaged });
  return {
    total, properties, contains: request.excludeNested || count !== undefined || offset > 0 ? contains.map((entry) => entry.contains) : await nested(contains, request),
    used: {
      codeSystems: systems.map(canonicalOf).concat(excluded),
      supplements: [...new Set(systems.flatMap((system) => supplementsTo(system, request.supplements)))].map(canonicalOf),
      fragments: systems.filter(({ content }) => content === 'fragment').map(canonicalOf),
    },
  };
}

async function unknownSystem({ system, version }: Elsewhere, source: TerminologySource): Promise<TerminologyRefusal> {
  const known = await versionsHere(system, source);
  return version === undefined || known.length === 0 ? new TerminologyRefusal('unknown-system', { system }) : new TerminologyRefusal('unknown-system-version', { system, version, versions: known.join(', ') });
}

interface Entry {
  readonly contains: ValueSetExpansionContains;
  /** What it stands for, where it may be nested. */
  readonly of?: { readonly part: Part; readonly concept: number };
}

/** The parts; where versions match, the latest first, and earlier ones without what it has. */
function ordered({ scheme, versionsMatch }: ExpandRequest): readonly Part[] {
  if (!versionsMatch) return scheme.parts;
  const later: Part[] = [];
  return scheme.parts.toSorted((a, b) => (a.system.url === b.system.url ? (a.system.version < b.system.version ? 1 : -1) : 0)).map((part) => {
    const same = later.filter(({ system }) => system.url === part.system.url);
    later.push(part);
    return same.length === 0 ? part : { ...part, where: { kind: 'and', of: [part.where, ...same.map(({ system, where }) => ({ kind: 'not', of: { kind: 'elsewhere', system, where } }) as const)] } };
  });
}

/** Versions that only an exclude has to do with. */
function excludedVersions(scheme: Scheme): string[] {
  const urls = new Set(scheme.parts.map(({ system }) => system.url));
  return (scheme.valueSet.resource.compose?.exclude ?? []).flatMap(({ system, version }) => system !== undefined && version !== undefined && urls.has(system) && !scheme.parts.some((part) => part.system.url === system && part.system.version === version) ? [`${system}|${version}`] : []);
}

async function page(part: Part, words: readonly string[], offset: number, limit: number, request: ExpandRequest, properties: Map<string, string>): Promise<{ entries: Entry[]; total: number }> {
  const { system } = part;
  const { source } = request;
  const where = request.excludeNotForUI ? { kind: 'and', of: [part.where, { kind: 'not', of: { kind: 'abstract' } }] } as const : part.where;
  const supplemented = supplementsTo(system, request.supplements).length > 0;
  const selected = await source.select(system, {
    where, words, offset, limit,
    designations: request.includeDesignations || request.languages !== undefined || supplemented || request.designations.length > 0,
    properties: request.properties.length > 0 || (system.resource.property ?? []).length > 0,
  });
  const concepts = part.onlyListed && selected.total <= limit ? selected.concepts.toSorted(byList(part)) : selected.concepts;
  // What a text filter finds in a whole system is a list of findings.
  const isNested = system.nested && !part.onlyListed && !(words.length > 0 && part.where.kind === 'all');
  const whole = await detailed(concepts, system, request.supplements, source);
  const entries = whole.map((one): Entry => {
    const concept = merged(one);
    const listed = part.listed.get(codeKey(concept.code, system.caseSensitive));
    return { contains: entryOf(concept, listed, system, request, properties), ...(isNested && { of: { part, concept: concept.number } }) };
  });
  return { entries, total: selected.total };
}

function byList({ listed, system }: Part): (a: NumberedConcept, b: NumberedConcept) => number {
  const places = new Map([...listed.keys()].map((key, index) => [key, index]));
  const place = ({ code }: NumberedConcept): number => places.get(codeKey(code, system.caseSensitive)) ?? 0;
  return (a, b) => place(a) - place(b);
}

function entryElsewhere(system: string, version: string | undefined, { code, display, designation }: ValueSetComposeIncludeConcept): ValueSetExpansionContains {
  return { system, ...(version !== undefined && { version }), code, ...(display !== undefined && { display }), ...(designation && { designation }) };
}

function extensionsIn(listed: ValueSetComposeIncludeConcept | undefined): readonly ExtensionValue[] {
  return (listed?.extension ?? []) as unknown as readonly ExtensionValue[];
}

function entryOf(concept: NumberedConcept, listed: ValueSetComposeIncludeConcept | undefined, system: CodeSystemHead, request: ExpandRequest, told: Map<string, string>): ValueSetExpansionContains {
  const named = withListed(concept, listed);
  const shown = shownOf({ display: named.display, language: system.resource.language, designations: named.designations }, request.languages);
  const designations = request.includeDesignations || request.designations.length > 0 ? shown.designations.filter((one) => isWanted(one, request.designations)).map(designationOf) : [];
  const properties = propertiesOf(concept, listed, system, request, told);
  const extensions = [...extensionsToTell(extensionsOf(concept)), ...extensionsToTell(extensionsIn(listed)), ...properties];
  return {
    ...(extensions.length > 0 && { extension: extensions }),
    system: system.url,
    ...(concept.abstract && { abstract: true }),
    ...(concept.inactive && { inactive: true }),
    code: concept.code,
    ...(shown.display !== undefined && { display: shown.display }),
    ...(designations.length > 0 && { designation: designations }),
  };
}

function isWanted({ language = '', use }: Designation, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((one) => one === `urn:ietf:bcp:47|${language}` || one === `${use?.system ?? ''}|${use?.code ?? ''}` || one === language);
}

function designationOf({ language, use, value, extension }: Designation): ValueSetComposeIncludeConceptDesignation {
  const told = extensionsToTell((extension ?? []) as readonly ExtensionValue[], true);
  return { ...(told.length > 0 && { extension: told }), ...(language !== undefined && { language }), ...(use && { use }), value };
}

/** Extensions that FHIR defines and that are told as properties here. */
const asProperties: ReadonlyMap<string, { readonly code: string; readonly uri: string }> = new Map([
  ['codesystem-conceptOrder', 'order'], ['valueset-conceptOrder', 'order'],
  ['codesystem-label', 'label'], ['valueset-label', 'label'], ['itemWeight', 'weight'],
].map(([name = '', code = '']) => [`http://hl7.org/fhir/StructureDefinition/${name}`, { code, uri: `http://hl7.org/fhir/concept-properties#${code === 'weight' ? 'itemWeight' : code}` }]));

function extensionsToTell(extensions: readonly ExtensionValue[], ofDesignation = false): ExtensionValue[] {
  return extensions.filter(({ url }) => url.startsWith('http://hl7.org/fhir/StructureDefinition/') && !asProperties.has(url) && (ofDesignation || url !== standardsStatus));
}

function propertiesOf(concept: NumberedConcept, listed: ValueSetComposeIncludeConcept | undefined, system: CodeSystemHead, { properties: wanted, supplements }: ExpandRequest, told: Map<string, string>): Extension[] {
  const found: Extension[] = [];
  const tell = (code: string, uri: string | undefined, value: Record<string, unknown>): void => {
    if (uri !== undefined || !told.has(code)) told.set(code, uri ?? '');
    found.push({ url: containsProperty, extension: [{ url: 'code', valueCode: code }, { url: 'value', ...value }] });
  };
  const status = statusOf(concept, system);
  if (status !== undefined && status !== 'active') tell('status', 'http://hl7.org/fhir/concept-properties#status', { valueCode: status });
  const marked = new Map([...extensionsOf(concept), ...extensionsIn(listed)].flatMap((extension) => {
    const property = asProperties.get(extension.url);
    return property === undefined ? [] : [[property.code, { property, extension }] as const];
  }));
  for (const { property, extension } of marked.values()) {
    const value = extension['valueInteger'] ?? extension['valueDecimal'] ?? extension['valueString'];
    tell(property.code, property.uri, typeof value === 'string' ? { valueString: value } : { valueDecimal: value });
  }
  for (const name of wanted) {
    if (name === 'definition') {
      if (concept.definition !== undefined) tell('definition', 'http://hl7.org/fhir/concept-properties#definition', { valueString: concept.definition });
      continue;
    }
    const names = propertiesFor(system.resource, name);
    for (const property of concept.properties) {
      if ((name === '*' || names.includes(property.code)) && !(property.code === 'status' && status !== undefined)) tell(property.code, uriOf(property.code, [system, ...supplements]), valueOf(property));
    }
  }
  return found;
}

function uriOf(code: string, systems: readonly CodeSystemHead[]): string | undefined {
  return systems.flatMap(({ resource }) => resource.property ?? []).find((one) => one.code === code)?.uri;
}

/** A property's value as an element. */
export function valueOf({ type, value, system, display }: ConceptProperty): Record<string, unknown> {
  switch (type) {
    case 'code': return { valueCode: value };
    case 'string': return { valueString: value };
    case 'boolean': return { valueBoolean: value === 'true' };
    case 'integer': return { valueInteger: Number(value) };
    case 'decimal': return { valueDecimal: Number(value) };
    case 'dateTime': return { valueDateTime: value };
    case 'Coding': return { valueCoding: { ...(system !== undefined && { system }), code: value, ...(display !== undefined && { display }) } };
  }
}

/** As a tree, where what is above a concept in its system is in the expansion, too. */
async function nested(entries: readonly Entry[], { source }: ExpandRequest): Promise<ValueSetExpansionContains[]> {
  const parents = new Map<Entry, Entry>();
  const bySystem = grouped(entries.filter(({ of }) => of !== undefined), ({ of }) => of!.part.system);
  for (const [system, list] of bySystem) {
    const byNumber = new Map(list.map((entry) => [entry.of!.concept, entry]));
    const links = await source.linksAmong(system, [...byNumber.keys()]);
    // The first parent; never one that comes later, so that no circle is built.
    for (const [parent, child] of links) if (parent < child && !parents.has(byNumber.get(child)!)) parents.set(byNumber.get(child)!, byNumber.get(parent)!);
  }
  if (parents.size === 0) return entries.map(({ contains }) => contains);
  const children = grouped(entries.filter((entry) => parents.has(entry)), (entry) => parents.get(entry)!);
  // Those that come last have their children first.
  const built = new Map<Entry, ValueSetExpansionContains>();
  for (const entry of entries.toReversed()) {
    const below = (children.get(entry) ?? []).map((child) => built.get(child)!);
    built.set(entry, below.length === 0 ? entry.contains : { ...entry.contains, contains: below });
  }
  return entries.filter((entry) => !parents.has(entry)).map((entry) => built.get(entry)!);
}

function grouped<K, T>(list: readonly T[], key: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of list) {
    const group = groups.get(key(one));
    if (group === undefined) groups.set(key(one), [one]);
    else group.push(one);
  }
  return groups;
}
