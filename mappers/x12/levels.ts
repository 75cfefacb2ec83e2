/** HL levels to be written: numbered from 1, each told of its parent and whether anything hangs below. */
import { buildSegment, type Segment } from './segment.ts';

export interface OutgoingLevel {
  /** HL03. */
  code: string;
  /** Index of the parent in the list; undefined for the top. */
  parent?: number;
  segments: readonly Segment[];
}

/** The levels in the order given, each behind its HL. */
export function levelSegments(levels: readonly OutgoingLevel[]): Segment[] {
  const parents = new Set(levels.map((level) => level.parent));
  return levels.flatMap(({ code, parent, segments }, index) => [
    buildSegment('HL', String(index + 1), parent === undefined ? '' : String(parent + 1), code, parents.has(index) ? '1' : '0'),
    ...segments,
  ]);
}
