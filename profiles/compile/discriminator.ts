/**
 * Whether an item meets a discriminator of a slice, as generated text: the way that its path goes through the value, and
 * at the end what the rows of the slice say there, be it in the profile itself or in a profile that it names on the way.
 * Source: https://hl7.org/fhir/R4/profiling.html#discriminator
 */
import { isKindOf } from '../../fhir/element-types.ts';
import type { CompiledValueSet } from '../codes/value-set.ts';
import type { Discriminator, TypeRow } from '../tables/structure-table.ts';
import { isObject, type Session } from './check.ts';
import { parseDiscriminatorPath, type PathStep } from './discriminator-path.ts';
import { hasPattern, isExactly } from './equality.ts';
import { member, quoted } from './source.ts';
import { childNamed, isPrimitiveCode, propertyFor, typesOf, type TreeNode } from './tree.ts';
import { typeTree, type Unit } from './unit.ts';

/** Where a path has come to: rows that say something of that place, nearest first, and the types that are possible. */
interface Place {
  readonly nodes: readonly TreeNode[];
  /** Rows of the definitions of types, which say what is possible but not what a slice asks for. */
  readonly definitions: readonly TreeNode[];
  readonly types: readonly TypeRow[];
}

/** Rows with a fixed value below a place without one: deeper than any definition goes. */
const deepest = 12;

/** An expression of the item `e`, what stands beside it `d`, and the session `s`. */
export function discriminatorTest(unit: Unit, slice: TreeNode, base: TreeNode, { type, path }: Discriminator): string {
  const steps = parseDiscriminatorPath(path);
  if (steps === undefined) return 'false';
  const types = typesOf(slice.row).length > 0 ? typesOf(slice.row) : typesOf(base.row);
  const start: Place = { nodes: [slice, ...profileRoots(unit, types)], definitions: [base], types };
  const addresses = path === 'url' && childNamed(slice, 'url') === undefined ? addressesOf(types) : [];
  if (addresses.length > 0) return `(typeof e === 'object' && e !== null && (${addresses.map((url) => `e.url === ${quoted(url)}`).join(' || ')}))`;
  if (type === 'exists') {
    const { end, test } = existence(unit, steps, start);
    return end?.row.max === '0' ? `!${test}(e, d, s)` : `${test}(e, d, s)`;
  }
  let said = true;
  let absent = false;
  const test = walk(unit, steps, start, (place, last) => {
    const end = endTest(unit, type, place, last);
    const [node] = place.nodes;
    absent = node?.row.max === '0';
    // What says nothing of the place asks for nothing there, unless it asks that something is there.
    said = end !== undefined || (node?.row.min ?? 0) > 0 || steps.length === 0;
    return end ?? unit.source.define('v, b, s', 'return true;');
  });
  return absent ? `!${test}(e, d, s)` : said ? `${test}(e, d, s)` : 'true';
}

/** Extensions have the address of their definition for a url, so that those can be told apart whose definition nobody here has. */
function addressesOf(types: readonly TypeRow[]): readonly string[] {
  return types.every(({ code }) => code === 'Extension') ? types.flatMap(({ profiles = [] }) => profiles.map((canonical) => canonical.replace(/\|.*$/, ''))) : [];
}

function existence(unit: Unit, steps: readonly PathStep[], start: Place): { end: TreeNode | undefined; test: string } {
  let end: TreeNode | undefined;
  const test = walk(unit, steps, start, (place) => {
    [end] = place.nodes;
    return unit.source.define('v, b, s', 'return v !== undefined || b !== undefined;');
  });
  return { end, test };
}

