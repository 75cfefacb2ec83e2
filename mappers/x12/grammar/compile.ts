/** A guide made ready for walking: what every segment may be and where is looked up, not searched. */
import { type Segment, valueAt } from '../segment.ts';
import type { ElementRule, GuideDefinition, Loop, LoopOccurrence, Review, SegmentRule, SegmentSlot } from './definition.ts';
import { DICTIONARY } from './dictionary.ts';
import { SegmentShape } from './flawless.ts';

/** A segment's place, or a loop by the segment that opens it. */
export interface CompiledChild {
  slot: SegmentSlot;
  /** The segment's rule as this place narrows it. */
  rule: SegmentRule;
  /** The same for the quick check. */
  shape: SegmentShape;
  /** Children of equal rank may come in any order. */
  rank: number;
  index: number;
  usage: 'R' | 'S' | 'N';
  maximum: number;
  name: string;
  /** The loop that the segment opens; absent for a plain segment. */
  loop: CompiledLoop | undefined;
  /** The first component of the qualifying element. */
  qualifierElement: number;
  codes: ReadonlySet<string> | undefined;
}

export interface CompiledLoop {
  id: string;
  isLevel: boolean;
  children: readonly CompiledChild[];
  byId: ReadonlyMap<string, Candidates>;
  /** Index of the required children, in order. */
  required: readonly CompiledChild[];
}

/** The children that open with one segment identifier. */
export interface Candidates {
  all: readonly CompiledChild[];
  /** The element whose code tells them apart; 0 where they differ by none or by several. */
  element: number;
  /** With such an element: the children by code. */
  byCode: ReadonlyMap<string, readonly CompiledChild[]>;
}

export interface CompiledGuide {
  versions: readonly string[];
  set: string;
  functionalIdentifier: string;
  root: CompiledLoop;
  /** Identifiers of every segment the guide has. */
  segments: ReadonlySet<string>;
  reviews: readonly Review[];
  businessUnit: GuideDefinition['businessUnit'];
}

/**
 * Compiles a guide.
 * @throws {RangeError} for a segment that the dictionary does not have
 */
export function compileGuide(definition: GuideDefinition): CompiledGuide {
  const segments = new Set<string>();
  const root = compileLoop(definition.root, segments);
  const { versions, set, functionalIdentifier, reviews = [], businessUnit } = definition;
  return { versions, set, functionalIdentifier, root, segments, reviews, businessUnit };
}

function compileLoop(loop: Loop, segments: Set<string>): CompiledLoop {
  const children: CompiledChild[] = [];
  for (const [index, each] of loop.content.entries()) {
    const nested = 'content' in each ? each : undefined;
    const slot = nested === undefined ? (each as SegmentSlot) : openerOf(nested);
    const before = children.at(-1);
    // What opens a loop is never reordered with what follows it.
    const sharesRank = before !== undefined && index > 1 && before.slot.id === slot.id && slot.id !== 'HL';
    segments.add(slot.id);
    const rule = ruleOf(slot);
    children.push({
      slot, index, rule, shape: new SegmentShape(slot.id, rule), rank: before === undefined ? 0 : sharesRank ? before.rank : before.rank + 1,
      usage: each.usage, maximum: each.maximum, name: each.name,
      qualifierElement: slot.qualifier?.element ?? 0, codes: slot.qualifier === undefined ? undefined : new Set([...slot.qualifier.codes, ...(slot.qualifier.toleratedCodes ?? [])]),
      loop: nested === undefined ? undefined : compileLoop(nested, segments),
    });
  }
  const byId = new Map<string, CompiledChild[]>();
  for (const child of children) byId.set(child.slot.id, [...(byId.get(child.slot.id) ?? []), child]);
  return { id: loop.id, isLevel: children[0]?.slot.id === 'HL', children, byId: new Map([...byId].map(([id, all]) => [id, candidatesOf(all)])), required: children.filter(({ usage, index }) => usage === 'R' && index > 0) };
}

function candidatesOf(all: readonly CompiledChild[]): Candidates {
  const element = all[0]!.qualifierElement;
  if (element === 0 || all.some((child) => child.qualifierElement !== element)) return { all, element: 0, byCode: new Map() };
  const byCode = new Map<string, CompiledChild[]>();
  for (const child of all) for (const code of child.codes ?? []) byCode.set(code, [...(byCode.get(code) ?? []), child]);
  return { all, element, byCode };
}

const NONE: readonly CompiledChild[] = [];

/** The children whose place the segment fits by identifier and qualifier. */
export function fitting({ all, element, byCode }: Candidates, segment: Segment): readonly CompiledChild[] {
  if (element > 0) return byCode.get(valueAt(segment, element)) ?? NONE;
  return all.every(({ codes }) => codes === undefined) ? all : all.filter(({ codes, qualifierElement }) => codes === undefined || codes.has(valueAt(segment, qualifierElement)));
}

function openerOf(loop: Loop): SegmentSlot {
  const [first] = loop.content;
  if (first === undefined || 'content' in first) throw new RangeError(`Loop ${loop.id} is opened by no segment`);
  return first;
}

function ruleOf(slot: SegmentSlot): SegmentRule {
  const base = DICTIONARY.get(slot.id);
  if (base === undefined) throw new RangeError(`${slot.id} is not in the dictionary`);
  const narrowed = Object.entries(slot.elements ?? {});
  const codes = slot.qualifier;
  if (narrowed.length === 0 && codes === undefined) return base;
  const elements: ElementRule[] = [...base.elements];
  for (const [at, { components, ...rest }] of narrowed) {
    const own = elements[Number(at) - 1];
    if (own === undefined) throw new RangeError(`${slot.id} has no element ${at}`);
    elements[Number(at) - 1] = { ...own, ...rest, ...(components !== undefined && own.components !== undefined && { components: own.components.map((component, index) => ({ ...component, ...components[index] })) }) };
  }
  if (codes !== undefined) {
    const own = elements[codes.element - 1]!;
    const { element: _, ...known } = codes;
    elements[codes.element - 1] = own.components === undefined
      ? { ...own, usage: 'R', ...known }
      : { ...own, usage: 'R', components: own.components.map((component, index) => (index === 0 ? { ...component, codes: codes.codes } : component)) };
  }
  return { ...base, elements };
}

/** Every occurrence of a loop at or below one. */
export function* occurrencesOf(occurrence: LoopOccurrence, id: string): Generator<LoopOccurrence> {
  if (occurrence.id === id) yield occurrence;
  for (const each of occurrence.loops) yield* occurrencesOf(each, id);
}
