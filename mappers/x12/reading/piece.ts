/**
 * One segment in its loop, read into the Bundle: values pass through `put`, which notes the place they came
 * from (`2010BA.NM103`) and the rule, named by the element on both sides (`NM103/family`).
 */
import type { Value } from '../../draft.ts';
import type { SourceRef } from '../../ledger.ts';
import { decimalOf } from '../decimal.ts';
import type { LoopOccurrence } from '../grammar/definition.ts';
import { DICTIONARY } from '../grammar/dictionary.ts';
import { toFhirDate } from '../grammar/dates.ts';
import { elementName, type Segment, textAt } from '../segment.ts';
import { QuietDraft } from './quiet.ts';
import type { Cursor, Draft } from './target.ts';

/** What a value becomes; undefined where it cannot be read. */
export type Read = (value: string) => Value | undefined;

const asText: Read = (value) => value;

/** A place's name, and those of the rules that read it. */
class Name {
  readonly source: string;
  readonly rules = new Map<string, string>();

  constructor(source: string) {
    this.source = source;
  }
}

/** Names of places and rules: a few hundred of them are said millions of times. */
class Names {
  readonly #names = new Map<string, Map<string, (Name | undefined)[]>>();

  of(loop: string, id: string, element: number, component: number | undefined): Name {
    let ofLoop = this.#names.get(loop);
    if (ofLoop === undefined) this.#names.set(loop, (ofLoop = new Map()));
    let ofSegment = ofLoop.get(id);
    if (ofSegment === undefined) ofLoop.set(id, (ofSegment = []));
    const at = element * COMPONENTS + (component ?? 0);
    return (ofSegment[at] ??= new Name(`${loop}.${elementName(id, element, component)}`));
  }
}

/** More components than any composite has. */
const COMPONENTS = 100;

const names = new Names();

export class Piece {
  readonly loop: string;
  readonly segment: Segment;
  readonly draft: Draft;
  /** Whether no account is kept. */
  readonly isQuiet: boolean;

  constructor(draft: Draft, loop: string, segment: Segment) {
    this.isQuiet = draft instanceof QuietDraft;
    this.draft = draft;
    this.loop = loop;
    this.segment = segment;
  }

  /** The value without blanks around it; empty where absent. */
  text(element: number, component?: number): string {
    return textAt(this.segment, element, component);
  }

  from(element: number, component?: number): SourceRef {
    return { source: names.of(this.loop, this.segment.id, element, component).source, segment: this.segment.position };
  }

  /** Notes that a qualifier was read: it decides and stands nowhere itself. */
  consult(element: number, component?: number): void {
    if (!this.isQuiet && this.text(element, component) !== '') this.draft.consult(this.from(element, component));
  }

  /** A qualifier, noted. */
  qualifier(element: number, component?: number): string {
    this.consult(element, component);
    return this.text(element, component);
  }

  /** Puts a value in its place; false where there is none or it cannot be read. */
  put(cursor: Cursor, target: string, element: number, component?: number, read: Read = asText): boolean {
    const value = this.text(element, component);
    if (value === '') return false;
    const result = read(value);
    if (result === undefined) return false;
    if (this.isQuiet) cursor.set(target, result);
    else cursor.emit(target, result, this.from(element, component), this.rule(target, element, component));
    return true;
  }

  /** The same into a list of plain values. */
  putItem(cursor: Cursor, target: string, element: number, component?: number, read: Read = asText): boolean {
    const value = this.text(element, component);
    if (value === '') return false;
    const result = read(value);
    if (result === undefined) return false;
    if (this.isQuiet) cursor.setItem(target, result);
    else cursor.emitItem(target, result, this.from(element, component), this.rule(target, element, component));
    return true;
  }

  /** The value has no place, for a reason worth telling. */
  leave(element: number, component: number | undefined, reason: string): void {
    if (!this.isQuiet) this.draft.leave(this.from(element, component), reason);
  }

  /** A coding at a CodeableConcept. */
  code(concept: Cursor, system: string | undefined, element: number, component?: number, read: Read = asText): boolean {
    if (this.isQuiet) {
      const coding = this.#coding(system, element, component, read);
      concept.setItem('coding', coding);
      return coding !== undefined;
    }
    const coding = concept.another('coding');
    if (!this.put(coding, 'code', element, component, read)) return false;
    coding.set('system', system);
    return true;
  }

  /** The same at an element of an object. */
  codeAt(cursor: Cursor, target: string, system: string | undefined, element: number, component?: number, read: Read = asText): boolean {
    if (!this.isQuiet || cursor.peek(target) !== undefined) return this.code(cursor.within(target), system, element, component, read);
    const coding = this.#coding(system, element, component, read);
    if (coding !== undefined) cursor.set(target, { coding: [coding] });
    return coding !== undefined;
  }