/** The name of a function of a value, what stands beside it and the session: whether something at the end of the path meets `end`. */
function walk(unit: Unit, steps: readonly PathStep[], place: Place, end: (place: Place, last: PathStep | undefined) => string, last?: PathStep): string {
  const [step, ...more] = steps;
  if (step === undefined) return end(place, last);
  const { source } = unit;
  switch (step.kind) {
    case 'resolve': {
      const next = walk(unit, more, resolved(unit, place), end, step);
      return source.define('v, b, s', `const r = typeof v === 'object' && v !== null ? v.reference : v;
const t = typeof r === 'string' ? s.resolve(r) : undefined;
return t !== undefined && ${next}(t, undefined, s);`);
    }
    case 'extension': {
      const next = walk(unit, more, extensionPlace(unit, place, step.url), end, step);
      return source.define('v, b, s', `const x = typeof v === 'object' && v !== null ? v.extension : typeof b === 'object' && b !== null ? b.extension : undefined;
if (Array.isArray(x)) for (let i = 0; i < x.length; i++) if (typeof x[i] === 'object' && x[i] !== null && x[i].url === ${quoted(step.url)} && ${next}(x[i], undefined, s)) return true;
return false;`);
    }
    case 'type': {
      const next = walk(unit, more, ofType(place, step.type), end, step);
      return source.define('v, b, s', `return ${source.constant((value: unknown) => mayBe(value, [step.type]))}(v) && ${next}(v, b, s);`);
    }
    case 'element':
    default:
      return elementWalk(unit, step, more, place, end);
  }
}

function elementWalk(unit: Unit, step: Extract<PathStep, { kind: 'element' }>, more: readonly PathStep[], place: Place, end: Parameters<typeof walk>[3]): string {
  const { source } = unit;
  const below = childPlace(unit, place, step.name);
  const choice = [...below.nodes, ...below.definitions].find((node) => node.choice);
  const [following, ...rest] = more;
  // Of a choice, the type says which property it is in.
  const narrowed = choice !== undefined && following?.kind === 'type' ? following : undefined;
  const types = narrowed === undefined ? below.types : [below.types.find(({ code }) => code === narrowed.type) ?? { code: narrowed.type }];
  const properties = choice === undefined ? [{ name: step.name, type: below.types[0]?.code }] : types.map(({ code }) => ({ name: propertyFor(choice, code), type: code }));
  const next = walk(unit, narrowed === undefined ? more : rest, narrowed === undefined ? below : ofType(below, narrowed.type), end, step);
  const each = properties.map(({ name, type }) => {
    const beside = type === undefined || isPrimitiveCode(type) ? member('v', `_${name}`) : 'undefined';
    return `{ const a = ${member('v', name)}, f = ${beside};
if (Array.isArray(a)) { for (let i = 0; i < a.length; i++) if (${next}(a[i], Array.isArray(f) ? f[i] : undefined, s)) return true; }
else if ((a !== undefined || f !== undefined) && ${next}(a, f, s)) return true; }`;
  });
  // Of a primitive, what is below stands beside it.
  return source.define('v, b, s', `if (typeof v !== 'object' || v === null) v = b;\nif (typeof v !== 'object' || v === null) return false;\n${each.join('\n')}\nreturn false;`);
}

function childPlace(unit: Unit, { nodes, definitions, types }: Place, name: string): Place {
  const below = nodes.flatMap((node) => childrenNamed(node, name));
  const defined = [...definitions, ...types.flatMap(({ code }) => typeTree(code, unit.compiler) ?? [])].flatMap((node) => childrenNamed(node, name));
  const found = [...below, ...defined].find((node) => typesOf(node.row).length > 0);
  const childTypes = found === undefined ? [] : typesOf(found.row);
  return { nodes: [...below, ...profileRoots(unit, childTypes)], definitions: defined, types: childTypes };
}

/** The child, and rows that are of one type of it: `value[x]:valueBoolean`, or `valueBoolean`. */
function childrenNamed(node: TreeNode, name: string): readonly TreeNode[] {
  const child = childNamed(node, name);
  // What a slice that has to be there says holds of the element, too, for some item of it.
  if (child !== undefined) return child.choice ? [...child.slices, child] : [child, ...child.slices.filter(({ row }) => row.min > 0)];
  const shortcut = node.children.find((candidate) => candidate.name.startsWith(name) && /^[A-Z]/.test(candidate.name.slice(name.length)) && candidate.row.path.endsWith(candidate.name) && typesOf(candidate.row).some(({ code }) => candidate.name.slice(name.length).toLowerCase() === code.toLowerCase()));
  return shortcut === undefined ? [] : [{ ...shortcut, name, choice: true }];
}

