/**
 * What definitions are compiled to, and what the compiled functions are given: the session that they run in, and the
 * library of everything else that is compiled.
 */
import { isKindOf } from '../../fhir/element-types.ts';
import type { Environment } from '../../fhir/fhirpath/native/index.ts';
import type { KnownSystems } from '../codes/known-systems.ts';
import type { ValueSets } from '../codes/value-set.ts';
import type { ValidationOptions } from '../validation.ts';
import type { Budget } from './budget.ts';
import type { Asked, Template } from './findings.ts';
import type { Site } from './site.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Adds what is wrong with a value, placed relative to it. `site`: where it stands, if it is an element. */
export type Check = (value: unknown, session: Session, site?: Site) => void;

/** A check that is compiled when it is first run: types contain each other. */
export interface Cell {
  run: Check;
}

export function cellOf(compile: () => Check): Cell {
  const cell: Cell = {
    run: (value, session, site) => {
      cell.run = compile();
      cell.run(value, session, site);
    },
  };
  return cell;
}

/**
 * Whether an invariant holds for a node; undefined where that cannot be told.
 * @param sibling what `_name` holds beside a primitive
 */
export type Holds = (node: unknown, sibling: unknown, session: Session) => boolean | undefined;

/** What a definition cannot say of a resource of one type, as the rules of Bundles; the session takes what is wrong. */
export type ResourceRule = (resource: JsonObject, session: Session) => void;

export interface CompiledType {
  readonly cell: Cell;
  readonly canonical: string;
  readonly rules: readonly ResourceRule[];
}

export interface CompiledProfile {
  /** Checks only what the profile adds to the definition of its type. */
  readonly cell: Cell;
  readonly type: string;
  readonly canonical: string;
}

export interface CompiledExtension extends CompiledProfile {
  /** Whether it may stand here. `holder` is what has it among its extensions. */
  allows(site: Site, holder: JsonObject, session: Session): boolean;
  readonly modifier: boolean;
}

/** Everything that is compiled, found by name; each when it is first needed. */
export interface Library {
  /** The definition of a resource type; undefined where there is none of that name. */
  resource(type: string): CompiledType | undefined;
  /** The definition of any type. */
  type(name: string): Cell | undefined;
  /** By canonical; also definitions of types, which add nothing. */
  profile(canonical: string): CompiledProfile | undefined;
  /** By its url, with a version where one is meant. */
  extension(canonical: string): CompiledExtension | undefined;
  /** By the url of an extension, its canonical with the version that a profile names; undefined where the profile is not known. */
  readonly extensionVersions: (profile: string) => ReadonlyMap<string, string> | undefined;
  readonly valueSet: ValueSets;
  readonly codeSystem: KnownSystems;
  /** What is wrong with the name of a code system of which nothing else is known. */
  readonly systemFault: (system: string) => Template | undefined;
}

/** One validation: what it has found, and what is around the value that is being checked. */
export interface Session {
  readonly library: Library;
  readonly options: ValidationOptions;
  /** How many findings there are. */
  readonly n: number;
  /** From which number on checking stops. */
  readonly limit: number;
  /** `%resource`: the innermost resource. */
  readonly resource: JsonObject;
  /** `%rootResource`: the same, but of a contained resource what contains it. */
  readonly container: JsonObject;
  /** The url of the innermost extension around; undefined outside of extensions. */
  extensionUrl: string | undefined;
  /** What constraints and trials may still cost. */
  readonly budget: Budget;
  /** What FHIRPath sees of the place that the session is at. */
  readonly environment: Environment;
  /** Whether constraints that are best practice only are not told (0), told as warnings (1), or as errors (2). */
  readonly bestPractice: 0 | 1 | 2;
  /** The canonical of the definition that is meant by the url of an extension, in the resource that the session is at. */
  meantByUrl(url: string): string;
  /** Whether no other element of the resource had that id. Source: https://hl7.org/fhir/R4/element.html#id */
  isNewId(id: unknown): boolean;
  add(template: Template): void;
  addAt(template: Template, step: string): void;
  ask(asked: Asked): void;
  /** Puts a step in front of everything from the finding `from` on. */
  at(from: number, step: string): void;
  /** Whether there is an error from the finding `from` on. */
  failed(from: number): boolean;
  /** A resource by the definition of its type, and by the profiles that it claims. */
  checkResource(value: unknown, contained: boolean): void;
  /** A resource by a profile, once. */
  checkProfile(value: JsonObject, profile: CompiledProfile): void;
  /** Whether a check finds no error; nothing of what it finds is kept. */
  passes(cell: Cell, value: unknown, site?: Site): boolean;
  /** Of several profiles that a value does not conform to, tells what is wrong by the nearest; as hints, at this place. */
  explain(value: JsonObject, profiles: readonly CompiledProfile[], as: 'errors' | 'hints'): void;
  /** Whether a resource of this validation conforms to a profile; nothing of what is found is kept. */
  conforms(resource: JsonObject, profile: CompiledProfile): boolean;
  /** What a reference leads to in here: a contained resource, or an entry of the Bundle. */
  resolve(reference: string): JsonObject | undefined;
  /** Whether references are looked up in a Bundle. */
  readonly bundled: boolean;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The own property of that name; never one that every object inherits. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Whether a resource is of the type that a profile is of: that, or one that is made of it (Resource, DomainResource). */
export function isOfType(resource: JsonObject, { type }: Pick<CompiledProfile, 'type'>): boolean {
  const actual = own(resource, 'resourceType');
  return actual === type || (typeof actual === 'string' && isKindOf(actual, type));
}
