/**
 * CodeSystem to CodeSystemTable, ValueSet to ValueSetTable.
 * Source: https://hl7.org/fhir/R4/codesystem.html, https://hl7.org/fhir/R4/valueset.html
 */
import { Problem } from '../../fhir/problems.ts';
import type { CodeSystemTable, ValueSetPart, ValueSetTable } from '../tables/code-tables.ts';
import { extensionsOf, numberOf, objectOf, objectsOf, textOf, textsOf, type JsonObject } from './json-parts.ts';
import type { DistillSource } from './source.ts';

const contents = ['not-present', 'example', 'fragment', 'complete', 'supplement'] as const;

/** @throws {Problem} `unusable-definition`: no url */
export function distillCodeSystem(definition: JsonObject, source: Pick<DistillSource, 'from' | 'prose'>): CodeSystemTable {
  const url = urlOf(definition, 'CodeSystem');
  const version = textOf(definition['version']);
  const found = flatten(objectsOf(definition['concept']));
  const codes = found.map(({ code }) => code);
  const parents = parentsOf(found);
  const abstract = found.flatMap(({ concept }, place) => (isHeading(concept) ? [place] : []));
  const displays = found.map(({ concept }) => displaysOf(concept));
  const properties = propertiesOf(found.map(({ concept }) => concept));
  return {
    url,
    ...(version !== undefined && { version }),
    from: source.from,
    content: contents.find((name) => name === definition['content']) ?? 'not-present',
    ...(definition['caseSensitive'] === false && { caseSensitive: false as const }),
    codes,
    ...(source.prose === 'kept' && displays.some((names) => names.length > 0) && { displays }),
    ...(parents.some((parent) => parent !== -1) && { parents }),
    ...(abstract.length > 0 && { abstract }),
    ...(Object.keys(properties).length > 0 && { properties }),
  };
}

/** @throws {Problem} `unusable-definition`: no url */
export function distillValueSet(definition: JsonObject, source: Pick<DistillSource, 'from' | 'pin'>): ValueSetTable {
  const url = urlOf(definition, 'ValueSet');
  const version = textOf(definition['version']);
  const compose = objectOf(definition['compose']);
  const include = objectsOf(compose?.['include']).map((part) => partOf(part, source));
  const exclude = objectsOf(compose?.['exclude']).map((part) => partOf(part, source));
  const expansion = completeExpansion(objectOf(definition['expansion']));
  return {
    url,
    ...(version !== undefined && { version }),
    from: source.from,
    include,
    ...(exclude.length > 0 && { exclude }),
    ...(expansion !== undefined && { expansion }),
    ...(include.length === 0 && expansion === undefined && { notExpandable: true as const }),
  };
}

function urlOf(definition: JsonObject, type: string): string {
  const url = textOf(definition['url']);
  if (url === undefined) throw new Problem('unusable-definition', { definition: type, reason: 'it has no url' });
  return url;
}

interface Found {
  readonly code: string;
  readonly concept: JsonObject;
  /** Place of what it is nested in, -1 at the top. */
  readonly within: number;
}

/** All concepts in the order of the definition; a code that comes twice counts where it comes first. */
function flatten(top: readonly JsonObject[]): readonly Found[] {
  const found: Found[] = [];
  const known = new Set<string>();
  // A stack of its own: how deep a definition nests is not ours to bound by the engine's.
  const stack = top.map((concept) => ({ concept, within: -1 })).toReversed();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const code = textOf(next.concept['code']);
    if (code === undefined || known.has(code)) continue;
    known.add(code);
    const place = found.push({ code, concept: next.concept, within: next.within }) - 1;
    for (const child of objectsOf(next.concept['concept']).toReversed()) stack.push({ concept: child, within: place });
  }
  return found;
}

