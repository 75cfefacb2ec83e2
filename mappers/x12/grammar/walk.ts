/**
 * A transaction set against its guide: every segment is put into its loop, every fault is placed as the 999 wants it.
 * HL loops and positional ones are walked alike. A segment belongs to the innermost open loop that has a place for it;
 * what opens a loop further out closes those within. The tree of loops comes out whatever the faults, so that the
 * mapper reads what the checker saw. Levels of the Workgroup for Electronic Data Interchange (SNIP): 1 and 2 here,
 * 3 and 4 by the guide's reviews.
 */
import type { SyntaxError278 } from '../issue.ts';
import { Marks, type Segment, valueAt } from '../segment.ts';
import { type CompiledChild, type CompiledGuide, type CompiledLoop, fitting } from './compile.ts';
import type { LoopOccurrence, ReviewFault } from './definition.ts';
import { DICTIONARY } from './dictionary.ts';
import { checkElements } from './element-check.ts';
import { isFlawless } from './flawless.ts';

export interface WalkedSet {
  errors: SyntaxError278[];
  root: LoopOccurrence;
}

/** Faults reported per transaction set; a sender learns nothing more from the thousandth. */
const MOST_ERRORS = 100;

/** An open loop and how far it is filled. */
interface Frame {
  loop: CompiledLoop;
  occurrence: LoopOccurrence;
  counts: number[];
  rank: number;
  /** Required children before this index were looked for. */
  checked: number;
  /** HL01 of a level, and whether a level hangs below it. */
  level: { number: string; hl: Segment; hasChild: boolean } | undefined;
}

/** Checks ST to SE. */
export function walkGuide(segments: readonly Segment[], guide: CompiledGuide): WalkedSet {
  const walker = new Walker(guide);
  for (const segment of segments) walker.take(segment);
  return walker.end(segments);
}

class Walker {
  readonly #guide: CompiledGuide;
  readonly #errors: SyntaxError278[] = [];
  readonly #told = { error: 0, warning: 0 };
  readonly #frames: Frame[];
  readonly #root: LoopOccurrence;
  #levels = 0;
  /** A level was sent that the guide does not have: its segments have no place, and the HL is the fault, not each of them. */
  #isLost = false;
  #count = 0;
  /** Frames of loops that were open before: a loop is never open within itself, so the next of its kind takes the same. */
  readonly #used = new Map<CompiledLoop, Frame>();
  readonly #marks = new Marks();

  constructor(guide: CompiledGuide) {
    this.#guide = guide;
    this.#root = { id: guide.root.id, segments: [], loops: [] };
    this.#frames = [frameOf(guide.root, this.#root)];
  }

  take(segment: Segment): void {
    this.#count += 1;
    const { id } = segment;
    if (id === 'HL') return this.#takeLevel(segment);
    if (this.#isLost && id !== 'SE') return;
    let over: Found | undefined;
    let late: Found | undefined;
    for (let depth = this.#frames.length - 1; depth >= 0; depth -= 1) {
      const frame = this.#frames[depth]!;
      const candidates = frame.loop.byId.get(id);
      if (candidates === undefined) continue;
      for (const child of fitting(candidates, segment)) {
        // The segment that opens a loop comes again only by the loop that holds it.
        if (child.index === 0 && depth > 0) continue;
        if (child.rank < frame.rank) late ??= { child, depth, isDue: false };
        else if (frame.counts[child.index]! >= child.maximum) over ??= { child, depth, isDue: false };
        else return this.#place(segment, child, depth);
      }
    }
    if (over !== undefined) return this.#placeTooOften(segment, over);
    if (late !== undefined) return this.#placeLate(segment, late);
    const loose = this.#looseOf(id);
    if (loose === undefined) return this.#misplaced(segment);
    this.#place(segment, loose.child, loose.depth);
    // A segment that only shares the identifier fills no place, unless one was due: then it is meant for it.
    if (loose.child.loop === undefined && !loose.isDue) this.#frames[loose.depth]!.counts[loose.child.index]! -= 1;
  }

  /** The innermost place for a segment with another qualifier: one that is due before others. */
  #looseOf(id: string): Found | undefined {
    for (let depth = this.#frames.length - 1; depth >= 0; depth -= 1) {
      const frame = this.#frames[depth]!;
      const open = (frame.loop.byId.get(id)?.all ?? []).filter((child) => (child.index > 0 || depth === 0) && child.rank >= frame.rank);
      const due = open.find((child) => child.usage === 'R' && frame.counts[child.index] === 0);
      const child = due ?? open[0];
      if (child !== undefined) return { child, depth, isDue: due !== undefined };
    }
    return undefined;
  }

