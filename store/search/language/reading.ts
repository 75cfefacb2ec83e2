/** What every part of the search language is given to read a condition with, and what they all refuse in the same words. */
import { Problem } from '../../../fhir/problems.ts';
import { resourceTypeCode } from '../../../fhir/resource-types.ts';
import type { SearchParameter } from '../../../fhir/search-parameters.ts';
import type { Terminology } from '../../../terminology/terminology.ts';
import type { Context } from '../../context.ts';
import { keyMaker, type KeyMaker } from '../../search-keys.ts';
import type { Expression } from '../expression.ts';

export interface LanguageSettings {
  readonly context: Pick<Context, 'tenant' | 'base' | 'parameters' | 'now'>;
  /** What value sets and code systems are asked; without it `:in`, `:above` and their like are refused. */
  readonly terminology?: Terminology;
}

/** Reads one condition on resources of the reading's type: how chains, `_has` and `_filter` go on. */
export type ReadCondition = (name: string, value: string, reading: Reading) => Promise<Expression>;

export interface Reading {
  readonly context: LanguageSettings['context'];
  readonly terminology: Terminology | undefined;
  /** The resource type that the condition is on. */
  readonly type: string;
  readonly make: KeyMaker;
  /** How many more references may be followed. */
  readonly links: number;
  /** What is left for the search, all of its conditions and types together. */
  readonly budget: Budget;
  readonly condition: ReadCondition;
  /** What the condition finds is left out: what cannot be found for certain is refused. */
  readonly turned?: true;
}

/** Enough for a path that people can follow, and few enough for one query. */
const mostLinks = 4;
/** A query with more parts costs more to plan than to run. */
const mostSteps = 200;

/** Alternatives, in each of the forms in which they are looked for. */
const mostValues = 20_000;

export interface Budget {
  steps: number;
  values: number;
}

export function newBudget(): Budget {
  return { steps: mostSteps, values: mostValues };
}

export function readingOf(type: string, { context, terminology }: LanguageSettings, budget: Budget, condition: ReadCondition): Reading {
  return { context, terminology, type, make: keyMaker(context.tenant.id, resourceTypeCode(type)), links: mostLinks, budget, condition };
}

/** Takes a step of a chain, `_has` or `_filter` of those that are left. @throws {Problem} `search-too-large` */
export function spendStep({ budget }: Pick<Reading, 'budget'>): void {
  budget.steps -= 1;
  if (budget.steps < 0) throw new Problem('search-too-large', { limit: mostSteps, what: 'steps of chains, _has and _filter' });
}

/** Takes values of those that are left. @throws {Problem} `search-too-large` */
export function spendValues({ budget }: Pick<Reading, 'budget'>, count: number): void {
  budget.values -= count;
  if (budget.values < 0) throw new Problem('search-too-large', { limit: mostValues, what: 'values to look for' });
}

/** The reading on the other side of a reference. @throws {Problem} `invalid-chain` */
export function linkedReading(reading: Reading, type: string, name: string): Reading {
  if (reading.links === 0) throw new Problem('invalid-chain', { name: nameShown(name), reason: `it follows more than ${mostLinks} references` });
  const { context, terminology, budget, condition } = reading;
  return { context, terminology, type, make: keyMaker(context.tenant.id, resourceTypeCode(type)), links: reading.links - 1, budget, condition, ...(reading.turned && { turned: true }) };
}

/** @throws {Problem} `unknown-search-parameter`, `search-parameter-building` */
export function parameterOf({ type, context }: { readonly type: string; readonly context: Pick<Context, 'parameters'> }, name: string): SearchParameter {
  const parameter = context.parameters.find(type, name);
  if (parameter === undefined) throw new Problem('unknown-search-parameter', { name: nameShown(name), type });
  // Resources that were there before the parameter are not found by it before they are indexed again.
  if (parameter.building !== undefined) throw new Problem('search-parameter-building', { name: parameter.code, percent: parameter.building.percent });
  return parameter;
}

export function invalid(name: string, reason: string): Problem {
  return new Problem('invalid-search-value', { name: nameShown(name), reason });
}

export function unsupportedModifier(modifier: string, name: string): Problem {
  return new Problem('unsupported-modifier', { modifier: nameShown(modifier), name: nameShown(name) });
}

/** A name as an error text may repeat it: what is no name may be anything, a patient's among them. */
export function nameShown(name: string): string {
  return /^[A-Za-z_][A-Za-z_.:-]{0,79}$/.test(name) ? name : '(not a name)';
}

/** All of them; the one where there is only one. */
export function allOf(conditions: readonly Expression[]): Expression {
  return conditions.length === 1 ? conditions[0]! : { kind: 'all', of: conditions };
}

/** Any of them; the one where there is only one. */
export function anyOf(conditions: readonly Expression[]): Expression {
  return conditions.length === 1 ? conditions[0]! : { kind: 'any', of: conditions };
}
