/**
 * One validation: where it is in the resource, what it has found, and what compiled checks ask for on the way, such as
 * the resource around them and the resources that references lead to.
 */
import type { Environment } from '../../fhir/fhirpath/native/index.ts';
import type { ValidationOptions } from '../validation.ts';
import { Budget } from './budget.ts';
import { BundleScope } from './bundle-scope.ts';
import { environmentOf } from './environment.ts';
import { versionsFor } from './extension-versions.ts';
import { isObject, isOfType, own, type Cell, type CompiledProfile, type JsonObject, type Library, type Session } from './check.ts';
import { Findings, type Finding } from './findings.ts';
import * as form from './form.ts';
import type { Site } from './site.ts';

/** Resources that are checked because of references to references: beyond, what is not told wrong is taken as right. */
const deepestTrial = 20;
const none: readonly Finding[] = [];
/** What a trial costs beside its constraints. */
const stepsOfTrial = 20;
/** What is told of an alternative that is not met. */
const mostExplained = 20;
/** Alternatives that are looked at for that. */
const mostAlternatives = 20;
/** Errors after which a trial has failed for sure. */
const mostInTrial = 50;

export class Pass extends Findings implements Session {
  readonly library: Library;
  readonly options: ValidationOptions;
  readonly bestPractice: 0 | 1 | 2;
  readonly environment: Environment;
  readonly budget: Budget;
  extensionUrl: string | undefined;
  readonly checked = new Set<string>();
  /** `%resource`: the innermost resource. */
  resource: JsonObject = {};
  /** `%rootResource`: the same, but of a contained resource what contains it. */
  container: JsonObject = {};
  /** The innermost Bundle around it. */
  bundle: BundleScope | undefined;
  get bundled(): boolean {
    return this.bundle !== undefined;
  }

  // Most resources need none of these.
  #conforming: Map<object, Map<CompiledProfile, boolean>> | undefined;
  /** Resources that were checked against profiles with everything told. */
  #told: Map<object, Set<CompiledProfile>> | undefined;
  /** Resources of which a trial against profiles found nothing at all: it need not be gone through again. */
  #quiet: Map<object, Set<CompiledProfile>> | undefined;
  /** Whether the last trial was such. */
  #wasQuiet = false;
  #scopes: Map<object, BundleScope> | undefined;
  #contained: Map<object, ReadonlyMap<unknown, JsonObject>> | undefined;
  #trials = 0;
  /** Versions of extensions in the resource of which they were asked last. */
  #versions: { readonly of: JsonObject; readonly all: readonly ReadonlyMap<string, string>[] } | undefined;
  /** Of elements of the innermost resource; what is around it has others. */
  #ids: Set<unknown> | undefined;

  constructor(library: Library, subject: unknown, options: ValidationOptions) {
    super(options.limit ?? 1000);
    this.library = library;
    this.options = options;
    this.budget = new Budget(subject);
    this.environment = environmentOf(this);
    this.bestPractice = options.bestPractice === 'error' ? 2 : options.bestPractice === 'warning' ? 1 : 0;
  }

  /** A resource by the definition of its type, and by the profiles that it claims. */
  checkResource(value: unknown, contained: boolean): void {
    if (contained && this.options.contained === false) return;
    if (!isObject(value)) {
      this.add(form.notAnObject(value));
      return;
    }
    const type = value['resourceType'];
    const compiled = typeof type === 'string' ? this.library.resource(type) : undefined;
    if (compiled === undefined) {
      this.add(form.unknownResourceType);
      return;
    }
    const { resource, container, bundle } = this;
    this.#enter(value, contained);
    this.checked.add(compiled.canonical);
    const ids = this.#ids;
    this.#ids = undefined;
    compiled.cell.run(value, this);
    this.#ids = ids;
    if (this.options.claimed !== false) this.#checkClaimed(value);
    for (const rule of compiled.rules) rule(value, this);
    if (!contained && value['contained'] !== undefined) this.#checkIds(value);
    this.#leave(resource, container, bundle);
  }

