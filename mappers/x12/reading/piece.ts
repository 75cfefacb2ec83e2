/**
 * One segment in its loop, read into the Bundle: values pass through `put`, which notes the place they came
 * from (`2010BA.NM103`) and the rule, named by the element on both sides (`NM103/family`).
 */
import { type Cursor, Draft, type Value } from '../../draft.ts';
import type { SourceRef } from '../../ledger.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { DICTIONARY } from '../grammar/dictionary.ts';
import { toFhirDate } from '../grammar/dates.ts';
import { elementName, type Segment, valueAt } from '../segment.ts';

/** What a value becomes; undefined where it cannot be read. */
export type Read = (value: string) => Value | undefined;

const asText: Read = (value) => value;

/**
 * A Draft that keeps no account. A mapping is a function of its input, so the account can be made when somebody asks, by
 * mapping once more: a reader who only wants Bundles does not pay for it.
 */
export class QuietDraft extends Draft {}

/** Names of places and rules: a few hundred of them are said millions of times. */
class Names {
  readonly #names = new Map<string, { source: string; rules: Map<string, string> }>();

  of(loop: string, id: string, element: number, component: number | undefined): { source: string; rules: Map<string, string> } {
    const key = `${loop}${id}${element}-${component ?? ''}`;
    let known = this.#names.get(key);
    if (known === undefined) {
      known = { source: `${loop}.${elementName(id, element, component)}`, rules: new Map() };
      this.#names.set(key, known);
    }
    return known;
  }
}

const names = new Names();

export class Piece {
  readonly loop: string;
  readonly segment: Segment;
  readonly draft: Draft;
  readonly #isQuiet: boolean;

  constructor(draft: Draft, loop: string, segment: Segment) {
    this.#isQuiet = draft instanceof QuietDraft;
    this.draft = draft;
    this.loop = loop;
    this.segment = segment;
  }

  /** The value without blanks around it; empty where absent. */
  text(element: number, component?: number): string {
    return valueAt(this.segment, element, component).trim();
  }

  from(element: number, component?: number): SourceRef {
    return { source: names.of(this.loop, this.segment.id, element, component).source, segment: this.segment.position };
  }

  /** A qualifier: it decides and stands nowhere itself. */
  consult(element: number, component?: number): string {
    const value = this.text(element, component);
    if (!this.#isQuiet && value !== '') this.draft.consult(this.from(element, component));
    return value;
  }

  /** Puts a value in its place; false where there is none or it cannot be read. */
  put(cursor: Cursor, target: string, element: number, component?: number, read: Read = asText): boolean {
    const value = this.text(element, component);
    if (value === '') return false;
    const result = read(value);
    if (result === undefined) return false;
    if (this.#isQuiet) cursor.set(target, result);
    else cursor.emit(target, result, this.from(element, component), this.rule(target, element, component));
    return true;
  }

  /** The same into a list of plain values. */
  putItem(cursor: Cursor, target: string, element: number, component?: number, read: Read = asText): boolean {
    const value = this.text(element, component);
    if (value === '') return false;
    const result = read(value);
    if (result === undefined) return false;
    if (this.#isQuiet) cursor.setItem(target, result);
    else cursor.emitItem(target, result, this.from(element, component), this.rule(target, element, component));
    return true;
  }

  /** The value has no place, for a reason worth telling. */
  leave(element: number, component: number | undefined, reason: string): void {
    if (!this.#isQuiet) this.draft.leave(this.from(element, component), reason);
  }

  /** A coding at a CodeableConcept. */
  code(concept: Cursor, system: string | undefined, element: number, component?: number, read: Read = asText): boolean {
    if (this.#isQuiet) {
      const value = this.text(element, component);
      const code = value === '' ? undefined : read(value);
      if (code === undefined) return false;
      concept.setItem('coding', system === undefined ? { code } : { code, system });
      return true;
    }
    const coding = concept.another('coding');
    if (!this.put(coding, 'code', element, component, read)) return false;
    coding.set('system', system);
    return true;
  }

  rule(target: string, element: number, component?: number): string {
    const { source, rules } = names.of(this.loop, this.segment.id, element, component);
    let rule = rules.get(target);
    if (rule === undefined) {
      rule = `${source.slice(this.loop.length + 1)}/${target}`;
      rules.set(target, rule);
    }
    return rule;
  }
}

/** The pieces of a loop's own segments with an identifier, and a qualifier in the first element where one is asked for. */
export function piecesOf(draft: Draft, loop: LoopOccurrence | undefined, id: string, ...codes: readonly string[]): Piece[] {
  const found: Piece[] = [];
  for (const segment of loop?.segments ?? []) {
    if (segment.id === id && (codes.length === 0 || codes.includes(valueAt(segment, 1).trim()))) found.push(new Piece(draft, loop!.id, segment));
  }
  return found;
}

/** The first of {@link piecesOf}. */
export function pieceOf(draft: Draft, loop: LoopOccurrence | undefined, id: string, ...codes: readonly string[]): Piece | undefined {
  for (const segment of loop?.segments ?? []) {
    if (segment.id === id && (codes.length === 0 || codes.includes(valueAt(segment, 1).trim()))) return new Piece(draft, loop!.id, segment);
  }
  return undefined;
}

/** The loops with an id directly below. */
export function loopsOf(loop: LoopOccurrence, id: string): LoopOccurrence[] {
  return loop.loops.filter((each) => each.id === id);
}

/** Every value of some segments, by its place; composites are named by their components. */
export function* placesOf(loop: string, segments: readonly Segment[]): Generator<SourceRef> {
  for (const segment of segments) {
    if (/^(ST|SE|HL)$/.test(segment.id)) continue;
    const rules = DICTIONARY.get(segment.id)?.elements;
    for (const [index, repetitions] of segment.elements.entries()) {
      const isComposite = rules?.[index]?.components !== undefined || (repetitions[0]?.length ?? 0) > 1;
      for (const [again, components] of repetitions.entries()) {
        for (const [at, value] of components.entries()) {
          if (value.trim() === '') continue;
          const { source } = names.of(loop, segment.id, index + 1, isComposite ? at + 1 : undefined);
          yield { source: again === 0 ? source : source.replace(/(-\d+)?$/, `[${again + 1}]$1`), segment: segment.position };
        }
      }
    }
  }
}

/** Every value of a loop and of the loops below it. */
export function* placesBelow(loop: LoopOccurrence): Generator<SourceRef> {
  yield* placesOf(loop.id, loop.segments);
  for (const each of loop.loops) yield* placesBelow(each);
}

/** D8, RD8 and DT (element 1250) as a date, or as a period. */
export function putWhen(piece: Piece, at: Cursor, prefix: string, qualifier: number, element: number, component?: number): boolean {
  const format = piece.text(qualifier, component === undefined ? undefined : component - 1);
  const [start = '', end] = piece.text(element, component).split('-');
  const first = toFhirDate(start.slice(0, 8));
  if (first === undefined) return false;
  piece.consult(qualifier, component === undefined ? undefined : component - 1);
  if (format !== 'RD8') return piece.put(at, `${prefix}Date`, element, component, () => first);
  const period = at.within(`${prefix}Period`);
  const last = toFhirDate(end ?? '');
  // One value on the wire, two in FHIR: both name their place.
  return piece.put(period, 'start', element, component, () => first) && (last === undefined || piece.put(period, 'end', element, component, () => last));
}
