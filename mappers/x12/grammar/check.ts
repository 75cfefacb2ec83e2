/**
 * A 278 request against its grammar: every segment is put into its loop, every fault is placed as the 999 wants it.
 * The tree of loops comes out whatever the faults, so that the mapper reads what the checker saw.
 */
import type { SyntaxError278 } from '../issue.ts';
import { type Segment, valueAt } from '../segment.ts';
import type { LevelLoop, NestedLoop, SegmentSlot, TransactionGrammar } from './definition.ts';
import { checkElements } from './element-check.ts';
import { FOREIGN_SEGMENTS } from './segments.ts';
import { type LevelNode, readHierarchy } from './hierarchy.ts';
import { Container, matches } from './container.ts';

/** One occurrence of a loop that an NM1 opens. */
export interface NestedOccurrence {
  id: string;
  segments: Segment[];
}

/** One occurrence of an HL loop, with what it holds and what hangs below. */
export interface LevelOccurrence {
  id: string;
  hl: Segment;
  segments: Segment[];
  nested: NestedOccurrence[];
  children: LevelOccurrence[];
}

export interface CheckedTransaction {
  errors: SyntaxError278[];
  bht?: Segment;
  /** The 2000A loop. */
  root?: LevelOccurrence;
}

/** Faults reported per transaction set; a sender learns nothing more from the thousandth. */
const MOST_ERRORS = 100;

/** Checks ST to SE. */
export function checkTransaction(segments: readonly Segment[], grammar: TransactionGrammar): CheckedTransaction {
  const errors: SyntaxError278[] = [];
  const hierarchy = readHierarchy(segments, grammar, errors);
  const checker = new LoopChecker(grammar, errors);
  checker.header(hierarchy.header);
  const occurrences = new Map<LevelNode, LevelOccurrence>();
  for (const node of hierarchy.nodes) occurrences.set(node, checker.level(node));
  for (const node of hierarchy.nodes) occurrences.get(node)!.children.push(...node.children.map((child) => occurrences.get(child)!));
  const end = hierarchy.trailer?.position ?? (segments.at(-1)?.position ?? 0) + 1;
  checker.levels([...occurrences.values()], end);
  checkServiceKinds([...occurrences.values()], errors);
  if (hierarchy.trailer !== undefined) checker.elements(hierarchy.trailer, undefined, undefined);
  checkTrailer(segments, hierarchy.trailer, errors);
  const bht = hierarchy.header.find((segment) => segment.id === 'BHT');
  const root = [...occurrences.values()].find((occurrence) => occurrence.id === '2000A');
  // Errors before warnings: a hundred warnings must not hide the error that refuses the set.
  const told = [...errors.filter(({ severity }) => severity === 'error'), ...errors.filter(({ severity }) => severity !== 'error')].slice(0, MOST_ERRORS).toSorted((a, b) => a.position - b.position);
  return { errors: told, ...(bht === undefined ? {} : { bht }), ...(root === undefined ? {} : { root }) };
}

class LoopChecker {
  readonly #grammar: TransactionGrammar;
  readonly #errors: SyntaxError278[];

  constructor(grammar: TransactionGrammar, errors: SyntaxError278[]) {
    this.#grammar = grammar;
    this.#errors = errors;
  }

  header(segments: readonly Segment[]): void {
    for (const [index, wanted] of this.#grammar.header.entries()) {
      if (!segments.some((segment) => segment.id === wanted.id)) this.#report(wanted.id, index + 1, '3', undefined, `${wanted.name} is missing.`);
    }
    const seen = new Set<string>();
    for (const segment of segments) {
      const known = this.#grammar.header.find((wanted) => wanted.id === segment.id);
      if (known === undefined) this.#misplaced(segment, undefined);
      else if (seen.has(segment.id)) this.#report(segment.id, segment.position, '5', undefined, `${known.name} stands more than once.`);
      else this.elements(segment, known, undefined);
      seen.add(segment.id);
    }
  }

  level(node: LevelNode): LevelOccurrence {
    const { loop } = node;
    const occurrence: LevelOccurrence = { id: loop?.id ?? '', hl: node.hl, segments: [], nested: [], children: [] };
    this.elements(node.hl, undefined, loop?.id);
    // The segments of a level without a loop have no place: the HL is the fault, not each of them.
    if (loop === undefined) return occurrence;
    const own = new Container(loop.id, loop.slots);
    const counts = new Map<string, number>();
    let nested: Container | undefined;
    for (const segment of node.body) {
      const opened = this.#opened(loop, segment);
      if (opened !== undefined) {
        if (nested !== undefined) this.#missing(nested, segment.position);
        occurrence.nested.push({ id: opened.id, segments: [segment] });
        counts.set(opened.id, (counts.get(opened.id) ?? 0) + 1);
        if (counts.get(opened.id)! > opened.maximum) this.#report(segment.id, segment.position, '4', opened.id, `Loop ${opened.id} stands more often than ${opened.maximum} times.`);
        nested = new Container(opened.id, opened.slots);
        this.#place(segment, nested);
      } else if (nested?.knows(segment) === true) {
        this.#place(segment, nested);
        occurrence.nested.at(-1)!.segments.push(segment);
      } else if (own.knows(segment)) {
        if (nested !== undefined) this.#report(segment.id, segment.position, '7', loop.id, `${segment.id} stands after the names of its loop.`);
        this.#place(segment, own);
        occurrence.segments.push(segment);
      } else this.#misplaced(segment, nested?.id ?? loop.id);
    }
    const end = (node.body.at(-1) ?? node.hl).position + 1;
    this.#missing(own, end);
    if (nested !== undefined) this.#missing(nested, end);
    for (const wanted of loop.loops) {
      if (wanted.usage === 'R' && !occurrence.nested.some((each) => each.id === wanted.id)) this.#report(wanted.slots[0]!.id, end, '3', wanted.id, `Loop ${wanted.id} is missing.`);
    }
    return occurrence;
  }

