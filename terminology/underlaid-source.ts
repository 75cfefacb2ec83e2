/** Definitions that ship with the server, beneath those that are stored: what is stored under a url hides all that ships under it. */
import { withMemory } from './layered-source.ts';
import type { CodeSystemHead, TerminologySource, ValueSetHead } from './source.ts';

export interface ShippedTerminology {
  codeSystem(url: string): CodeSystemHead | undefined;
  /** @throws {TerminologyRefusal} `value-set-not-shipped` where what ships does not tell its codes */
  valueSet(url: string): ValueSetHead | undefined;
}

export function underlaid(stored: TerminologySource, shipped: ShippedTerminology): TerminologySource {
  return {
    codeSystemById: (id) => stored.codeSystemById(id),
    valueSetById: (id) => stored.valueSetById(id),
    conceptMapById: (id) => stored.conceptMapById(id),
    conceptMaps: (url) => stored.conceptMaps(url),
    mappings: (question) => stored.mappings(question),
    longList: (valueSet, position) => stored.longList(valueSet, position),
    supplementsOf: (url) => stored.supplementsOf(url),
    // What is made with the help of what ships is another thing than what is made without.
    ...(stored.kept && { kept: (name, make) => stored.kept!(`underlaid ${name}`, make) }),
    codeSystems: async (url) => orShipped(await stored.codeSystems(url), () => shipped.codeSystem(url)),
    valueSets: async (url) => orShipped(await stored.valueSets(url), () => shipped.valueSet(url)),
    ...withMemory(stored),
  };
}

function orShipped<T>(stored: readonly T[], shipped: () => T | undefined): readonly T[] {
  if (stored.length > 0) return stored;
  const found = shipped();
  return found === undefined ? [] : [found];
}
