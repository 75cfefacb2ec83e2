/**
 * The definition of a type, compiled to a full check of its values: which properties there are, their form, how many, and
 * everything that its rows say. One loop over the properties that are there; what is missing shows by its bit.
 * Source: https://hl7.org/fhir/R4/json.html, https://hl7.org/fhir/R4/elementdefinition.html
 */
import type { StructureTable, TypeRow } from '../tables/structure-table.ts';
import type { Check } from './check.ts';
import { checkExtensions } from './extensions.ts';
import * as form from './form.ts';
import { checkMarkup } from './markup.ts';
import { elementRules } from './element-rules.ts';
import { nameOf, thereAre } from './issues.ts';
import { expectedOf, isMalformed, isUsual } from './primitive.ts';
import { checkSibling, checkSiblings } from './siblings.ts';
import { siteOf } from './site.ts';
import { member, numeral, quoted } from './source.ts';
import { typeRules } from './type-rules.ts';
import { isPrimitiveCode, nodeWithId, numberOfMax, propertyFor, repeats, typesOf, type TreeNode } from './tree.ts';
import { checkCanonical, checkUri } from './uri.ts';
import { unitOf, type Compiler, type Unit } from './unit.ts';

/** Elements that are attributes or markup in XML and therefore cannot be extended: no `_id`. */
const withoutSibling = new Set(['Extension.url', 'Narrative.div']);

/** What the functions of one type share. */
interface TypeUnit extends Unit {
  readonly root: TreeNode;
  /** Functions by the node whose content they check. */
  readonly functions: Map<TreeNode, string>;
}

/** @returns undefined where the table is none that can be understood */
export function compileType(table: StructureTable, compiler: Compiler): Check | undefined {
  const root = compiler.tree(table);
  if (root === undefined) return undefined;
  const unit: TypeUnit = { ...unitOf(table, compiler), root, functions: new Map() };
  return unit.source.compile(contentFunction(unit, root)) as Check;
}

/** The function that checks the content of a node with children; it may be in the making already. */
function contentFunction(unit: TypeUnit, node: TreeNode): string {
  let name = unit.functions.get(node);
  if (name === undefined) {
    unit.functions.set(node, name = unit.source.local('check'));
    unit.source.defineAs(name, 'o, s, h', contentText(unit, node));
  }
  return name;
}

interface Bits {
  /** Elements that have to be there, each with a bit of its own in one of the words. */
  readonly mandatory: TreeNode[];
  choices: number;
}

function contentText(unit: TypeUnit, node: TreeNode): string {
  const { source, table } = unit;
  const isRoot = node === unit.root;
  const isResource = isRoot && table.kind === 'resource';
  const bits: Bits = { mandatory: [], choices: 0 };
  const cases = node.children.map((child) => elementCases(unit, node, child, bits)).join('');
  const words = Math.ceil(bits.mandatory.length / 31);
  const site = isRoot && !isResource ? '' : `if (h === undefined) h = ${source.constant(siteOf([node.row.path], isRoot ? [table.type, 'Element'] : ['BackboneElement']))};\n`;
  const typeName = node.row.path;
  return `if (typeof o !== 'object' || o === null || Array.isArray(o)) { s.add(${source.constant(form.notAnObject)}(o)); return; }
const start = s.n;
let c = start, filled = false;
${site}${Array.from({ length: words }, (_, word) => `let p${word} = 0;\n`).join('')}${Array.from({ length: bits.choices }, (_, choice) => `let x${choice} = 0;\n`).join('')}for (const key in o) {
  const v = o[key];
  if (v === undefined) continue;
  switch (key) {
${isResource ? `    case 'resourceType': filled = true; continue;\n` : ''}${cases}    default: s.add(${source.constant(form.unknownElement)}(${source.constant(typeName)}, key, ${source.constant(unit.canonical)})); c = s.n;
  }
  filled = true;
  if (s.n > start && s.n >= s.limit) return;
}
if (!filled) { s.add(o instanceof Number ? ${source.constant(form.notAnObject)}(o) : ${source.constant(form.isEmpty)}); return; }
${missingText(unit, bits.mandatory)}${isRoot ? ruleText(unit) : ''}${isRoot ? elementRules(unit, node.row, undefined, undefined, table.type, { value: 'o', sibling: 'undefined' }) : ''}`;
}

