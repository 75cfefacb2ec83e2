/**
 * Guides put to the test: for each constraint of each profile that a valid example has a place for, copies that break it.
 * What the validator says of them decides: caught, or survived.
 */
import type { ValidationIssue } from '../../profiles/validation.ts';
import { createValidator } from '../../profiles/validator.ts';
import type { StructureTable } from '../../profiles/tables/structure-table.ts';
import { broken, type Broken } from './ig-mutations-breakers.ts';
import { constraintsOf, rootOf, type Constraint } from './ig-mutations-constraints.ts';
import { isIn, isObject, objectsIn, rowsOf, valueAt, type JsonObject, type Place, type Row } from './ig-mutations-places.ts';
import { isError, judgedAt, type Guide } from './ig-examples.ts';

export interface Verdict {
  readonly profile: string;
  /** As `Claim.careTeam:overall mandatory`. */
  readonly constraint: string;
  readonly kind: Constraint['kind'];
  /** The profile brings it in; the definition of the type does not say it. */
  readonly own: boolean;
  /**
   * - `caught`: each broken copy is refused, at the right place, by the right definition
   * - `survived`: one is not
   * - `optional`: the broken value is merely no longer in its slice, which may be empty
   * - `unknown codes`: nobody here knows what is in the value set
   * - `no place`: no valid example has what could be broken
   */
  readonly outcome: 'caught' | 'survived' | 'optional' | 'unknown codes' | 'no place';
  /** Of a survivor: what was changed, and what was said of it. */
  readonly told?: string;
}

/** Instances of a profile that are looked at, and broken copies of one constraint. */
const mostInstances = 6;
const mostCopies = 2;
/** Instances that are searched for a way to break an invariant. */
const mostSearched = 3;
const mostTries = 300;

interface Instance {
  readonly resource: JsonObject;
  readonly start: Place;
}

export function verdictsOf(given: Guide): readonly Verdict[] {
  // Without what follows from no profile that is named: vital signs by their codes, and the rules of Bundles.
  const guide = { ...given, validate: createValidator(given.definitions, { rules: new Map() }) };
  const resources = validResources(guide);
  return profilesOf(guide).flatMap((table) => verdictsOfProfile(guide, table, resources));
}

function profilesOf({ package: { resources }, definitions }: Guide): readonly StructureTable[] {
  return resources.filter((resource) => resource['resourceType'] === 'StructureDefinition' && resource['derivation'] === 'constraint' && resource['kind'] !== 'logical')
    .flatMap((resource) => definitions.structure(String(resource['url'])) ?? [])
    .toSorted((a, b) => (a.url < b.url ? -1 : 1));
}

/** Every resource of the examples, those in Bundles and contained ones too, as it stands alone. */
function validResources({ examples, validate }: Guide): readonly JsonObject[] {
  const found = new Map<string, JsonObject>();
  const add = (resource: unknown): void => {
    if (!isObject(resource) || typeof resource['resourceType'] !== 'string') return;
    found.set(JSON.stringify(resource), resource);
    for (const entry of Array.isArray(resource['entry']) ? resource['entry'] as JsonObject[] : []) add(entry['resource']);
    for (const parameter of Array.isArray(resource['parameter']) ? resource['parameter'] as JsonObject[] : []) add(parameter['resource']);
  };
  for (const example of examples.values()) add(example);
  return [...found.values()].filter((resource) => !validate(resource, { now: judgedAt, claimed: false }).issues.some(isError));
}

function instancesOf({ validate }: Guide, table: StructureTable, resources: readonly JsonObject[]): readonly Instance[] {
  if (table.type === 'Extension') {
    return resources.flatMap((resource) => [...objectsIn(resource)].filter(({ value }) => (value as JsonObject)['url'] === table.url && 'extension' in (value as JsonObject) || (value as JsonObject)['url'] === table.url && Object.keys(value as JsonObject).some((name) => name.startsWith('value'))).map((start) => ({ resource, start }))).slice(0, mostInstances);
  }
  const claims = (resource: JsonObject): boolean => {
    const { meta } = resource;
    return isObject(meta) && Array.isArray(meta['profile']) && meta['profile'].some((canonical) => String(canonical).replace(/\|.*$/, '') === table.url);
  };
  const ofType = resources.filter((resource) => resource['resourceType'] === table.type);
  return [...ofType.filter(claims), ...ofType.filter((resource) => !claims(resource))]
    .filter((resource) => !validate(resource, { now: judgedAt, claimed: false, profiles: [canonicalOf(table)] }).issues.some(isError))
    .slice(0, mostInstances)
    .map((resource) => ({ resource, start: { path: [], expression: table.type, value: resource, holder: undefined, within: [] } }));
}

