/** One evaluation: what it is about, what it may ask, and what it may cost. */
import { FhirPathError } from '../error.ts';
import type { Item, Items } from './items.ts';

/** What many evaluations may cost together; told of each step that they take. */
export interface Meter {
  /** @throws {FhirPathError} `limit` when it is spent */
  spend(steps: number): void;
}

/** What an expression may ask about the world around its focus. */
export interface Environment {
  /** `%resource`: the resource the focus is in, a contained one where it is in one. */
  readonly resource: unknown;
  /** `%rootResource`: the one that contains it, or the same. */
  readonly rootResource: unknown;
  /** Where the evaluation is one of many: what they may cost together. */
  readonly meter?: Meter;
  /** `now()`, `today()`, `timeOfDay()`. */
  readonly now: Date;
  /**
   * The resource that a reference leads to from here: an entry of the Bundle, for one. Contained resources are found without.
   * Undefined where it leads nowhere.
   */
  resolve?(reference: string): unknown;
  /** Whether a code, Coding or CodeableConcept is in a value set; undefined where that is not known. */
  memberOf?(value: unknown, type: string, valueSet: string): boolean | undefined;
  /** Whether an element conforms to a profile; undefined where that is not known. */
  conformsTo?(value: unknown, type: string, profile: string): boolean | undefined;
  /** Whether one code subsumes another (of the same system); undefined where that is not known. */
  subsumes?(general: unknown, special: unknown): boolean | undefined;
  /** Whether XHTML has nothing but what a narrative may have; where it is absent all is taken for good. */
  htmlChecks?(xhtml: string): boolean;
}

/** Steps that an evaluation may take: a second or less. All descendants of a Bundle of ten thousand Observations take a tenth of them. */
const mostSteps = 2_000_000;
/** The same for one of many. */
const mostStepsOfOne = 400_000;
/** Characters in one text that an expression makes. */
const longestText = 1_000_000;

export class Run {
  readonly environment: Environment;
  readonly context: Item;
  /** Results that do not depend on the focus, by number. */
  readonly kept: (Items | undefined)[] = [];
  /** Somebody was asked and did not know. */
  undecided = false;
  /** What is taken for the answer then. */
  readonly #assumed: boolean | undefined;
  #left: number;
  #known: Record<'equal' | 'equivalent', Map<object, string>> | undefined;

  get #texts(): Record<'equal' | 'equivalent', Map<object, string>> {
    return (this.#known ??= { equal: new Map(), equivalent: new Map() });
  }

  constructor(environment: Environment, context: Item, assumed?: boolean) {
    this.environment = environment;
    this.context = context;
    this.#assumed = assumed;
    this.#left = environment.meter === undefined ? mostSteps : mostStepsOfOne;
  }

  /** @throws {FhirPathError} `limit` */
  spend(steps: number): void {
    this.#left -= steps;
    this.environment.meter?.spend(steps);
    if (this.#left < 0) throw new FhirPathError('limit', 'The evaluation takes too long');
  }

  /** The text, if it is not too long. @throws {FhirPathError} `limit` */
  text(text: string): string {
    this.spend(text.length >> 6);
    if (text.length > longestText) throw new FhirPathError('limit', 'A text grows too long');
    return text;
  }

  /** The text by which a structure is compared, which is made once. */
  textOf(structure: unknown, how: 'equal' | 'equivalent', make: (structure: unknown) => string): string {
    if (typeof structure !== 'object' || structure === null) return make(structure);
    const known = this.#texts[how].get(structure);
    if (known !== undefined) return known;
    const text = make(structure);
    this.spend(text.length >> 4);
    this.#texts[how].set(structure, text);
    return text;
  }

  /** An answer that was asked for, or that it is not known. */
  answer(known: boolean | undefined): boolean | undefined {
    if (known !== undefined) return known;
    this.undecided = true;
    return this.#assumed;
  }
}

/** The result of an evaluation; undefined where it depends on an answer that nobody knows: whether that is yes or no makes a difference. */
export function decided(environment: Environment, context: Item, holds: (run: Run) => boolean): boolean | undefined {
  const run = new Run(environment, context);
  const result = holds(run);
  if (!run.undecided) return result;
  const [ifSo, ifNot] = [true, false].map((assumed) => holds(new Run(environment, context, assumed)));
  return ifSo === ifNot ? ifSo : undefined;
}

/** What an expression within another sees. */
export interface Scope {
  readonly run: Run;
  /** `$this`; undefined for a function of an empty collection. */
  readonly focus: Item | undefined;
  readonly index: number;
  /** `$total` of `aggregate()`. */
  readonly total: Items;
  /** Those of `defineVariable()`, which the rest of the path sees; undefined where the expression defines none. */
  readonly variables: Map<string, Items> | undefined;
}

/** A compiled expression. */
export type Evaluate = (scope: Scope) => Items;