  /** The same at a further one of an element that repeats. */
  codeItem(cursor: Cursor, target: string, system: string | undefined, element: number, component?: number, read: Read = asText): boolean {
    if (!this.isQuiet) return this.code(cursor.another(target), system, element, component, read);
    const coding = this.#coding(system, element, component, read);
    if (coding !== undefined) cursor.setItem(target, { coding: [coding] });
    return coding !== undefined;
  }

  #coding(system: string | undefined, element: number, component: number | undefined, read: Read): Value | undefined {
    const value = this.text(element, component);
    const code = value === '' ? undefined : read(value);
    return code === undefined ? undefined : system === undefined ? { code } : { code, system };
  }

  /** A further identifier of a system. */
  putIdentifier(cursor: Cursor, system: string, element: number): void {
    if (this.isQuiet) {
      const value = this.text(element);
      cursor.setItem('identifier', value === '' ? { system } : { system, value });
    } else this.put(cursor.another('identifier').set('system', system), 'value', element);
  }

  /** An amount of a currency, at an element that has none yet. */
  putMoney(cursor: Cursor, target: string, element: number, currency: string): boolean {
    if (this.isQuiet) {
      const value = decimalOf(this.text(element));
      if (value !== undefined) cursor.set(target, { value, currency });
      return value !== undefined;
    }
    const money = cursor.within(target);
    if (!this.put(money, 'value', element, undefined, decimalOf)) return false;
    money.set('currency', currency);
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

const NO_PIECES: readonly Piece[] = [];

/** The pieces of a loop's own segments with an identifier, and a qualifier in the first element (or one of several) where one is asked for. */
export function piecesOf(draft: Draft, loop: LoopOccurrence | undefined, id: string, code?: string | readonly string[]): readonly Piece[] {
  if (loop === undefined) return NO_PIECES;
  let found: Piece[] | undefined;
  for (const segment of loop.segments) {
    if (segment.id === id && (code === undefined || (typeof code === 'string' ? textAt(segment, 1) === code : code.includes(textAt(segment, 1))))) (found ??= []).push(new Piece(draft, loop.id, segment));
  }
  return found ?? NO_PIECES;
}

/** The first of {@link piecesOf}, with the one qualifier where one is asked for. */
export function pieceOf(draft: Draft, loop: LoopOccurrence | undefined, id: string, code?: string): Piece | undefined {
  if (loop === undefined) return undefined;
  for (const segment of loop.segments) {
    if (segment.id === id && (code === undefined || textAt(segment, 1) === code)) return new Piece(draft, loop.id, segment);
  }
  return undefined;
}

/** The loops with an id directly below. */
export function loopsOf(loop: LoopOccurrence, id: string): LoopOccurrence[] {
  const found: LoopOccurrence[] = [];
  for (const each of loop.loops) if (each.id === id) found.push(each);
  return found;
}

/** The first of {@link loopsOf}. */
export function loopOf(loop: LoopOccurrence | undefined, id: string): LoopOccurrence | undefined {
  if (loop === undefined) return undefined;
  for (const each of loop.loops) if (each.id === id) return each;
  return undefined;
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
export function putWhen(piece: Piece, at: Cursor, prefix: 'timing' | 'serviced', qualifier: number, element: number, component?: number): boolean {
  const format = piece.text(qualifier, component === undefined ? undefined : component - 1);
  const value = piece.text(element, component);
  const first = firstDay(value);
  if (first === undefined) return false;
  piece.consult(qualifier, component === undefined ? undefined : component - 1);
  if (format !== 'RD8') return piece.put(at, DATE[prefix], element, component, firstDay);
  const period = at.within(PERIOD[prefix]);
  const end = value.indexOf('-') + 1;
  const last = end === 0 ? undefined : toFhirDate(value.slice(end).split('-')[0]!);
  // One value on the wire, two in FHIR: both name their place.
  return piece.put(period, 'start', element, component, firstDay) && (last === undefined || piece.put(period, 'end', element, component, () => last));
}

const DATE = { timing: 'timingDate', serviced: 'servicedDate' } as const;
const PERIOD = { timing: 'timingPeriod', serviced: 'servicedPeriod' } as const;

/** The day of a date, of a date with a time, or the first day of a period. */
export function firstDay(value: string): string | undefined {
  const end = value.indexOf('-');
  return toFhirDate(value.length === 8 ? value : value.slice(0, end >= 0 && end < 8 ? end : 8));
}
