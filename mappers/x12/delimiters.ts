/**
 * Delimiters, as an interchange declares them by the fixed layout of its ISA segment (X12.5; 005010 Appendix B):
 * 105 characters and a terminator. No other place may be asked: every delimiter is the sender's choice.
 */

export interface Delimiters {
  element: string;
  component: string;
  /** ISA11 from version 00402 on; absent where ISA11 is the old standards identifier `U`. */
  repetition?: string;
  segment: string;
}

/** What this room writes with. */
export const STANDARD_DELIMITERS: Required<Delimiters> = { element: '*', component: ':', repetition: '^', segment: '~' };

/**
 * What an answer is written with that has the address of a page in it: X12 has no escape, and a colon is in every address.
 * So components are parted as the one who is answered parts his own, where that is by something else.
 */
export function delimitersAround({ component }: Delimiters): Required<Delimiters> {
  const { element, repetition, segment } = STANDARD_DELIMITERS;
  return [element, repetition, segment].includes(component) ? STANDARD_DELIMITERS : { ...STANDARD_DELIMITERS, component };
}

/** Lengths of ISA01 to ISA16. */
export const ISA_LENGTHS = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1] as const;

/** Characters of an ISA up to and without its terminator. */
export const ISA_SIZE = 105;

export interface IsaHeader {
  delimiters: Delimiters;
  /** ISA01 to ISA16, untrimmed. */
  elements: string[];
  /** Characters up to and with the terminator. */
  size: number;
  /** False when the segment is not of fixed width and was read by its separators. */
  fixedWidth: boolean;
}

/** True for a character that may serve as a delimiter: one byte, neither letter nor digit nor blank. */
export function canDelimit(character: string): boolean {
  return character.length === 1 && character > '\u0000' && character < '\u007f' && !/[A-Za-z0-9 ]/.test(character);
}

/** Reads the ISA that starts at `from`; undefined when none starts there. `text` holds one character per byte. */
export function readIsaHeader(text: string, from: number): IsaHeader | undefined {
  if (!text.startsWith('ISA', from)) return undefined;
  const separator = text.charAt(from + 3);
  if (!canDelimit(separator)) return undefined;
  return readFixed(text, from, separator) ?? readSeparated(text, from, separator);
}

function readFixed(text: string, from: number, separator: string): IsaHeader | undefined {
  const elements: string[] = [];
  let at = from + 3;
  for (const length of ISA_LENGTHS) {
    if (text.charAt(at) !== separator) return undefined;
    elements.push(text.slice(at + 1, at + 1 + length));
    at += 1 + length;
  }
  const terminator = text.charAt(from + ISA_SIZE);
  if (elements.some((element, index) => element.length < ISA_LENGTHS[index]! || (index < 15 && element.includes(separator)))) return undefined;
  return header(elements, separator, terminator, ISA_SIZE + 1, true);
}

/** An ISA whose elements were trimmed or padded wrongly: sixteen elements by their separators, to name the sender at least. */
function readSeparated(text: string, from: number, separator: string): IsaHeader | undefined {
  const elements: string[] = [];
  let at = from + 4;
  while (elements.length < 15) {
    const end = text.indexOf(separator, at);
    if (end < 0 || end - at > 40) return undefined;
    elements.push(text.slice(at, end));
    at = end + 1;
  }
  elements.push(text.charAt(at));
  return header(elements, separator, text.charAt(at + 1), at + 2 - from, false);
}

function header(elements: string[], separator: string, terminator: string, size: number, fixedWidth: boolean): IsaHeader | undefined {
  const component = elements[15] ?? '';
  const all = [separator, component, terminator];
  if (!all.every(canDelimit) || new Set(all).size < all.length) return undefined;
  const repetition = elements[10] ?? '';
  const usable = canDelimit(repetition) && !all.includes(repetition);
  return { delimiters: { element: separator, component, segment: terminator, ...(usable ? { repetition } : {}) }, elements, size, fixedWidth };
}
