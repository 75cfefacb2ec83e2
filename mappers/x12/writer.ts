/** Segments to text: the one way TA1, 999 and 278 are written. Counts and padding are computed here and nowhere else. */
import type { Delimiters } from './delimiters.ts';
import { ISA_LENGTHS } from './delimiters.ts';
import { buildSegment, type Segment } from './segment.ts';

/** One segment with its terminator; empty elements and components at the end are left out. */
export function writeSegment(segment: Segment, delimiters: Delimiters): string {
  const { component, repetition, element, segment: terminator } = delimiters;
  if (segment.id === 'ISA') return `${['ISA', ...segment.elements.map((each) => each[0]?.[0] ?? '')].join(element)}${terminator}`;
  const elements = segment.elements.map((each) => each.map((components) => dropTrailing(components).join(component)).join(repetition ?? ''));
  return `${[segment.id, ...dropTrailing(elements)].join(element)}${terminator}`;
}

function dropTrailing(values: readonly string[]): readonly string[] {
  return values.slice(0, values.findLastIndex((value) => value !== '') + 1);
}

/** ST to SE around a body, SE01 counted. */
export function transactionSet(setIdentifier: string, controlNumber: string, guide: string, body: readonly Segment[]): Segment[] {
  return [buildSegment('ST', setIdentifier, controlNumber, guide), ...body, buildSegment('SE', String(body.length + 2), controlNumber)];
}

/** An ISA segment, every element padded to its width. Identifiers pad on the right, numbers on the left. */
export function isaSegment(values: readonly string[]): Segment {
  const padded = ISA_LENGTHS.map((length, index) => {
    const value = (values[index] ?? '').slice(0, length);
    return index === 12 ? value.padStart(length, '0') : value.padEnd(length, ' ');
  });
  return buildSegment('ISA', ...padded);
}
