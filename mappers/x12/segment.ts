/**
 * The X12 segment as this room holds it: free of delimiters, so that what was read with one set of delimiters
 * can be written with another. An element is a list of repetitions, a repetition a list of components.
 */

/** One element: repetitions of components. A plain element is `[['value']]`, an empty one `[['']]`. */
export type Element = readonly (readonly string[])[];

export interface Segment {
  /** The segment identifier, such as `NM1`. */
  readonly id: string;
  readonly elements: readonly Element[];
  /** Ordinal in the transaction set, ST being 1 (what IK302 counts); 0 outside a transaction set. */
  readonly position: number;
  /** Byte at which the segment starts in the delivery; -1 for a segment that was built, not read. */
  readonly offset: number;
}

/** What a builder takes for one element: a plain value, a composite's components, or nothing. */
export type ElementInput = string | readonly (string | undefined)[] | undefined;

/** The value of an element (first repetition) or of one of its components; empty where absent. Counted from 1. */
export function valueAt(segment: Segment | undefined, element: number, component = 1): string {
  return segment?.elements[element - 1]?.[0]?.[component - 1] ?? '';
}

/** The components of an element's first repetition. */
export function componentsAt(segment: Segment, element: number): readonly string[] {
  return segment.elements[element - 1]?.[0] ?? [];
}

/** True when nothing at all stands in the element. */
export function isBlank(element: Element | undefined): boolean {
  return element === undefined || element.every((repetition) => repetition.every((component) => component === ''));
}

/** A segment to be written. Trailing empty elements and components are left to the writer to drop. */
export function buildSegment(id: string, ...elements: ElementInput[]): Segment {
  return {
    id,
    elements: elements.map((element) => (typeof element === 'object' ? [element.map((part) => part ?? '')] : [[element ?? '']])),
    position: 0,
    offset: -1,
  };
}

/** The segment with some elements replaced (keys counted from 1), for an echo that differs in places. */
export function withElements(segment: Segment, changes: Readonly<Record<number, ElementInput>>): Segment {
  const elements: Element[] = [...segment.elements];
  for (const [key, input] of Object.entries(changes)) {
    const index = Number(key) - 1;
    while (elements.length < index) elements.push([['']]);
    elements[index] = typeof input === 'object' ? [input.map((part) => part ?? '')] : [[input ?? '']];
  }
  return { id: segment.id, elements, position: 0, offset: -1 };
}

/** `NM109`, `UM04-2`: the usual name of an element or component. */
export function elementName(segmentId: string, element: number, component?: number): string {
  const name = `${segmentId}${String(element).padStart(2, '0')}`;
  return component === undefined ? name : `${name}-${component}`;
}
