/**
 * The language the grammar data is written in: segments of elements, loops of segment slots.
 * Usage is the guides' own: R required, S situational, N not used.
 */

export type Usage = 'R' | 'S' | 'N';

/** X12 data types: identifier, string, integer, decimal, date (CCYYMMDD), time. */
export type DataType = 'ID' | 'AN' | 'N0' | 'R' | 'DT' | 'TM';

export interface ElementRule {
  /** X12 data element number; for a composite its C number. */
  number: string;
  usage: Usage;
  type?: DataType;
  minimum?: number;
  maximum?: number;
  /** The codes this grammar knows for the place; absent where the list is licensed or open. */
  codes?: readonly string[];
  /** Codes that are wrong and yet accepted with a warning. */
  toleratedCodes?: readonly string[];
  /** Components of a composite. */
  components?: readonly ElementRule[];
  /** A wrong length is reported and accepted. */
  toleratedLength?: boolean;
}

export interface SegmentRule {
  id: string;
  /** Empty where the segment is known by name only. */
  elements: readonly ElementRule[];
  /** Elements of which neither may stand without the other (X12 syntax note P). */
  pairs?: readonly (readonly [number, number])[];
}

/** A place for a segment in a loop. */
export interface SegmentSlot {
  id: string;
  /** The guide's name of the place, for messages. */
  name: string;
  usage: Usage;
  maximum: number;
  /** Codes of the element that tells this place from others with the same segment identifier. */
  qualifier?: { element: number; codes: readonly string[]; toleratedCodes?: readonly string[] };
  /** Deviations from the segment's own rules at this place, by element. */
  elements?: Readonly<Record<number, Partial<ElementRule>>>;
}

/** A loop that a segment opens inside an HL loop, such as 2010EA. */
export interface NestedLoop {
  id: string;
  usage: Usage;
  maximum: number;
  /** The opening segment first. */
  slots: readonly SegmentSlot[];
}

/** A loop that an HL segment opens. */
export interface LevelLoop {
  id: string;
  /** HL03. */
  levelCode: string;
  usage: Usage;
  maximum: number;
  /** HL03 of the levels it may hang under; empty for the top. */
  parents: readonly string[];
  slots: readonly SegmentSlot[];
  loops: readonly NestedLoop[];
}

export interface TransactionGrammar {
  guide: string;
  header: readonly SegmentSlot[];
  levels: readonly LevelLoop[];
  segments: ReadonlyMap<string, SegmentRule>;
}

/** `simple('98', 'R', 'ID', 2, 3)`: one data element. */
export function simple(number: string, usage: Usage, type: DataType, minimum: number, maximum: number, codes?: readonly string[]): ElementRule {
  return codes === undefined ? { number, usage, type, minimum, maximum } : { number, usage, type, minimum, maximum, codes };
}

/** A composite element. */
export function composite(number: string, usage: Usage, ...components: ElementRule[]): ElementRule {
  return { number, usage, components };
}

/** A situational slot that may stand once. */
export function slot(id: string, name: string, rest: Partial<SegmentSlot> = {}): SegmentSlot {
  return { id, name, usage: 'S', maximum: 1, ...rest };
}