  isNewId(id: unknown): boolean {
    if (this.#ids === undefined) {
      this.#ids = new Set([id]);
      return true;
    }
    const { size } = this.#ids;
    return this.#ids.add(id).size > size;
  }

  meantByUrl(url: string): string {
    if (this.#versions?.of !== this.resource) this.#versions = { of: this.resource, all: versionsFor(this.resource, this.options, this.library) };
    const { all } = this.#versions;
    for (let at = 0; at < all.length; at++) {
      const version = all[at]!.get(url);
      if (version !== undefined) return version;
    }
    return url;
  }

  /** Contained resources have ids of their own. Source: https://hl7.org/fhir/R4/references.html#contained */
  #checkIds(container: JsonObject): void {
    const list = own(container, 'contained');
    if (!Array.isArray(list)) return;
    const ids = new Set<unknown>();
    for (const [index, one] of list.entries()) {
      const id = isObject(one) ? own(one, 'id') : undefined;
      if (id === undefined) continue;
      if (ids.has(id)) this.addAt(form.sameId, `.contained[${index}].id`);
      ids.add(id);
    }
  }

  /** A resource by a profile, once. */
  checkProfile(value: JsonObject, profile: CompiledProfile): void {
    const told = (this.#told ??= new Map()).get(value);
    if (told?.has(profile) === true) return;
    if (told === undefined) this.#told.set(value, new Set([profile]));
    else told.add(profile);
    if (!isOfType(value, profile)) {
      this.add(form.otherType(profile));
      return;
    }
    this.checked.add(profile.canonical);
    if (this.#quiet?.get(value)?.has(profile) === true) return;
    const { n, dropped } = this;
    if (this.resource === value) profile.cell.run(value, this);
    else this.#runWithin(value, profile.cell);
    // What is inside may have been told before, and then shows nothing here.
    if (!holdsOthers(value) && this.n < this.limit && this.dropped === dropped && !this.failed(n)) this.#conformingOf(value).set(profile, true);
  }

  /** From here on `resource` is the one that invariants and references see. */
  #enter(resource: JsonObject, contained: boolean): void {
    this.resource = resource;
    if (!contained) this.container = resource;
    if (resource['resourceType'] === 'Bundle') this.bundle = this.#scopeOf(resource);
  }

  #leave(resource: JsonObject, container: JsonObject, bundle: BundleScope | undefined): void {
    this.resource = resource;
    this.container = container;
    this.bundle = bundle;
  }

