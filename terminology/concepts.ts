/**
 * A CodeSystem's concepts as rows: nesting taken apart, each with a number, and which is directly below which. Hierarchy
 * comes of nesting and of the properties parent, child and subsumedBy (https://hl7.org/fhir/R4/codesystem.html#hierarchy).
 */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptDesignation, CodeSystemConceptProperty } from '@medplum/fhirtypes';

export interface Designation {
  /** BCP 47; undefined where none is said. */
  readonly language?: string;
  readonly use?: { readonly system?: string; readonly code?: string; readonly display?: string };
  readonly value: string;
  readonly extension?: readonly unknown[];
}

/** https://hl7.org/fhir/R4/codesystem-definitions.html#CodeSystem.concept.property */
export type PropertyType = 'code' | 'Coding' | 'string' | 'integer' | 'boolean' | 'dateTime' | 'decimal';

export interface ConceptProperty {
  readonly code: string;
  readonly type: PropertyType;
  /** As text; of a Coding its code. */
  readonly value: string;
  /** Of a Coding. */
  readonly system?: string;
  readonly display?: string;
}

export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  /** Must not be used any more. */
  readonly inactive: boolean;
  /** Only a heading. */
  readonly abstract: boolean;
  readonly designations: readonly Designation[];
  readonly properties: readonly ConceptProperty[];
  /** Extensions of the concept and its parts, by the names of JSON (`extension`, `_display`); rarely there. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A concept with its number in the system, from 1 on. */
export interface NumberedConcept extends Concept {
  readonly number: number;
}

export interface Concepts {
  readonly concepts: readonly NumberedConcept[];
  /** Numbers of parent and child, each pair once. */
  readonly links: readonly (readonly [parent: number, child: number])[];
}

/** https://hl7.org/fhir/R4/codesystem-concept-properties.html */
const standardProperty = 'http://hl7.org/fhir/concept-properties#';

/** A code as codes of a system are compared. */
export function codeKey(code: string, caseSensitive: boolean): string {
  return caseSensitive ? code : code.toLowerCase();
}

/** True unless the CodeSystem says that it is not. */
export function isCaseSensitive({ caseSensitive }: CodeSystem): boolean {
  return caseSensitive !== false;
}

/** True where concepts stand within concepts. */
export function isNested({ concept }: CodeSystem): boolean {
  return (concept ?? []).some((one) => (one.concept?.length ?? 0) > 0);
}

/** All concepts in the order of the text. Of two with one code the first is taken. */
export function conceptsOf(codeSystem: CodeSystem): Concepts {
  const names = propertyNames(codeSystem);
  const caseSensitive = isCaseSensitive(codeSystem);
  const nests = codeSystem.hierarchyMeaning === undefined || codeSystem.hierarchyMeaning === 'is-a';
  const concepts: NumberedConcept[] = [];
  const numbers = new Map<string, number>();
  const pairs: [parent: string, child: string][] = [];
  // A stack and no recursion: the nesting is as deep as who wrote it likes.
  const open: { concept: CodeSystemConcept; parent: string | undefined }[] = [];
  const push = (list: readonly CodeSystemConcept[] | undefined, parent: string | undefined): void => {
    for (const concept of (list ?? []).toReversed()) open.push({ concept, parent });
  };
  push(codeSystem.concept, undefined);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { concept, parent } = next;
    if (typeof concept?.code !== 'string' || concept.code === '') continue;
    const key = codeKey(concept.code, caseSensitive);
    if (!numbers.has(key)) {
      const number = concepts.length + 1;
      numbers.set(key, number);
      concepts.push({ number, ...conceptOf(concept, names) });
      for (const { code = '', valueCode } of concept.property ?? []) {
        if (valueCode === undefined) continue;
        const other = codeKey(valueCode, caseSensitive);
        if (names.upwards.has(code)) pairs.push([other, key]);
        if (names.downwards.has(code)) pairs.push([key, other]);
      }
    }
    if (parent !== undefined && nests) pairs.push([parent, key]);
    push(concept.concept, key);
  }
  return { concepts, links: linksOf(pairs, numbers) };
}