  end(segments: readonly Segment[]): WalkedSet {
    const trailer = segments.findLast((segment) => segment.id === 'SE');
    if (trailer === undefined) this.#unwind(0, (segments.at(-1)?.position ?? 0) + 1);
    this.#closeMissing(this.#frames[0]!, Number.POSITIVE_INFINITY, (segments.at(-1)?.position ?? 0) + 1);
    for (const review of this.#guide.reviews) review(this.#root, (fault) => this.#tell(faultOf(fault)));
    checkTrailer(segments[0], trailer, this.#count, this.#errors);
    return { errors: mostTelling(this.#errors), root: this.#root };
  }

  /** Faults beyond what is told are not held either, but an error is never given up for warnings. */
  #tell(fault: SyntaxError278): void {
    const count = fault.severity === 'error' ? (this.#told.error += 1) : (this.#told.warning += 1);
    if (count <= MOST_ERRORS) this.#errors.push(fault);
  }

  #takeLevel(segment: Segment): void {
    this.#levels += 1;
    const code = valueAt(segment, 3);
    let over: Found | undefined;
    for (let depth = this.#frames.length - 1; depth >= 0; depth -= 1) {
      const frame = this.#frames[depth]!;
      const candidates = frame.loop.byId.get('HL');
      for (const child of candidates === undefined ? [] : fitting(candidates, segment)) {
        if (child.index === 0) continue;
        if (frame.counts[child.index]! >= child.maximum) {
          over ??= { child, depth, isDue: false };
          continue;
        }
        this.#isLost = false;
        this.#place(segment, child, depth);
        return;
      }
    }
    if (over !== undefined) {
      this.#isLost = false;
      this.#placeTooOften(segment, over);
      return;
    }
    this.#isLost = true;
    // It hangs where it says, all the same: what is above it has something below.
    const above = this.#frames.find(({ level }) => level !== undefined && level.number === valueAt(segment, 2));
    if (above?.level !== undefined) above.level.hasChild = true;
    this.#levelFault(segment, 3, '735', code === '' ? '1' : '7', 'HL03 names a level that cannot stand here.', undefined);
  }

  #place(segment: Segment, child: CompiledChild, depth: number): void {
    if (this.#frames.length > depth + 1) this.#unwind(depth, segment.position);
    const frame = this.#frames[depth]!;
    if (child.rank > frame.rank) {
      this.#closeMissing(frame, child.rank, segment.position);
      frame.rank = child.rank;
    }
    frame.counts[child.index]! += 1;
    this.#enter(segment, child, frame);
  }

  #enter(segment: Segment, child: CompiledChild, frame: Frame): void {
    if (child.loop === undefined) {
      frame.occurrence.segments.push(segment);
      this.#elements(segment, child, frame.loop.id);
      return;
    }
    const occurrence: LoopOccurrence = { id: child.loop.id, segments: [segment], loops: [] };
    frame.occurrence.loops.push(occurrence);
    const inner = this.#frameOf(child.loop, occurrence);
    inner.counts[0] = 1;
    this.#frames.push(inner);
    this.#elements(segment, child, child.loop.id);
    if (child.loop.isLevel) this.#checkLevel(segment, inner, frame);
  }

  #frameOf(loop: CompiledLoop, occurrence: LoopOccurrence): Frame {
    const used = this.#used.get(loop);
    if (used === undefined) {
      const frame = frameOf(loop, occurrence);
      this.#used.set(loop, frame);
      return frame;
    }
    used.occurrence = occurrence;
    used.counts.fill(0);
    used.rank = 0;
    used.checked = 0;
    used.level = undefined;
    return used;
  }

  /** HL01 counts from 1, HL02 names the level above. */
  #checkLevel(segment: Segment, inner: Frame, outer: Frame): void {
    const number = valueAt(segment, 1);
    inner.level = { number, hl: segment, hasChild: false };
    if (number !== String(this.#levels)) this.#levelFault(segment, 1, '628', '7', 'HL01 does not count the levels from 1.', inner.loop.id);
    const parent = valueAt(segment, 2);
    if (outer.level === undefined) {
      if (parent !== '') this.#levelFault(segment, 2, '734', 'I13', 'HL02 stands on the topmost level.', inner.loop.id);
      return;
    }
    outer.level.hasChild = true;
    if (parent !== outer.level.number) this.#levelFault(segment, 2, '734', parent === '' ? '1' : '7', parent === '' ? 'HL02 is required below the topmost level.' : 'HL02 does not name the level above.', inner.loop.id);
  }

  #levelFault(segment: Segment, element: number, number: string, code: string, text: string, loop: string | undefined, severity: 'error' | 'warning' = 'error'): void {
    const value = valueAt(segment, element).slice(0, 99);
    this.#tell({ severity, segmentId: 'HL', position: segment.position, segmentCode: '8', element: { position: element, number, code, ...(value !== '' && { value }) }, text, ...(loop !== undefined && { loop }) });
  }

  #placeTooOften(segment: Segment, { child, depth }: Found): void {
    const inside = child.loop?.id ?? this.#frames[depth]!.loop.id;
    this.#place(segment, child, depth);
    // The first one too many is told; what follows is the same fault.
    if (this.#frames[depth]!.counts[child.index] !== child.maximum + 1 && child.loop === undefined) return;
    this.#report(segment.id, segment.position, child.loop === undefined ? '5' : '4', inside, `${child.name} stands more often than ${child.maximum} times.`);
  }

  #placeLate(segment: Segment, { child, depth }: Found): void {
    const frame = this.#frames[depth]!;
    if (frame.counts[child.index] === 0) this.#foundLate(child, frame);
    frame.counts[child.index]! += 1;
    const isOver = frame.counts[child.index]! > child.maximum;
    this.#report(segment.id, segment.position, isOver ? (child.loop === undefined ? '5' : '4') : '7', child.loop?.id ?? frame.loop.id, `${child.name} stands ${isOver ? 'too often' : 'out of its order'}.`);
    if (child.loop !== undefined) this.#unwind(depth, segment.position);
    this.#enter(segment, child, frame);
  }

