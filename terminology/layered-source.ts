/** Definitions that a request brings along, before those that are stored: they hide stored ones of the same url and version. */
import type { CodeSystem, Resource, ValueSet } from '@medplum/fhirtypes';
import { isCaseSensitive, isNested } from './concepts.ts';
import { MemorySystem } from './memory-system.ts';
import { memoryValueSet } from './scheme.ts';
import { splitCanonical, type Answer, type CodeSystemHead, type Question, type TerminologySource, type ValueSetHead } from './source.ts';

export function layered(resources: readonly Resource[], stored: TerminologySource): TerminologySource {
  if (resources.length === 0) return stored;
  const systems = resources.filter((one): one is CodeSystem => one.resourceType === 'CodeSystem').map(memoryCodeSystem);
  const valueSets = resources.filter((one): one is ValueSet => one.resourceType === 'ValueSet').map(memoryValueSet);
  const before = <T extends { readonly url: string; readonly version: string }>(own: readonly T[], others: readonly T[]): readonly T[] =>
    [...own, ...others.filter((other) => !own.some(({ url, version }) => url === other.url && version === other.version))];
  return {
    ...unlayered(stored),
    codeSystems: async (url) => before(systems.filter((one) => one.url === url), await stored.codeSystems(url)),
    supplementsOf: async (url) => before(systems.filter(({ resource }) => splitCanonical(resource.supplements ?? '').url === url), await stored.supplementsOf(url)),
    valueSets: async (url) => {
      const own = valueSets.filter((one) => one.url === url);
      return before<ValueSetHead>(own, await stored.valueSets(url));
    },
    valueSetById: async (id) => valueSets.find(({ resource }) => resource.id === id) ?? stored.valueSetById(id),
    ...withMemory(stored),
  };
}

function unlayered(stored: TerminologySource): Omit<TerminologySource, 'codeSystems' | 'supplementsOf' | 'valueSets' | 'valueSetById' | 'ask' | 'select' | 'linksAmong' | 'neighbours' | 'subsumptionsAmong'> {
  return {
    codeSystemById: (id) => stored.codeSystemById(id),
    conceptMapById: (id) => stored.conceptMapById(id),
    longList: (valueSet, position) => stored.longList(valueSet, position),
    mappings: (question) => stored.mappings(question),
    conceptMaps: (url) => stored.conceptMaps(url),
  };
}

/** Questions about code systems that are at hand are answered here, all others by the source. */
export function withMemory(stored: TerminologySource): Pick<TerminologySource, 'ask' | 'select' | 'linksAmong' | 'neighbours' | 'subsumptionsAmong'> {
  return {
    ask: async (questions) => {
      const answers: (Answer | undefined)[] = questions.map(inMemory);
      const left = questions.filter((_, index) => answers[index] === undefined);
      const others = left.length === 0 ? [] : await stored.ask(left);
      let next = 0;
      return answers.map((answer) => answer ?? others[next++]!);
    },
    select: async (system, selection) => (system.key instanceof MemorySystem ? system.key.select(selection) : stored.select(system, selection)),
    linksAmong: async (system, concepts) => (system.key instanceof MemorySystem ? system.key.linksAmong(concepts) : stored.linksAmong(system, concepts)),
    neighbours: async (system, concept) => (system.key instanceof MemorySystem ? system.key.neighbours(concept) : stored.neighbours(system, concept)),
    subsumptionsAmong: async (system, codes) => (system.key instanceof MemorySystem ? system.key.subsumptionsAmong(codes) : stored.subsumptionsAmong(system, codes)),
  };
}

function inMemory({ system, code, where }: Question): Answer | undefined {
  if (!(system.key instanceof MemorySystem)) return undefined;
  const { key } = system;
  const concept = key.find(code);
  return { concept, truths: where.map((one) => concept !== undefined && key.meets(concept, one)) };
}

export function memoryCodeSystem(resource: CodeSystem): CodeSystemHead {
  const key = new MemorySystem(resource);
  const { concept: _, ...head } = resource;
  return {
    key, url: resource.url ?? '', version: resource.version ?? '', content: resource.content ?? 'complete', caseSensitive: isCaseSensitive(resource), conceptCount: key.concepts.length, nested: isNested(resource), resource: head,
  };
}
