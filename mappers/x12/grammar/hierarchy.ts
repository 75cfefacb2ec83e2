/**
 * The HL tree of a transaction set: each HL with the segments up to the next one, hung under its parent.
 * Numbering and parents are checked here; what a level may hold is the loop check's business.
 */
import type { SyntaxError278 } from '../issue.ts';
import { type Segment, valueAt } from '../segment.ts';
import type { LevelLoop, TransactionGrammar } from './definition.ts';

export interface LevelNode {
  /** The loop HL03 names; undefined for a level the guide does not have. */
  loop?: LevelLoop;
  hl: Segment;
  /** Segments after the HL, up to the next HL. */
  body: Segment[];
  children: LevelNode[];
  /** True when a level the guide does not have names this one as its parent. */
  hasUnknownChild?: boolean;
}

export interface Hierarchy {
  /** ST, BHT and whatever else stands before the first HL. */
  header: Segment[];
  /** In the order sent. */
  nodes: LevelNode[];
  trailer?: Segment;
}

/** Builds the tree and reports faults of HL01 to HL04. */
export function readHierarchy(segments: readonly Segment[], grammar: TransactionGrammar, errors: SyntaxError278[]): Hierarchy {
  const hierarchy: Hierarchy = { header: [], nodes: [] };
  for (const segment of segments) {
    if (segment.id === 'SE') hierarchy.trailer = segment;
    else if (segment.id === 'HL') {
      const loop = grammar.levels.find((level) => level.levelCode === valueAt(segment, 3));
      hierarchy.nodes.push({ hl: segment, body: [], children: [], ...(loop === undefined ? {} : { loop }) });
    } else (hierarchy.nodes.at(-1)?.body ?? hierarchy.header).push(segment);
  }
  const byNumber = new Map<string, LevelNode>();
  const latest = new Map<string, LevelNode>();
  for (const [index, node] of hierarchy.nodes.entries()) {
    checkNumber(node, index, errors);
    hang(node, byNumber, latest, errors);
    byNumber.set(valueAt(node.hl, 1), node);
    if (node.loop !== undefined) latest.set(node.loop.levelCode, node);
  }
  for (const node of hierarchy.nodes) checkChildCode(node, errors);
  return hierarchy;
}

function checkNumber(node: LevelNode, index: number, errors: SyntaxError278[]): void {
  if (valueAt(node.hl, 1) !== String(index + 1)) errors.push(hlFault(node, 1, '628', '7', 'HL01 does not count the levels from 1.'));
  if (node.loop === undefined && valueAt(node.hl, 3) !== '') errors.push(hlFault(node, 3, '735', '7', 'HL03 names a level this guide does not have.'));
}

function hang(node: LevelNode, byNumber: ReadonlyMap<string, LevelNode>, latest: ReadonlyMap<string, LevelNode>, errors: SyntaxError278[]): void {
  const { loop } = node;
  const given = valueAt(node.hl, 2);
  if (loop === undefined) {
    const parent = byNumber.get(given);
    if (parent !== undefined) parent.hasUnknownChild = true;
    return;
  }
  if (loop.parents.length === 0) {
    if (given !== '') errors.push(hlFault(node, 2, '734', 'I13', 'HL02 stands on the topmost level.'));
    return;
  }
  const named = byNumber.get(given);
  if (named?.loop !== undefined && loop.parents.includes(named.loop.levelCode)) {
    named.children.push(node);
    return;
  }
  errors.push(hlFault(node, 2, '734', given === '' ? '1' : '7', given === '' ? 'HL02 is required below the topmost level.' : 'HL02 names no earlier level that may hold this one.'));
  // The nearest level that could hold it: what hangs below is then still checked in its place.
  const possible = loop.parents.flatMap((code) => latest.get(code) ?? []);
  possible.toSorted((a, b) => b.hl.position - a.hl.position)[0]?.children.push(node);
}

function checkChildCode(node: LevelNode, errors: SyntaxError278[]): void {
  const expected = node.children.length > 0 || node.hasUnknownChild === true ? '1' : '0';
  const code = valueAt(node.hl, 4);
  if (code !== '' && code !== expected && node.loop !== undefined) {
    errors.push({ ...hlFault(node, 4, '736', '7', 'HL04 does not agree with the levels below.'), severity: 'warning' });
  }
}

function hlFault(node: LevelNode, element: number, number: string, code: string, text: string): SyntaxError278 {
  const value = valueAt(node.hl, element);
  return {
    severity: 'error',
    segmentId: 'HL',
    position: node.hl.position,
    segmentCode: '8',
    element: { position: element, number, code, ...(value === '' ? {} : { value }) },
    text,
    ...(node.loop === undefined ? {} : { loop: node.loop.id }),
  };
}
