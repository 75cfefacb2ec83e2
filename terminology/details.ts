/** Concepts with what supplements add to them, and what is said of them beyond that they are there. */
import type { Concept, NumberedConcept } from './concepts.ts';
import { propertiesFor } from './concepts.ts';
import { TerminologyRefusal } from './issues.ts';
import { canonicalOf, splitCanonical, type CodeSystemHead, type TerminologySource } from './source.ts';
import { latest } from './versions.ts';

/** A concept with what supplements say of it, each by itself. */
export interface Detailed {
  readonly concept: NumberedConcept;
  readonly supplements: readonly { readonly supplement: CodeSystemHead; readonly concept: Concept }[];
}

/** @throws {TerminologyRefusal} `supplement-missing` */
export async function supplementsNamed(canonicals: readonly string[], source: TerminologySource): Promise<readonly CodeSystemHead[]> {
  return Promise.all([...new Set(canonicals)].map(async (canonical) => {
    const { url, version } = splitCanonical(canonical);
    const found = latest((await source.codeSystems(url)).filter(({ content }) => content === 'supplement'), version);
    if (found === undefined) throw new TerminologyRefusal('supplement-missing', { supplement: canonical });
    return found;
  }));
}

/** Those that add to this system. */
export function supplementsTo(system: CodeSystemHead, supplements: readonly CodeSystemHead[]): readonly CodeSystemHead[] {
  return supplements.filter(({ resource }) => {
    const { url, version } = splitCanonical(resource.supplements ?? '');
    return url === system.url && (version === undefined || version === system.version);
  });
}

export async function detailed(concepts: readonly NumberedConcept[], system: CodeSystemHead, supplements: readonly CodeSystemHead[], source: TerminologySource): Promise<readonly Detailed[]> {
  const relevant = supplementsTo(system, supplements);
  if (relevant.length === 0) return concepts.map((concept) => ({ concept, supplements: [] }));
  const answers = await source.ask(relevant.flatMap((supplement) => concepts.map(({ code }) => ({ system: supplement, code, where: [] }))));
  return concepts.map((concept, index) => ({
    concept,
    supplements: relevant.flatMap((supplement, place) => {
      const added = answers[place * concepts.length + index]!.concept;
      return added === undefined ? [] : [{ supplement, concept: added }];
    }),
  }));
}

/** All that is said of a concept, as one. */
export function merged({ concept, supplements }: Detailed): NumberedConcept {
  if (supplements.length === 0) return concept;
  const added = supplements.map((one) => one.concept);
  const extensions = [concept, ...added].flatMap(extensionsOf);
  return {
    ...concept,
    designations: [concept, ...added].flatMap(({ designations }) => designations),
    properties: [concept, ...added].flatMap(({ properties }) => properties),
    ...(extensions.length > 0 && { extra: { ...concept.extra, extension: extensions } }),
  };
}

export interface ExtensionValue {
  readonly url: string;
  readonly [value: string]: unknown;
}

export function extensionsOf({ extra }: Concept): readonly ExtensionValue[] {
  const { extension } = extra ?? {};
  return Array.isArray(extension) ? extension as ExtensionValue[] : [];
}

export const standardsStatus = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-standards-status';

/** The status that a concept is said to have, by a property or by an extension. */
export function statusOf(concept: Concept, { resource }: CodeSystemHead): string | undefined {
  const names = propertiesFor(resource, 'status');
  const stated = concept.properties.find(({ code }) => names.includes(code))?.value;
  const marked = extensionsOf(concept).find(({ url }) => url === standardsStatus)?.['valueCode'];
  return stated ?? (typeof marked === 'string' ? marked : undefined);
}

export function supplementNames(used: readonly CodeSystemHead[]): readonly string[] {
  return used.map(canonicalOf);
}
