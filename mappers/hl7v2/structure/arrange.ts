/**
 * The segments of a message arranged into the groups of its structure. Nothing is refused: a segment that comes where
 * the structure has no place for it is taken into the innermost open group that knows it, or into the one that is open,
 * and told. Source: HL7 v2.5.1, 2.12 (message structures) and 2.13 (tolerance of what is not known).
 */
import { type Hl7Message, type Hl7Segment, valueAt } from '../syntax/message.ts';
import type { GroupShape } from './grammar.ts';

export interface Group {
  readonly shape: GroupShape;
  readonly items: (Hl7Segment | Group)[];
}

export interface Misplaced {
  readonly segment: Hl7Segment;
  readonly kind: 'out-of-order' | 'unknown';
}

interface Open {
  readonly group: Group;
  /** Place in the shape of what came last. */
  at: number;
}

/** Groups of the message; of one without a structure a single group of everything. */
export function arrange(message: Hl7Message, shape: GroupShape): { root: Group; misplaced: Misplaced[] } {
  const root: Group = { shape, items: [] };
  const open: Open[] = [{ group: root, at: 0 }];
  const misplaced: Misplaced[] = [];
  for (const segment of message.segments) {
    leavePriorResults(segment, open);
    if (place(segment, open)) continue;
    const knows = open.findLastIndex(({ group }) => group.shape.has.has(segment.id));
    if (knows < 0) {
      // Z-segments and what follows from nothing belong to what came before them.
      open.at(-1)!.group.items.push(segment);
      if (!segment.id.startsWith('Z')) misplaced.push({ segment, kind: 'unknown' });
      continue;
    }
    misplaced.push({ segment, kind: 'out-of-order' });
    open.length = knows + 1;
    const inside = open[knows]!;
    inside.at = 0;
    if (!place(segment, open)) inside.group.items.push(segment);
  }
  return { root, misplaced };
}

/**
 * After prior results the grammar cannot tell a further prior order from the next order; ORC-1 does: PR is what prior
 * results have (table 0119).
 */
function leavePriorResults(segment: Hl7Segment, open: Open[]): void {
  if (segment.id !== 'ORC') return;
  const control = valueAt(segment, 1);
  const prior = open.findIndex(({ group }) => group.shape.name === 'PRIOR_RESULT');
  if (prior > 0 && control !== undefined && control !== 'PR') open.length = prior;
}

/** Where groups begin with the segment; failing that, wherever it is in them. */
function place(segment: Hl7Segment, open: Open[]): boolean {
  return placeBy(segment, open, true) || placeBy(segment, open, false);
}

/** Forward in the innermost group, then a further repetition of it, then the same outward. */
function placeBy(segment: Hl7Segment, open: Open[], strict: boolean): boolean {
  for (let depth = open.length - 1; depth >= 0; depth -= 1) {
    const current = open[depth]!;
    const shape = current.group.shape;
    const path = forward(shape, current.at, segment.id, strict);
    if (path !== undefined) {
      open.length = depth + 1;
      enter(segment, open, path);
      return true;
    }
    const again = depth > 0 && shape.repeats && startsGroup(shape, segment.id) ? forward(shape, 0, segment.id, strict) : undefined;
    if (again === undefined) continue;
    open.length = depth;
    const repetition: Group = { shape, items: [] };
    open[depth - 1]!.group.items.push(repetition);
    open.push({ group: repetition, at: 0 });
    enter(segment, open, again);
    return true;
  }
  return false;
}

/** Indexes of the items to go through, from the place that was reached. */
function forward(shape: GroupShape, from: number, id: string, strict: boolean): number[] | undefined {
  for (let at = from; at < shape.items.length; at += 1) {
    const item = shape.items[at]!;
    if ('segment' in item) {
      if (item.segment === id) return [at];
    } else if (strict ? startsGroup(item, id) : item.has.has(id)) {
      const inner = forward(item, 0, id, strict);
      if (inner !== undefined) return [at, ...inner];
    }
  }
  return undefined;
}

/** Whether a group begins with the segment: it is its first, or what the group is about. */
function startsGroup(shape: GroupShape, id: string): boolean {
  const [first] = shape.items;
  if (first === undefined) return false;
  if ('segment' in first) return first.segment === id || (ANCHORS.has(id) && shape.items.some((item) => 'segment' in item && item.segment === id));
  return startsGroup(first, id);
}

/** What a group of an order is about: senders leave out the ORC before it. */
const ANCHORS: ReadonlySet<string> = new Set(['OBR', 'RXE', 'RXA', 'RXO', 'ORC']);

function enter(segment: Hl7Segment, open: Open[], path: readonly number[]): void {
  for (const at of path) {
    const current = open.at(-1)!;
    const item = current.group.shape.items[at]!;
    current.at = item.repeats ? at : at + 1;
    if ('segment' in item) {
      current.group.items.push(segment);
      return;
    }
    const inner: Group = { shape: item, items: [] };
    current.group.items.push(inner);
    open.push({ group: inner, at: 0 });
  }
}