  /** Levels that are missing or stand too often. */
  levels(occurrences: readonly LevelOccurrence[], end: number): void {
    for (const wanted of this.#grammar.levels) {
      const found = occurrences.filter((occurrence) => occurrence.id === wanted.id);
      if (wanted.usage === 'R' && found.length === 0) this.#report('HL', end, '3', wanted.id, `Loop ${wanted.id} is missing.`);
      const surplus = found[wanted.maximum];
      if (surplus !== undefined) this.#report('HL', surplus.hl.position, '4', wanted.id, `Loop ${wanted.id} stands more often than ${wanted.maximum} times.`);
    }
  }

  elements(segment: Segment, slot: SegmentSlot | undefined, loop: string | undefined): void {
    const rule = this.#grammar.segments.get(segment.id);
    if (rule === undefined) return;
    for (const { severity, text, element, ...rest } of checkElements(segment, rule, slot)) {
      const { code, component, repetition, number, value } = rest;
      this.#errors.push({
        severity,
        segmentId: segment.id,
        position: segment.position,
        segmentCode: '8',
        element: {
          position: element,
          code,
          ...(component === undefined ? {} : { component }),
          ...(repetition === undefined ? {} : { repetition }),
          ...(number === undefined ? {} : { number }),
          ...(value === undefined ? {} : { value: value.slice(0, 99) }),
        },
        text,
        ...(loop === undefined ? {} : { loop }),
      });
    }
  }

  #opened(loop: LevelLoop, segment: Segment): NestedLoop | undefined {
    const openers = loop.loops.filter((nested) => nested.slots[0]!.id === segment.id);
    return openers.find((nested) => matches(nested.slots[0]!, segment)) ?? openers.find((nested) => nested.slots[0]!.qualifier === undefined) ?? openers[0];
  }

  #place(segment: Segment, container: Container): void {
    const { slot, index } = container.find(segment);
    const qualifier = slot.qualifier;
    this.elements(segment, slot, container.id);
    if (qualifier !== undefined && !qualifier.codes.includes(valueAt(segment, qualifier.element))) {
      const value = valueAt(segment, qualifier.element);
      const number = this.#grammar.segments.get(segment.id)?.elements[qualifier.element - 1]?.number;
      this.#errors.push({
        severity: qualifier.toleratedCodes?.includes(value) === true ? 'warning' : 'error',
        segmentId: segment.id,
        position: segment.position,
        loop: container.id,
        segmentCode: '8',
        element: { position: qualifier.element, code: '7', ...(number === undefined ? {} : { number }), ...(value === '' ? {} : { value: value.slice(0, 99) }) },
        text: `${segment.id} holds a qualifier loop ${container.id} does not know.`,
      });
    }
    // A segment that only shares the slot's identifier fills no slot; the one that opens a loop does so all the same.
    if (!matches(slot, segment) && index > 0) return;
    const count = container.count(index);
    if (count > slot.maximum) this.#report(segment.id, segment.position, '5', container.id, `${slot.name} stands more often than ${slot.maximum} times.`);
    if (container.comesLate(index, segment.id)) this.#report(segment.id, segment.position, '7', container.id, `${slot.name} stands out of its order.`);
    container.advance(index, segment.position);
  }

  #missing(container: Container, end: number): void {
    for (const { slot, due } of container.missing(end)) this.#report(slot.id, due, '3', container.id, `${slot.name} is missing.`);
  }

  #misplaced(segment: Segment, loop: string | undefined): void {
    if (this.#grammar.segments.has(segment.id)) this.#report(segment.id, segment.position, '2', loop, `${segment.id} is not expected here.`);
    else if (FOREIGN_SEGMENTS.has(segment.id)) this.#report(segment.id, segment.position, '6', loop, `${segment.id} is not part of this transaction set.`);
    else this.#report(segment.id, segment.position, '1', loop, 'The segment identifier is unknown.');
  }

  #report(segmentId: string, position: number, segmentCode: string, loop: string | undefined, text: string): void {
    this.#errors.push({ severity: 'error', segmentId, position, segmentCode, text, ...(loop === undefined ? {} : { loop }) });
  }
}

/** SV1, SV2 and SV3 may not be mixed: the request is professional, institutional or dental. */
function checkServiceKinds(occurrences: readonly LevelOccurrence[], errors: SyntaxError278[]): void {
  let kind: string | undefined;
  for (const { id, segments } of occurrences) {
    for (const segment of segments) {
      if (!/^SV[123]$/.test(segment.id)) continue;
      kind ??= segment.id;
      if (segment.id === kind) continue;
      errors.push({ severity: 'error', segmentId: segment.id, position: segment.position, loop: id, segmentCode: 'I9', text: `${segment.id} stands beside ${kind} in one request.` });
    }
  }
}

function checkTrailer(segments: readonly Segment[], trailer: Segment | undefined, errors: SyntaxError278[]): void {
  const st = segments[0]!;
  const report = (transactionCode: string, text: string, position: number): void => {
    errors.push({ severity: 'error', segmentId: trailer === undefined ? 'ST' : 'SE', position, segmentCode: '8', transactionCode, text });
  };
  if (trailer === undefined) {
    report('2', 'The transaction set has no SE segment.', st.position);
    return;
  }
  if (Number(valueAt(trailer, 1)) !== trailer.position) report('4', 'SE01 does not count the segments.', trailer.position);
  if (valueAt(trailer, 2) !== valueAt(st, 2)) report('3', 'SE02 and ST02 differ.', trailer.position);
}
