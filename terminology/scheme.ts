/**
 * What a value set's composition comes to: for each version of a code system that it is made of one condition, with
 * imported value sets and excludes folded in (https://hl7.org/fhir/R4/valueset.html#compositions).
 */
import type { ValueSet, ValueSetComposeInclude, ValueSetComposeIncludeConcept } from '@medplum/fhirtypes';
import { codeKey } from './concepts.ts';
import { composeOf } from './expansion-list.ts';
import { filterPredicate, undeclaredProperty } from './filters.ts';
import { TerminologyRefusal } from './issues.ts';
import { all, and, none, not, or, type Predicate } from './predicate.ts';
import { canonicalOf, splitCanonical, type CodeSystemHead, type TerminologySource, type ValueSetHead } from './source.ts';
import { latest } from './versions.ts';
import { areWanted, systemMeant, versionMeant, type WantedVersions } from './versions-wanted.ts';

/** A version of a code system, and which of its concepts. */
export interface Part {
  readonly system: CodeSystemHead;
  readonly where: Predicate;
  /** What the composition says of concepts that it lists, by their keys and in its order. */
  readonly listed: ReadonlyMap<string, ValueSetComposeIncludeConcept>;
  /** Nothing but a list makes this part. */
  readonly onlyListed: boolean;
  /** The version that the composition names; undefined where it names none. */
  readonly asked: string | undefined;
}

/** Codes of a system that is not here. */
export interface Elsewhere {
  readonly system: string;
  readonly version: string | undefined;
  /** Unknown: all codes, or those that filters choose; nobody here knows which. */
  readonly codes: ReadonlyMap<string, ValueSetComposeIncludeConcept> | 'unknown';
  /** Of the unknown: all there are. */
  readonly whole: boolean;
}

export interface Scheme {
  readonly valueSet: ValueSetHead;
  readonly parts: readonly Part[];
  readonly elsewhere: readonly Elsewhere[];
  /** Canonicals of value sets that were imported. */
  readonly imported: readonly string[];
  /** An exclude was taken to mean codes of whatever version. */
  readonly acrossVersions: boolean;
}

/** Includes, excludes and imports of one value set and all that it is made of, at most. */
const mostParts = 2000;

export interface SchemeSettings {
  readonly source: TerminologySource;
  readonly versions: WantedVersions;
  /** Without inactive concepts, whatever the value set says. */
  readonly activeOnly?: boolean;
  /** Excluding one version of a system leaves the codes of others. */
  readonly versionsApart?: boolean;
}

interface Walk extends SchemeSettings {
  readonly root: ValueSetHead;
  readonly path: readonly ValueSetHead[];
  readonly budget: { left: number };
  readonly imported: Set<string>;
}

/** @throws {TerminologyRefusal} `unknown-value-set`, `value-set-undefined`, `circular-value-set`, `too-many-parts`, `version-check`, and those of filters */
export function schemeOf(valueSet: ValueSetHead, settings: SchemeSettings): Promise<Scheme> {
  const { source, activeOnly = false, versionsApart = false } = settings;
  const name = valueSet.key !== 'memory' ? `${valueSet.key.tenant} ${valueSet.key.number}` : valueSet.implied === true ? canonicalOf(valueSet) : undefined;
  if (source.kept === undefined || name === undefined || areWanted(settings.versions)) return makeScheme(valueSet, settings);
  return source.kept(`scheme ${name} ${activeOnly} ${versionsApart}`, () => makeScheme(valueSet, settings));
}

async function makeScheme(valueSet: ValueSetHead, settings: SchemeSettings): Promise<Scheme> {
  const imported = new Set<string>();
  const draft = await composed(valueSet, { ...settings, root: valueSet, path: [], budget: { left: mostParts }, imported });
  return { valueSet, parts: [...draft.parts.values()].filter(({ where }) => where.kind !== 'none'), elsewhere: [...draft.elsewhere.values()], imported: [...imported], acrossVersions: draft.acrossVersions };
}

/** The value set that a canonical stands for. @throws {TerminologyRefusal} `unknown-value-set` */
export async function valueSetMeant(canonical: string, { source, versions }: SchemeSettings): Promise<ValueSetHead> {
  const { url, version } = splitCanonical(canonical);
  const found = latest(await source.valueSets(url), version ?? versions.valueSet.get(url));
  if (found === undefined) throw new TerminologyRefusal('unknown-value-set', { valueSet: canonical });
  return found;
}

