/**
 * A profile, compiled to what it adds to the definition of its type: its rows are compared with those of the definition,
 * into the types of elements and down, and only a difference becomes text. It runs on values that the definition's check
 * has gone over, and passes by what is not of the right form.
 * Source: https://hl7.org/fhir/R4/profiling.html
 */
import type { ElementRow, StructureTable, TypeRow } from '../tables/structure-table.ts';
import type { Check } from './check.ts';
import { elementRules, isSame } from './element-rules.ts';
import { nameOf, thereAre } from './issues.ts';
import { isKindOf, lineage } from '../../fhir/element-types.ts';
import { sliceText } from './slicing.ts';
import { member, numeral, quoted } from './source.ts';
import { childNamed, isPrimitiveCode, nodeWithId, numberOfMax, propertyFor, repeats, typesOf, type TreeNode } from './tree.ts';
import { typeTree, unitOf, type Compiler, type Unit } from './unit.ts';

/** @returns undefined where the profile, or the type that it is of, is none that can be understood */
export function compileProfile(table: StructureTable, compiler: Compiler): Check | undefined {
  const root = compiler.tree(table);
  const base = typeTree(table.type, compiler);
  if (root === undefined || base === undefined || !hasBoundedSlices(root)) return undefined;
  const unit = unitOf(table, compiler);
  const names = { value: 'o', sibling: 'undefined' };
  const rules = elementRules(unit, root.row, undefined, base.row, table.type, names);
  if (isPrimitiveCode(table.type)) {
    const [value, baseValue] = [childNamed(root, 'value'), childNamed(base, 'value')];
    const ofValue = value === undefined ? '' : elementRules(unit, value.row, undefined, baseValue?.row, table.type, names);
    return unit.source.compile(unit.source.define('o, s', rules + ofValue)) as Check;
  }
  const text = rules + childrenText(unit, root, base, 'o');
  const name = unit.source.define('o, s', text === '' ? '' : `if (typeof o !== 'object' || o === null) return;\nlet c = s.n;\n${text}`);
  return unit.source.compile(name) as Check;
}

/** Slices of one element: each item is held against each; published profiles have fewer than a hundred. */
const mostSlices = 1000;

/** Why a profile could not be compiled, where that is known. */
export function refusalOf(table: StructureTable, compiler: Compiler): string | undefined {
  const root = compiler.tree(table);
  return root === undefined || hasBoundedSlices(root) ? undefined : `an element of it has more than ${mostSlices} slices`;
}

function hasBoundedSlices({ slices, children }: TreeNode): boolean {
  return slices.length <= mostSlices && slices.every(hasBoundedSlices) && children.every(hasBoundedSlices);
}

/** The rows below `node` against those below `base`, for an object that is in the variable `owner`. */
export function childrenText(unit: Unit, node: TreeNode, base: TreeNode | undefined, owner: string): string {
  return node.children.map((child) => {
    const baseChild = base === undefined ? undefined : baseOf(unit, base, child.name);
    if (baseChild === undefined) {
      const choice = shortcutOf(unit, base, child);
      return choice === undefined ? '' : choiceText(unit, choice.node, choice.base, owner);
    }
    return baseChild.choice ? choiceText(unit, child, baseChild, owner) : elementText(unit, child, baseChild, owner);
  }).join('');
}

/** The row of the base definition for a child, looked for in the type of the element where it has no rows of its own. */
export function baseOf(unit: Unit, base: TreeNode, name: string): TreeNode | undefined {
  return childNamed(contentOf(unit, base), name);
}

function contentOf(unit: Unit, base: TreeNode): TreeNode {
  if (base.children.length > 0) return base;
  const { contentReference } = base.row;
  if (contentReference !== undefined) {
    const type = contentReference.split('.')[0]!;
    const tree = typeTree(type, unit.compiler);
    return (tree && nodeWithId(tree, contentReference)) ?? base;
  }
  const [type] = typesOf(base.row);
  return (type && typeTree(type.code, unit.compiler)) ?? base;
}