  /** What was told to be missing and comes late after all is one fault and not two. */
  #foundLate(child: CompiledChild, frame: Frame): void {
    const loop = missingIn(child, frame, this.#guide);
    const told = this.#errors.findLastIndex((fault) => fault.segmentCode === '3' && fault.segmentId === child.slot.id && fault.loop === loop && fault.text === missing(child));
    if (told < 0) return;
    this.#errors.splice(told, 1);
    this.#told.error -= 1;
  }

  #unwind(depth: number, position: number): void {
    while (this.#frames.length > depth + 1) {
      const frame = this.#frames.pop()!;
      this.#closeMissing(frame, Number.POSITIVE_INFINITY, position);
      if (frame.level !== undefined) this.#checkChildCode(frame);
    }
  }

  #checkChildCode({ level, loop }: Frame): void {
    const { hl, hasChild } = level!;
    const code = valueAt(hl, 4);
    if (code === '' || code === (hasChild ? '1' : '0')) return;
    this.#levelFault(hl, 4, '736', '7', 'HL04 does not agree with the levels below.', loop.id, 'warning');
  }

  #closeMissing(frame: Frame, rank: number, position: number): void {
    const { required } = frame.loop;
    for (; frame.checked < required.length && required[frame.checked]!.rank < rank; frame.checked += 1) {
      const child = required[frame.checked]!;
      if (frame.counts[child.index] === 0) this.#report(child.slot.id, position, '3', missingIn(child, frame, this.#guide), missing(child));
    }
  }

  #elements(segment: Segment, child: CompiledChild, loop: string): void {
    if (isFlawless(segment, child.shape, this.#marks)) return;
    for (const { severity, text, element, code, component, repetition, number, value } of checkElements(segment, child.rule)) {
      this.#tell({
        severity, segmentId: segment.id, position: segment.position, segmentCode: '8', text,
        element: { position: element, code, ...(component !== undefined && { component }), ...(repetition !== undefined && { repetition }), ...(number !== undefined && { number }), ...(value !== undefined && { value: value.slice(0, 99) }) },
        ...(loop !== this.#guide.root.id && { loop }),
      });
    }
  }

  #misplaced(segment: Segment): void {
    const loop = this.#frames.length > 1 ? this.#frames.at(-1)!.loop.id : undefined;
    if (this.#guide.segments.has(segment.id)) this.#report(segment.id, segment.position, '2', loop, `${segment.id} is not expected here.`);
    else if (DICTIONARY.has(segment.id)) this.#report(segment.id, segment.position, '6', loop, `${segment.id} is not part of this transaction set.`);
    else this.#report(segment.id, segment.position, '1', loop, 'The segment identifier is unknown.');
  }

  #report(segmentId: string, position: number, segmentCode: string, loop: string | undefined, text: string): void {
    this.#tell({ severity: 'error', segmentId, position, segmentCode, text, ...(loop !== undefined && { loop }) });
  }
}