interface Draft {
  readonly parts: Map<CodeSystemHead, Part>;
  readonly elsewhere: Map<string, Elsewhere>;
  acrossVersions: boolean;
}

async function composed(valueSet: ValueSetHead, walk: Walk): Promise<Draft> {
  if (walk.path.includes(valueSet)) throw new TerminologyRefusal('circular-value-set', { valueSet: canonicalOf(valueSet), path: walk.path.map(canonicalOf).join(', ') });
  const here: Walk = { ...walk, path: [...walk.path, valueSet] };
  const { compose } = valueSet.resource;
  // To take it for an empty one would make every code wrong.
  if (compose === undefined) throw new TerminologyRefusal('value-set-undefined', { valueSet: canonicalOf(valueSet) || '(unidentified)' });
  const draft: Draft = { parts: new Map(), elsewhere: new Map(), acrossVersions: false };
  const includes = compose.include ?? [];
  for (const [index, include] of includes.entries()) unite(draft, await included(include, `ValueSet.compose.include[${index}]`, index, valueSet, here));
  for (const [index, exclude] of (compose.exclude ?? []).entries()) subtract(draft, await included(exclude, `ValueSet.compose.exclude[${index}]`, includes.length + index, valueSet, here), walk.versionsApart === true);
  if (compose.inactive === false || walk.activeOnly === true) {
    for (const [system, part] of draft.parts) draft.parts.set(system, { ...part, where: and([part.where, not({ kind: 'inactive' })]) });
  }
  return draft;
}

async function included(include: ValueSetComposeInclude, at: string, position: number, valueSet: ValueSetHead, walk: Walk): Promise<Draft> {
  walk.budget.left -= 1;
  if (walk.budget.left < 0) throw new TerminologyRefusal('too-many-parts', { valueSet: canonicalOf(walk.root), limit: mostParts });
  let draft = include.system === undefined ? undefined : await ofSystem(include, at, position, valueSet, walk);
  for (const canonical of include.valueSet ?? []) {
    const other = await composed(await importedValueSet(canonical, valueSet, walk), walk);
    draft = draft === undefined ? other : intersection(draft, other);
  }
  return draft ?? { parts: new Map(), elsewhere: new Map(), acrossVersions: false };
}

async function importedValueSet(canonical: string, { resource }: ValueSetHead, walk: Walk): Promise<ValueSetHead> {
  if (canonical.startsWith('#')) {
    const found = (resource.contained ?? []).find((one): one is ValueSet => one.resourceType === 'ValueSet' && one.id === canonical.slice(1));
    if (found === undefined) throw new TerminologyRefusal('unknown-value-set', { valueSet: canonical });
    return memoryValueSet(found);
  }
  const found = await valueSetMeant(canonical, walk);
  walk.imported.add(canonicalOf(found));
  return found;
}

/** A value set that a request brings along, or that another one contains. What has only an expansion is composed of what it lists. */
export function memoryValueSet(sent: ValueSet): ValueSetHead {
  const resource = sent.compose === undefined && sent.expansion !== undefined ? { ...sent, compose: composeOf(sent.expansion.contains ?? []) } : sent;
  return { key: 'memory', url: resource.url ?? '', version: resource.version ?? '', resource, long: [] };
}

