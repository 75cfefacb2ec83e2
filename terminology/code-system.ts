/**
 * A CodeSystem's codes and what subsumes what: nested concepts, and the properties parent, child and subsumedBy
 * (https://hl7.org/fhir/R4/codesystem.html#hierarchy).
 */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from '@medplum/fhirtypes';

export interface CodeHierarchy {
  readonly codes: ReadonlySet<string>;
  /** The values of a concept's property, as text. */
  property(code: string, property: string): readonly string[];
  /** The code and everything below it. None for a code that the system does not have. */
  descendants(code: string): readonly string[];
  /** The code and everything above it. */
  ancestors(code: string): readonly string[];
}

type Links = ReadonlyMap<string, ReadonlySet<string>>;

export function codeHierarchy(codeSystem: CodeSystem): CodeHierarchy {
  const concepts = new Map<string, CodeSystemConcept>();
  const children = new Map<string, Set<string>>();
  const parents = new Map<string, Set<string>>();
  const link = (parent: string, child: string): void => {
    add(children, parent, child);
    add(parents, child, parent);
  };
  // A stack and no recursion: the nesting is as deep as who wrote it likes.
  const open: { concept: CodeSystemConcept; parent: string | undefined }[] = (codeSystem.concept ?? []).map((concept) => ({ concept, parent: undefined }));
  const upwards = propertiesNamed(codeSystem, ['parent', 'subsumedBy']);
  const downwards = propertiesNamed(codeSystem, ['child']);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { concept, parent } = next;
    const { code } = concept;
    if (typeof code !== 'string') continue;
    concepts.set(code, concept);
    if (parent !== undefined && meansSubsumption(codeSystem)) link(parent, code);
    for (const { code: name = '', valueCode } of concept.property ?? []) {
      if (valueCode !== undefined && upwards.has(name)) link(valueCode, code);
      if (valueCode !== undefined && downwards.has(name)) link(code, valueCode);
    }
    for (const nested of concept.concept ?? []) open.push({ concept: nested, parent: code });
  }
  return {
    codes: new Set(concepts.keys()),
    property: (code, property) => (concepts.get(code)?.property ?? []).filter((one) => one.code === property).map(textOf),
    descendants: (code) => (concepts.has(code) ? reachable(children, code) : []),
    ancestors: (code) => (concepts.has(code) ? reachable(parents, code) : []),
  };
}

function meansSubsumption({ hierarchyMeaning }: CodeSystem): boolean {
  return hierarchyMeaning === undefined || hierarchyMeaning === 'is-a';
}

/** Names under which a code system has a property, its own or the one that the property is defined by. */
function propertiesNamed(codeSystem: CodeSystem, wanted: readonly string[]): ReadonlySet<string> {
  const named = (codeSystem.property ?? []).filter(({ uri }) => wanted.some((name) => uri === `http://hl7.org/fhir/concept-properties#${name}`)).map(({ code }) => code);
  return new Set([...wanted, ...named]);
}

function add(links: Map<string, Set<string>>, from: string, to: string): void {
  const known = links.get(from);
  if (known === undefined) links.set(from, new Set([to]));
  else known.add(to);
}

/** The start and all that can be reached; circles end. */
function reachable(links: Links, start: string): readonly string[] {
  const found = new Set([start]);
  // A set that grows while it is walked gives what was added, too.
  for (const code of found) for (const next of links.get(code) ?? []) found.add(next);
  return [...found];
}

function textOf({ valueCode, valueString, valueCoding, valueBoolean, valueInteger, valueDecimal, valueDateTime }: CodeSystemConceptProperty): string {
  return String(valueCode ?? valueString ?? valueCoding?.code ?? valueBoolean ?? valueInteger ?? valueDecimal ?? valueDateTime ?? '');
}