function ruleText({ source, table }: TypeUnit): string {
  const rule = typeRules.get(table.type);
  return rule === undefined ? '' : `${source.constant(rule)}(o, s);\n`;
}

function missingText(unit: TypeUnit, mandatory: readonly TreeNode[]): string {
  let text = '';
  for (let word = 0; word * 31 < mandatory.length; word++) {
    const nodes = mandatory.slice(word * 31, word * 31 + 31);
    const wanted = nodes.reduce((all, _, bit) => all | (1 << bit), 0);
    const each = nodes.map(({ row }, bit) => {
      const template = unit.issue('element-missing', { element: nameOf(row), min: row.min, found: thereAre(0) });
      return `  if ((p${word} & ${1 << bit}) === 0) s.add(${unit.source.constant(template)});\n`;
    });
    text += `if ((p${word} & ${wanted}) !== ${wanted}) {\n${each.join('')}}\n`;
  }
  return text;
}

/** The cases of an element: one for each of its types, and for what stands beside a primitive. */
function elementCases(unit: TypeUnit, parent: TreeNode, child: TreeNode, bits: Bits): string {
  let present = '';
  if (child.row.min > 0) {
    const at = bits.mandatory.push(child) - 1;
    present = `p${Math.floor(at / 31)} |= ${1 << at % 31}; `;
  }
  const choice = child.choice ? bits.choices++ : -1;
  const types: readonly TypeRow[] = child.row.contentReference === undefined ? typesOf(child.row).length > 0 ? typesOf(child.row) : [{ code: 'Element' }] : [{ code: '' }];
  return types.map((type, index) => {
    const mark = choice < 0 ? '' : `if (x${choice} !== 0 && x${choice} !== ${index + 1}) s.add(${unit.source.constant(form.severalTypes)}); x${choice} = ${index + 1}; `;
    return propertyCases(unit, parent, child, type, present + mark);
  }).join('');
}

function propertyCases(unit: TypeUnit, parent: TreeNode, child: TreeNode, type: TypeRow, mark: string): string {
  const property = propertyFor(child, type.code);
  const step = `.${child.name}`;
  // In a resource `id` is an element of its own; in everything else it is that of Element: no content by itself (ele-1), and not extended.
  const isId = child.name === 'id' && !(parent === unit.root && unit.table.kind === 'resource');
  const hasSibling = isPrimitiveCode(type.code) && !isId && !withoutSibling.has(child.row.path);
  // Of the rows of a definition each id is in its snapshot and in its differential.
  const isUnique = isId && unit.table.type !== 'ElementDefinition';
  const value = valueText(unit, child, type, property, hasSibling, step) + (isUnique ? `if (!s.isNewId(v)) s.addAt(${unit.source.constant(form.idTwice)}, '.id'); c = s.n;\n` : '');
  let text = `    case ${quoted(property)}: {\n${mark}${value}${isId ? 'continue;\n' : 'break;\n'}    }\n`;
  if (hasSibling) {
    const site = unit.source.constant(siteOf([child.row.path], [type.code]));
    const check = repeats(child.row)
      ? `${unit.source.constant(checkSiblings)}(v, o, ${quoted(property)}, ${site}, s);`
      : `${unit.source.constant(checkSibling)}(v, ${member('o', property)} !== undefined, ${site}, s);`;
    text += `    case ${quoted(`_${property}`)}: {\n${mark}${check}\nif (s.n !== c) { s.at(c, ${quoted(step)}); c = s.n; }\nbreak;\n    }\n`;
  }
  return text;
}

