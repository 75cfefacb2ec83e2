/** A source that has nothing: what is laid over it is all there is. */
import type { TerminologySource } from './source.ts';

export const emptySource: TerminologySource = {
  codeSystems: async () => [],
  supplementsOf: async () => [],
  valueSets: async () => [],
  valueSetById: async () => undefined,
  codeSystemById: async () => undefined,
  conceptMapById: async () => undefined,
  longList: async () => [],
  ask: async (questions) => questions.map(() => ({ concept: undefined, truths: [] })),
  select: async () => ({ concepts: [], total: 0 }),
  linksAmong: async () => [],
  neighbours: async () => ({ parents: [], children: [] }),
  subsumptionsAmong: async () => [],
  mappings: async () => [],
  conceptMaps: async () => [],
};