interface PropertyNames {
  readonly upwards: ReadonlySet<string>;
  readonly downwards: ReadonlySet<string>;
  readonly inactive: ReadonlySet<string>;
  readonly status: ReadonlySet<string>;
  readonly notSelectable: ReadonlySet<string>;
}

/** Under which names a system has the properties that mean something here. */
function propertyNames(codeSystem: CodeSystem): PropertyNames {
  const named = (...wanted: string[]): ReadonlySet<string> => new Set(wanted.flatMap((name) => propertiesFor(codeSystem, name)));
  return { upwards: named('parent', 'subsumedBy'), downwards: named('child'), inactive: named('inactive'), status: named('status'), notSelectable: named('notSelectable') };
}

/** The codes of the properties that mean a standard one: those defined by it, and the one that is called so. */
export function propertiesFor({ property }: Pick<CodeSystem, 'property'>, name: string): readonly string[] {
  return [...new Set([name, ...(property ?? []).flatMap(({ uri, code }) => uri === `${standardProperty}${name}` && code !== undefined ? [code] : [])])];
}

function conceptOf(concept: CodeSystemConcept, names: PropertyNames): Concept {
  const properties = (concept.property ?? []).flatMap(propertyOf);
  const extra = extraOf(concept);
  return {
    code: concept.code,
    ...(typeof concept.display === 'string' && { display: concept.display }),
    ...(typeof concept.definition === 'string' && { definition: concept.definition }),
    inactive: properties.some(({ code, value }) => (names.inactive.has(code) && value === 'true') || (names.status.has(code) && (value === 'inactive' || value === 'retired'))),
    abstract: properties.some(({ code, value }) => names.notSelectable.has(code) && value === 'true'),
    designations: (concept.designation ?? []).flatMap(designationOf),
    properties,
    ...(extra && { extra }),
  };
}

function designationOf(designation: CodeSystemConceptDesignation): Designation[] {
  const { language, use, value, extension } = designation;
  if (typeof value !== 'string') return [];
  return [{
    ...(language !== undefined && { language }),
    ...(use && { use: { ...(use.system !== undefined && { system: use.system }), ...(use.code !== undefined && { code: use.code }), ...(use.display !== undefined && { display: use.display }) } }),
    value,
    ...(extension && { extension }),
  }];
}

function propertyOf(property: CodeSystemConceptProperty): ConceptProperty[] {
  const { code, valueCode, valueCoding, valueString, valueInteger, valueBoolean, valueDateTime, valueDecimal } = property;
  if (code === undefined) return [];
  if (valueCode !== undefined) return [{ code, type: 'code', value: valueCode }];
  if (valueString !== undefined) return [{ code, type: 'string', value: valueString }];
  if (valueBoolean !== undefined) return [{ code, type: 'boolean', value: String(valueBoolean) }];
  if (valueInteger !== undefined) return [{ code, type: 'integer', value: String(valueInteger) }];
  if (valueDateTime !== undefined) return [{ code, type: 'dateTime', value: valueDateTime }];
  if (valueDecimal !== undefined) return [{ code, type: 'decimal', value: String(valueDecimal) }];
  if (valueCoding === undefined) return [];
  const { system, code: value = '', display } = valueCoding;
  return [{ code, type: 'Coding', value, ...(system !== undefined && { system }), ...(display !== undefined && { display }) }];
}

function extraOf(concept: CodeSystemConcept): Record<string, unknown> | undefined {
  const extra = Object.fromEntries(Object.entries(concept).filter(([name]) => name === 'extension' || name === 'modifierExtension' || name === '_display' || name === '_code' || name === '_definition'));
  return Object.keys(extra).length === 0 ? undefined : extra;
}

function linksOf(pairs: readonly (readonly [string, string])[], numbers: ReadonlyMap<string, number>): [number, number][] {
  const known = new Set<string>();
  return pairs.flatMap(([parent, child]): [number, number][] => {
    const [above, below] = [numbers.get(parent), numbers.get(child)];
    if (above === undefined || below === undefined || above === below || known.has(`${above} ${below}`)) return [];
    known.add(`${above} ${below}`);
    return [[above, below]];
  });
}