/** The rows of the profiles that types name, as roots. */
function profileRoots(unit: Unit, types: readonly TypeRow[]): readonly TreeNode[] {
  return types.flatMap(({ profiles = [] }) => profiles.flatMap((canonical) => rootOf(unit, canonical) ?? []));
}

function rootOf(unit: Unit, canonical: string): TreeNode | undefined {
  const table = unit.compiler.definitions.structure(canonical);
  return table === undefined ? undefined : unit.compiler.tree(table);
}

function resolved(unit: Unit, { types }: Place): Place {
  const targets = types.flatMap(({ targets: canonicals = [] }) => canonicals);
  const nodes = targets.flatMap((canonical) => rootOf(unit, canonical) ?? []);
  const targetTypes = targets.flatMap((canonical): TypeRow[] => {
    const table = unit.compiler.definitions.structure(canonical);
    return table === undefined ? [] : [{ code: table.type, ...(table.derivation === 'constraint' && { profiles: [canonical] }) }];
  });
  return { nodes, definitions: [], types: targetTypes };
}

function extensionPlace(unit: Unit, { nodes }: Place, url: string): Place {
  const slices = nodes.flatMap((node) => childNamed(node, 'extension')?.slices ?? []);
  const own = slices.filter((slice) => typesOf(slice.row).some(({ profiles = [] }) => profiles.some((canonical) => canonical.replace(/\|.*$/, '') === url)) || childNamed(slice, 'url')?.row.fixed?.value === url);
  const definition = rootOf(unit, url);
  const profiles = profileRoots(unit, own.flatMap((slice) => typesOf(slice.row)));
  return { nodes: [...own, ...profiles, ...(definition === undefined ? [] : [definition])], definitions: [], types: [{ code: 'Extension' }] };
}

function ofType({ nodes, definitions, types }: Place, type: string): Place {
  const narrowed = types.filter(({ code }) => code === type || isKindOf(code, type));
  return {
    nodes: nodes.filter(({ row }) => row.slice === undefined || typesOf(row).length === 0 || typesOf(row).some(({ code }) => code === type)),
    definitions,
    types: narrowed.length > 0 ? narrowed : [{ code: type }],
  };
}

/** The name of a function that says whether a value at the end of the path is as the slice says; undefined where that says nothing. */
function endTest(unit: Unit, type: Discriminator['type'], place: Place, last: PathStep | undefined): string | undefined {
  const { source } = unit;
  switch (type) {
    case 'type': {
      const codes = ownTypes(place).map(({ code }) => code);
      const choice = last?.kind === 'element' && [...place.nodes, ...place.definitions].some((node) => node.choice);
      // The property has told the type of a choice.
      return choice || codes.length === 0 ? source.define('v, b, s', 'return true;')
        : source.define('v, b, s', `return ${source.constant((value: unknown) => mayBe(value, codes))}(v);`);
    }
    case 'profile': {
      const conforms = conformance(unit, place);
      return conforms === undefined ? undefined : source.define('v, b, s', `return ${source.constant(conforms)}(v, s);`);
    }
    case 'value': case 'pattern': case 'exists':
    default: {
      const test = valueTest(unit, place.nodes, 0);
      return test === undefined ? undefined : source.define('v, b, s', `return ${test};`);
    }
  }
}

function ownTypes({ nodes, types }: Place): readonly TypeRow[] {
  const [node] = nodes;
  return types.length > 0 ? types : node === undefined ? [] : typesOf(node.row);
}

/** Whether a value may be of one of the types: only resources say what they are. */
function mayBe(value: unknown, codes: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || !('resourceType' in value)) return true;
  const { resourceType } = value;
  return typeof resourceType === 'string' && codes.some((code) => isKindOf(resourceType, code));
}