/** Hierarchy is told by nesting, by a property of the child (`parent`, `subsumedBy`), or by one of the parent (`child`). */
function parentsOf(found: readonly Found[]): readonly number[] {
  const parents = found.map(({ within }) => within);
  const placeOf = new Map(found.map(({ code }, place) => [code, place]));
  for (const [place, { concept }] of found.entries()) {
    for (const property of objectsOf(concept['property'])) {
      const other = placeOf.get(propertyText(property) ?? '');
      if (other === undefined) continue;
      if (property['code'] === 'child' && parents[other] === -1) parents[other] = place;
      else if ((property['code'] === 'parent' || property['code'] === 'subsumedBy') && parents[place] === -1) parents[place] = other;
    }
  }
  return parents;
}

/** The display and the designations, whatever they are used for and in whatever language. */
function displaysOf(concept: JsonObject): readonly string[] {
  const names = [textOf(concept['display']), ...objectsOf(concept['designation']).map((designation) => textOf(designation['value']))];
  return [...new Set(names.filter((name) => name !== undefined))];
}

function isHeading(concept: JsonObject): boolean {
  return objectsOf(concept['property']).some((property) => (property['code'] === 'notSelectable' || property['code'] === 'abstract') && propertyText(property) === 'true');
}

function propertiesOf(concepts: readonly JsonObject[]): Record<string, Record<number, readonly string[]>> {
  // By a name that the definition chooses: no inherited names.
  const properties = Object.create(null) as Record<string, Record<number, string[]>>;
  for (const [place, concept] of concepts.entries()) {
    for (const property of objectsOf(concept['property'])) {
      const [name, value] = [textOf(property['code']), propertyText(property)];
      if (name === undefined || value === undefined) continue;
      ((properties[name] ??= {})[place] ??= []).push(value);
    }
  }
  return properties;
}

/** A property's value as filters compare it. */
function propertyText(property: JsonObject): string | undefined {
  const name = Object.keys(property).find((key) => /^value[A-Z]/.test(key));
  if (name === undefined) return undefined;
  const value = property[name];
  const coding = objectOf(value);
  if (coding !== undefined && !(value instanceof Number)) return textOf(coding['code']);
  return typeof value === 'string' || typeof value === 'boolean' || numberOf(value) !== undefined ? String(value) : undefined;
}

function partOf(part: JsonObject, source: Pick<DistillSource, 'pin'>): ValueSetPart {
  const [system, version] = [textOf(part['system']), textOf(part['version'])];
  const codes = objectsOf(part['concept']).flatMap((concept) => textOf(concept['code']) ?? []);
  const filters = objectsOf(part['filter']).flatMap((filter) => {
    const [property, op] = [textOf(filter['property']), textOf(filter['op'])];
    return property === undefined || op === undefined ? [] : [{ property, op, value: textOf(filter['value']) ?? '' }];
  });
  const valueSets = textsOf(part['valueSet']).map((canonical) => source.pin(canonical));
  return {
    ...(system !== undefined && { system }),
    ...(version !== undefined && { version }),
    ...(codes.length > 0 && { codes }),
    ...(filters.length > 0 && { filters }),
    ...(valueSets.length > 0 && { valueSets }),
  };
}

/** Codes by system, unless the expansion is a page, was cut short, or says so. */
function completeExpansion(expansion: JsonObject | undefined): Record<string, readonly string[]> | undefined {
  if (expansion === undefined) return undefined;
  const cut = ['http://hl7.org/fhir/StructureDefinition/valueset-toocostly', 'http://hl7.org/fhir/StructureDefinition/valueset-unclosed']
    .some((url) => extensionsOf(expansion, url).length > 0);
  if (cut || (numberOf(expansion['offset']) ?? 0) > 0) return undefined;
  const codes = Object.create(null) as Record<string, string[]>;
  let met = 0;
  const stack = objectsOf(expansion['contains']).toReversed();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    met++;
    const [system, code] = [textOf(next['system']), textOf(next['code'])];
    if (system !== undefined && code !== undefined && next['abstract'] !== true) (codes[system] ??= []).push(code);
    for (const child of objectsOf(next['contains']).toReversed()) stack.push(child);
  }
  const total = numberOf(expansion['total']);
  return total !== undefined && total > met ? undefined : codes;
}
