/** A value of a message while it is read: a repetition of a field, a component, or a subcomponent, whatever its data type. */
import type { SourceRef } from '../../ledger.ts';
import { DELETED, type Hl7Segment, sourceOf } from '../syntax/message.ts';

export class Part {
  readonly segment: Hl7Segment;
  readonly field: number;
  readonly repetition: number;
  /** 0 for the whole repetition. */
  readonly component: number;
  /** 0 for the whole component. */
  readonly subcomponent: number;

  constructor(segment: Hl7Segment, field: number, repetition = 1, component = 0, subcomponent = 0) {
    this.segment = segment;
    this.field = field;
    this.repetition = repetition;
    this.component = component;
    this.subcomponent = subcomponent;
  }

  /** Component n of a repetition, subcomponent n of a component. A subcomponent is its own first. */
  at(n: number): Part {
    if (this.subcomponent > 0) return n === 1 ? this : new Part(this.segment, this.field, this.repetition, this.component, 99);
    if (this.component > 0) return new Part(this.segment, this.field, this.repetition, this.component, n);
    return new Part(this.segment, this.field, this.repetition, n);
  }

  /** What is written there, `""` (delete) included; undefined where it is blank. Of several components the first. */
  get sent(): string | undefined {
    const value = this.segment.fields[this.field]?.[this.repetition - 1]?.[(this.component || 1) - 1]?.[(this.subcomponent || 1) - 1];
    return value === undefined || value === '' ? undefined : value;
  }

  /** The same without white space around it; undefined also where the sender says to delete. */
  get text(): string | undefined {
    return trimmed(this.segment.fields[this.field]?.[this.repetition - 1]?.[(this.component || 1) - 1]?.[(this.subcomponent || 1) - 1]);
  }

  /** The text of a component. */
  textAt(n: number): string | undefined {
    if (this.subcomponent > 0) return n === 1 ? this.text : undefined;
    const [component, subcomponent] = this.component > 0 ? [this.component, n] : [n, 1];
    return trimmed(this.segment.fields[this.field]?.[this.repetition - 1]?.[component - 1]?.[subcomponent - 1]);
  }

  /** Whether anything is written there, in any component. */
  get valued(): boolean {
    const repetition = this.segment.fields[this.field]?.[this.repetition - 1];
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
  *places(): Iterable<SourceRef> {
    const repetition = this.segment.fields[this.field]?.[this.repetition - 1] ?? [];
    for (const [c, component] of repetition.entries()) {
      if (this.component > 0 && c + 1 !== this.component) continue;
      for (const [s, value] of component.entries()) if (value !== '' && (this.subcomponent === 0 || s + 1 === this.subcomponent)) yield sourceOf(this.segment, this.field, this.repetition, c + 1, s + 1);
    }
  }

  /** The values as they were sent, for comparing two of them. */
  get content(): string {
    const repetition = this.segment.fields[this.field]?.[this.repetition - 1] ?? [];
    return JSON.stringify(this.component > 0 ? repetition[this.component - 1] : repetition);
  }
}

function isValued(component: readonly string[] | undefined): boolean {
  if (component === undefined) return false;
  for (const value of component) if (trimmed(value) !== undefined) return true;
  return false;
}

function trimmed(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  const text = value.trim();
  return text === '' || text === DELETED ? undefined : text;
}

/** How often a field was sent. */
export function repetitionsOf(segment: Hl7Segment, field: number): number {
  return segment.fields[field]?.length ?? 0;
}
