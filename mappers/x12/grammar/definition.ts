/**
 * The language the grammar data is written in. Usage is the guides' own: R required, S situational, N not used.
 *
 * How to write the grammar of a guide (professional-837.ts is one to look at):
 *
 *   1. Say the guide's loops with `loop` and `segment`, in the order of the guide. The first thing in a loop is the
 *      segment that opens it. HL loops (opened by `HL***20`) and positional ones (`CLM`, `LX`, `N1*PR`) are said alike:
 *      a level that hangs below another stands inside of it.
 *
 *        loop('2010AA', 'Billing Provider Name', 'R1', [
 *          segment('NM1*85', 'Billing Provider Name', 'R1', 'R3 S4 R8=XX N10'),
 *          segment('N3', 'Billing Provider Address', 'R1'),
 *          segment('REF*EI|SY', 'Billing Provider Tax Identification', 'R1', 'R2 N3 N4'),
 *        ])
 *
 *      `NM1*85` is the identifier and, at its place, the qualifier that tells this segment from others; several codes
 *      are parted by `|`, and `HL***22` has its qualifier in the third element. `R1` is the usage and how often it may
 *      stand, `S>` as often as one likes. The last word narrows elements: `R8=46|XX` makes NM108 required with these
 *      codes, `N10` unused, `R5-2=A` is a component, `S5~A|B` lets other codes pass with a warning, `R1=0007~0078` lets
 *      0078 pass with one, `R3!` a wrong length. `DTP*AAH~472` tolerates a qualifier likewise.
 *      Neighbours that open with the same segment may come in any order among themselves.
 *   2. Elements, lengths, types and syntax notes (P R E C L) come from `dictionary.ts`: add a segment there when it is
 *      missing. Licensed code lists stay out; name only the codes on which something depends.
 *   3. What depends on other values goes into `reviews`: functions over the tree of loops that is read, which tell a
 *      fault by `report` (balances are SNIP 3, situations SNIP 4).
 *   4. `compileGuide({...})`, add it to `ALL` in `guides.ts`, and `walkGuide(segments, guide)` gives the tree
 *      (`LoopOccurrence`) and the faults for the 999. A mapper takes the tree: `set-mappers.ts` says which, by ST01.
 */

import type { Segment } from '../segment.ts';

export type Usage = 'R' | 'S' | 'N';

/** X12 data types: identifier, string, integer, decimal, date (CCYYMMDD), time. */
export type DataType = 'ID' | 'AN' | 'N0' | 'N2' | 'R' | 'DT' | 'TM';

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
  /** Any code beyond them is accepted with a warning. */
  isOpen?: boolean;
  /** Components of a composite. */
  components?: readonly ElementRule[];
  /** A wrong length is reported and accepted. */
  toleratedLength?: boolean;
  /** The element may repeat. */
  repeats?: boolean;
  /** Syntax notes between the components, such as `P0304`. */
  notes?: readonly string[];
}

export interface SegmentRule {
  id: string;
  elements: readonly ElementRule[];
  /** Syntax notes as X12 writes them: P all or none, R at least one, E at most one, C the first asks for all others, L the first asks for one of the others. */
  notes?: readonly string[];
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

/** A loop as a guide has it, whatever opens it. */
export interface Loop {
  id: string;
  name: string;
  usage: Usage;
  maximum: number;
  /** Segments and loops in the guide's order; the first is the segment that opens the loop. */
  content: readonly (SegmentSlot | Loop)[];
}

/** One occurrence of a loop that was read. */
export interface LoopOccurrence {
  /** Its id in the guide. */
  id: string;
  /** The opening segment first, then as sent. */
  segments: Segment[];
  loops: LoopOccurrence[];
}

/** What depends on several values: told after the loops are read. */
export type Review = (set: LoopOccurrence, report: (fault: ReviewFault) => void) => void;

/** A balance that is off (SNIP 3) or a situation that is not met (SNIP 4). */
export interface ReviewFault {
  /** A warning unless it is said to refuse the set. */
  severity?: 'error';
  segment: Segment;
  loop: string;
  /** IK304: 8 when an element is meant, I6 or I9 for a segment that the situation asks for. */
  segmentCode: string;
  /** The segment that is missing where it is another than the one that asks for it. */
  segmentId?: string;
  /** Element, its number and IK403. */
  element?: { position: number; component?: number; number: string; code: string };
  /** Stable name of the condition. */
  name: string;
  text: string;
}

/** An implementation guide before it is compiled. */
export interface GuideDefinition {
  /** ST03 (or GS08) values it goes by, the current one first. */
  versions: readonly string[];
  /** ST01. */
  set: string;
  /** GS01. */
  functionalIdentifier: string;
  /** The transaction set: ST to SE. */
  root: Loop;
  reviews?: readonly Review[];
  /** Segment and element whose value names the business unit for the 999's CTX, such as CLM01. */
  businessUnit?: { name: string; segment: string; element: number };
}

/** `segment('REF*EI|SY', 'Tax Identification', 'R1', 'R2 N3')`: a place for a segment; the form is told at the top. */
export function segment(pattern: string, name: string, repetition: string, narrowing = ''): SegmentSlot {
  const [id = '', ...qualifiers] = pattern.split('*');
  const at = qualifiers.findIndex((codes) => codes !== '');
  const elements: Record<number, Partial<ElementRule>> = {};
  for (const word of narrowing.split(' ').filter((each) => each !== '')) narrow(elements, word);
  return { id, name, ...repetitionOf(repetition), elements, ...(at >= 0 && { qualifier: { element: at + 1, ...codesOf(qualifiers[at]!) } }) };
}

/** `loop('2010AA', 'Billing Provider Name', 'R1', [...])`. */
export function loop(id: string, name: string, repetition: string, content: readonly (SegmentSlot | Loop)[]): Loop {
  return { id, name, ...repetitionOf(repetition), content };
}

function repetitionOf(repetition: string): { usage: Usage; maximum: number } {
  const [, usage, count] = /^([RSN])(\d+|>)$/.exec(repetition) ?? [];
  if (usage === undefined) throw new RangeError(`${repetition} is no usage and repetition`);
  return { usage: usage as Usage, maximum: count === '>' ? Number.POSITIVE_INFINITY : Number(count) };
}

/** `A|B~C`: the codes, and those that are wrong and lived with. */
function codesOf(text: string): { codes: readonly string[]; toleratedCodes?: readonly string[] } {
  const [codes = '', tolerated] = text.split('~');
  return { codes: codes.split('|'), ...(tolerated !== undefined && { toleratedCodes: tolerated.split('|') }) };
}

function narrow(elements: Record<number, Partial<ElementRule>>, word: string): void {
  const [, usage, element, component, length, sign, codes] = /^([RSN])(\d+)(?:-(\d+))?(!)?(?:([=~])(.+))?$/.exec(word) ?? [];
  if (usage === undefined) throw new RangeError(`${word} narrows no element`);
  const rule: Partial<ElementRule> = { usage: usage as Usage, ...(length !== undefined && { toleratedLength: true }), ...(codes !== undefined && { ...codesOf(codes), ...(sign === '~' && { isOpen: true }) }) };
  const at = Number(element);
  if (component === undefined) {
    elements[at] = { ...elements[at], ...rule };
    return;
  }
  const components: ElementRule[] = [...(elements[at]?.components ?? [])];
  // Holes stay as the dictionary has them.
  components[Number(component) - 1] = rule as ElementRule;
  elements[at] = { ...elements[at], components };
}
