/**
 * Texts that switch between character sets (2.7.2, and ISO 2022): by real escape bytes, or by the escape sequences
 * \Cxxyy\ and \Mxxyyzz\ that spell them. Every segment begins in the default set.
 */
import { ASCII, type CharacterSet, characterSetNamed, JIS_X_0208 } from './character-sets.ts';

const ESC = 0x1b;
const CR = 0x0d;

interface Designation {
  /** Bytes of a character; those of two are never looked into. */
  readonly width: 1 | 2;
  decode(bytes: Uint8Array): string | undefined;
}

const single = (set: CharacterSet): Designation => ({ width: 1, decode: (bytes) => set.decode(bytes) });
const named = (name: string): Designation => single(characterSetNamed(name)!.set);
/** The decoder needs the designation before the bytes. */
const jis: Designation = { width: 2, decode: (bytes) => JIS_X_0208.decode(Uint8Array.of(ESC, 0x24, 0x42, ...bytes)) };
/** Half-width katakana in seven bits: the eighth is added. */
const katakana: Designation = { width: 1, decode: (bytes) => characterSetNamed('ISO IR14')!.set.decode(bytes.map((byte) => byte | 0x80)) };

/** Registered designations (ISO-IR) by the bytes after ESC, in hexadecimal. */
const DESIGNATIONS: ReadonlyMap<string, Designation> = new Map([
  ['2842', single(ASCII)], ['284A', single(ASCII)], ['2849', katakana], ['2949', named('ISO IR14')],
  ['2440', jis], ['2442', jis], ['242842', jis], ['242943', named('KS X 1001')], ['242941', named('GB 18030-2000')],
  ['2D41', named('8859/1')], ['2D42', named('8859/2')], ['2D43', named('8859/3')], ['2D44', named('8859/4')], ['2D4C', named('8859/5')],
  ['2D47', named('8859/6')], ['2D46', named('8859/7')], ['2D48', named('8859/8')], ['2D4D', named('8859/9')], ['2D62', named('8859/15')],
]);

/** Whether bytes switch sets at all: seldom, so that is asked first. */
export function switches(bytes: Buffer, escape: string): boolean {
  if (bytes.includes(ESC)) return true;
  return escape !== '' && (bytes.includes(`${escape}C`, 0, 'latin1') || bytes.includes(`${escape}M`, 0, 'latin1')) && sequences(escape).test(bytes.toString('latin1'));
}

/**
 * @returns the text, or which condition stands against it
 */
export function decodeSwitching(bytes: Buffer, base: CharacterSet, escape: string): { readonly text: string } | { readonly refused: 'charset-alternate-used' | 'charset-invalid' } {
  const text: string[] = [];
  const spelled = escape === '' ? undefined : escape.charCodeAt(0);
  let current: Designation = single(base);
  let start = 0;
  let at = 0;
  const finish = (end: number): boolean => {
    if (end === start) return true;
    const piece = current.decode(bytes.subarray(start, end));
    if (piece === undefined) return false;
    text.push(piece);
    return true;
  };
  while (at < bytes.length) {
    const byte = bytes[at]!;
    const sequence = byte === ESC ? designationAt(bytes, at) : byte === spelled ? spelledAt(bytes, at, escape) : undefined;
    if (byte === ESC && sequence === undefined) return { refused: 'charset-alternate-used' };
    if (sequence !== undefined || byte === CR) {
      if (!finish(at)) return { refused: 'charset-invalid' };
      const next = sequence === undefined ? single(base) : DESIGNATIONS.get(sequence.designation);
      if (next === undefined) return { refused: 'charset-alternate-used' };
      start = at + (sequence?.length ?? 0);
      current = next;
    }
    // The second byte of a pair may look like an escape character.
    at = sequence === undefined ? at + (byte === CR ? 1 : current.width) : start;
  }
  return finish(bytes.length) ? { text: text.join('') } : { refused: 'charset-invalid' };
}

interface Sequence {
  readonly designation: string;
  readonly length: number;
}

/** ESC, intermediate bytes (0x20 to 0x2F), a final one. */
function designationAt(bytes: Buffer, at: number): Sequence | undefined {
  let end = at + 1;
  while (end < bytes.length && end < at + 4 && bytes[end]! >= 0x20 && bytes[end]! <= 0x2f) end += 1;
  if (end === at + 1 || end >= bytes.length) return undefined;
  return { designation: bytes.toString('hex', at + 1, end + 1).toUpperCase(), length: end + 1 - at };
}

function spelledAt(bytes: Buffer, at: number, escape: string): Sequence | undefined {
  const found = sequences(escape, '^').exec(bytes.toString('latin1', at, at + 9));
  return found ? { designation: found[1]!.toUpperCase(), length: found[0].length } : undefined;
}

function sequences(escape: string, anchor = ''): RegExp {
  const quoted = `\\x${escape.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return new RegExp(`${anchor}${quoted}(?:C(?=[0-9A-Fa-f]{4}${quoted})|M(?=[0-9A-Fa-f]{4}(?:[0-9A-Fa-f]{2})?${quoted}))([0-9A-Fa-f]+)${quoted}`);
}