async function ofSystem(include: ValueSetComposeInclude, at: string, position: number, valueSet: ValueSetHead, { source, versions, path }: Walk): Promise<Draft> {
  const url = include.system!;
  const system = systemMeant(await source.codeSystems(url), url, include.version, versions);
  const list = include.concept ?? (valueSet.long.includes(position) ? await source.longList(valueSet, position) : undefined);
  const filters = include.filter ?? [];
  const parts = new Map<CodeSystemHead, Part>();
  const elsewhere = new Map<string, Elsewhere>();
  if (system === undefined || system.content === 'not-present') {
    const version = versionMeant(url, include.version, versions);
    const codes = list === undefined || filters.length > 0 ? 'unknown' : new Map(list.map((concept) => [concept.code ?? '', concept]));
    elsewhere.set(`${url}|${version ?? ''}`, { system: url, version, codes, whole: codes === 'unknown' && filters.length === 0 && list === undefined });
    return { parts, elsewhere, acrossVersions: false };
  }
  const listed = new Map((list ?? []).map((concept) => [codeKey(concept.code ?? '', system.caseSensitive), concept]));
  const where = and([
    list === undefined ? all : { kind: 'codes', keys: new Set(listed.keys()) },
    ...filters.map((filter, index) => filterPredicate(filter, system, canonicalOf(path.at(-1)!), `${at}.filter[${index}]`)),
  ]);
  for (const [index, filter] of filters.entries()) {
    const name = undeclaredProperty(filter, system);
    // Silently empty it would leave out nothing where it is excluded.
    if (name !== undefined && !await isSomewhere(name, system, source)) throw new TerminologyRefusal('filter-not-supported', { property: name, op: filter.op ?? '', valueSet: canonicalOf(path.at(-1)!), system: url }, `${at}.filter[${index}]`);
  }
  parts.set(system, { system, where, listed, onlyListed: list !== undefined, asked: include.version });
  return { parts, elsewhere, acrossVersions: false };
}

async function isSomewhere(property: string, system: CodeSystemHead, source: TerminologySource): Promise<boolean> {
  const { concepts } = await source.select(system, { where: { kind: 'has', names: [property] }, words: [], offset: 0, limit: 1, designations: false, properties: false });
  return concepts.length > 0;
}

function unite(draft: Draft, more: Draft): void {
  for (const [system, part] of more.parts) {
    const known = draft.parts.get(system);
    draft.parts.set(system, known === undefined ? part : {
      system, where: or([known.where, part.where]), listed: new Map([...known.listed, ...part.listed]), onlyListed: known.onlyListed && part.onlyListed, asked: known.asked ?? part.asked,
    });
  }
  for (const [name, one] of more.elsewhere) {
    const known = draft.elsewhere.get(name);
    draft.elsewhere.set(name, known === undefined ? one : { ...one, codes: known.codes === 'unknown' || one.codes === 'unknown' ? 'unknown' : new Map([...known.codes, ...one.codes]), whole: known.whole || one.whole });
  }
  draft.acrossVersions ||= more.acrossVersions;
}

function subtract(draft: Draft, less: Draft, versionsApart: boolean): void {
  for (const [system, { where }] of less.parts) {
    const known = draft.parts.get(system);
    if (known !== undefined) {
      draft.parts.set(system, { ...known, where: and([known.where, not(where)]) });
      continue;
    }
    if (versionsApart) continue;
    // A version that is not included: its codes are meant, in whatever version is.
    for (const [other, part] of draft.parts) {
      if (other.url !== system.url) continue;
      draft.acrossVersions = true;
      draft.parts.set(other, { ...part, where: and([part.where, not({ kind: 'elsewhere', system, where })]) });
    }
  }
  for (const [name, { codes }] of less.elsewhere) {
    const known = draft.elsewhere.get(name);
    if (known === undefined) continue;
    if (codes === 'unknown') draft.elsewhere.delete(name);
    else if (known.codes === 'unknown') draft.elsewhere.set(name, { ...known, whole: false });
    else draft.elsewhere.set(name, { ...known, codes: new Map([...known.codes].filter(([code]) => !codes.has(code))) });
  }
}

function intersection(left: Draft, right: Draft): Draft {
  const both: Draft = { parts: new Map(), elsewhere: new Map(), acrossVersions: left.acrossVersions || right.acrossVersions };
  for (const [system, part] of left.parts) {
    const other = right.parts.get(system);
    const where = other === undefined ? none : and([part.where, other.where]);
    if (other !== undefined && where.kind !== 'none') both.parts.set(system, { system, where, listed: new Map([...other.listed, ...part.listed]), onlyListed: part.onlyListed || other.onlyListed, asked: part.asked ?? other.asked });
  }
  for (const [name, one] of left.elsewhere) {
    const other = right.elsewhere.get(name);
    if (other === undefined) continue;
    const codes = one.codes === 'unknown' ? other.codes : other.codes === 'unknown' ? one.codes : new Map([...one.codes].filter(([code]) => (other.codes as ReadonlyMap<string, unknown>).has(code)));
    both.elsewhere.set(name, { ...one, codes, whole: one.whole && other.whole });
  }
  return both;
}