function conformance(unit: Unit, place: Place): ((value: unknown, session: Session) => boolean) | undefined {
  const { library } = unit.compiler;
  const profiles = ownTypes(place).flatMap(({ profiles: canonicals = [] }) => canonicals.flatMap((canonical) => library.profile(canonical) ?? []));
  const plain = ownTypes(place).filter(({ profiles: canonicals = [] }) => canonicals.length === 0).map(({ code }) => code);
  if (profiles.length === 0 && plain.every((code) => !isKindOf(code, 'Resource'))) return undefined;
  return (value, session) => {
    if (isObject(value) && 'resourceType' in value) return (plain.length > 0 && mayBe(value, plain)) || profiles.some((profile) => session.conforms(value, profile));
    return profiles.some((profile) => session.passes(profile.cell, value));
  };
}

/** An expression of `v`, `b` and `s` from the first of the rows that says something; undefined where none does. */
function valueTest(unit: Unit, nodes: readonly TreeNode[], depth: number): string | undefined {
  for (const node of nodes) {
    const test = rowTest(unit, node, depth);
    if (test !== undefined) return test;
  }
  return undefined;
}

function rowTest(unit: Unit, node: TreeNode, depth: number): string | undefined {
  const { source } = unit;
  const { fixed, pattern, binding, types } = node.row;
  if (fixed?.value !== undefined) return typeof fixed.value === 'string' ? `v === ${quoted(fixed.value)}` : `${source.constant(isExactly(fixed.value))}(v)`;
  if (pattern?.value !== undefined) return `${source.constant(hasPattern(pattern.value))}(v)`;
  const below = depth < deepest ? node.children.flatMap((child) => childTest(unit, child, depth + 1)) : [];
  if (below.length > 0) return below.join(' && ');
  if (binding?.strength === 'required' && binding.valueSet !== undefined) {
    const valueSet = unit.compiler.valueSets(binding.valueSet);
    // Nobody knows what is in it: what has to be there may be what is.
    if (valueSet === undefined) return node.row.min > 0 ? undefined : 'false';
    const has = (coding: { system?: unknown; code?: unknown }): boolean => typeof coding.system === 'string' && typeof coding.code === 'string' && isMember(valueSet, coding.system, coding.code);
    const isIn = (value: unknown): boolean => {
      if (typeof value === 'string') return valueSet.hasCode(value) === 'in';
      if (typeof value !== 'object' || value === null) return false;
      return 'coding' in value && Array.isArray(value.coding) ? value.coding.some((coding: unknown) => typeof coding === 'object' && coding !== null && has(coding)) : has(value);
    };
    return (types?.length ?? 0) > 0 ? `${source.constant(isIn)}(v)` : undefined;
  }
  return undefined;
}

/** Where it is not known whether a code is in a value set, its system decides. */
function isMember(valueSet: CompiledValueSet, system: string, code: string): boolean {
  const membership = valueSet.has(system, code);
  return membership === 'in' || (membership === 'unknown' && valueSet.concerns(system));
}

function childTest(unit: Unit, child: TreeNode, depth: number): string[] {
  const test = rowTest(unit, child, depth);
  if (test === undefined || child.row.max === '0' || (child.row.binding !== undefined && child.row.fixed === undefined && child.row.pattern === undefined && child.children.length === 0)) return [];
  const holds = unit.source.define('v, b, s', `return ${test};`);
  const names = child.choice ? typesOf(child.row).map(({ code }) => propertyFor(child, code)) : [child.name];
  const each = names.map((name) => `{ const a = ${member('v', name)}, f = ${member('v', `_${name}`)};
if (Array.isArray(a)) { for (let i = 0; i < a.length; i++) if (${holds}(a[i], undefined, s)) return true; }
else if (a !== undefined && ${holds}(a, f, s)) return true; }`);
  return [`${unit.source.define('v, b, s', `if (typeof v !== 'object' || v === null) return false;\n${each.join('\n')}\nreturn false;`)}(v, b, s)`];
}
