/** A code system whose concepts are at hand: one that a request brings along. It answers as the tables do. */
import type { CodeSystem } from '@medplum/fhirtypes';
import { Problem } from '../fhir/problems.ts';
import { codeKey, conceptsOf, isCaseSensitive, type NumberedConcept } from './concepts.ts';
import { wholeMatcher } from './patterns.ts';
import type { Predicate } from './predicate.ts';
import type { InMemory } from './heads.ts';
import type { Neighbour, Selected, Selection } from './source.ts';
import { matchesWords, wordsOf } from './words.ts';

export class MemorySystem implements InMemory {
  readonly inMemory = true;
  readonly concepts: readonly NumberedConcept[];
  readonly #caseSensitive: boolean;
  readonly #byKey = new Map<string, NumberedConcept>();
  readonly #parents = new Map<number, number[]>();
  readonly #children = new Map<number, number[]>();

  constructor(codeSystem: CodeSystem) {
    const { concepts, links } = conceptsOf(codeSystem);
    this.concepts = concepts;
    this.#caseSensitive = isCaseSensitive(codeSystem);
    for (const concept of concepts) this.#byKey.set(codeKey(concept.code, this.#caseSensitive), concept);
    for (const [parent, child] of links) {
      this.#parents.set(child, [...this.#parents.get(child) ?? [], parent]);
      this.#children.set(parent, [...this.#children.get(parent) ?? [], child]);
    }
  }

  find(code: string): NumberedConcept | undefined {
    return this.#byKey.get(codeKey(code, this.#caseSensitive));
  }

  /** Whether a concept meets a condition. */
  meets(concept: NumberedConcept, where: Predicate): boolean {
    return this.#test(where)(concept);
  }

  select({ where, words, offset, limit }: Selection): Selected {
    const test = this.#test(where);
    const found = this.concepts.filter((concept) => test(concept) && (words.length === 0 || matchesWords(wordsOf([concept.code, concept.display ?? '', ...concept.designations.map(({ value }) => value)]), words)));
    return { concepts: found.slice(offset, offset + limit), total: found.length };
  }

  linksAmong(concepts: readonly number[]): [number, number][] {
    const wanted = new Set(concepts);
    return concepts.flatMap((child) => (this.#parents.get(child) ?? []).filter((parent) => wanted.has(parent)).map((parent): [number, number] => [parent, child]));
  }

  neighbours(concept: number): { readonly parents: readonly Neighbour[]; readonly children: readonly Neighbour[] } {
    const of = (numbers: readonly number[] | undefined): Neighbour[] => (numbers ?? []).map((number) => ({ code: this.concepts[number - 1]!.code, display: this.concepts[number - 1]!.display }));
    return { parents: of(this.#parents.get(concept)), children: of(this.#children.get(concept)) };
  }

  /** Pairs of ancestor and descendant among these codes. */
  subsumptionsAmong(codes: readonly string[]): [ancestor: string, code: string][] {
    const among = codes.flatMap((code) => this.find(code) ?? []);
    return among.flatMap((top) => {
      const isBelow = this.#reached(codeKey(top.code, this.#caseSensitive), this.#children, false);
      return among.filter((one) => one !== top && isBelow(one)).map((one): [string, string] => [top.code, one.code]);
    });
  }

  #test(where: Predicate): (concept: NumberedConcept) => boolean {
    switch (where.kind) {
      case 'all': return () => true;
      case 'none': return () => false;
      case 'and': { const of = where.of.map((one) => this.#test(one)); return (concept) => of.every((test) => test(concept)); }
      case 'or': { const of = where.of.map((one) => this.#test(one)); return (concept) => of.some((test) => test(concept)); }
      case 'not': { const of = this.#test(where.of); return (concept) => !of(concept); }
      case 'codes': return ({ code }) => where.keys.has(codeKey(code, this.#caseSensitive));
      case 'below': return this.#reached(where.key, this.#children, where.self);
      case 'above': return this.#reached(where.key, this.#parents, where.self);
      case 'child': { const children = new Set(this.#children.get(this.#byKey.get(where.key)?.number ?? 0)); return ({ number }) => children.has(number); }
      case 'parent': { const parents = new Set(this.#parents.get(this.#byKey.get(where.key)?.number ?? 0)); return ({ number }) => parents.has(number); }
      case 'leaf': return ({ number }) => !this.#children.has(number);
      case 'property': return ({ properties }) => properties.some(({ code, value }) => where.names.includes(code) && where.values.includes(value));
      case 'has': return ({ properties }) => properties.some(({ code }) => where.names.includes(code));
      case 'matches': {
        const matches = wholeMatcher(where.pattern) ?? (() => false);
        if (where.of === 'code') return ({ code }) => matches(code);
        if (where.of === 'display') return ({ display }) => display !== undefined && matches(display);
        const names = where.of;
        return ({ properties }) => properties.some(({ code, value }) => names.includes(code) && matches(value));
      }
      case 'display': return ({ display }) => display !== undefined && where.values.includes(display);
      case 'elsewhere': {
        const { key } = where.system;
        // What is in the tables is not asked of from here.
        if (!(key instanceof MemorySystem)) return () => false;
        return ({ code }) => { const there = key.find(code); return there !== undefined && key.meets(there, where.where); };
      }
      // Role groups and members of reference sets are in the tables alone.
      case 'ecl': throw new Problem('ecl-not-evaluated', { what: 'the code system is not installed', position: 1 });
      case 'inactive': return ({ inactive }) => inactive;
      case 'abstract': return ({ abstract }) => abstract;
    }
  }

  #reached(key: string, links: ReadonlyMap<number, readonly number[]>, self: boolean): (concept: NumberedConcept) => boolean {
    const start = this.#byKey.get(key)?.number;
    if (start === undefined) return () => false;
    const found = new Set(links.get(start));
    // A set that grows while it is walked gives what was added, too; circles end.
    for (const number of found) for (const next of links.get(number) ?? []) found.add(next);
    if (self) found.add(start);
    return ({ number }) => found.has(number);
  }
}
