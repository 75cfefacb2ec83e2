/**
 * Guides put to the test: for each constraint of each profile that a valid instance has a place for, copies that break it.
 * What the validator says of them decides: caught, or survived.
 */
import type { ValidationIssue } from '../../profiles/validation.ts';
import { createValidator } from '../../profiles/validator.ts';
import type { StructureTable } from '../../profiles/tables/structure-table.ts';
import { broken, type Broken } from './ig-mutations-breakers.ts';
import { constraintsOf, rootOf, type Constraint } from './ig-mutations-constraints.ts';
import { isIn, isObject, valueAt, type JsonObject } from './ig-mutations-places.ts';
import { withHolders } from './full-instances/holders.ts';
import { canonicalOf, errorsBy, instancesIn, type InstanceMaker } from './full-instances/instances.ts';
import type { Judged } from './full-instances/grow.ts';
import { isError, judgedAt, type Guide } from './ig-examples.ts';

export interface Verdict {
  readonly profile: string;
  /** As `Claim.careTeam:overall mandatory`: the id of the row, and the kind or the key of an invariant. */
  readonly constraint: string;
  readonly kind: Constraint['kind'];
  /** The profile brings it in; the definition of the type does not say it. */
  readonly own: boolean;
  /**
   * - `caught`: each broken copy is refused, at the right place, by the right definition
   * - `survived`: one is not
   * - `optional`: the broken value is merely no longer in its slice, which may be empty
   * - `unknown codes`: nobody here knows what is in the value set
   * - `no place`: no valid instance has what could be broken, be it an example or grown
   */
  readonly outcome: 'caught' | 'survived' | 'optional' | 'asked' | 'no place';
  /** Of a survivor what was changed, and what was said of it; of what has no place why it cannot have one. */
  readonly told?: string;
}

/** Broken copies of one constraint. */
const mostCopies = 2;
/** Instances that are searched for a way to break an invariant. */
const mostSearched = 3;
const mostTries = 300;

export function verdictsOf(given: Guide): readonly Verdict[] {
  // Without what follows from no profile that is named: vital signs by their codes, and the rules of Bundles.
  const definitions = withHolders(given.definitions);
  const guide = { ...given, definitions, validate: createValidator(definitions, { rules: new Map() }) };
  const instances = instancesIn(guide, validResources(guide));
  return profilesOf(guide).flatMap((table) => verdictsOfProfile(guide, table, instances));
}

function profilesOf({ package: { resources }, definitions }: Guide): readonly StructureTable[] {
  return resources.filter((resource) => resource['resourceType'] === 'StructureDefinition' && resource['derivation'] === 'constraint' && resource['kind'] !== 'logical')
    .flatMap((resource) => definitions.structure(String(resource['url'])) ?? [])
    // Resources first: extensions stand in them.
    .toSorted((a, b) => Number(a.type === 'Extension') - Number(b.type === 'Extension') || (a.url < b.url ? -1 : 1));
}

/** Every resource of the examples, those in Bundles and contained ones too, as it stands alone. */
function validResources({ examples, validate }: Guide): readonly JsonObject[] {
  const found = new Map<string, JsonObject>();
  const add = (given: unknown): void => {
    const resource = withoutWords(given);
    if (!isObject(resource) || typeof resource['resourceType'] !== 'string') return;
    found.set(JSON.stringify(resource), resource);
    for (const entry of Array.isArray(resource['entry']) ? resource['entry'] as JsonObject[] : []) add(entry['resource']);
    for (const parameter of Array.isArray(resource['parameter']) ? resource['parameter'] as JsonObject[] : []) add(parameter['resource']);
  };
  for (const example of examples.values()) add(example);
  return [...found.values()].filter((resource) => !validate(resource, { now: judgedAt, claimed: false }).issues.some(isError));
}

/** Narratives are long to read, and nothing here is about what is in them. */
function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, name === 'div' && typeof part === 'string' ? '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' : withoutWords(part)]));
}

