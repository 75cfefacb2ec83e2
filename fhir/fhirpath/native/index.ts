/**
 * FHIRPath compiled once for a type and evaluated many times: constraints of profiles, and whatever else others write.
 * Every evaluation is bounded in time and memory (`run.ts`), patterns too (`patterns.ts`); nothing leaves it but the result.
 * Source: FHIRPath 2.0 (http://hl7.org/fhirpath/N1/), https://hl7.org/fhir/R4/fhirpath.html. Decision: docs/decisions/0017.
 */
import { Decimal } from '../../json.ts';
import { assertMeaning } from './check.ts';
import { constraint, type Constraint } from './constraint.ts';
import { corrected } from './corrections.ts';
import { evaluator, type Compilation } from './evaluator.ts';
import { Exact } from './exact.ts';
import { itemOf, none, type Item, type Items, type Origin } from './items.ts';
import { Moment } from './moments.ts';
import { parse } from './parser.ts';
import { Quantity } from './quantities.ts';
import { Run, decided, type Environment } from './run.ts';
import { assertSelfContained } from './self-contained.ts';
import { holds, type Rules } from './truth.ts';

export type { Environment, Meter } from './run.ts';
export type { Rules } from './truth.ts';

export interface CompileOptions {
  /** `published` unless said: how constraints in packages are to be read, those of R4 that are known to be wrong as they are meant. */
  readonly rules?: Rules;
  /** The expression may look at its resource and at nothing else: no clock, no references, no terminology. */
  readonly selfContained?: boolean;
}

/** One step down from the focus: the element's name in FHIRPath (`value`, never `valueQuantity`), and its place where it repeats. */
export interface NodeStep {
  readonly name: string;
  readonly index: number | undefined;
}

/** A value that an expression selects. */
export interface TypedValue {
  /** The FHIR type, or that of a computed value: `System.String`. */
  readonly type: string;
  /** JSON as `parseJson` makes it; undefined where a primitive has extensions only. Computed decimals are a `Decimal`, dates text, quantities `{ value, unit }`. */
  readonly value: unknown;
  /** The object with id and extensions of a primitive. */
  readonly sibling: unknown;
}

export interface Compiled {
  readonly expression: string;
  /** FHIR type of the focus. */
  readonly type: string;
  /**
   * Whether a constraint holds: its result is true, or is there and no boolean. An empty result does not hold, as in HL7's
   * validator. Undefined where it hinges on something that nobody knows, as a value set that is not at hand.
   * @param focus JSON of the element, as `parseJson` makes it; undefined for a primitive that has extensions only
   * @param sibling the `_name` object of a primitive, if there is one
   * @throws {FhirPathError} `evaluation`, `limit`
   */
  test(focus: unknown, sibling: unknown, environment: Environment): boolean | undefined;
  /** What it selects. @throws {FhirPathError} `evaluation`, `limit` */
  values(focus: unknown, sibling: unknown, environment: Environment): unknown[];
  /** The same with types. @throws {FhirPathError} `evaluation`, `limit` */
  typedValues(focus: unknown, sibling: unknown, environment: Environment): TypedValue[];
  /** Where the selected elements are, from the focus on; undefined in place of a value that is computed. @throws {FhirPathError} `evaluation`, `limit` */
  locate(focus: unknown, environment: Environment): (readonly NodeStep[] | undefined)[];
}

/**
 * @param expression FHIRPath
 * @param type FHIR type of the focus: `Claim`, `HumanName`, `string`, `Claim.item`; of a resource the base, where it may be any
 * @throws {FhirPathError} `syntax`, `unsupported`, `semantic`, `limit`
 */
export function compileExpression(expression: string, type: string, { rules = 'published', selfContained = false }: CompileOptions = {}): Compiled {
  const tree = parse(rules === 'published' ? corrected(expression) : expression);
  if (selfContained) assertSelfContained(tree);
  if (rules === 'specification') assertMeaning(tree, type);
  const compilation: Compilation = { rules, kept: new Map() };
  const definesVariables = /\bdefineVariable\b/.test(expression);
  const evaluate = evaluator(tree, compilation);
  const evaluated = (run: Run): Items => evaluate({ run, focus: run.context, index: 0, total: none, variables: definesVariables ? new Map() : undefined });
  const typedValues = (focus: unknown, sibling: unknown, environment: Environment): TypedValue[] =>
    evaluated(new Run(environment, itemOf(type, focus, sibling))).map((item) => ({ type: item.type, value: plain(item.value), sibling: item.sibling }));
  let generated: Constraint | false | undefined;
  return {
    expression, type, typedValues,
    test: (focus, sibling, environment) => {
      generated ??= constraint(tree, type, compilation) ?? false;
      if (generated !== false) return generated(focus, sibling, environment);
      return decided(environment, itemOf(type, focus, sibling), (run) => holds(evaluated(run)));
    },
    values: (focus, sibling, environment) => typedValues(focus, sibling, environment).map(({ value }) => value),
    locate: (focus, environment) => {
      const context = itemOf(type, focus);
      context.origin = here;
      return evaluated(new Run(environment, context)).map(stepsFrom);
    },
  };
}

const here: Origin = Object.freeze({ parent: undefined, name: '', index: undefined });

function stepsFrom(item: Item): readonly NodeStep[] | undefined {
  const steps: NodeStep[] = [];
  for (let { origin } = item; origin?.parent !== undefined; { origin } = origin.parent) steps.unshift({ name: origin.name, index: origin.index });
  return item.origin === undefined ? undefined : steps;
}

function plain(value: unknown): unknown {
  if (value instanceof Exact) return new Decimal(value.toString());
  if (value instanceof Moment) return value.toString();
  return value instanceof Quantity ? { value: new Decimal(value.value.toString()), unit: value.unit } : value;
}