function valueText(unit: TypeUnit, child: TreeNode, type: TypeRow, property: string, hasSibling: boolean, step: string): string {
  const { source } = unit;
  if (type.code === 'Extension') {
    const modifier = child.name === 'modifierExtension';
    return `${source.constant(checkExtensions)}(v, o, h, ${modifier}, s);\nif (s.n !== c) { s.at(c, ${quoted(step)}); c = s.n; }\n`;
  }
  if (!repeats(child.row)) {
    const sibling = hasSibling ? member('o', `_${property}`) : 'undefined';
    return `${itemText(unit, child, type, 'v', sibling)}if (s.n !== c) { s.at(c, ${quoted(step)}); c = s.n; }\n`;
  }
  const sibling = hasSibling ? `(Array.isArray(${member('o', `_${property}`)}) ? ${member('o', `_${property}`)}[i] : undefined)` : 'undefined';
  const skip = hasSibling ? `if (e === null && ${source.constant(form.isFilledBySibling)}(o, ${quoted(`_${property}`)}, i)) continue;\n` : '';
  return `if (${source.constant(form.isFilledList)}(v, s)) {
${countText(unit, child)}for (let i = 0; i < v.length; i++) {
const e = v[i];
${skip}${itemText(unit, child, type, 'e', sibling)}if (s.n !== c) { s.at(c, ${quoted(`${step}[`)} + i + ']'); c = s.n; if (c >= s.limit) return; }
}
} else { s.at(c, ${quoted(step)}); c = s.n; }
`;
}

function countText(unit: TypeUnit, { row }: TreeNode): string {
  let text = '';
  const max = numberOfMax(row.max);
  if (Number.isFinite(max)) {
    const template = unit.issue('element-too-many', { element: nameOf(row), max });
    text += `if (v.length > ${numeral(max)}) { s.addAt(${unit.source.constant(template)}, ${quoted(`.${nameOf(row)}`)}); c = s.n; }\n`;
  }
  if (row.min > 1) {
    const template = unit.issue('element-too-few', { element: nameOf(row), min: row.min });
    text += `if (v.length < ${numeral(row.min)}) { s.add(${unit.source.constant(template)}); c = s.n; }\n`;
  }
  return text;
}

/** The text that checks one value of an element. */
function itemText(unit: TypeUnit, child: TreeNode, type: TypeRow, value: string, sibling: string): string {
  const { source, compiler } = unit;
  const { row } = child;
  const code = type.code;
  if (code === 'Resource' || code === 'DomainResource') {
    return `s.checkResource(${value}, ${child.name === 'contained'});\n`;
  }
  if (row.contentReference !== undefined) {
    const referred = nodeWithId(unit.root, row.contentReference);
    if (referred === undefined) return '';
    const site = source.constant(siteOf([row.path, referred.row.path], ['BackboneElement']));
    return `${contentFunction(unit, referred)}(${value}, s, ${site});\n${elementRules(unit, row, undefined, undefined, referred.row.path, { value, sibling })}`;
  }
  if (child.children.length > 0) {
    const site = source.constant(siteOf([row.path], [code]));
    return `${contentFunction(unit, child)}(${value}, s, ${site});\n${elementRules(unit, row, type, undefined, row.path, { value, sibling })}`;
  }
  let rules = elementRules(unit, row, type, undefined, code, { value, sibling });
  if (isPrimitiveCode(code)) {
    const malformed = isMalformed(code, value, source);
    if (malformed === undefined) return rules;
    const usual = rules === '' ? isUsual(code, row.path, value, source) : undefined;
    if (code === 'uri' || code === 'url') rules += `${source.constant(checkUri)}(${value}, s);\n`;
    else if (code === 'canonical') rules += `${source.constant(checkCanonical)}(${value}, s);\n`;
    else if (code === 'string' || code === 'markdown') rules += `${source.constant(checkMarkup)}(${value}, s);\n`;
    const template = unit.issue('primitive-format', { expected: expectedOf(code) });
    const failed = `s.add(${source.constant(form.notThePrimitive)}(${value}, ${source.constant(template)}));`;
    const checked = rules === '' ? `if (${malformed}) ${failed}\n` : `if (${malformed}) ${failed}\nelse {\n${rules}}\n`;
    return usual === undefined ? checked : `if (!(${usual})) {\n${checked}}\n`;
  }
  const cell = compiler.library.type(code);
  if (cell === undefined) return rules;
  const site = source.constant(siteOf([row.path], [code]));
  return `${source.constant(cell)}.run(${value}, s, ${site});\n${rules}`;
}
