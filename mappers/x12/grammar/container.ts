/** The slots of one loop occurrence, and how far they are filled: what counts, order and missing segments are told from. */
import { type Segment, valueAt } from '../segment.ts';
import type { SegmentSlot } from './definition.ts';

/** True when the segment belongs into the slot by identifier and qualifier. */
export function matches(slot: SegmentSlot, segment: Segment): boolean {
  if (slot.id !== segment.id) return false;
  if (slot.qualifier === undefined) return true;
  const value = valueAt(segment, slot.qualifier.element);
  return slot.qualifier.codes.includes(value) || slot.qualifier.toleratedCodes?.includes(value) === true;
}

/** The slots of one loop occurrence and how far they are filled. */
export class Container {
  readonly id: string;
  readonly #slots: readonly SegmentSlot[];
  readonly #counts = new Map<number, number>();
  readonly #filled: { index: number; position: number }[] = [];
  #furthest = 0;

  constructor(id: string, slots: readonly SegmentSlot[]) {
    this.id = id;
    this.#slots = slots;
  }

  knows(segment: Segment): boolean {
    return this.#slots.some((slot) => slot.id === segment.id);
  }

  /** The slot whose qualifier fits, else the first of the same identifier. */
  find(segment: Segment): { slot: SegmentSlot; index: number } {
    const exact = this.#slots.findIndex((slot) => matches(slot, segment));
    const index = exact >= 0 ? exact : this.#slots.findIndex((slot) => slot.id === segment.id);
    return { slot: this.#slots[index]!, index };
  }

  count(index: number): number {
    const count = (this.#counts.get(index) ?? 0) + 1;
    this.#counts.set(index, count);
    return count;
  }

  /** Neighbouring slots of one identifier may come in any order among themselves. */
  comesLate(index: number, id: string): boolean {
    return index < this.#furthest && this.#slots[this.#furthest]!.id !== id;
  }

  advance(index: number, position: number): void {
    this.#furthest = Math.max(this.#furthest, index);
    this.#filled.push({ index, position });
  }

  missing(end: number): { slot: SegmentSlot; due: number }[] {
    return this.#slots.flatMap((slot, index) => {
      if (slot.usage !== 'R' || this.#counts.has(index)) return [];
      const next = this.#filled.filter((filled) => filled.index > index).map((filled) => filled.position);
      return [{ slot, due: next.length > 0 ? Math.min(...next) : end }];
    });
  }
}