const missing = ({ name }: CompiledChild): string => `${name} is missing.`;

/** The loop that lacks it, or that is lacking. */
function missingIn(child: CompiledChild, frame: Frame, guide: CompiledGuide): string | undefined {
  return child.loop?.id ?? (frame.loop === guide.root ? undefined : frame.loop.id);
}

/** As many as are told, errors before warnings, in the order of their places. */
function mostTelling(faults: readonly SyntaxError278[]): SyntaxError278[] {
  const byKind = [...faults.filter(({ severity }) => severity === 'error'), ...faults.filter(({ severity }) => severity !== 'error')];
  return byKind.slice(0, MOST_ERRORS).toSorted((a, b) => a.position - b.position);
}

interface Found {
  child: CompiledChild;
  depth: number;
  isDue: boolean;
}

function frameOf(loop: CompiledLoop, occurrence: LoopOccurrence): Frame {
  return { loop, occurrence, counts: loop.children.map(() => 0), rank: 0, checked: 0, level: undefined };
}

function faultOf({ severity, segment, loop, segmentCode, segmentId, element, name, text }: ReviewFault): SyntaxError278 {
  return { severity: severity ?? 'warning', segmentId: segmentId ?? segment.id, position: segment.position, loop, segmentCode, name, text, ...(element !== undefined && { element }) };
}

function checkTrailer(st: Segment | undefined, trailer: Segment | undefined, count: number, errors: SyntaxError278[]): void {
  const report = (transactionCode: string, text: string, position: number): void => {
    errors.push({ severity: 'error', segmentId: trailer === undefined ? 'ST' : 'SE', position, segmentCode: '8', transactionCode, text });
  };
  if (trailer === undefined) {
    report('2', 'The transaction set has no SE segment.', st?.position ?? 1);
    return;
  }
  if (Number(valueAt(trailer, 1)) !== count) report('4', 'SE01 does not count the segments.', trailer.position);
  if (valueAt(trailer, 2) !== valueAt(st, 2)) report('3', 'SE02 and ST02 differ.', trailer.position);
}
