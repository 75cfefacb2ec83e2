/**
 * Slices of a list, as generated text: each item goes to the first slice whose discriminators it meets; slices are
 * counted, and their rules apply to their items.
 * Source: https://hl7.org/fhir/R4/profiling.html#slicing
 */
import type { Slicing, TypeRow } from '../tables/structure-table.ts';
import { discriminatorTest } from './discriminator.ts';
import { areExclusive } from './exclusive-slices.ts';
import { nameOf } from './issues.ts';
import { numeral, quoted } from './source.ts';
import { numberOfMax, typesOf, type TreeNode } from './tree.ts';
import type { Unit } from './unit.ts';

/** Makes the function of one item, with what a row and the rows below it add. */
export type MakeItem = (node: TreeNode, base: TreeNode, types: readonly TypeRow[]) => string | undefined;

/** Text for a list (or one value) in the variable `value`, with what stands beside it in `sibling`. */
export function sliceText(unit: Unit, node: TreeNode, base: TreeNode, list: boolean, value: string, sibling: string, makeItem: MakeItem): string {
  const { source } = unit;
  const items = source.local('l');
  const beside = source.local('m');
  return `const ${items} = ${list ? `Array.isArray(${value}) ? ${value} : []` : `${value} === undefined ? [] : [${value}]`};
const ${beside} = ${list ? sibling : sibling === 'undefined' ? 'undefined' : `[${sibling}]`};
${slicesText(unit, node, base, { items, beside, list, within: undefined, makeItem })}`;
}

interface Sliced {
  /** Variables of the items, and of what stands beside them. */
  readonly items: string;
  readonly beside: string;
  /** Whether it is a list in JSON, so that items have a place in it. */
  readonly list: boolean;
  /** An expression of `e`, `d` and `s`: which of the items are sliced. */
  readonly within: string | undefined;
  readonly makeItem: MakeItem;
}