/** `valueQuantity` in place of `value[x]`, as some snapshots have it. */
function shortcutOf(unit: Unit, base: TreeNode | undefined, child: TreeNode): { node: TreeNode; base: TreeNode } | undefined {
  if (base === undefined) return undefined;
  for (const candidate of contentOf(unit, base).children) {
    if (!candidate.choice) continue;
    const type = typesOf(candidate.row).find(({ code }) => propertyFor(candidate, code) === child.name);
    if (type === undefined) continue;
    const slice: TreeNode = { ...child, name: candidate.name, choice: true, row: { ...child.row, slice: child.name, types: child.row.types ?? [type] } };
    const row: ElementRow = { ...candidate.row, slicing: { discriminators: [{ type: 'type', path: '$this' }], rules: 'open' } };
    return { base: candidate, node: { ...candidate, row, children: [], slices: [slice] } };
  }
  return undefined;
}

/** An element with one JSON property. */
function elementText(unit: Unit, node: TreeNode, base: TreeNode, owner: string): string {
  const { source } = unit;
  const { row } = node;
  const list = repeats(base.row);
  const primitive = typesOf(row).some(({ code }) => isPrimitiveCode(code)) || typesOf(base.row).some(({ code }) => isPrimitiveCode(code));
  const value = source.local('v');
  const sibling = primitive ? source.local('b') : 'undefined';
  const count = countText(unit, row, base.row, value, sibling, list);
  const types = typesOf(row).length > 0 ? typesOf(row) : typesOf(base.row);
  const item = itemFunction(unit, node, base, types);
  const slices = node.slices.length > 0 ? sliceText(unit, node, base, list, value, sibling, (slice, of, its) => itemFunction(unit, slice, of, its)) : '';
  if (count === '' && item === undefined && slices === '') return '';
  const each = item === undefined ? '' : eachText(unit, item, list, value, sibling, `.${node.name}`);
  return `const ${value} = ${member(owner, node.name)};\n${primitive ? `const ${sibling} = ${member(owner, `_${node.name}`)};\n` : ''}${count}${each}${slices}`;
}