function verdictsOfProfile(guide: Guide, table: StructureTable, maker: InstanceMaker): readonly Verdict[] {
  const root = rootOf(table);
  if (root === undefined) return [];
  const { examples, grown } = maker.of(table, root);
  const instances = [...examples, ...grown.instances];
  // What is not valid before it is broken shows nothing.
  const invalid = instances.map((instance) => errorsBy(guide)(instance)).find((errors) => errors !== undefined);
  if (invalid !== undefined) throw new Error(`${table.url}: an instance is not valid (${invalid})`);
  return constraintsOf(table, root, guide.definitions).map((constraint): Verdict => {
    const { kind, key, node, own } = constraint;
    const common = { profile: table.url, constraint: `${node.row.id} ${key ?? kind}`, kind, own };
    const verdict = judge(guide, table, constraint, instances);
    const reason = grown.refused.get(node);
    return { ...common, ...verdict, ...(verdict.outcome === 'no place' && reason !== undefined && { told: reason }) };
  });
}

function judge(guide: Guide, table: StructureTable, constraint: Constraint, instances: readonly Judged[]): Pick<Verdict, 'outcome' | 'told'> {
  let copies = 0;
  let outcome: Verdict['outcome'] = 'no place';
  for (const { resource, rows, by } of constraint.kind === 'invariant' ? instances.filter(({ rows: its }) => its.get(constraint.node)!.places.length > 0).slice(0, mostSearched) : instances) {
    for (const copy of broken(constraint, { resource, row: rows.get(constraint.node)!, definitions: guide.definitions })) {
      const { issues, questions } = guide.validate(copy.resource, { now: judgedAt, claimed: false, profiles: by === undefined ? [] : [by] });
      const errors = issues.filter(isError);
      const told = constraint.kind === 'extensible' ? issues : errors;
      const asked = questions.flatMap((question) => question.kind === 'code' ? [question.otherwise] : []);
      if (told.some((issue) => isRight(issue, copy, constraint, table))) {
        // The first copy that breaks an invariant is enough: most of what is tried does not.
        if (constraint.kind === 'invariant' || constraint.kind === 'target-profile') return { outcome: 'caught' };
        outcome = outcome === 'no place' || outcome === 'optional' || outcome === 'asked' ? 'caught' : outcome;
      } else if (constraint.kind === 'invariant' || constraint.kind === 'target-profile') outcome = 'survived';
      else if (leavesSlice(copy, guide)) outcome = outcome === 'no place' ? 'optional' : outcome;
      else if (bindings.has(constraint.kind) && asked.some((issue) => isRight(issue, copy, constraint, table))) outcome = outcome === 'no place' ? 'asked' : outcome;
      else {
        const said = errors.map(({ code, expression, profile }) => `${code} ${expression} ${profile ?? ''}`).join('; ');
        return { outcome: 'survived', told: `${String(resource['id'])} ${copy.place.expression}: ${said === '' ? 'nothing' : said}` };
      }
      if (++copies >= (constraint.kind === 'invariant' ? mostTries : mostCopies)) return { outcome };
    }
  }
  return { outcome };
}

const bindings: ReadonlySet<Constraint['kind']> = new Set(['binding', 'extensible', 'greatest-set']);

/** Where another error is easily told at the same place, the one that is meant. */
const codeOfKind: Partial<Record<Constraint['kind'], readonly string[]>> = {
  extensible: ['binding-extensible'], 'greatest-set': ['binding-maximum'], 'target-profile': ['reference-target'], aggregation: ['reference-aggregation'],
  modifier: ['extension-unknown-modifier', 'extension-unknown'], misplaced: ['extension-modifier', 'element-unknown'], order: ['slice-order'],
};

/** Told there, below, or where it would be; by the profile, if it is the profile that says so. */
function isRight({ code, expression, profile, constraint: told }: ValidationIssue, { place, holder }: Broken, { kind, key, own }: Constraint, table: StructureTable): boolean {
  if (kind === 'invariant') return told === key;
  const expected = codeOfKind[kind];
  if (expected !== undefined && !expected.includes(code)) return false;
  // Where there is no element for modifiers at all, the definition of the type says so.
  if (own && code !== 'element-unknown' && profile !== canonicalOf(table) && !namedBy(table).has(profile ?? '')) return false;
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