function slicesText(unit: Unit, node: TreeNode, base: TreeNode, sliced: Sliced): string {
  const { source } = unit;
  const slicing = slicingOf(node);
  const slices = node.slices.map((slice) => ({ slice, count: source.local('n'), item: itemOf(slice, base, sliced.makeItem) }));
  const met = node.slices.map((slice) => meeting(unit, slice, slicing, base));
  const choose = chooser(unit, node.slices, met, base, sliced.makeItem);
  const step = sliced.list ? `${quoted(`.${node.name}[`)} + i + ']'` : quoted(`.${node.name}`);
  const name = nameOf(node.row);
  const unmatched = slicing.rules === 'closed' ? addAt(unit, unit.issue('slice-unmatched', { element: name }), step)
    : slicing.rules === 'openAtEnd' ? 'open = true;\n' : '';
  const order = slicing.ordered === true ? `if (chosen < last) ${addAt(unit, unit.issue('slice-order', { element: name }), step)} else last = chosen;\n` : '';
  const atEnd = slicing.rules === 'openAtEnd' ? `if (open) ${addAt(unit, unit.issue('slice-end', { element: name }), step)}` : '';
  const ambiguity = ambiguityText(unit, node.slices, met, slicing, name, step);
  const cases = slices.map(({ count, item }, index) => `case ${index}: ${count}++; ${item === undefined ? '' : `c = s.n; ${item}(e, d, s); if (s.n !== c) s.at(c, ${step}); `}break;\n`);
  const counts = slices.map(({ slice, count }) => countText(unit, slice, count, node.name)).join('');
  const deeper = slices.flatMap(({ slice }, index) => slice.slices.length === 0 ? [] : [
    slicesText(unit, slice, base, { ...sliced, within: `${sliced.within === undefined ? '' : `${sliced.within} && `}${choose}(e, d, s) === ${index}` }),
  ]);
  return `{
let open = false, last = -1;
${slices.map(({ count }) => `let ${count} = 0;\n`).join('')}for (let i = 0; i < ${sliced.items}.length; i++) {
const e = ${sliced.items}[i], d = ${sliced.beside === 'undefined' ? 'undefined' : `Array.isArray(${sliced.beside}) ? ${sliced.beside}[i] : undefined`};
${sliced.within === undefined ? '' : `if (!(${sliced.within})) continue;\n`}const chosen = ${choose}(e, d, s);
if (chosen < 0) { ${unmatched} continue; }
${order}${atEnd}${ambiguity}switch (chosen) {
${cases.join('')}}
if (s.n >= s.limit) return;
}
${counts}${deeper.join('')}}
`;
}

function addAt(unit: Unit, template: unknown, step: string): string {
  return `s.addAt(${unit.source.constant(template)}, ${step});\n`;
}

function slicingOf({ row }: TreeNode): Slicing {
  if (row.slicing !== undefined) return row.slicing;
  const isExtension = /(?:^|\.)(?:extension|modifierExtension)$/.test(row.path);
  return { discriminators: isExtension ? [{ type: 'value', path: 'url' }] : [], rules: 'open' };
}

function itemOf(slice: TreeNode, base: TreeNode, makeItem: MakeItem): string | undefined {
  const types = typesOf(slice.row).length > 0 ? typesOf(slice.row) : typesOf(base.row);
  return makeItem({ ...slice, slices: [] }, base, types);
}

/** An expression of `e`, `d` and `s`: whether an item meets all discriminators of a slice; empty where there are none. */
function meeting(unit: Unit, slice: TreeNode, { discriminators }: Slicing, base: TreeNode): string {
  return discriminators.map((discriminator) => discriminatorTest(unit, slice, base, discriminator)).join(' && ');
}

/**
 * Text that tells of an item that it meets a second slice, too; for as many pairs as may have an item in common.
 * @param tests of the slices, as `meeting` gives them
 */
function ambiguityText(unit: Unit, slices: readonly TreeNode[], tests: readonly string[], slicing: Slicing, element: string, step: string): string {
  if (slicing.discriminators.length === 0) return '';
  const cases = slices.flatMap((slice, index) => {
    const others = slices.flatMap((other, later) => later <= index || areExclusive(slice, other, slicing, unit.compiler) ? [] : [
      `if (${tests[later]}) { ${addAt(unit, unit.issue('slice-ambiguous', { element, slices: `${slice.row.slice}, ${other.row.slice}` }), step)}}\n`,
    ]);
    return others.length === 0 ? [] : [`case ${index}: ${others.join('else ')}break;\n`];
  });
  return cases.length === 0 ? '' : `switch (chosen) {\n${cases.join('')}}\n`;
}

/** The name of a function that gives the number of the slice of an item, or -1. */
function chooser(unit: Unit, slices: readonly TreeNode[], met: readonly string[], base: TreeNode, makeItem: MakeItem): string {
  const tests = slices.map((slice, index) => {
    if (met[index] !== '') return `if (${met[index]}) return ${index};\n`;
    // Without discriminators what conforms to a slice is in it.
    const item = itemOf(slice, base, makeItem);
    if (item === undefined) return `return ${index};\n`;
    const cell = unit.source.local('q');
    return `const ${cell} = { run: (value, session) => ${item}(value, undefined, session) };\nif (s.passes(${cell}, e)) return ${index};\n`;
  });
  return unit.source.define('e, d, s', `${tests.join('')}return -1;`);
}

function countText(unit: Unit, slice: TreeNode, count: string, name: string): string {
  const { row } = slice;
  const max = numberOfMax(row.max);
  let text = '';
  if (row.min > 0) text += `if (${count} < ${numeral(row.min)}) s.add(${unit.source.constant(unit.issue('slice-missing', { slice: nameOf(row), min: row.min }))});\n`;
  if (Number.isFinite(max)) {
    const template = max === 0 ? unit.issue('slice-prohibited', { slice: nameOf(row) }) : unit.issue('slice-too-many', { slice: nameOf(row), max });
    text += `if (${count} > ${numeral(max)}) ${addAt(unit, template, quoted(`.${name}`))}`;
  }
  return text;
}
