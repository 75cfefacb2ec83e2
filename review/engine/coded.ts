/**
 * Tests of coded facts against code sets.
 */
import { inCodeSets, isBilled } from '../facts/codes.ts';
import type { Code, Fact } from '../facts/types.ts';
import type { CodeSet } from '../policies/pack.ts';
import { SILENCE, type Finding } from './subject.ts';
import type { Evidence } from './types.ts';

export function showCode({ code, system }: Code): string {
  return `${code} (${system})`;
}

export function evidenceOf(fact: Fact<unknown>, display: string): Evidence {
  return { ...fact.source, display };
}

/**
 * Codes that say all there is to say, such as the place of service: a code of the set meets the test, codes of the
 * set's systems without one do not, and codes of other systems only show nothing.
 */
export function oneOf(facts: readonly Fact<Code>[], sets: readonly CodeSet[]): Finding {
  const inSet = facts.filter(({ value }) => inCodeSets(value, sets) === 'in');
  if (inSet.length > 0) return { truth: 'met', evidence: inSet.map((fact) => evidenceOf(fact, showCode(fact.value))) };
  const outside = facts.filter(({ value }) => inCodeSets(value, sets) === 'out');
  if (outside.length === 0) return SILENCE;
  return { truth: 'not-met', evidence: outside.map((fact) => evidenceOf(fact, showCode(fact.value))) };
}

/**
 * Several codes for one thing, such as the service of an item: the test is met only where every code by which it is
 * billed is in the set. A general code must not carry a special one past the rules, so a code in the set beside one that
 * is not shows nothing. What else the service is called, in systems that the set does not speak, is a translation.
 */
export function whollyOneOf(facts: readonly Fact<Code>[], sets: readonly CodeSet[]): Finding {
  const found = oneOf(facts, sets);
  const isTranslation = ({ value }: Fact<Code>): boolean => inCodeSets(value, sets) === 'unknown' && !isBilled(value);
  const mixed = found.truth === 'met' && found.evidence.length < facts.filter((fact) => !isTranslation(fact)).length;
  return mixed ? { ...found, truth: 'insufficient' } : found;
}

/** Several who each have codes of their own: met where every one of them is in the set, not met where none is. */
export function eachOneOf(all: readonly (readonly Fact<Code>[])[], sets: readonly CodeSet[]): Finding {
  const found = all.map((facts) => oneOf(facts, sets));
  const [first, ...others] = new Set(found.map(({ truth }) => truth));
  return { truth: first === undefined || others.length > 0 ? 'insufficient' : first, evidence: found.flatMap(({ evidence }) => evidence) };
}