  #runWithin(value: JsonObject, cell: Cell): void {
    const { resource, container, bundle } = this;
    this.#enter(value, this.#isContained(value));
    cell.run(value, this);
    this.#leave(resource, container, bundle);
  }

  /** One for each Bundle, however often it is gone into. */
  #scopeOf(bundle: JsonObject): BundleScope {
    let scope = this.#scopes?.get(bundle);
    if (scope === undefined) (this.#scopes ??= new Map()).set(bundle, scope = new BundleScope(bundle));
    return scope;
  }

  #checkClaimed(resource: JsonObject): void {
    const meta = own(resource, 'meta');
    const claimed = isObject(meta) ? own(meta, 'profile') : undefined;
    if (!Array.isArray(claimed)) return;
    for (const [index, canonical] of claimed.entries()) {
      if (typeof canonical !== 'string') continue;
      const profile = this.library.profile(canonical);
      if (profile !== undefined) this.checkProfile(resource, profile);
      else this.addAt(this.options.unknownProfile === 'error' ? form.unknownProfile : form.unknownProfileWarning, `.meta.profile[${index}]`);
    }
  }

  /** What a reference leads to in here: a contained resource, or an entry of the Bundle. */
  resolve(reference: string): JsonObject | undefined {
    if (reference.startsWith('#')) return this.resolveContained(reference.slice(1));
    return this.bundle?.resolve(reference, this.container);
  }

  /** @param id empty for what contains the resource */
  resolveContained(id: string): JsonObject | undefined {
    if (id === '') return this.container;
    if (own(this.container, 'contained') === undefined) return undefined;
    return this.#containedIn(this.container).get(id);
  }

  #containedIn(container: JsonObject): ReadonlyMap<unknown, JsonObject> {
    let known = this.#contained?.get(container);
    if (known === undefined) {
      const contained = own(container, 'contained');
      const list = Array.isArray(contained) ? contained.filter(isObject) : [];
      // Of two with one id, the first.
      (this.#contained ??= new Map()).set(container, known = new Map(list.toReversed().map((one) => [own(one, 'id'), one])));
    }
    return known;
  }

  /**
   * Whether a resource of this validation conforms to a profile, without anything told. What refers to itself on the way
   * conforms as far as it was seen.
   */
  conforms(resource: JsonObject, profile: CompiledProfile): boolean {
    if (!isOfType(resource, profile)) return false;
    const known = this.#conformingOf(resource);
    const before = known.get(profile);
    if (before !== undefined) return before;
    if (this.#trials >= deepestTrial) return true;
    known.set(profile, true);
    const { resource: outer, container, bundle } = this;
    this.#enter(resource, this.#isContained(resource));
    const conforming = this.passes(profile.cell, resource);
    this.#leave(outer, container, bundle);
    known.set(profile, conforming);
    if (conforming && this.#wasQuiet) {
      const quiet = (this.#quiet ??= new Map()).get(resource);
      if (quiet === undefined) this.#quiet.set(resource, new Set([profile]));
      else quiet.add(profile);
    }
    return conforming;
  }

  #conformingOf(resource: JsonObject): Map<CompiledProfile, boolean> {
    let known = (this.#conforming ??= new Map()).get(resource);
    if (known === undefined) this.#conforming.set(resource, known = new Map());
    return known;
  }

  /**
   * Of several profiles that a value does not conform to, what is wrong by the nearest: the one with the fewest errors.
   * Within a trial nobody wants to know.
   * @param as `hints` where the value stands elsewhere, and what is wrong with it may be right there
   */
  explain(value: JsonObject, profiles: readonly CompiledProfile[], as: 'errors' | 'hints'): void {
    if (this.#trials > 0) return;
    const type = own(value, 'resourceType');
    const alternatives = type === undefined ? profiles : profiles.filter((profile) => isOfType(value, profile));
    let nearest: readonly Finding[] = [];
    for (const { cell } of alternatives.slice(0, mostAlternatives)) {
      const { resource, container, bundle } = this;
      if (type !== undefined) this.#enter(value, this.#isContained(value));
      const errors = this.#errorsBy(cell, value);
      this.#leave(resource, container, bundle);
      if (errors.length > 0 && (nearest.length === 0 || errors.length < nearest.length)) nearest = errors;
    }
    this.keep(nearest.slice(0, mostExplained), as);
  }

  /** Whether a check finds no error; nothing of what it finds is kept. */
  passes(cell: Cell, value: unknown, site?: Site): boolean {
    return this.#errorsBy(cell, value, site).length === 0;
  }

  #errorsBy(cell: Cell, value: unknown, site?: Site): readonly Finding[] {
    if (!this.budget.affords(stepsOfTrial)) return none;
    const { n, limit, dropped, isWhole } = this;
    // What a trial finds is forgotten, and so has to be what it has gone through.
    const told = this.#told;
    this.#told = undefined;
    this.limit = n + mostInTrial;
    this.#trials++;
    cell.run(value, this, site);
    this.#trials--;
    this.#told = told;
    this.#wasQuiet = this.n === n && this.dropped === dropped;
    const errors = this.n === n ? none : this.errors(n);
    this.forget(n);
    this.limit = limit;
    this.dropped = dropped;
    this.isWhole = isWhole;
    return errors;
  }

  #isContained(resource: JsonObject): boolean {
    return own(this.container, 'contained') !== undefined && this.#containedIn(this.container).get(own(resource, 'id')) === resource;
  }
}

function holdsOthers(resource: JsonObject): boolean {
  const type = resource['resourceType'];
  return type === 'Bundle' || type === 'Parameters' || resource['contained'] !== undefined;
}
