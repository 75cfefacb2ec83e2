/** A value of a message while it is read: a repetition of a field, a component, or a subcomponent, whatever its data type. */
import type { SourceRef } from '../../ledger.ts';
import { DELETED, type Hl7Component, type Hl7Repetition, type Hl7Segment, sourceOf } from '../syntax/message.ts';

export class Part {
  readonly segment: Hl7Segment;
  readonly field: number;
  readonly repetition: number;
  /** 0 for the whole repetition. */
  readonly component: number;
  /** 0 for the whole component. */
  readonly subcomponent: number;
  /** The repetition that it is of, looked up once. */
  readonly #repetition: Hl7Repetition | undefined;

  constructor(segment: Hl7Segment, field: number, repetition = 1, component = 0, subcomponent = 0, of: Hl7Repetition | undefined = segment.fields[field]?.[repetition - 1]) {
    this.segment = segment;
    this.field = field;
    this.repetition = repetition;
    this.component = component;
    this.subcomponent = subcomponent;
    this.#repetition = of;
  }

  /** Component n of a repetition, subcomponent n of a component. A subcomponent is its own first. */
  at(n: number): Part {
    if (this.subcomponent > 0) return n === 1 ? this : new Part(this.segment, this.field, this.repetition, this.component, 99, this.#repetition);
    if (this.component > 0) return new Part(this.segment, this.field, this.repetition, this.component, n, this.#repetition);
    return new Part(this.segment, this.field, this.repetition, n, 0, this.#repetition);
  }

  /** What is written there, `""` (delete) included; undefined where it is blank. Of several components the first. */
  get sent(): string | undefined {
    const value = this.#repetition?.[(this.component || 1) - 1]?.[(this.subcomponent || 1) - 1];
    return value === undefined || value === '' ? undefined : value;
  }

  /** The same without white space around it; undefined also where the sender says to delete. */
  get text(): string | undefined {
    return trimmed(this.#repetition?.[(this.component || 1) - 1]?.[(this.subcomponent || 1) - 1]);
  }

  /** The text of a component. */
  textAt(n: number): string | undefined {
    if (this.subcomponent > 0) return n === 1 ? this.text : undefined;
    return this.component > 0 ? trimmed(this.#repetition?.[this.component - 1]?.[n - 1]) : trimmed(this.#repetition?.[n - 1]?.[0]);
  }

  /** Whether anything is written there, in any component. */
  get valued(): boolean {
    const repetition = this.#repetition;
    if (repetition === undefined) return false;
    if (this.subcomponent > 0) return this.text !== undefined;
    if (this.component > 0) return isValued(repetition[this.component - 1]);
    for (const component of repetition) if (isValued(component)) return true;
    return false;
  }

  get from(): SourceRef {
    return sourceOf(this.segment, this.field, this.repetition, this.component || 1, this.subcomponent || 1);
  }

  /** The places of every value in it. */
  places(): SourceRef[] {
    const found: SourceRef[] = [];
    const repetition = this.#repetition;
    if (repetition === undefined) return found;
    const [first, last] = this.component > 0 ? [this.component - 1, this.component] : [0, repetition.length];
    for (let c = first; c < Math.min(last, repetition.length); c += 1) {
      const values = repetition[c]!;
      for (let s = 0; s < values.length; s += 1) if (values[s] !== '' && (this.subcomponent === 0 || s + 1 === this.subcomponent)) found.push(sourceOf(this.segment, this.field, this.repetition, c + 1, s + 1));
    }
    return found;
  }

  /** The values as they were sent, for comparing two of them. */
  get content(): Hl7Component | Hl7Repetition {
    const repetition = this.#repetition ?? [];
    return this.component > 0 ? repetition[this.component - 1] ?? [] : repetition;
  }
}

function isValued(component: readonly string[] | undefined): boolean {
  if (component === undefined) return false;
  for (const value of component) if (value !== '' && trimmed(value) !== undefined) return true;
  return false;
}

const BLANK = 0x20;
const LAST_PLAIN = 0x7e;

/** Nearly all values neither begin nor end with white space, which two characters tell. */
function trimmed(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  const [first, last] = [value.charCodeAt(0), value.charCodeAt(value.length - 1)];
  const text = first > BLANK && first <= LAST_PLAIN && last > BLANK && last <= LAST_PLAIN ? value : value.trim();
  return text === '' || text === DELETED ? undefined : text;
}

/** How often a field was sent. */
export function repetitionsOf(segment: Hl7Segment, field: number): number {
  return segment.fields[field]?.length ?? 0;
}