function canonicalOf({ url, version }: StructureTable): string {
  return version === '' ? url : `${url}|${version}`;
}

function verdictsOfProfile(guide: Guide, table: StructureTable, resources: readonly JsonObject[]): readonly Verdict[] {
  const root = rootOf(table);
  if (root === undefined) return [];
  const instances = instancesOf(guide, table, resources).map((instance) => ({ ...instance, rows: new Map(rowsOf(root, instance.start, guide.definitions).map((row) => [row.node, row])) }));
  return constraintsOf(table, root, guide.definitions).map((constraint): Verdict => {
    const { kind, key, node, own } = constraint;
    const common = { profile: table.url, constraint: `${node.row.id} ${key ?? kind}`, kind, own };
    return { ...common, ...judge(guide, table, constraint, instances) };
  });
}

function judge(guide: Guide, table: StructureTable, constraint: Constraint, instances: readonly (Instance & { readonly rows: ReadonlyMap<unknown, Row> })[]): Pick<Verdict, 'outcome' | 'told'> {
  let copies = 0;
  let outcome: Verdict['outcome'] = 'no place';
  for (const { resource, rows } of constraint.kind === 'invariant' ? instances.slice(0, mostSearched) : instances) {
    for (const copy of broken(constraint, { resource, row: rows.get(constraint.node)!, definitions: guide.definitions })) {
      const { issues, questions } = guide.validate(copy.resource, { now: judgedAt, claimed: false, ...(table.type !== 'Extension' && { profiles: [canonicalOf(table)] }) });
      const errors = issues.filter(isError);
      if (errors.some((error) => isRight(error, copy, constraint, table))) {
        // The first copy that breaks an invariant is enough: most of what is tried does not.
        if (constraint.kind === 'invariant') return { outcome: 'caught' };
        outcome = outcome === 'no place' || outcome === 'optional' || outcome === 'unknown codes' ? 'caught' : outcome;
      } else if (constraint.kind === 'invariant') outcome = 'survived';
      else if (leavesSlice(copy, guide)) outcome = outcome === 'no place' ? 'optional' : outcome;
      else if (constraint.kind === 'binding' && (questions.length > 0 || issues.some(({ code }) => code === 'binding-not-checked'))) outcome = outcome === 'no place' ? 'unknown codes' : outcome;
      else {
        const said = errors.map(({ code, expression, profile }) => `${code} ${expression} ${profile ?? ''}`).join('; ');
        return { outcome: 'survived', told: `${String(resource['id'])} ${copy.place.expression}: ${said === '' ? 'nothing' : said}` };
      }
      if (++copies >= (constraint.kind === 'invariant' ? mostTries : mostCopies)) return { outcome };
    }
  }
  return { outcome };
}

/** Told there, below, or where it would be; by the profile, if it is the profile that says so. */
function isRight({ expression, profile, constraint: told }: ValidationIssue, { place, holder }: Broken, { kind, key, own }: Constraint, table: StructureTable): boolean {
  if (kind === 'invariant') return told === key;
  if (own && profile !== canonicalOf(table) && !namedBy(table).has(profile ?? '')) return false;
  const around = [place.expression, place.expression.replace(/\[\d+\]$/, ''), ...place.within.flatMap((slice) => [slice.holder.expression])];
  return expression === holder?.expression || around.includes(expression) || around.slice(0, 2).some((start) => expression.startsWith(`${start}.`) || expression.startsWith(`${start}[`));
}

/** Profiles that a profile says its elements conform to: an error of theirs tells as much. */
function namedBy({ elements }: StructureTable): ReadonlySet<string> {
  return new Set(elements.flatMap(({ types = [] }) => types.flatMap(({ profiles = [] }) => profiles)));
}

/** Whether what was changed is not in a slice any more, and need not be. What has another url is another extension. */
function leavesSlice({ resource, place }: Broken, { definitions }: Guide): boolean {
  return place.expression.endsWith('.url') || place.within.some(({ slice, list, path }) => {
    if (list.row.slicing?.rules === 'closed') return false;
    const property = String(path.findLast((step) => typeof step === 'string'));
    const items = typeof path.at(-1) === 'number' ? valueAt(resource, path.slice(0, -1)) : [valueAt(resource, path)];
    const left = Array.isArray(items) ? items.filter((item: unknown) => isIn(item, slice, list, definitions, property)).length : 0;
    return left >= slice.row.min && !isIn(valueAt(resource, path), slice, list, definitions, property);
  });
}