/** Calls a function of an item for each. */
export function eachText(unit: Unit, item: string, list: boolean, value: string, sibling: string, step: string): string {
  if (!list) {
    const there = sibling === 'undefined' ? `${value} !== undefined` : `${value} !== undefined || ${sibling} !== undefined`;
    return `if (${there}) { c = s.n; ${item}(${value}, ${sibling}, s); if (s.n !== c) s.at(c, ${quoted(step)}); }\n`;
  }
  const beside = sibling === 'undefined' ? 'undefined' : `Array.isArray(${sibling}) ? ${sibling}[i] : undefined`;
  return `if (Array.isArray(${value})) for (let i = 0; i < ${value}.length; i++) {
c = s.n;
${item}(${value}[i], ${beside}, s);
if (s.n !== c) { s.at(c, ${quoted(`${step}[`)} + i + ']'); if (s.n >= s.limit) return; }
}
`;
}

function countText(unit: Unit, row: ElementRow, base: ElementRow, value: string, sibling: string, list: boolean): string {
  const max = numberOfMax(row.max);
  const demands = row.min > base.min;
  const bounds = max < numberOfMax(base.max) && (list || max === 0);
  if (!demands && !bounds) return '';
  const { source } = unit;
  const beside = sibling === 'undefined' ? '' : list ? `Array.isArray(${sibling}) ? ${sibling}.length : ` : ` || ${sibling} !== undefined`;
  const count = source.local('n');
  let text = list
    ? `const ${count} = Array.isArray(${value}) ? ${value}.length : ${beside}${value} === undefined ? 0 : 1;\n`
    : `const ${count} = ${value} !== undefined${beside} ? 1 : 0;\n`;
  if (demands) text += tooFewText(unit, row, count);
  if (bounds) text += tooManyText(unit, row, count);
  return text;
}

/** Told of what holds the element, for there may be no other place. */
export function tooFewText(unit: Unit, row: ElementRow, count: string): string {
  const none = unit.source.constant(unit.issue('element-missing', { element: nameOf(row), min: row.min, found: thereAre(0) }));
  if (row.min === 1) return `if (${count} < 1) s.add(${none});\n`;
  const few = unit.source.constant(unit.issue('element-too-few', { element: nameOf(row), min: row.min }));
  return `if (${count} < ${numeral(row.min)}) s.add(${count} === 0 ? ${none} : ${few});\n`;
}

export function tooManyText(unit: Unit, row: ElementRow, count: string): string {
  const element = nameOf(row);
  const max = numberOfMax(row.max);
  const template = max === 0 ? unit.issue('element-prohibited', { element }) : unit.issue('element-too-many', { element, max });
  const [name] = element.split(':');
  return `if (${count} > ${numeral(max)}) s.addAt(${unit.source.constant(template)}, ${quoted(`.${name!.replace('[x]', '')}`)});\n`;
}

/**
 * A function of one value of an element (and of what stands beside it), with what the row and the rows below it add.
 * @param types those that the value may have; rules of types apply where there is one
 * @returns undefined where nothing is added
 */
export function itemFunction(unit: Unit, node: TreeNode, base: TreeNode, types: readonly TypeRow[]): string | undefined {
  const text = itemText(unit, node, base, types);
  return text === '' ? undefined : unit.source.define('v, b, s', `let c;\n${text}`);
}

function itemText(unit: Unit, node: TreeNode, base: TreeNode, types: readonly TypeRow[]): string {
  const baseTypes = typesOf(base.row);
  const [type] = types;
  const onlyType = types.length === 1 ? type : undefined;
  const path = base.children.length > 0 ? base.row.path : base.row.contentReference ?? type?.code ?? 'Element';
  let text = '';
  if (isResourceRow(baseTypes)) text += resourceText(unit, node, types, baseTypes);
  text += elementRules(unit, node.row, isResourceRow(baseTypes) ? undefined : onlyType, base.row, path, { value: 'v', sibling: 'b' });
  if (node.children.length > 0) {
    const inside = { ...base, row: onlyType === undefined ? base.row : { ...base.row, types: [onlyType] } };
    const below = childrenText(unit, node, inside, 'v');
    if (below !== '') {
      text += isPrimitiveCode(type?.code ?? 'E')
        ? primitiveChildrenText(unit, node, inside)
        : `if (typeof v === 'object' && v !== null) {\n${below}}\n`;
    }
  }
  return text;
}

/** Children of a primitive stand in what is beside it; its value is no child in JSON. */
function primitiveChildrenText(unit: Unit, node: TreeNode, base: TreeNode): string {
  const text = childrenText(unit, { ...node, children: node.children.filter(({ name }) => name !== 'value') }, base, 'd');
  return text === '' ? '' : `{ const d = typeof b === 'object' && b !== null ? b : {};\n${text}}\n`;
}

function isResourceRow(types: readonly TypeRow[]): boolean {
  return types.length > 0 && types.every(({ code }) => code === 'Resource' || code === 'DomainResource' || (lineage(code).includes('Resource')));
}

/** A resource where the definition allows any: its type, and profiles of it. */
function resourceText(unit: Unit, node: TreeNode, types: readonly TypeRow[], baseTypes: readonly TypeRow[]): string {
  if (isSame(types, baseTypes)) return '';
  const { source } = unit;
  const codes = types.map(({ code }) => code);
  const allowed = (type: unknown): boolean => typeof type === 'string' && codes.some((code) => isKindOf(type, code));
  const template = unit.issue('type-not-allowed', { element: nameOf(node.row), types: codes.join(', ') });
  let text = `if (typeof v === 'object' && v !== null) {\nif (!${source.constant(allowed)}(v.resourceType)) s.add(${source.constant(template)});\n`;
  for (const { code, profiles = [] } of types) {
    if (profiles.length === 0) continue;
    const rules = elementRules(unit, { id: '', path: node.row.path, min: 0, max: '1', types: [{ code, profiles }] }, { code, profiles }, undefined, code, { value: 'v', sibling: 'undefined' });
    text += `${types.length === 1 ? 'else' : `if (v.resourceType === ${quoted(code)})`} {\n${rules}}\n`;
  }
  return `${text}}\n`;
}

/** An element of several types, each with a JSON property of its own. */
function choiceText(unit: Unit, node: TreeNode, base: TreeNode, owner: string): string {
  const { source } = unit;
  const baseTypes = typesOf(base.row);
  const types = typesOf(node.row).length > 0 ? typesOf(node.row) : baseTypes;
  const parts: string[] = [];
  const names = baseTypes.map(({ code }) => ({ code, property: propertyFor(base, code), value: source.local('v'), sibling: isPrimitiveCode(code) ? source.local('b') : 'undefined' }));
  const there = ({ value, sibling }: (typeof names)[number]): string => (sibling === 'undefined' ? `${value} !== undefined` : `(${value} !== undefined || ${sibling} !== undefined)`);
  const used = new Set<string>();
  const use = (name: (typeof names)[number]): string => { used.add(name.code); return there(name); };

  if (node.row.min > base.row.min || node.row.max === '0') {
    const count = source.local('n');
    parts.push(`const ${count} = ${names.map(use).join(' || ') || 'false'} ? 1 : 0;\n`);
    if (node.row.min > base.row.min) parts.push(tooFewText(unit, node.row, count));
    if (node.row.max === '0') parts.push(tooManyText(unit, node.row, count));
  }
  const closed = node.row.slicing?.rules === 'closed' && node.slices.length > 0;
  const allowed = new Set(closed ? node.slices.flatMap((slice) => typesOf(slice.row).map(({ code }) => code)) : types.map(({ code }) => code));
  const forbidden = names.filter(({ code }) => !allowed.has(code));
  if (forbidden.length > 0 && allowed.size > 0) {
    const template = unit.issue('type-not-allowed', { element: nameOf(node.row), types: [...allowed].join(', ') });
    parts.push(`if (${forbidden.map(use).join(' || ')}) s.addAt(${source.constant(template)}, ${quoted(`.${node.name}`)});\n`);
  }
  for (const name of names) {
    const type = types.find(({ code }) => code === name.code);
    if (type === undefined) continue;
    const item = itemFunction(unit, { ...node, slices: [] }, base, [type]);
    if (item === undefined) continue;
    use(name);
    parts.push(eachText(unit, item, false, name.value, name.sibling, `.${node.name}`));
  }
  for (const slice of node.slices) {
    const codes = new Set(typesOf(slice.row).map(({ code }) => code));
    const members = names.filter(({ code }) => codes.has(code));
    if (slice.row.min > 0 && members.length > 0) {
      const count = source.local('n');
      parts.push(`const ${count} = ${members.map(use).join(' || ')} ? 1 : 0;\n`, tooFewText(unit, slice.row, count));
    }
    for (const name of members) {
      if (slice.row.max === '0') {
        const template = unit.issue('element-prohibited', { element: nameOf(slice.row) });
        parts.push(`if (${use(name)}) s.addAt(${source.constant(template)}, ${quoted(`.${node.name}`)});\n`);
      }
      const type = typesOf(slice.row).find(({ code }) => code === name.code)!;
      const item = itemFunction(unit, slice, { ...base, row: { ...base.row, types: baseTypes.filter(({ code }) => code === name.code) } }, [type]);
      if (item === undefined) continue;
      use(name);
      parts.push(eachText(unit, item, false, name.value, name.sibling, `.${node.name}`));
    }
  }
  if (parts.length === 0) return '';
  const declared = names.filter(({ code }) => used.has(code))
    .map(({ property, value, sibling }) => `const ${value} = ${member(owner, property)};\n${sibling === 'undefined' ? '' : `const ${sibling} = ${member(owner, `_${property}`)};\n`}`);
  return declared.join('') + parts.join('');
}
